"""State of a call × one more of its events → the next state. Pure; an event met again changes nothing."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from agents.stage import Poison
from agents.state import CallState, HandMatter, Lock, Utterance
from schemas import Event, calls
from schemas.draft import FIELDS

CONFIRM = ("confirmed", "answered", "dismissed", "merged")


def beginning(event: Event) -> CallState:
    """The state before a call's first event."""
    return CallState(call=event.call, tenant=event.tenant, started=event.at)


def fold(state: CallState, event: Event) -> CallState:
    """Folds one event in. Raises Poison when the event can never belong to this call's stream."""
    if event.id in state.seen:
        return state
    if event.call != state.call:
        raise Poison(f"event {event.id} belongs to call {event.call}, not {state.call}")
    return replace(
        state,
        revision=state.revision + 1,
        seen=state.seen | {event.id},
        last=event.id,
        **_changes(state, event),
    )


def _changes(state: CallState, event: Event) -> dict[str, Any]:
    match event.body:
        case calls.CallStarted() as body:
            return {"started": event.at, "ani": body.ani}
        case calls.NoticeGiven():
            return {"told": True}
        case calls.UtteranceHeard() as body:
            if any(u.id == body.utterance for u in state.utterances[-64:]):
                return {}
            heard = Utterance(body.utterance, body.leg, body.text, body.start_s, state.told and state.assist)
            return {"utterances": _in_time(state.utterances, heard)}
        case calls.UtteranceCorrected() as body:
            return {
                "utterances": tuple(
                    replace(u, text=body.text) if u.id == body.utterance else u for u in state.utterances
                )
            }
        case calls.FieldEdited() as body:
            if body.field not in FIELDS:
                raise Poison(f"event {event.id}: no field is called {body.field!r}")
            lock = Lock(body.value, body.label, body.by, len(state.utterances))
            fields = {**state.locks.get(body.matter, {}), body.field: lock}
            return {"locks": {**state.locks, body.matter: fields}}
        case calls.MatterAdded() as body:
            if any(m.id == body.matter for m in state.opened):
                return {}
            return {"opened": (*state.opened, HandMatter(body.matter, body.utterances, len(state.utterances)))}
        case calls.MatterClosed() as body:
            return {"closed": {**state.closed, body.matter: body.outcome}}
        case calls.AssistSwitched() as body:
            return {"assist": body.on}
        case calls.CallEnded():
            return {"ended": True}
    return {}


def _in_time(utterances: tuple[Utterance, ...], heard: Utterance) -> tuple[Utterance, ...]:
    """Keeps utterances in the order they were begun: two legs talk at once and the longer one arrives later."""
    at = len(utterances)
    while at and utterances[at - 1].start_s > heard.start_s:
        at -= 1
    return (*utterances[:at], heard, *utterances[at:])
