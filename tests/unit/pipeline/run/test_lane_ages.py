"""Ages over all lanes of a process: the slowest reader shows, silence counts, and what is given up is forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from pipeline.log.ports import LogUnavailable
from pipeline.metrics import Metrics
from pipeline.run.lane_ages import Held, LaneAges, Place
from pipeline.run.lane_meter import LaneMeters
from tests.system.world import until


class Brokers:
    """What waits on the lanes: place → (offset, age of the record there)."""

    def __init__(self) -> None:
        self.waiting: dict[Place, tuple[int, float]] = {}
        self.away = False

    async def ages(self, done: Mapping[Place, int]) -> Mapping[Place, float]:
        if self.away:
            raise LogUnavailable("away")
        found = {place: self.waiting.get(place, (0, 0.0)) for place in done}
        return {place: age if offset > done[place] else 0.0 for place, (offset, age) in found.items()}

    def close(self) -> None:
        pass


class Bench:
    def __init__(self) -> None:
        self.now, self.brokers, self.metrics = 0.0, Brokers(), Metrics()
        self.held: dict[Place, dict[str, int]] = {}
        self.down: dict[str, str] = {}
        self.waits: dict[str, float] = {}
        self.late: list[tuple[Place, float]] = []
        self.ages = LaneAges(
            self.metrics,
            "g",
            self.brokers,
            self._held,
            topics=["calls"],
            down=lambda: self.down,
            waits=self._waits,
            late=lambda place, age: self.late.append((place, age)),
            clock=lambda: self.now,
        )

    def _held(self) -> Held:
        return self.held

    async def _waits(self) -> dict[str, float]:
        return self.waits

    async def look(self) -> None:
        await self.ages.ask()
        self.ages.publish()

    def age(self, topic: str = "calls") -> float:
        return value(self.metrics, "hotline_log_oldest_unread_seconds", topic=topic)


def value(metrics: Metrics, name: str, **labels: str) -> float:
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    raise AssertionError(f"{name} {labels} was not measured")


async def test_the_slowest_reader_of_the_slowest_lane_shows() -> None:
    bench = Bench()
    bench.held = {("calls", 1): {"a": 9, "b": 5}, ("calls", 2): {"a": 7}}
    bench.brokers.waiting = {("calls", 1): (9, 3.0), ("calls", 2): (9, 1.0)}
    await bench.look()
    assert bench.age() == 3.0
    assert sorted(bench.late) == [(("calls", 1), 3.0), (("calls", 2), 1.0)], (
        "whoever can mend it is told where it waits"
    )
    bench.held["calls", 1]["b"] = 9
    await bench.look()
    assert bench.age() == 1.0
    bench.held["calls", 2]["a"] = 9
    await bench.look()
    assert bench.age() == 0.0


async def test_a_reader_that_never_begins_grows_old_with_what_waits_for_it() -> None:
    bench = Bench()
    bench.held = {("calls", 1): {"a": 0}, ("calls", 2): {"a": 0}}
    bench.brokers.waiting = {("calls", 1): (9, 7 * 86400.0)}  # most of it was done long ago, by others
    await bench.look()
    assert bench.age() == 0.0
    bench.now = 40.0
    await bench.look()
    assert bench.age() == 40.0
    bench.held = {("calls", 1): {"a": 9}, ("calls", 2): {"a": 0}}  # nothing ever came to lane 2
    await bench.look()
    assert bench.age() == 0.0


async def test_a_reader_that_begins_anew_keeps_what_it_had_done() -> None:
    bench = Bench()
    bench.held = {("calls", 1): {"a": 9}}
    bench.brokers.waiting = {("calls", 1): (9, 500.0)}
    await bench.look()
    bench.now, bench.held = 1000.0, {("calls", 1): {"a": 0}}
    await bench.look()
    assert bench.age() == 0.0


async def test_ages_grow_while_the_brokers_do_not_answer_and_come_back_with_them() -> None:
    bench = Bench()
    bench.held = {("calls", 1): {"a": 5}}
    bench.brokers.waiting = {("calls", 1): (9, 2.0)}
    await bench.look()
    bench.brokers.away, bench.now = True, 100.0
    await bench.look()
    assert bench.age() == 102.0
    bench.brokers.away = False
    await bench.look()
    assert bench.age() == 2.0


async def test_brokers_that_never_answered_are_silent_since_the_lane_is_held() -> None:
    bench = Bench()
    bench.brokers.away = True
    bench.held = {("calls", 1): {"a": 5}}
    await bench.look()
    bench.now = 60.0
    await bench.look()
    assert bench.age() == 60.0


async def test_what_is_given_up_counts_no_more() -> None:
    bench = Bench()
    bench.held = {("calls", 1): {"a": 5}, ("calls", 2): {}}
    bench.brokers.waiting = {("calls", 1): (9, 20.0)}
    await bench.look()
    assert value(bench.metrics, "hotline_lanes_held", group="g", topic="calls") == 2
    bench.held = {}
    await bench.look()
    assert bench.age() == 0.0
    assert value(bench.metrics, "hotline_lanes_held", group="g", topic="calls") == 0


async def test_a_worker_that_holds_nothing_yet_says_so() -> None:
    bench = Bench()
    bench.ages.publish()
    assert value(bench.metrics, "hotline_lanes_held", group="g", topic="calls") == 0


async def test_what_the_worker_measures_itself_and_failed_parts_show_too() -> None:
    bench = Bench()
    bench.held, bench.waits, bench.down = {("calls", 1): {"a": 9}}, {"calls": 4.0, "outbox": 8.0}, {"ear": "OSError"}
    await bench.look()
    assert bench.age() == 4.0
    assert bench.age("outbox") == 8.0
    assert value(bench.metrics, "hotline_parts_down", group="g") == 1


async def test_it_measures_as_long_as_the_work_lasts() -> None:
    bench = Bench()
    bench.held = {("calls", 1): {"a": 5}}
    bench.brokers.waiting = {("calls", 1): (9, 2.0)}

    async def shown() -> bool:
        return b'hotline_log_oldest_unread_seconds{topic="calls"} 2.0' in bench.metrics.text()

    async with bench.ages.measuring():
        await until(shown, "the age")


def test_levels_are_added_up_over_lanes_and_the_rest_passes() -> None:
    metrics = Metrics()
    meters = LaneMeters(metrics)
    one, other = meters.of(1), meters.of(2)
    one.gauge("hotline_ear_streams", 2)
    other.gauge("hotline_ear_streams", 3)
    one.gauge("hotline_ear_streams", 1)
    assert value(metrics, "hotline_ear_streams") == 4
    meters.drop(2)
    assert value(metrics, "hotline_ear_streams") == 1
    one.count("hotline_ear_restarts_total", reason="hung")
    other.observe("hotline_ear_final_seconds", 0.2)
    assert value(metrics, "hotline_ear_restarts_total", reason="hung") == 1
    assert value(metrics, "hotline_ear_final_seconds_count") == 1
