"""What every stage promises, whatever it does: held to each of them over whole calls."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from agents.build import build_stages
from agents.city import City
from agents.ports import NoEarlier
from agents.stage import Poison, Stage, Transient
from agents.step import Source, step
from pipeline.run.understanding import offer_before
from routing.duplicates import EarlierTicket
from schemas import Event
from schemas.calls import FieldEdited
from schemas.codec import decode, encode
from schemas.draft import DeadLettered
from schemas.topics import CALLS as CALLS_TOPIC
from schemas.topics import TOPICS
from tests.city import the_city
from tests.golden.script import CALLS, events, play, script_names

STAGES = ("understanding", "suggest")


@pytest.fixture(scope="module")
def city() -> City:
    return the_city()


class LogHistory:
    """The call's events as a log keeps them: the newest may lie beyond the one at hand."""

    def __init__(self, stream: Sequence[Event]) -> None:
        self._stream = stream

    async def events(self, call: str) -> Sequence[Event]:
        return [e for e in self._stream if e.call == call]

    async def snapshot(self, call: str) -> bytes:
        return b""

    async def offered(self, call: str, before: int) -> str:
        return offer_before(await self.events(call), before)


async def inputs(name: str, city: City, script: str = "two_matters") -> list[Event]:
    """What the stage reads in a whole call."""
    stream = events(CALLS / f"{script}.jsonl")
    if name == "understanding":
        return stream
    understanding = build_stages(city.index.pack, city=city)[0]
    return [o for e in stream for o in await understanding(e) if o.type == "draft.updated"]


def stage(name: str, city: City, stream: Sequence[Event] = ()) -> Stage:
    made = build_stages(city.index.pack, history=LogHistory(stream), city=city)
    return next(s for s in made if s.name == name)


@pytest.mark.parametrize("name", STAGES)
async def test_the_same_event_met_again_gives_the_same_outputs(name: str, city: City) -> None:
    stream = await inputs(name, city)
    subject = stage(name, city)
    for event in stream:
        first = [encode(o) for o in await subject(event)]
        again = [encode(o) for o in await subject(event)]
        assert first == again


@pytest.mark.parametrize("script", script_names())
async def test_a_restart_in_mid_call_changes_no_draft(script: str, city: City) -> None:
    stream = events(CALLS / f"{script}.jsonl")
    steady = stage("understanding", city, stream)
    expected = [[encode(o) for o in await steady(e)] for e in stream]
    for cut in range(0, len(stream), 5):
        restarted = stage("understanding", city, stream)
        for event, outputs in list(zip(stream, expected, strict=True))[cut : cut + 3]:
            assert [encode(o) for o in await restarted(event)] == outputs


@pytest.mark.parametrize("script", script_names())
async def test_a_restart_in_mid_call_changes_no_suggestion(script: str, city: City) -> None:
    """Nor does it leave on offer what no longer fits: to withdraw is to offer nothing."""
    drafts = await inputs("suggest", city, script)
    steady = stage("suggest", city)
    expected = [list(await steady(draft)) for draft in drafts]
    written = [offer for offers in expected for offer in offers]
    for cut in range(len(drafts)):
        restarted = stage("suggest", city, written)
        for draft, outputs in list(zip(drafts, expected, strict=True))[cut : cut + 3]:
            assert list(await restarted(draft)) == outputs


async def test_an_old_event_delivered_again_gives_what_it_gave(city: City) -> None:
    stream = events(CALLS / "gas_smell.jsonl")
    subject = stage("understanding", city, stream)
    expected = [[encode(o) for o in await subject(e)] for e in stream]
    for event, outputs in zip(stream, expected, strict=True):
        assert [encode(o) for o in await subject(event)] == outputs


async def test_a_restart_after_a_poisonous_event_parks_nothing_else(city: City) -> None:
    stream = events(CALLS / "gas_smell.jsonl")
    bad = msgspec.structs.replace(
        stream[4], id="bad", body=FieldEdited(matter="m", field="no such field", value="", by="x")
    )
    poisoned = [*stream[:5], bad, *stream[5:]]
    steady, restarted = stage("understanding", city, stream), stage("understanding", city, poisoned)
    expected = [[encode(o) for o in await steady(e)] for e in stream]
    with pytest.raises(Poison):
        await restarted(bad)
    restarted = stage("understanding", city, poisoned)
    for event, outputs in list(zip(stream, expected, strict=True))[5:]:
        assert [encode(o) for o in await restarted(event)] == outputs


async def test_a_call_goes_on_from_its_snapshot_where_no_events_are_kept(city: City) -> None:
    stream = events(CALLS / "water_outage.jsonl")
    steady = stage("understanding", city)
    drafts = [o for e in stream for o in await steady(e) if o.type == "draft.updated"]

    class Snapshots:
        async def events(self, call: str) -> Sequence[Event]:
            return ()

        async def snapshot(self, call: str) -> bytes:
            return drafts[9].body.snapshot

        async def offered(self, call: str, before: int) -> str:
            return ""

    restarted = build_stages(city.index.pack, history=Snapshots(), city=city)[0]
    again = [o for e in stream[10:] for o in await restarted(e) if o.type == "draft.updated"]
    assert [encode(o) for o in again] == [encode(o) for o in drafts[10:]]


