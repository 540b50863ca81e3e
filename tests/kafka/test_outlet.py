"""What a gateway's door writes: the spool is sent, and the disk may take its time meanwhile."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.spool import Spool
from pipeline.log.spool_file import Entry, SpoolFile
from pipeline.run.gateway_outlet import Outlet
from schemas.topics import CALLS
from tests.kafka.at_work import topics_of_our_own
from tests.system.world import until

pytestmark = pytest.mark.kafka
MOST_READS = 100  # far more than sending three entries takes


class CountedSpool(Spool):
    """Fails whoever reads it over and over without waiting for anything."""

    reads = 0

    async def read(self, limit: int = 500) -> list[Entry]:
        self.reads += 1
        assert self.reads < MOST_READS, "the spool is read without an end"
        return await super().read(limit)


class AnyCall:
    """Every call is this gateway's."""

    async def know(self, lanes: set[int]) -> None: ...

    def is_ours(self, entry: Entry) -> bool:
        return True


async def test_a_slow_disk_does_not_hold_up_the_gateway(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await KafkaConnection.open(await topics_of_our_own(kafka))
    spool = CountedSpool(tmp_path / "spool", 1 << 20)
    outlet, slow, write = Outlet(spool, "g1"), threading.Event(), SpoolFile.write

    def written_late(file: SpoolFile, data: bytes) -> None:
        slow.wait(60)
        write(file, data)

    await outlet.append_many(CALLS, [("a", b"1", b"")])  # not linked yet: to the spool
    monkeypatch.setattr(SpoolFile, "write", written_late)
    second = asyncio.create_task(outlet.append_many(CALLS, [("a", b"2", b"")]))
    outlet.link(connection, AnyCall())
    sending = asyncio.create_task(outlet.run())
    try:

        async def first_is_sent() -> bool:
            assert not sending.done(), sending.result()
            return outlet.pending == 0

        await until(first_is_sent, "the first entry to be sent")
        assert not second.done() and not outlet.is_direct  # nothing may pass what the disk is taking
        slow.set()
        await second
        await asyncio.wait_for(outlet.emptied.wait(), 60)
        assert outlet.is_direct
        await outlet.append_many(CALLS, [("a", b"3", b"")])
        found = await KafkaLane(connection, lane_of("a")).read(CALLS, 0)
        assert [record.value for record in found] == [b"1", b"2", b"3"]
    finally:
        slow.set()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await spool.close()
        await connection.close()
