"""Dead letters put back: afterwards the draft is what it would have been, and it stands on record who did it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from agents.build import build_stages
from agents.stage import Poison, Stage, Transient
from benchmarks.stages.material import call_events
from pipeline.log.onlooker import Onlooker
from pipeline.log.sqlite import SqliteLog
from pipeline.record.recorder import Recorder
from pipeline.record.relay import Relay
from pipeline.run.dead_letter import Letter, explain
from pipeline.run.dead_letters import DeadLetters
from pipeline.run.dead_rules import NotMendable
from pipeline.run.opening import open_store
from pipeline.run.stages import StageRunner
from pipeline.run.understanding import LoggedHistory
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import outbox
from pipeline.story import tell
from schemas import Event
from schemas.calls import AssistSwitched, CallStarted, UtteranceHeard
from schemas.codec import decode, encode
from schemas.draft import DraftUpdated
from schemas.ids import output_id
from schemas.topics import CALLS, DEAD, DRAFTS
from tests.city import the_city
from tests.system.world import SUPERVISOR, until

EVENTS = call_events(2)
CALL = EVENTS[0].call
SPOILT = next(n for n, e in enumerate(EVENTS) if isinstance(e.body, UtteranceHeard) and n > 5)


class Failing:
    """A stage as it was before it was mended: it fails on one event."""

    def __init__(self, stage: Stage, event: str, error: Exception) -> None:
        self.name, self.reads, self.writes = stage.name, stage.reads, stage.writes
        self._stage, self._event, self._error = stage, event, error

    async def __call__(self, event: Event) -> Sequence[Event]:
        if event.id == self._event:
            raise self._error
        return await self._stage(event)


class House:
    """Log, stages, recorder and relay of an embedded house, moved on by hand."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.store: SqlStore = open_store(self.settings)
        self.log = SqliteLog(home / "log")
        self.onlooker = Onlooker(home / "log")
        self.restart()

    def restart(self, failing: tuple[str, Exception] | None = None) -> None:
        """Stages anew, with nothing remembered."""
        stages = build_stages(the_city().index.pack, LoggedHistory(self.log), city=the_city())
        if failing:
            stages = [Failing(stages[0], *failing), *stages[1:]]
        self.stages = stages

    async def say(self, *values: bytes) -> None:
        for value in values:
            await self.log.append(CALLS, CALL, value)

    async def work(self) -> None:
        """Until nothing is left to do."""
        await Relay(self.log, self.store).drain()
        for stage in self.stages:
            runner, stop = StageRunner(self.log, stage), asyncio.Event()
            task = asyncio.create_task(runner.run(stop))

            async def done(runner: StageRunner = runner) -> bool:
                return runner.position >= await self.log.end(runner.stage.reads)

            await until(done, "the stage to be done")
            stop.set()
            await task
        await Recorder(self.log, self.store).drain()

    def post(self, by: str = "ops-li") -> DeadLetters:
        return DeadLetters(
            self.onlooker, self.store, lambda: build_stages(the_city().index.pack, city=the_city()), by=by
        )

    async def letters(self) -> list[Letter]:
        return [letter for letter in await self.post().all() if not letter.settled]

    async def draft(self) -> DraftUpdated:
        """The newest draft, as the record would be built from it."""
        records = await self.log.read_key(DRAFTS, CALL)
        return max((decode(r.value).body for r in records), key=lambda body: body.revision)

    async def parked(self) -> bool:
        view = await self.store.call(SUPERVISOR, CALL)
        assert view is not None
        return "parked" in view.degraded

    async def close(self) -> None:
        await self.store.close()
        await self.log.close()
        await self.onlooker.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "home")
    yield made
    await made.close()


@pytest.fixture
async def wanted(tmp_path: Path) -> DraftUpdated:
    """The last draft of the call when nothing goes wrong."""
    other = House(tmp_path / "whole")
    await other.say(*(encode(event) for event in EVENTS))
    await other.work()
    found = await other.draft()
    await other.close()
    return found


def spoilt(event: Event) -> bytes:
    """Bytes as a writer with a fault would have left them."""
    raw = json.loads(encode(event))
    raw["body"]["start_s"] = "7,5"
    return json.dumps(raw, ensure_ascii=False).encode()


def without_state(body: DraftUpdated) -> DraftUpdated:
    return msgspec.structs.replace(body, snapshot=b"")


async def test_a_repaired_record_makes_the_draft_what_it_would_have_been(house: House, wanted: DraftUpdated) -> None:
    values = [encode(event) for event in EVENTS]
    values[SPOILT] = spoilt(EVENTS[SPOILT])
    await house.say(*values)
    await house.work()
    letters = await house.letters()
    assert {letter.stage for letter in letters} == {"understanding", "recorder"}
    assert (await house.draft()).matters != wanted.matters
    assert await house.parked()

    letter, data = await house.post().find(letters[0].id)
    told = explain(letter, data)
    assert (told.is_event, told.at_field, told.event) == (False, "$.start_s", EVENTS[SPOILT].id)
    assert EVENTS[SPOILT].body.text not in str(letter) + str(told)

    out = await house.post().repair(letters[0].id, encode(EVENTS[SPOILT]), "decimal comma")
    assert (out.id, out.cause) == (EVENTS[SPOILT].id, letters[0].id)
    assert await house.letters() == [], "every letter about the same record is settled with it"
    await house.work()

    made = await house.draft()
    assert without_state(made) == without_state(wanted)
    outputs = {decode(r.value).id for r in await house.log.read_key(DRAFTS, CALL)}
    assert output_id(EVENTS[SPOILT].id, "understanding") in outputs
    view = await house.store.call(SUPERVISOR, CALL)
    assert view is not None
    assert EVENTS[SPOILT].body.utterance in {u.id for u in view.utterances}
    assert not await house.parked()
    assert [(h.action, h.actor_name, h.reason) for h in view.history] == [
        ("dead.repaired", "ops-li", "decimal comma")
    ] * 2
    assert (await house.store.verify_audit()).entries == 2
    story = await tell(house.onlooker, CALL)
    assert {"dead.lettered", "dead.settled"} <= {line.type for line in story}

    house.restart()  # what is remembered is gone: the stream alone must give the same
    await house.say(encode(msgspec.structs.replace(EVENTS[-1], id="one-more")))
    await house.work()
    assert (await house.draft()).matters == wanted.matters


