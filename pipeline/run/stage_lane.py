"""The stages of one topic over one of its partitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agents.faust_binding import Delivered
from agents.stage import Stage
from pipeline.log.kafka import KafkaLane
from pipeline.log.kafka_notes import OffsetNotes
from pipeline.run.delivered import DeliveredLane
from pipeline.run.stages import StageRunner
from pipeline.run.supervise import Supervisor


class StageLane:
    """Works between `resume` and `pause`; what its stages remember lasts until `close`."""

    def __init__(
        self,
        lane: KafkaLane,
        topic: str,
        stages: Sequence[Stage],
        notes: OffsetNotes,
        observe: Callable[[str, float], None],
    ) -> None:
        """`observe` hears stage and seconds of each event."""
        self._lane = lane
        self._sources = [DeliveredLane(lane, topic, notes) for _ in stages]
        self.runners = [
            StageRunner(source, stage, observe) for source, stage in zip(self._sources, stages, strict=True)
        ]
        self._parts = Supervisor()
        self._begun = False
        self.is_going = False

    @property
    def down(self) -> dict[str, str]:
        """Part → the kind of fault it is recovering from."""
        return self._parts.down

    @property
    def done(self) -> dict[str, int]:
        """Reader → offset done."""
        return {runner.name: runner.position for runner in self.runners}

    async def deliver(self, record: Delivered) -> None:
        """A record for every stage of the topic; returns when there is room for the next."""
        for source in self._sources:
            await source.deliver(record)

    def look_up(self) -> None:
        """Something waits here for longer than it should; Faust may never bring it."""
        for source in self._sources:
            source.look_up()

    def resume(self) -> None:
        """The partition is ours."""
        if self.is_going:
            return
        self.is_going = True
        for source in self._sources:
            source.resume()
        if not self._begun:
            self._begun = True
            for runner in self.runners:
                self._parts.start(f"stage.{runner.name}", runner.run)

    async def pause(self) -> None:
        """Returns when nothing is under way; the partition may then be another's."""
        self.is_going = False
        for source in self._sources:
            await source.pause()

    async def close(self, deadline_s: float) -> None:
        """Ends for good, in order, within about `deadline_s`."""
        self.is_going = False
        await self._parts.stop(deadline_s / max(1, len(self.runners)))
        await self._lane.close()
