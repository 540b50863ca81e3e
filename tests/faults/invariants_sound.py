"""Invariants of sound and words, over what a run has left behind. Each gives what is wrong, a line each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from schemas.audio import Frame, frame_from
from schemas.calls import CallEnded, CallHeard, CallStarted, GapFound, UtteranceHeard
from schemas.event import Event
from schemas.ids import output_id
from schemas.topics import AUDIO
from tests.faults.kept import Kept
from tests.faults.spoken import messages_of

MESSAGE = 160  # samples of a leg in one message
MOST_EVENTS = 2000  # a door may have written of one call

Leg = tuple[str, str]  # call and leg


def frames_of(kept: Kept) -> dict[Leg, dict[int, list[Frame]]]:
    """Leg → number of the frame → every copy of it, in order of first appearance."""
    found: dict[Leg, dict[int, list[Frame]]] = defaultdict(lambda: defaultdict(list))
    for record in kept.records[AUDIO]:
        frame = frame_from(record.key, record.head, record.value)
        found[frame.call, frame.leg][frame.seq].append(frame)
    return found


def no_frame_differs_from_its_repeat(kept: Kept) -> Iterator[str]:
    """I1: (call, leg, seq) is one frame, whoever wrote it how often; new ones come in order."""
    for leg, frames in frames_of(kept).items():
        for seq, copies in frames.items():
            if len({(copy.sample_pos, copy.data) for copy in copies}) > 1:
                yield f"{leg}: {len(copies)} different frames of number {seq}"
        if list(frames) != sorted(frames):
            yield f"{leg}: frames first appear out of order"


def sound_and_gaps_cover_each_leg(kept: Kept) -> Iterator[str]:
    """I1, I3: from the first sample to the last, everything is in one frame or one gap."""
    frames = frames_of(kept)
    for call in kept.calls:
        events = kept.stream(call)
        started = next((e.body for e in events if isinstance(e.body, CallStarted)), None)
        ended = next((e.body for e in events if isinstance(e.body, CallEnded)), None)
        if started is None or ended is None:
            continue
        for leg in started.legs:
            pieces = [(f[0].sample_pos, f[0].samples) for f in frames.get((call, leg), {}).values()]
            pieces += [
                (e.body.sample_pos, e.body.samples)
                for e in events
                if isinstance(e.body, GapFound) and e.body.leg == leg and e.body.cause != "unreadable"
            ]
            pieces.sort()
            at = 0
            for position, samples in pieces:
                if position != at:
                    yield f"{call}/{leg}: {'nothing at' if position > at else 'twice'} {min(at, position)}…{max(at, position)}"
                at = position + samples
            said = ended.samples.get(leg, 0) + ended.gaps.get(leg, 0)
            if at != said:
                yield f"{call}/{leg}: ends at {at}, the door said {said}"


def what_a_switch_sent_is_kept_once(kept: Kept) -> Iterator[str]:
    """I1: no message twice, none in another's place; none missing of a connection that the door itself closed."""
    frames = frames_of(kept)
    for said in kept.said:
        for channel, leg in enumerate(("caller", "agent")):
            number = {m[channel::2]: n for n, m in enumerate(messages_of(said.call))}
            kept_ones: list[int] = []
            for copies in frames.get((said.call, leg), {}).values():
                data = copies[0].data
                for at in range(0, len(data), MESSAGE):
                    n = number.get(data[at : at + MESSAGE])
                    if n is None:
                        yield f"{said.call}/{leg}: frame {copies[0].seq} holds what nobody sent"
                    else:
                        kept_ones.append(n)
            if any(b <= a for a, b in pairwise(kept_ones)):
                yield f"{said.call}/{leg}: messages twice or out of order"
            closed = [line for line in said.lines if line.code == 1000 and line.stopped]
            dropped = sum(_dropped(kept, said.call, leg))
            for line in closed:
                lacking = len(set(line.messages) - set(kept_ones))
                if lacking * MESSAGE > dropped:
                    yield f"{said.call}/{leg}: {lacking} messages of {len(line.messages)} are neither kept nor a gap"


