"""PostgreSQL alone: who waits hears of what another process has written; what can never be written is said to be so."""

from __future__ import annotations

import asyncio
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.passwords import hash_password
from pipeline.store.engines import open_engine
from pipeline.store.migrate import migrate
from pipeline.store.recording import record_events
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import meta
from schemas.commands import ClaimCall
from tests.contract.a_call import CALL, heard, notice, started
from tests.contract.test_store import NOW, empty_database
from tests.system.world import until
from tests.unit.console.deciding import CITY

pytestmark = pytest.mark.postgres
NEVER = 3600.0  # seconds between looks
TOGETHER = 6  # processes that start at once
HELD_UP = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


def test_processes_that_start_together_bring_an_empty_database_up_to_date_once(postgres: str) -> None:
    where = empty_database(postgres)
    ready = threading.Barrier(TOGETHER)

    def start(_: int) -> str:
        ready.wait(60)
        return migrate(where)

    with ThreadPoolExecutor(TOGETHER) as threads:
        revisions = list(threads.map(start, range(TOGETHER)))
    assert len(set(revisions)) == 1 and revisions[0]


async def test_stores_that_are_opened_together_for_the_first_time_have_one_key(postgres: str) -> None:
    where = empty_database(postgres)
    migrate(where)
    engine = open_engine(where, write=True)
    with engine.begin() as first, ThreadPoolExecutor(1) as threads:
        first.execute(meta.insert(), [{"name": "epoch", "value": "ab"}, {"name": "key", "value": "cd" * 32}])
        second = threads.submit(SqlStore, where, CITY)

        async def held_up() -> bool:
            with open_engine(where, write=False).connect() as looking:
                return int(looking.exec_driver_sql(HELD_UP).scalar_one()) > 0

        await until(held_up, "the other store to wait for the first")
        first.commit()
        store = await asyncio.to_thread(second.result, 60)
    assert store.house.key == bytes.fromhex("cd" * 32)
    await store.close()
    engine.dispose()


async def test_a_commit_of_another_process_wakes_who_waits_for_rows_and_for_the_outbox(postgres: str) -> None:
    where = empty_database(postgres)
    writing = SqlStore(where, CITY, key=b"k" * 32, poll_s=NEVER)
    waiting = SqlStore(where, CITY, key=b"k" * 32, poll_s=NEVER)
    try:
        agent = await writing.ensure_user("a", "王芳", "agent", hash_password("a-long-password"), "8001")
        await writing.write(lambda tx: record_events(tx, [started(agent=None), notice()]))
        rows = asyncio.ensure_future(waiting.wait_rows(await waiting.newest_row()))
        outbox = asyncio.ensure_future(waiting.wait_outbox(waiting.outbox.newest, NEVER))
        await _until_listening(waiting)
        claim = ClaimCall(command_id=str(uuid.uuid4()), call=CALL)
        assert (await writing.execute(agent, claim, NOW)).status == "ok"
        await asyncio.wait_for(asyncio.gather(rows, outbox), 30)
        assert await waiting.waiting_events()
    finally:
        await writing.close()
        await waiting.close()


async def _until_listening(store: SqlStore) -> None:
    """A notice is heard by who listened before it was sent."""

    async def listening() -> bool:
        return await store.read(_listeners) > 0

    await until(listening, "the other store to listen")


def _listeners(connection: object) -> int:
    asked = "select count(*) from pg_stat_activity where query = 'listen hotline' and datname = current_database()"
    return int(connection.exec_driver_sql(asked).scalar_one())  # type: ignore[attr-defined]


async def test_what_the_database_can_never_take_is_not_called_unavailable(postgres: str) -> None:
    """Unavailable is tried again for ever; this one must be parked instead."""
    store = SqlStore(empty_database(postgres), CITY, key=b"k" * 32)
    try:
        bad = heard(1, "零\0字节")
        await store.write(lambda tx: record_events(tx, [started(agent=None), notice()]))
        with pytest.raises(ValueError):
            await store.write(lambda tx: record_events(tx, [bad]))
        await store.write(lambda tx: record_events(tx, [heard(2, "接着说")]))
    finally:
        await store.close()
