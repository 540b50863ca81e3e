"""A producer that neither sends nor gives up, as kafka-python's may after a broker stood still: it is replaced."""

from __future__ import annotations

from typing import Any

import pytest

from kafka.producer.future import FutureRecordMetadata
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.ports import LogUnavailable
from schemas.topics import CALLS
from tests.kafka.at_work import topics_of_our_own
from tests.system.world import until

pytestmark = pytest.mark.kafka


class Silent:
    """Takes records and says nothing more of them."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def send(self, *given: object, **named: object) -> FutureRecordMetadata:
        class Never:
            def add_both(self, *given: object) -> None:
                pass

            def add_callback(self, *given: object, **named: object) -> Any:
                return self

            def add_errback(self, *given: object, **named: object) -> Any:
                return self

        return Never()  # type: ignore[return-value]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_an_append_nobody_answers_fails_and_the_next_finds_another_producer(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.log.kafka.OVERDUE_S", -9.5)
    connection = await KafkaConnection.open(await topics_of_our_own(kafka))
    try:
        lane = KafkaLane(connection, 0)
        connection.producer = stuck = Silent(connection.producer)  # type: ignore[assignment]
        with pytest.raises(LogUnavailable, match="did not answer"):
            await lane.append(CALLS, "call", b"lost")
        monkeypatch.undo()

        async def forgotten() -> bool:
            return connection.in_flight == 0

        await until(forgotten, "its bytes to count no longer")

        async def replaced() -> bool:
            return connection.is_sound and connection.producer is not stuck

        await until(replaced, "another producer")
        assert await lane.append(CALLS, "call", b"kept") == 1
    finally:
        await connection.close()
