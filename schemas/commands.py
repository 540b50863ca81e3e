"""What a person tells the house to do. Commands may be refused; their outcome is kept under the client's command id."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["agent", "supervisor", "analyst", "admin"]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who commands: always from the session, never from the message."""

    user: str  # user id
    login: str
    name: str
    role: Role
    extension: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of commands."""

    command_id: str  # uuid made by the client; a repeat gets the same outcome


class ClaimCall(Command, frozen=True, kw_only=True, tag="claim_call"):
    """Takes a waiting call to the agent's own desk."""

    call: str


class EditField(Command, frozen=True, kw_only=True, tag="edit_field"):
    """Sets (or clears, with "") one field of a matter and locks it."""

    call: str
    matter: str
    field: str
    value: str
    label: str = ""


class CorrectUtterance(Command, frozen=True, kw_only=True, tag="correct_utterance"):
    """Mends the text of an utterance."""

    call: str
    utterance: str
    text: str


class AddMatter(Command, frozen=True, kw_only=True, tag="add_matter"):
    """Opens one more matter on a call; the utterances named move to it."""

    call: str
    utterances: tuple[str, ...] = ()


class ConfirmMatter(Command, frozen=True, kw_only=True, tag="confirm_matter"):
    """Confirms exactly the content behind `content_hash` as a ticket."""

    call: str
    matter: str
    version: int  # of the matter's view
    content_hash: str
    handling_mode: Literal["direct", "forward", "told"]
    lead_unit: str = ""  # unit code chosen; required to forward
    co_units: tuple[str, ...] = ()
    previous: str = ""  # ticket_no of an earlier ticket on the same matter that the person links it to


class DismissMatter(Command, frozen=True, kw_only=True, tag="dismiss_matter"):
    """A person says: no ticket for this matter."""

    call: str
    matter: str
    reason: str


class DecideSuggestion(Command, frozen=True, kw_only=True, tag="decide_suggestion"):
    """What became of a suggestion."""

    call: str
    suggestion: str
    outcome: Literal["accepted", "edited", "rejected"]
    text: str = ""  # as the agent used it
    reason: str = ""
    matter: str = ""  # where the text goes (field `answer`), when accepted or edited
    ms: int = 0  # from shown to decided, milliseconds


class SwitchAssist(Command, frozen=True, kw_only=True, tag="switch_assist"):
    """Turns the assistant off or on for a call."""

    call: str
    on: bool
    reason: str = ""


class TransferEmergency(Command, frozen=True, kw_only=True, tag="transfer_emergency"):
    """Logs the one-key transfer to an emergency line."""

    call: str
    line: str
    note: str = ""


class CreateTicket(Command, frozen=True, kw_only=True, tag="create_ticket"):
    """A ticket made wholly by hand: the ear off or failed (`call` given), or no call at all."""

    fields: dict[str, str]  # field → value
    handling_mode: Literal["direct", "forward", "told"]
    lead_unit: str = ""
    co_units: tuple[str, ...] = ()
    call: str | None = None


class OverruleDispatch(Command, frozen=True, kw_only=True, tag="overrule_dispatch"):
    """A supervisor sends a ticket elsewhere, with a reason."""

    ticket: str
    version: int
    lead_unit: str
    reason: str


class NoteTicket(Command, frozen=True, kw_only=True, tag="note_ticket"):
    """Adds a note (催办, 追加, remark) to a ticket's history."""

    ticket: str
    text: str
    kind: Literal["note", "urge", "append"] = "note"


class RetryHandoff(Command, frozen=True, kw_only=True, tag="retry_handoff"):
    """A supervisor has a hand-off that was given up tried again."""

    ticket: str
    handoff: str


class LinkMatter(Command, frozen=True, kw_only=True, tag="link_matter"):
    """A person says that a matter is one of an earlier ticket: urges it or adds facts to it, and makes no new one."""

    call: str
    matter: str
    version: int  # of the matter's view
    ticket_no: str
    how: Literal["urge", "append"]


class AcknowledgeEpisode(Command, frozen=True, kw_only=True, tag="acknowledge_episode"):
    """A person has seen an episode (苗头) as it stands, and says what becomes of it."""

    episode: str
    severity: Literal["ordinary", "hot", "urgent"]  # as it was shown; a rise since then is not acknowledged with it
    note: str = ""


AnyCommand = (
    ClaimCall
    | EditField
    | CorrectUtterance
    | AddMatter
    | ConfirmMatter
    | DismissMatter
    | DecideSuggestion
    | SwitchAssist
    | TransferEmergency
    | CreateTicket
    | OverruleDispatch
    | NoteTicket
    | RetryHandoff
    | AcknowledgeEpisode
    | LinkMatter
)


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer to a command."""

    command_id: str
    status: Literal["ok", "refused", "stale", "conflict", "unavailable"]  # HTTP 200, 422, 409, 422, 503
    message: str = ""  # Chinese, for people
    code: str = ""  # for programs: "missing_fields", "not_yours", …
    ticket: str = ""  # id made or changed
    ticket_no: str = ""
    matter: str = ""  # id made
    version: int = 0  # the version now in force
    content_hash: str = ""  # … and its hash, when stale
