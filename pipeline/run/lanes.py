"""Work on Kafka: a process holds some of the lanes and runs on each the parts the embedded house runs once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_member import Member
from pipeline.run.supervise import Part, Supervisor

_DEADLINE_S = 9.0  # of all parts of a lane to stop, one after the other; less than a lane may take to be given up
_log = structlog.get_logger(__name__)

Parts = Callable[[KafkaLane], Mapping[str, Part]]


class LaneWork:
    """The parts of the lanes this process holds. What a lane's parts left unfinished is met by whoever has it next."""

    def __init__(self, connection: KafkaConnection, group: str, topic: str, parts: Parts) -> None:
        self._connection = connection
        self._parts = parts
        self._held: dict[int, tuple[KafkaLane, Supervisor, int]] = {}  # with the number of parts
        self._member = Member(connection.options, group, topic, taken=self._take, given_up=self._give_up)

    @property
    def lanes(self) -> frozenset[int]:
        """Those worked on now."""
        return frozenset(self._held)

    @property
    def down(self) -> dict[str, str]:
        """Part → the kind of fault it is recovering from."""
        return {
            f"{name} of lane {n}": kind for n, (_, kept, _) in self._held.items() for name, kind in kept.down.items()
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`; then ends every part in order and leaves the group."""
        await self._member.run(stop)

    async def _take(self, lanes: frozenset[int]) -> None:
        _log.info("lanes taken", lanes=sorted(lanes))
        for n in sorted(lanes):
            lane, supervisor = KafkaLane(self._connection, n), Supervisor()
            parts = self._parts(lane)
            self._held[n] = (lane, supervisor, len(parts))
            for name, part in parts.items():
                supervisor.start(name, part)

    async def _give_up(self, lanes: frozenset[int]) -> None:
        _log.info("lanes given up", lanes=sorted(lanes))
        await asyncio.gather(*(self._end(n) for n in lanes if n in self._held))

    async def _end(self, n: int) -> None:
        lane, supervisor, parts = self._held[n]
        cut = await supervisor.stop(_DEADLINE_S / max(1, parts))
        if cut:
            _log.warning("parts had to be cut short", lane=n, parts=cut)
        await lane.close()
        del self._held[n]
