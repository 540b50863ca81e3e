"""`hotline worker stages`: understanding, suggestions and record of the partitions Faust deals to this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

import structlog

from agents.build import build_stages
from agents.city import City
from agents.faust_binding import Brokers, Delivered, FaustBinding, Places
from agents.ports import History
from agents.stage import Stage
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_backlog import KafkaBacklog
from pipeline.log.kafka_gather import Gather
from pipeline.log.kafka_notes import OffsetNotes
from pipeline.log.kafka_spread import KafkaSpread
from pipeline.log.ports import LogUnavailable
from pipeline.metrics import Metrics
from pipeline.record.lanes_recorder import LanesRecorder
from pipeline.record.writing import GROUP as RECORDER
from pipeline.run.lane_ages import Held, LaneAges
from pipeline.run.lane_history import LaneHistory
from pipeline.run.stage_lane import StageLane
from pipeline.run.supervise import Supervisor
from pipeline.run.understanding import EarlierTickets, learn_returns
from pipeline.run.warming import warm
from pipeline.store.sql_store import SqlStore
from schemas.catalogue import CityPack
from schemas.topics import CALLS, LANES

GROUP = "stages"
QUIET_S = 9.0  # longest that work on partitions may take to come to an end when they are dealt anew
LATE_S = 10.0  # what waits for longer is looked up: a fetch of Faust's may stand still for good
AGAIN_S = 1.0  # before Faust is tried again
_log = structlog.get_logger(__name__)


class StageWorker:
    """Promises those of `StageRunner` and `Recorder`, for every partition while it is held here.

    A partition that stays here while others move keeps what its stage remembers of calls.
    """

    def __init__(
        self, connection: KafkaConnection, store: SqlStore, city: CityPack, metrics: Metrics, known: City | None = None
    ) -> None:
        self._connection, self._store, self._pack, self._metrics = connection, store, city, metrics
        self._city = known or City(city)
        self._held: dict[tuple[str, int], StageLane] = {}
        self._spread, self._notes = KafkaSpread(connection), OffsetNotes(connection)
        self._recorder: LanesRecorder | None = None  # of the lanes held
        self._recording = Supervisor()
        self._topics = sorted({stage.reads for stage in self._stages()})
        self._ages = LaneAges(
            metrics,
            GROUP,
            KafkaBacklog(connection.options),
            self._reached,
            topics=self._topics,
            down=lambda: self.down,
            late=self._look_up,
        )

    @property
    def lanes(self) -> frozenset[tuple[str, int]]:
        """Topic and partition of those worked on now."""
        return frozenset(place for place, held in self._held.items() if held.is_going)

    @property
    def places(self) -> int:
        """How many there are to be worked on by all processes together."""
        return len(self._topics) * LANES

    @property
    def down(self) -> dict[str, str]:
        """Part → the kind of fault it is recovering from."""
        stages = {
            f"{name} of {topic} {n}": kind
            for (topic, n), held in self._held.items()
            for name, kind in held.down.items()
        }
        return stages | self._recording.down

    async def run(self, stop: asyncio.Event) -> None:
        """Warms up, then works until `stop`. Faust that gave up is begun anew."""
        await learn_returns(self._city, self._store)
        await warm(self._stages())
        telling = Supervisor()
        telling.start("offsets", self._notes.run)
        async with self._ages.measuring():
            await self._work(stop)
        await telling.stop(QUIET_S)

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await FaustBinding(self._brokers(), self._topics, self).run(stop)
            except Exception as error:
                _log.error("faust gave up", error=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AGAIN_S)
            finally:
                await self._end_record()
                await self._drop(list(self._held))

    # -- agents.faust_binding.Work

    async def deliver(self, record: Delivered) -> None:
        """Keeps Work."""
        held = self._held.get((record.topic, record.partition))
        if held is not None:
            await held.deliver(record)

    async def pause(self) -> None:
        """Keeps Work. What can't be ended in time may be done by another too, under the same ids."""
        pauses = [asyncio.ensure_future(held.pause()) for held in self._held.values()]
        pauses.append(asyncio.ensure_future(self._end_record()))
        _, late = await asyncio.wait(pauses, timeout=QUIET_S)
        for pause in late:
            pause.cancel()
        if late:
            _log.warning("work goes on while partitions are dealt", places=len(late))
        with contextlib.suppress(LogUnavailable):  # whoever comes then does a little again
            await self._notes.flush()

    async def hold(self, places: Places) -> None:
        """Keeps Work."""
        ours = {(topic, n) for topic, partitions in places.items() for n in partitions}
        gone = [place for place in self._held if place not in ours]
        await self._drop(gone)
        for place in gone:
            self._notes.forget(*place)
        for topic, n in sorted(ours - self._held.keys()):
            self._held[topic, n] = self._open(topic, n)
        for held in self._held.values():
            held.resume()
        self._record(n for topic, n in ours if topic == CALLS)
        _log.info("partitions held", count=len(ours))

    async def _drop(self, places: Iterable[tuple[str, int]]) -> None:
        await asyncio.gather(*(self._held.pop(place).close(QUIET_S) for place in places))

    def _record(self, lanes: Iterable[int]) -> None:
        """The record is no stage: it follows five topics of a lane at once, causes first, from where its notes say
        that it stands, and goes with the lane's partition of `calls`."""
        self._recorder = LanesRecorder(
            Gather(self._connection, RECORDER), self._store, self._spread.append, lanes, self._dead
        )
        self._recording.start(RECORDER, self._recorder.run)

    async def _end_record(self) -> None:
        self._recorder = None
        await self._recording.stop(QUIET_S)

    def _open(self, topic: str, n: int) -> StageLane:
        lane = KafkaLane(self._connection, n)
        history = LaneHistory(lane, self._store)
        stages = [stage for stage in self._stages(history) if stage.reads == topic]
        return StageLane(lane, topic, stages, self._notes, self._observe)

    def _stages(self, history: History | None = None) -> list[Stage]:
        return build_stages(self._pack, history, EarlierTickets(self._store), self._city)

    def _observe(self, stage: str, seconds: float) -> None:
        self._metrics("hotline_stage_seconds", seconds, stage=stage)

    def _dead(self, stage: str, reason: str) -> None:
        self._metrics("hotline_dead_letters_total", 1, stage=stage, reason=reason)

    def _look_up(self, place: tuple[str, int], age_s: float) -> None:
        held = self._held.get(place)
        if held is not None and age_s >= LATE_S:
            held.look_up()

    def _reached(self) -> Held:
        """Every topic is counted where its own partition is worked on, so that over all processes each counts once."""
        found: dict[tuple[str, int], dict[str, int]] = {place: held.done for place, held in self._held.items()}
        for (topic, n), at in (self._recorder.done if self._recorder else {}).items():
            if topic not in self._topics or (topic, n) in self._held:
                found.setdefault((topic, n), {})[RECORDER] = at
        return found

    def _brokers(self) -> Brokers:
        options = self._connection.options
        return Brokers(
            servers=options.hosts,
            group=options.group(GROUP),
            topic=options.topic,
            tls=options.protocol.endswith("SSL"),
            authority=options.authority,
            mechanism=options.mechanism,
            user=options.user,
            password=options.password,
        )
