"""Store: who may see what of the record. Deny by default; what is not shown is masked or left out."""

from __future__ import annotations

import msgspec

from schemas.commands import Actor
from schemas.desk import TicketSummary
from schemas.draft import FieldValue
from schemas.ticket import HistoryEntry, Ticket

PEOPLE_WORK = frozenset({"agent", "supervisor"})  # speak with callers: see names and numbers
TICKETS = frozenset({"agent", "supervisor", "analyst", "admin"})
ROUTING = frozenset({"supervisor", "admin"})
TRENDS = frozenset({"analyst", "supervisor", "admin"})
MASKED = ("caller_name", "contact_phone", "calling_number", "respondent")
_PROSE = ("title", "content", "cause", "course", "answer", "demand", "incident_place")


def may_see_call(actor: Actor, agent: str) -> bool:
    """A call is its agent's, a waiting one any agent's; supervisors see all."""
    return actor.role == "supervisor" or (actor.role == "agent" and agent in ("", actor.user))


def may_follow(actor: Actor, stream: str) -> bool:
    """Streams by name alone."""
    kind, _, of = stream.partition(":")
    match kind:
        case "queue":
            return not of and actor.role in PEOPLE_WORK
        case "floor":
            return not of and actor.role == "supervisor"
        case "agent":
            return of == actor.user
        case "call":
            return bool(of) and actor.role in PEOPLE_WORK
    return False


def mask(text: str) -> str:
    """Keeps the first character, and the last two of a number."""
    if not text:
        return text
    if text[-2:].isdigit() and len(text) > 5:
        return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}"
    return text[0] + "*" * max(1, len(text) - 1)


def masked_summary(summary: TicketSummary, actor: Actor) -> TicketSummary:
    if actor.role in PEOPLE_WORK:
        return summary
    return msgspec.structs.replace(summary, caller_name=mask(summary.caller_name))


def masked_ticket(ticket: Ticket, actor: Actor) -> Ticket:
    """For those who don't speak with callers: names and numbers masked, wherever a field repeats them."""
    if actor.role in PEOPLE_WORK:
        return ticket
    hidden = {ticket.fields[f].value: mask(ticket.fields[f].value) for f in MASKED if f in ticket.fields}
    hidden = {word: instead for word, instead in hidden.items() if len(word) > 1}

    def swap(text: str) -> str:
        for word, instead in hidden.items():
            text = text.replace(word, instead)
        return text

    def field(name: str, value: FieldValue) -> FieldValue:
        if name in MASKED:
            said = mask(value.value)
            return msgspec.structs.replace(value, value=said, label=said, evidence=(), choices=(), note="")
        if name in _PROSE:
            label = swap(value.label)
            return msgspec.structs.replace(value, value=swap(value.value), label=label, evidence=(), choices=())
        return msgspec.structs.replace(value, evidence=())

    machine = {name: mask(v) if name in MASKED else swap(v) for name, v in ticket.machine.items()}
    fields = {name: field(name, value) for name, value in ticket.fields.items()}
    return msgspec.structs.replace(ticket, fields=fields, machine=machine)


def masked_history(entry: HistoryEntry, actor: Actor) -> HistoryEntry:
    """Edits of fields may quote a name or number: those who don't speak with callers see that they happened."""
    if actor.role in PEOPLE_WORK or entry.action not in ("field_edited", "utterance_corrected"):
        return entry
    return msgspec.structs.replace(entry, text=entry.text.split("「")[0], before="", after="")