@pytest.mark.parametrize("name", STAGES)
async def test_outputs_keep_call_tenant_and_time_and_name_their_cause(name: str, city: City) -> None:
    subject = stage(name, city)
    seen: set[str] = set()
    for event in await inputs(name, city, "gas_smell"):
        for output in await subject(event):
            assert (output.call, output.tenant, output.at, output.cause) == (
                event.call,
                event.tenant,
                event.at,
                event.id,
            )
            assert output.id not in seen
            assert decode(encode(output)) == output
            seen.add(output.id)


@pytest.mark.parametrize("name", STAGES)
async def test_fields_unknown_to_this_version_are_ignored(name: str, city: City) -> None:
    subject, other = stage(name, city), stage(name, city)
    for event in await inputs(name, city):
        wire = msgspec.json.decode(encode(event))
        wire["body"]["from_the_future"] = {"a": 1}
        told = await step(subject, msgspec.json.encode(wire), Source(topic="t", offset=0), _no_sleep)
        assert [encode(o) for o in told] == [encode(o) for o in await other(event)]


@pytest.mark.parametrize("name", STAGES)
async def test_a_body_of_the_wrong_type_is_poison(name: str, city: City) -> None:
    event = (await inputs(name, city))[0]
    with pytest.raises(Poison):
        await stage(name, city)(msgspec.structs.replace(event, body="no body"))


async def test_a_call_is_understood_while_the_store_is_silent_and_learns_of_earlier_tickets_when_it_answers(
    city: City,
) -> None:
    class Flaky(NoEarlier):
        def __init__(self) -> None:
            self.asked = 0

        async def by_phone(self, tenant: str, phone: str) -> Sequence[EarlierTicket]:
            self.asked += 1
            if self.asked <= 2:
                raise Transient("the store is away")
            return ()

        async def by_matter(self, tenant: str, category: str, place: str) -> Sequence[EarlierTicket]:
            raise Transient("the store is away")

    stream, store = events(CALLS / "water_outage.jsonl"), Flaky()
    subject, steady = build_stages(city.index.pack, earlier=store, city=city)[0], stage("understanding", city)
    for event in stream:
        source = Source(topic=CALLS_TOPIC, offset=1)
        assert [encode(o) for o in await step(subject, encode(event), source, _no_sleep)] == [
            encode(o) for o in await steady(event)
        ]
    assert store.asked == 3  # again at each event, and never after its answer


async def test_a_silent_log_is_transient_and_the_event_is_digested_when_it_answers(city: City) -> None:
    class Flaky(LogHistory):
        failures = 2

        async def events(self, call: str) -> Sequence[Event]:
            if self.failures:
                self.failures -= 1
                raise Transient("the log is away")
            return await super().events(call)

    stream = events(CALLS / "water_outage.jsonl")
    subject = build_stages(city.index.pack, history=Flaky(stream), city=city)[0]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    outputs = await step(subject, encode(stream[2]), Source(topic=CALLS_TOPIC, offset=3), sleep)
    assert [o.type for o in outputs] == ["draft.updated"]
    assert len(slept) == 2 and sum(slept) <= 2.0


@pytest.mark.parametrize("name", STAGES)
async def test_stages_read_and_write_topics_of_the_table(name: str, city: City) -> None:
    subject = stage(name, city)
    assert name in TOPICS[subject.reads].consumers
    assert name in TOPICS[subject.writes].producers


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{}", b"[1]", b'{"type":"draft.updated"}', b"null" * 400_000])
@pytest.mark.parametrize("name", STAGES)
async def test_bytes_that_are_no_event_become_a_dead_letter_that_keeps_them(name: str, data: bytes, city: City) -> None:
    source = Source(topic="calls", offset=7, key="call-of-the-key")
    (letter,) = await step(stage(name, city), data, source, _no_sleep)
    assert isinstance(letter.body, DeadLettered)
    assert (letter.call, letter.body.stage, letter.body.topic, letter.body.offset) == (
        "call-of-the-key",
        name,
        "calls",
        7,
    )
    assert letter.body.data == data and letter.body.reason


async def test_outputs_of_both_stages_are_the_same_on_every_run(city: City) -> None:
    stream = events(CALLS / "unpaid_wages.jsonl")
    runs = [await play(build_stages(city.index.pack, city=city), stream) for _ in range(2)]
    assert [encode(o) for o in runs[0]] == [encode(o) for o in runs[1]]


async def _no_sleep(seconds: float) -> None:
    raise AssertionError("nothing here is worth waiting for")
