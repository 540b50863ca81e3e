"""Dead letters: which events may come late into a call's stream, and which a later one has overtaken."""

from __future__ import annotations

from collections.abc import Iterable

from schemas import Event
from schemas.calls import (
    AgentAssigned,
    AssistSwitched,
    CallControlled,
    CallStarted,
    FieldEdited,
    MatterClosed,
    NoticeGiven,
    UtteranceCorrected,
)
from schemas.draft import DraftUpdated, SuggestionsOffered


class NotMendable(ValueError):
    """Why a dead letter can't be dealt with as asked. Nothing has been changed."""


def may_come_late(event: Event, later: Iterable[Event]) -> None:
    """Raises NotMendable when the stream must not meet the event after the `later` ones."""
    if isinstance(event.body, CallStarted | NoticeGiven):
        raise NotMendable(
            f"{event.type} is the beginning of a call: what followed was judged without it, and is not judged again."
            " Make the ticket by hand and discard the letter"
        )
    thing = _about(event)
    if not thing:
        return
    for other in later:
        if _about(other) == thing and _overtakes(other, event):
            raise NotMendable(f"overtaken: {other.type} {other.id} has since said otherwise. Discard the letter")


def _about(event: Event) -> tuple[str, ...]:
    """What an event sets anew, as a name; () = it only adds."""
    match event.body:
        case FieldEdited() as body:
            return (event.type, body.matter, body.field)
        case UtteranceCorrected() as body:
            return (event.type, body.utterance)
        case MatterClosed() as body:
            return (event.type, body.matter)
        case CallControlled() as body:
            return (event.type, body.leg or "")
        case AssistSwitched() | AgentAssigned() | DraftUpdated() | SuggestionsOffered():
            return (event.type,)
    return ()


def _overtakes(other: Event, event: Event) -> bool:
    if isinstance(event.body, DraftUpdated):
        return bool(other.body.revision >= event.body.revision)
    if isinstance(event.body, SuggestionsOffered):
        return bool(other.body.seq >= event.body.seq)
    return True