@pytest.mark.parametrize("remembered", [False, True])
@pytest.mark.parametrize("error", [Poison("no"), Transient("away"), KeyError("bug")], ids=lambda e: type(e).__name__)
async def test_a_replayed_record_makes_the_draft_what_it_would_have_been(
    house: House, wanted: DraftUpdated, error: Exception, remembered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.step.BACKOFF_S", (0.0,))
    house.restart((EVENTS[SPOILT].id, error))
    await house.say(*(encode(event) for event in EVENTS))
    await house.work()
    (letter,) = await house.letters()
    before = await house.draft()
    assert before.revision == wanted.revision - 1
    if remembered:
        house.stages[0]._event = ""  # type: ignore[attr-defined]  # the fault is gone, what was folded is still known
    else:
        house.restart()
    assert await house.post().replay(letter.id, "mended") == len(EVENTS) - SPOILT
    await house.work()
    assert without_state(await house.draft()) == without_state(wanted)
    assert await house.letters() == []
    assert not await house.parked()
    shown = await house.store.snapshot(CALL)
    assert shown is not None and shown[0] == wanted.revision, "the desk shows the mended draft"
    outputs = {decode(r.value).id for r in await house.log.read_key(DRAFTS, CALL)}
    assert {output_id(e.id, "understanding") for e in EVENTS[SPOILT:]} <= outputs


async def test_what_the_recorder_could_not_write_is_written_when_it_can(house: House) -> None:
    early = [EVENTS[0], *EVENTS[2:4], EVENTS[1]]  # something heard before the caller was told (G06)
    assert isinstance(EVENTS[2].body, UtteranceHeard)
    await house.say(*(encode(event) for event in early[:3]))
    await house.work()
    letters = [letter for letter in await house.letters() if letter.stage == "recorder"]
    assert len(letters) == 2
    with pytest.raises(NotMendable, match="NotYet"):
        await house.post().replay(letters[0].id)
    await house.say(encode(early[3]))
    await house.work()
    assert await house.post().replay(letters[0].id) == 0
    view = await house.store.call(SUPERVISOR, CALL)
    assert view is not None and len(view.utterances) == 1


async def test_what_would_fail_again_or_come_too_late_is_refused_and_changes_nothing(house: House) -> None:
    switched = [
        msgspec.structs.replace(EVENTS[2], id=f"switch-{on}", body=AssistSwitched(on=on, by="caller"))
        for on in (False, True)
    ]
    values = [encode(event) for event in (*EVENTS[:2], *switched, *EVENTS[2:])]
    values[0] = values[0].replace(b'"door"', b'"dour"')
    values[2] = values[2].replace(b'"on":', b'"off":')
    await house.say(*values)
    await house.work()
    letters = {letter.offset: letter.id for letter in await house.letters() if letter.stage == "understanding"}
    post = house.post()
    other = msgspec.structs.replace(EVENTS[2], call="another")
    for offset, edited, why in (
        (3, values[2], "does not decode"),
        (3, encode(other), "belongs to call"),
        (3, encode(switched[0]), "overtaken"),
        (1, encode(EVENTS[0]), "beginning of a call"),
    ):
        with pytest.raises(NotMendable, match=why):
            await post.repair(letters[offset], edited)
    with pytest.raises(NotMendable, match="do not decode"):
        await post.replay(letters[3])
    with pytest.raises(NotMendable, match="no dead letter"):
        await post.repair("nowhere", b"{}")
    assert isinstance(EVENTS[0].body, CallStarted)
    assert len(await house.letters()) == 4
    assert await house.store.read(lambda c: c.execute(outbox.select()).all()) == []
    await post.discard(letters[3], "the caller switched it on again")
    with pytest.raises(NotMendable, match="dealt with"):
        await post.repair(letters[3], encode(switched[0]))
    await house.work()
    (said,) = [e for e in map(decode, [r.value for r in await house.log.read(DEAD, 0)]) if e.type == "dead.settled"]
    assert (said.body.how, said.body.by, said.cause) == ("discarded", "ops-li", letters[3])


async def test_a_call_under_way_is_not_replayed(house: House) -> None:
    house.restart((EVENTS[SPOILT].id, Poison("no")))
    await house.say(*(encode(event) for event in EVENTS[: SPOILT + 1]))
    await house.work()
    (letter,) = await house.letters()
    with pytest.raises(NotMendable, match="under way"):
        await house.post().replay(letter.id)


async def test_reading_what_a_letter_holds_is_noted_first(house: House) -> None:
    await house.say(encode(EVENTS[0]), b"\xff not json")
    await house.work()
    letter = (await house.letters())[0]
    assert await house.post().view(letter.id, "to mend it") == b"\xff not json"
    assert (await house.store.verify_audit()).entries == 1