def _dropped(kept: Kept, call: str, leg: str) -> Iterator[int]:
    for event in kept.stream(call):
        if isinstance(event.body, GapFound) and event.body.leg == leg and event.body.cause in ("overflow", "suspected"):
            yield event.body.samples


def utterances_are_said_once(kept: Kept) -> Iterator[str]:
    """I2, I3: per leg, utterances are disjoint and increasing; one id is one utterance; within the sound there is."""
    for call in kept.calls:
        last: dict[str, int] = defaultdict(int)
        ids: dict[str, Event] = {}
        for event in kept.stream(call):
            body = event.body
            if not isinstance(body, UtteranceHeard):
                continue
            if body.utterance in ids:
                yield f"{call}: utterance {body.utterance} is told by two events"
            ids[body.utterance] = event
            if body.first_sample < last[body.leg] or body.last_sample <= body.first_sample:
                yield f"{call}/{body.leg}: {body.first_sample}…{body.last_sample} overlaps what was heard before"
            last[body.leg] = body.last_sample
        ended = next((e.body for e in kept.stream(call) if isinstance(e.body, CallEnded)), None)
        for leg, at in last.items():
            if ended is not None and at > ended.samples[leg] + ended.gaps[leg]:
                yield f"{call}/{leg}: heard up to {at}, past its end"


def an_event_met_twice_is_the_same(kept: Kept) -> Iterator[str]:
    """Ids come from causes: whoever repeats an event says the same."""
    for topic in kept.records:
        if topic in (AUDIO, "checkpoints"):
            continue
        seen: dict[str, object] = {}
        for event in kept.events(topic):
            if seen.setdefault(event.id, event.body) != event.body:
                yield f"{topic}: {event.type} {event.id} says two things"


def every_ended_call_is_heard_to_its_end(kept: Kept) -> Iterator[str]:
    """I3: one end, one `heard` after it that counts what was said, and nothing said after that."""
    over = {said.call for said in kept.said if said.is_over}
    for call in kept.calls:
        kinds = [event.body for event in kept.stream(call)]
        ends = [n for n, body in enumerate(kinds) if isinstance(body, CallEnded)]
        heards = [n for n, body in enumerate(kinds) if isinstance(body, CallHeard)]
        said = [n for n, body in enumerate(kinds) if isinstance(body, UtteranceHeard)]
        if len(ends) != 1 and (ends or call in over):
            yield f"{call}: ends {len(ends)} times"
        if ends and len(heards) != 1:
            yield f"{call}: heard {len(heards)} times"
        if ends and heards and (heards[0] < ends[0] or (said and said[-1] > heards[0])):
            yield f"{call}: something is heard after it was said to be all"
        if heards and kinds[heards[0]].utterances != len(said):
            yield f"{call}: {len(said)} utterances, `heard` counts {kinds[heards[0]].utterances}"


def order_of_a_call_is_kept(kept: Kept) -> Iterator[str]:
    """A call begins with its start; what its doors wrote stands in the order they wrote it."""
    for call in kept.calls:
        events = kept.stream(call)
        if events and call not in kept.poisoned and not isinstance(events[0].body, CallStarted):
            yield f"{call}: begins with {events[0].type}"
        at = 0
        for event in events:
            n = _door_number(event, at)
            if n is None:
                continue
            if n <= at:
                yield f"{call}: {event.type} was written before what stands before it"
            at = n


def _door_number(event: Event, at: int) -> int | None:
    """Which of the door's events of its call this is; None = not a door's."""
    if event.cause is not None or event.type not in (
        "call.started",
        "call.notice_given",
        "call.gap_found",
        "call.ended",
    ):
        return None
    return next((n for n in range(1, MOST_EVENTS) if output_id(event.call, f"door.{event.type}", n) == event.id), None)
