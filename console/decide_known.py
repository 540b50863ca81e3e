"""Desk decisions, what is known when a person decides: the call, its matters, or the ticket."""

from __future__ import annotations

import msgspec

from schemas.desk import HandoffView, SuggestionView
from schemas.draft import FieldValue, Matter
from schemas.ticket import Ticket
from schemas.trends import EpisodeView


class KnownMatter(msgspec.Struct, frozen=True, kw_only=True):
    """A matter as it stands: what the machine proposed, what a person answered, and both together."""

    matter: Matter  # effective: human answers over machine proposals
    machine: dict[str, FieldValue]
    human: dict[str, FieldValue]  # locked fields; an empty value is a lock too
    proposed: dict[str, str] = {}  # locked field → what the machine had proposed when a person first touched it
    version: int
    content_hash: str
    ticket: str = ""
    ticket_no: str = ""


class KnownCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call with all a decision about it needs."""

    id: str
    agent: str  # user id; "" = waiting
    agent_name: str
    ani: str
    assist: bool
    matters: tuple[KnownMatter, ...]
    utterances: dict[str, str]  # id → text
    suggestions: dict[str, SuggestionView]
    systems: tuple[str, ...]  # programs and models whose work shows on this call, with versions

    def find(self, matter: str) -> KnownMatter | None:
        return next((m for m in self.matters if m.matter.id == matter), None)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a command is decided on. None = no such thing, or the command names none."""

    call: KnownCall | None = None
    ticket: Ticket | None = None
    handoff: HandoffView | None = None
    episode: EpisodeView | None = None
    serial: int = 1  # number the next ticket of this day gets
