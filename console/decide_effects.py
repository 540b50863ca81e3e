"""Desk decisions, what follows from one: changes of the record, facts for the log, lines of history."""

from __future__ import annotations

import msgspec

from schemas.commands import Outcome
from schemas.draft import FieldValue, Matter
from schemas.event import Body
from schemas.handoff import HandoffContent
from schemas.ticket import Ticket


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Base of changes; the store applies all of a decision or none."""


class CallAssigned(Change, frozen=True, kw_only=True):
    """The call is on this agent's desk from now on."""

    agent: str
    agent_name: str


class AssistSet(Change, frozen=True, kw_only=True):
    """The assistant of the call is on or off."""

    on: bool


class FieldSet(Change, frozen=True, kw_only=True):
    """A person's answer stands in a field, and the matter has a new version."""

    matter: str
    n: int
    field: str
    value: FieldValue
    proposed: str  # what the machine says of it at this moment; "" = nothing
    version: int
    content_hash: str


class UtteranceMended(Change, frozen=True, kw_only=True):
    """An utterance reads differently."""

    utterance: str
    text: str
    by_name: str


class MatterOpened(Change, frozen=True, kw_only=True):
    """The call carries one more matter."""

    matter: Matter
    version: int
    content_hash: str


class MatterDone(Change, frozen=True, kw_only=True):
    """A matter is decided; `final` is what it says for good."""

    final: Matter
    version: int
    content_hash: str
    ticket: str = ""
    ticket_no: str = ""


class SuggestionDecided(Change, frozen=True, kw_only=True):
    """What became of a suggestion."""

    suggestion: str
    outcome: str
    text: str
    reason: str
    ms: int  # from shown to decided, milliseconds


class TicketMade(Change, frozen=True, kw_only=True):
    """A new ticket. `agreed` = the first proposal was taken; None = nothing had been proposed."""

    ticket: Ticket
    confirmed_by_name: str
    agreed: bool | None
    content: HandoffContent  # as confirmed, before the person's choice of unit joined the fields


class TicketChanged(Change, frozen=True, kw_only=True):
    """A ticket in its next version."""

    ticket: Ticket
    overruled: bool = False


class HandoffRetried(Change, frozen=True, kw_only=True):
    """A hand-off that was given up is tried again, from now on as long as the first time."""

    handoff: str


class EpisodeSeen(Change, frozen=True, kw_only=True):
    """A person has seen an episode at this severity."""

    episode: str
    severity: str
    by_name: str
    note: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of history; actor, time and command are the decision's."""

    action: str
    text: str  # Chinese sentence for people
    before: str = ""
    after: str = ""
    reason: str = ""
    call: str = ""
    matter: str = ""
    ticket: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a command and all that follows from it. Refused and stale decisions change nothing."""

    outcome: Outcome
    changes: tuple[Change, ...] = ()
    events: tuple[Body, ...] = ()  # facts for the log, through the outbox
    lines: tuple[Line, ...] = ()
    action: str = ""  # of the audit entry; "" = none
    object: str = ""  # what was acted on, "ticket:<id>", "matter:<id>", …
    version: int = 0  # of the object, afterwards
    content_hash: str = ""
    reason: str = ""


class Refusal(Exception):
    """A command that may not be done; becomes the outcome, never escapes `decide`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
