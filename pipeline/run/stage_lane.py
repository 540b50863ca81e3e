"""The stages of one topic over one of its partitions, and, beside those of `calls`, the record of the lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agents.faust_binding import Delivered
from agents.stage import Stage
from pipeline.log.kafka import KafkaLane
from pipeline.record.recorder import GROUP as RECORDER
from pipeline.record.recorder import TOPICS as RECORDED
from pipeline.record.recorder import Recorder
from pipeline.run.delivered import DeliveredLane
from pipeline.run.stages import StageRunner
from pipeline.run.supervise import Supervisor
from pipeline.store.sql_store import SqlStore
from schemas.topics import CALLS


class StageLane:
    """Works between `resume` and `pause`; what its stages remember lasts until `close`.

    The record is no stage: it follows five topics of the lane at once, causes first, by positions that it notes in
    the transaction of what it writes, so it reads for itself and is only told when.
    """

    def __init__(
        self,
        lane: KafkaLane,
        topic: str,
        stages: Sequence[Stage],
        store: SqlStore,
        observe: Callable[[str, float], None],
        dead: Callable[[str, str], None],
    ) -> None:
        """`observe` hears stage and seconds of each event, `dead` stage and kind of reason of each dead letter."""
        self._lane, self._topic, self._store, self._dead = lane, topic, store, dead
        self._recorder: Recorder | None = None  # of the lane, while it is worked on
        self._sources = [DeliveredLane(lane, topic) for _ in stages]
        self.runners = [
            StageRunner(source, stage, observe) for source, stage in zip(self._sources, stages, strict=True)
        ]
        self._stages, self._record = Supervisor(), Supervisor()
        self._begun = False
        self.is_going = False

    @property
    def down(self) -> dict[str, str]:
        """Part → the kind of fault it is recovering from."""
        return self._stages.down | self._record.down

    @property
    def done(self) -> Mapping[str, Mapping[str, int]]:
        """Topic → its readers here → offset done."""
        found: dict[str, dict[str, int]] = {self._topic: {runner.name: runner.position for runner in self.runners}}
        if self._recorder is not None:
            for topic in RECORDED:
                found.setdefault(topic, {})[RECORDER] = self._recorder.done.get(topic, 0)
        return found

    async def deliver(self, record: Delivered) -> None:
        """A record for every stage of the topic; returns when there is room for the next."""
        for source in self._sources:
            await source.deliver(record)

    def resume(self) -> None:
        """The lane is ours."""
        if self.is_going:
            return
        self.is_going = True
        for source in self._sources:
            source.resume()
        if not self._begun:
            self._begun = True
            for runner in self.runners:
                self._stages.start(f"stage.{runner.name}", runner.run)
        if self._topic == CALLS:
            noted_as = f"{RECORDER}/{self._lane.number}"
            self._recorder = Recorder(self._lane.reader(RECORDER), self._store, reader=noted_as, dead=self._dead)
            self._record.start("recorder", self._recorder.run)

    async def pause(self) -> None:
        """Returns when nothing is under way; the lane may then be another's."""
        self.is_going = False
        for source in self._sources:
            await source.pause()
        await self._record.stop()

    async def close(self, deadline_s: float) -> None:
        """Ends for good, in order, within about `deadline_s`."""
        self.is_going = False
        await self._record.stop(deadline_s / 2)
        await self._stages.stop(deadline_s / 2 / max(1, len(self.runners)))
        await self._lane.close()
