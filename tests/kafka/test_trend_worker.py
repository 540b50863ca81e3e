"""Of several relay processes one watches trends, and when it ends the next goes on: one episode, told once."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from agents.build import build_trends
from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.record.trends import TrendRecorder
from pipeline.run.opening import facts_of
from pipeline.run.relay_worker import RelayWorker
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables_trends import trend_episodes, trend_tickets
from schemas.commands import Actor, CreateTicket
from tests.city import the_city
from tests.kafka.at_work import at_work, topics_of_our_own
from tests.system.world import until
from tests.unit.pipeline.record.test_recorder import NOW, agent_of, store

pytestmark = pytest.mark.kafka
__all__ = ["store"]  # a fixture
INDEX = the_city().index


def relaying(options: KafkaOptions, store: SqlStore) -> AbstractAsyncContextManager[RelayWorker]:
    trends = TrendRecorder(store, lambda memory: build_trends(INDEX, memory=memory))
    return at_work(options, lambda connection: RelayWorker(connection, store, Metrics(), trends=trends))


async def told(store: SqlStore, agent: Actor, n: int) -> None:
    street = next(p for p in INDEX.pack.places if p.level == "street")
    place = next(p for p in INDEX.children(street.code))
    fields = {
        "kind": "complaint",
        "category": INDEX.leaves()[0].code,
        "title": "停水",
        "content": "停水了",
        "street": street.code,
        "incident_place": place.name,
        "contact_phone": f"1380000{n:04d}",
        "answer": "已告知",
    }
    command = CreateTicket(command_id=f"cmd-{n:08d}", fields=fields, handling_mode="direct")
    assert (await store.execute(agent, command, NOW + timedelta(minutes=n))).status == "ok"


async def test_one_watches_and_the_next_goes_on_with_the_same_episode(kafka: str, store: SqlStore) -> None:
    store.house = msgspec.structs.replace(store.house, facts=facts_of(INDEX))
    options = await topics_of_our_own(kafka)
    agent = await agent_of(store)

    async def counted(count: int) -> bool:
        return len(await store.read(lambda c: c.execute(select(trend_tickets)).all())) == count

    async with relaying(options, store) as first:

        async def works() -> bool:
            return first.is_working

        await until(works, "a relay at work")
        async with relaying(options, store):
            for n in range(4):
                await told(store, agent, n)
            await until(lambda: counted(4), "an episode of four tickets")
    async with relaying(options, store):
        await told(store, agent, 4)
        await until(lambda: counted(5), "the fifth, by the next")
    (episode,) = await store.read(lambda c: c.execute(select(trend_episodes)).all())
    assert (episode.revision, episode.closed) == (3, False)
