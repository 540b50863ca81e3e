"""Understanding, hop 4 of a call: each event of its stream becomes the whole draft. Pure but for its ports."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Sequence

from msgspec.structs import replace

from agents.caller import caller_of
from agents.city import City
from agents.drafting import Drafting
from agents.feeling import feeling
from agents.fold import beginning, fold
from agents.handover import handover
from agents.lines import line
from agents.matters import split
from agents.ports import Earlier, History
from agents.reading import Reading
from agents.remembering import remembered
from agents.risks import alarms, doubts, risks
from agents.stage import Poison, Transient
from agents.state import CallState, Utterance
from routing.duplicates import EarlierTicket
from schemas import Event, calls
from schemas.draft import AlertRaised, DraftUpdated, Evidence, Feeling, Matter, Risk
from schemas.event import Body
from schemas.ids import output_id
from schemas.topics import CALLS, DRAFTS

VERSION = "understanding/1.0"
QUIET = (calls.GapFound, calls.CallControlled, calls.AgentAssigned)  # say nothing about the matter
RECENT = 4  # newest utterances a draft carries on for the next stage
KEPT = 512  # calls remembered at once
SHORT = 48  # events up to which every draft carries a snapshot; longer calls carry one now and then
EVERY = 16  # … namely each so many events


class _Call:
    """What is remembered of a call between two of its events; can be dropped at any time."""

    def __init__(self, state: CallState, city: City) -> None:
        self.state = state
        self.drafting = Drafting(city, VERSION)
        self.readings: dict[str, Reading] = {}
        self.left: dict[str, str] = {}  # lines no longer looked at: utterance → its text then
        self.own: Sequence[EarlierTicket] | None = None
        self.alike: dict[tuple[str, str], Sequence[EarlierTicket]] = {}


class Understanding:
    """Emits DraftUpdated for each event that can change the draft, and AlertRaised once per risk and call.

    The draft is a function of the call's events alone: a redelivered event gives the same outputs under the same ids.
    """

    name = "understanding"
    reads = CALLS
    writes = DRAFTS

    def __init__(self, city: City, history: History, earlier: Earlier) -> None:
        self.city = self._city = city
        self._history = history
        self._earlier = earlier
        self._calls: OrderedDict[str, _Call] = OrderedDict()

    async def __call__(self, event: Event) -> Sequence[Event]:
        if not isinstance(event.body, Body):
            raise Poison(f"event {event.id} has no body of ours")
        call = await self._call(event)
        if event.id in call.state.seen and event.id != call.state.last:
            return ()  # the snapshot that covers it travelled in a draft published after its own
        raised = set(call.state.raised)
        after = fold(call.state, event)
        if isinstance(event.body, QUIET):
            call.state = after
            return ()
        readings = self._readings(call, after)
        found = alarms(readings, self._city.emergencies)
        dangers = risks(found)
        doubtful = doubts(readings, found)
        if event.id != call.state.last:
            fresh = tuple(r for r in dangers if r.rule not in raised)
            after = replace(after, raised=(*after.raised, *(r.rule for r in fresh)))
        else:  # met again: what it raised the first time is what its own words set off
            fresh = tuple(r for r in dangers if _of(r, event))
        matters = await self._matters(call, after, readings)
        call.state = after
        mood = feeling(readings)
        return (
            self._draft(event, after, matters, (*dangers, *doubtful), mood),
            *(_alert(event, risk) for risk in fresh),
        )

    def forget(self, call: str) -> None:
        """Drops what is remembered of a call, e.g. when its partition went elsewhere."""
        self._calls.pop(call, None)

    async def _call(self, event: Event) -> _Call:
        known = self._calls.get(event.call)
        if known is not None and (event.id not in known.state.seen or event.id == known.state.last):
            self._calls.move_to_end(event.call)
            return known
        rebuilt = await self._rebuilt(event)
        if rebuilt is None:
            rebuilt = known or _Call(await self._restored(event), self._city)
        self._calls[event.call] = rebuilt
        self._calls.move_to_end(event.call)
        while len(self._calls) > KEPT:
            self._calls.popitem(last=False)
        return rebuilt

    async def _rebuilt(self, event: Event) -> _Call | None:
        """The state just before `event`, from the call's own events; None when they are not kept."""
        if isinstance(event.body, calls.CallStarted):
            return _Call(beginning(event), self._city)  # nothing is before it
        past = await self._history.events(event.call)
        if not past:
            return None
        call = _Call(beginning(past[0]), self._city)
        for earlier in past:
            if earlier.id == event.id:
                break
            try:
                call.state = fold(call.state, earlier)
            except Poison:
                continue  # parked when it was met
            if isinstance(earlier.body, calls.UtteranceHeard | calls.UtteranceCorrected):
                near = alarms(self._readings(call, call.state)[-12:], self._city.emergencies)
                fresh = [r.rule for r in risks(near) if r.rule not in call.state.raised]
                call.state = replace(call.state, raised=(*call.state.raised, *fresh))
        return call

    async def _restored(self, event: Event) -> CallState:
        data = await self._history.snapshot(event.call)
        return CallState.restore(data) if data else beginning(event)

    def _readings(self, call: _Call, state: CallState) -> list[Reading]:
        """Readings of the lines that may be used, in order; each text is read once."""
        now = state.started.astimezone(self._city.index.zone)
        found = []
        for at, utterance in enumerate(state.utterances):
            if utterance.used and call.left.get(utterance.id) != utterance.text:
                known = call.readings.get(utterance.id)
                if known is None or known.line.text != utterance.text or known.line.at != at:
                    known = self._city.reader.read(line(at, utterance), now)
                    call.readings[utterance.id] = known
                found.append(known)
        kept = remembered(found)
        if len(kept) < len(found):
            for gone in call.readings.keys() - {r.line.id for r in kept}:
                call.left[gone] = call.readings.pop(gone).line.text
        return kept

    async def _matters(self, call: _Call, state: CallState, readings: Sequence[Reading]) -> tuple[Matter, ...]:
        if call.own is None:
            call.own = await self._asked(self._earlier.by_phone(state.tenant, state.ani)) if state.ani else ()
        own, made = call.own or (), []
        caller = caller_of(readings, state.ani, self._city.index.pack.manifest.area_code, self._city.name_kept)
        for part in split(state, readings, self._city.categories):
            place = call.drafting.place(part, readings)
            draft = call.drafting.matter(part, caller, place, state, own)
            alike = await self._alike(call, state, draft)
            if alike:
                draft = call.drafting.matter(part, caller, place, state, (*own, *alike))
            made.append(draft)
        return tuple(made)

    async def _alike(self, call: _Call, state: CallState, draft: Matter) -> Sequence[EarlierTicket]:
        """Others' tickets on the same category and place, asked once per pair."""
        category, street = draft.fields.get("category"), draft.fields.get("street")
        place = draft.fields.get("community") or street
        if category is None or place is None or not category.value or category.confidence < 0.3:
            return ()
        key = (category.value, place.value)
        if key not in call.alike:
            found = await self._asked(self._earlier.by_matter(state.tenant, *key))
            if found is None:
                return ()
            call.alike[key] = found
        return call.alike[key]

    @staticmethod
    async def _asked(question: Awaitable[Sequence[EarlierTicket]]) -> Sequence[EarlierTicket] | None:
        """None while the record does not answer: the call goes on without, and asks again at its next event."""
        try:
            return await question
        except Transient:
            return None

    def _draft(
        self,
        event: Event,
        state: CallState,
        matters: tuple[Matter, ...],
        dangers: tuple[Risk, ...],
        mood: Feeling | None,
    ) -> Event:
        keep = state.revision <= SHORT or state.revision % EVERY == 0 or state.ended
        body = DraftUpdated(
            revision=state.revision,
            matters=matters,
            risks=dangers,
            assist=state.assist,
            ended=state.ended,
            stage_version=VERSION,
            snapshot=state.snapshot() if keep else b"",
            recent=tuple(_whole(u) for u in state.utterances[-RECENT:] if u.used),
            note=handover(matters, dangers, mood),
            feeling=mood,
        )
        return _output(event, body, 0)


def _of(risk: Risk, event: Event) -> bool:
    body = event.body
    said = body.utterance if isinstance(body, calls.UtteranceHeard | calls.UtteranceCorrected) else None
    return any(e.utterance == said for e in risk.evidence)


def _whole(u: Utterance) -> Evidence:
    return Evidence(utterance=u.id, leg=u.leg, start=0, end=len(u.text), text=u.text, at_s=u.start_s)


def _alert(event: Event, risk: Risk) -> Event:
    body = AlertRaised(
        alert=risk.rule,
        level=risk.urgency,
        label=risk.label,
        detail=f"来电人提到“{risk.evidence[0].text}”" if risk.evidence else "",
        line=risk.line,
        advice=risk.advice,
        evidence=risk.evidence,
    )
    # Named after call and rule, so that whichever event raises it, it is the same alert.
    made = _output(event, body, 0)
    return replace(made, id=output_id(f"{event.call}/{risk.rule}", "alert"))


def _output(event: Event, body: Body, n: int) -> Event:
    return Event(
        id=output_id(event.id, Understanding.name, n),
        tenant=event.tenant,
        call=event.call,
        cause=event.id,
        at=event.at,
        body=body,
    )
