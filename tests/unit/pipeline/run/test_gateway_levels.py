"""What a gateway tells of itself: live calls, and how long its spool has held something."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pipeline.metrics import Metrics
from pipeline.run.gateway_levels import GatewayLevels
from pipeline.run.pulse import pulse
from tests.system.world import until
from tests.unit.pipeline.run.test_lane_ages import value


def test_the_spool_grows_old_until_it_is_empty() -> None:
    metrics, now, spooled, live = Metrics(), [100.0], [0], [3]
    levels = GatewayLevels(metrics, lambda: live[0], lambda: spooled[0], lambda: now[0])

    def age() -> float:
        levels.look()
        return value(metrics, "hotline_log_oldest_unread_seconds", topic="spool")

    assert age() == 0.0
    now[0], spooled[0] = 101.0, 40
    assert age() == 1.0
    now[0], spooled[0] = 150.0, 2
    assert age() == 50.0
    now[0], spooled[0] = 151.0, 0
    assert age() == 0.0
    assert value(metrics, "hotline_door_calls_live", door="ws") == 3


async def test_a_beat_shows_the_disk_and_has_others_look(tmp_path: Path) -> None:
    metrics, stop, looked = Metrics(), asyncio.Event(), [0]

    def look() -> None:
        looked[0] += 1

    beating = asyncio.create_task(pulse(metrics, tmp_path, stop, look))

    async def twice() -> bool:
        return looked[0] >= 2

    await until(twice, "two beats")
    stop.set()
    await beating
    assert value(metrics, "hotline_disk_free_bytes") > 0
    assert 0 <= value(metrics, "hotline_silent_seconds") < 60
