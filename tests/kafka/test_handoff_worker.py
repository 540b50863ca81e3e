"""Of several relay processes one hands off, and when it ends the next goes on: the receiver has each ticket once."""

from __future__ import annotations

import uuid
from contextlib import AbstractAsyncContextManager

import pytest

from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.record.webhook_options import WebhookOptions
from pipeline.run.handoff import HandoffPart
from pipeline.run.relay_worker import RelayWorker
from pipeline.store import handoff_queue
from pipeline.store.sql_store import SqlStore
from schemas.commands import Actor, CreateTicket
from tests.kafka.at_work import at_work, topics_of_our_own
from tests.receiver import KEY, receiving
from tests.system.world import until
from tests.unit.pipeline.record.test_recorder import NOW, agent_of, store

pytestmark = pytest.mark.kafka
__all__ = ["store"]  # a fixture


def relaying(options: KafkaOptions, store: SqlStore, url: str) -> AbstractAsyncContextManager[RelayWorker]:
    part = HandoffPart(WebhookOptions(url=url, keys=(KEY,)), store)
    return at_work(options, lambda connection: RelayWorker(connection, store, Metrics(), part))


async def dispatch(store: SqlStore, agent: Actor) -> None:
    fields = {"kind": "help", "category": "c-1204", "title": "路灯不亮", "content": "湖滨路路灯不亮"}
    command = CreateTicket(command_id=str(uuid.uuid4()), fields=fields, handling_mode="forward", lead_unit="u-urban")
    assert (await store.execute(agent, command, NOW)).status == "ok"


async def test_one_of_two_hands_off_and_the_next_goes_on(kafka: str, store: SqlStore) -> None:
    options = await topics_of_our_own(kafka)
    agent = await agent_of(store)
    await store.write(lambda tx: handoff_queue.switch_on(tx, NOW))
    async with receiving() as city:

        async def arrived(count: int) -> bool:
            return len(city.taken) >= count

        async with relaying(options, store, city.url) as first:

            async def works() -> bool:
                return first.is_working

            await until(works, "a relay at work")
            async with relaying(options, store, city.url) as second:
                for _ in range(5):
                    await dispatch(store, agent)
                await until(lambda: arrived(5), "five hand-offs")
                assert not (first.is_working and second.is_working)
        async with relaying(options, store, city.url):
            await dispatch(store, agent)
            await until(lambda: arrived(6), "the sixth, by the next")
        assert len(city.taken) == len({met.body for met in city.met}) == 6
