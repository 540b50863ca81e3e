"""The processes of docker-compose.yml on a real broker and a real PostgreSQL: up, well, a call through, and down."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pipeline.asr.models.known import DEFAULT
from pipeline.asr.models.registry import is_whole
from pipeline.demo.samples import FOLDER
from pipeline.run.opening import open_store
from pipeline.settings import Settings
from schemas.desk import CallView
from schemas.ids import call_id
from tests.conftest import untested
from tests.contract.test_store import empty_database
from tests.deploy.native import MODELS, TOKEN, NativeHouse, native_house
from tests.system.world import SUPERVISOR, until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
SAMPLE = "water-outage"
EAR = "transcriber-cpu"


def play(house: NativeHouse) -> str:
    """Plays the sample through the gateway, as a switch; returns the id of its call."""
    door = f"ws://127.0.0.1:{house.setting('gateway', 'DOOR_PORT')}/"
    recording = str(FOLDER / f"{SAMPLE}.wav")
    command = ["hotline", "play", recording, "--to", door, "--token", TOKEN, "--pace", "fast", "--ani", "13905880216"]
    (outcome,) = [json.loads(line) for line in house.call(command, "gateway").splitlines()]
    assert not outcome["error"] and outcome["seconds"] > 10
    return call_id("ws", outcome["call"])


async def recorded(database: str, folder: Path, call: str, state: str) -> CallView:
    """The call as the consoles' store has it, once it has come to a state."""
    store = open_store(Settings(home=folder, database=database))

    async def look() -> CallView | None:
        view = await store.call(SUPERVISOR, call)
        return view if view is not None and view.summary.state == state else None

    try:
        return await until(look, f"the call to be {state}")  # type: ignore[no-any-return]
    finally:
        await store.close()


def got(house: NativeHouse, service: str, port: str, path: str) -> str:
    url = f"http://127.0.0.1:{house.setting(service, port)}{path}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


async def test_the_processes_of_the_deployment_come_up_take_a_call_and_go_down_in_order(
    kafka: str, postgres: str, tmp_path: Path
) -> None:
    database = empty_database(postgres)
    with native_house(kafka, database, tmp_path, EAR) as house:
        call = await asyncio.to_thread(play, house)
        view = await recorded(database, tmp_path, call, "ended")  # nobody hears it: its words are missing
        assert view.summary.id == call
        for name in ("stages", "relay"):

            async def all_lanes(name: str = name) -> bool:  # told every few seconds
                told = await asyncio.to_thread(got, house, name, "METRICS_PORT", "/metrics")
                return f'hotline_lanes_held{{group="{name}",topic="calls"}} 24.0' in told

            await until(all_lanes, f"{name} to hold every lane of calls")
        assert 'hotline_door_calls_total{door="ws"} 1.0' in got(house, "gateway", "METRICS_PORT", "/metrics")
        assert json.loads(got(house, "console", "PORT", "/api/health"))["ok"]
        for name in house.staying:
            if name != EAR:
                assert house.check(name).returncode == 0
        assert set(house.stop().values()) == {0}


async def test_events_that_wait_make_the_health_check_fail_until_they_are_done(
    kafka: str, postgres: str, tmp_path: Path
) -> None:
    database = empty_database(postgres)
    with native_house(kafka, database, tmp_path, EAR, "console", "relay") as house:

        async def waits() -> str:
            done = await asyncio.to_thread(house.check, "stages", "--oldest", "3")
            return done.stderr if done.returncode == 1 else ""

        async def is_well() -> bool:
            return (await asyncio.to_thread(house.check, "stages", "--oldest", "3")).returncode == 0

        assert await is_well()
        locks = create_engine(database)
        with locks.connect() as held:
            held.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))  # nothing can be recorded
            call = await asyncio.to_thread(play, house)
            assert "events wait longer than 3 s: calls" in await until(waits, "the health check to fail")
        locks.dispose()
        await until(is_well, "the health check to pass")
        await recorded(database, tmp_path, call, "ended")
        assert set(house.stop().values()) == {0}


@pytest.mark.model
async def test_a_call_played_into_the_deployment_becomes_a_complete_draft(
    kafka: str, postgres: str, tmp_path: Path
) -> None:
    if not is_whole(DEFAULT, MODELS):
        untested("there is no speech model here (make models)", "NOT TESTED: a call through the whole deployment")
    database = empty_database(postgres)
    with native_house(kafka, database, tmp_path) as house:
        call = await asyncio.to_thread(play, house)
        view = await recorded(database, tmp_path, call, "heard")
        assert view.utterances
        (matter,) = [m for m in view.matters if not m.matter.closed]
        assert matter.matter.complete and matter.may_confirm, (matter.matter.missing, matter.why_not)
        codes = house.stop()
        assert set(codes) == {"gateway", EAR, "stages", "relay", "console"}
        assert set(codes.values()) == {0}
