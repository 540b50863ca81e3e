"""One part fails, the house goes on: the desk is told, the form is filled by hand, the fault is mended by itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.passwords import hash_password
from pipeline.asr.readings import EngineDown, ModelCard
from pipeline.asr.scripted import ScriptedEngine
from pipeline.play.player import play
from pipeline.run.embedded import Embedded
from pipeline.run.wiring import build
from schemas.commands import CreateTicket
from schemas.ids import call_id
from tests.system.world import SUPERVISOR, TOKEN, heard, lines_of, played, settings_in, until

SOURCE = "faulty-ear"
CALL = call_id("ws", SOURCE)


class BrokenAtFirst(ScriptedEngine):
    """An engine that can't load until it is mended."""

    mended = False

    async def start(self) -> None:
        if not self.mended:
            raise EngineDown("no weights")
        await super().start()


async def test_while_the_ear_is_down_the_desk_says_so_and_works_by_hand(tmp_path: Path) -> None:
    engine = BrokenAtFirst(lines_of(SOURCE), card=ModelCard(name="scripted@1", short_windows=True))
    house = build(settings_in(tmp_path), engine)
    agent = await house.store.ensure_user("agent1", "沈知秋", "agent", hash_password("right-horse"), "8026")
    running = Embedded(house)
    await running.start()
    try:
        await play([played(SOURCE, agent="agent1")], running.door_url, TOKEN, at_once=1, pace="fast")

        async def told() -> bool:
            view = await house.store.call(SUPERVISOR, CALL)
            return view is not None and "ear_down" in view.degraded and view.summary.state == "ended"

        await until(told, "the desk is told that the ear is down")
        checks = await house.health()
        assert not checks["parts"].ok and "ear" in checks["parts"].detail

        by_hand = CreateTicket(
            command_id=str(uuid.uuid4()),
            fields={
                "kind": "help",
                "category": "c-050101",
                "title": "小区停水",
                "content": "小区从昨晚起停水。",
                "incident_place": "梧桐苑小区",
                "contact_phone": "13905880216",
                "urgency": "normal",
            },
            handling_mode="forward",
            lead_unit="u-watersupply",
            call=CALL,
        )
        outcome = await house.store.execute(agent, by_hand, datetime.now(UTC))
        assert outcome.status == "ok", outcome.message

        engine.mended = True
        view = await heard(house, SOURCE)
        assert view.utterances, "what was kept meanwhile is heard once the ear is back"
        assert "ear_down" not in view.degraded
    finally:
        await running.stop()


async def test_a_house_without_an_ear_keeps_its_calls_and_its_desk(tmp_path: Path) -> None:
    house = build(settings_in(tmp_path, asr_enabled=False), None)
    running = Embedded(house)
    await running.start()
    try:
        await play([played(SOURCE)], running.door_url, TOKEN, at_once=1, pace="fast")

        async def ended() -> bool:
            view = await house.store.call(SUPERVISOR, CALL)
            return view is not None and view.summary.state == "ended"

        await until(ended, "the call is in the list, ended")
        assert (await house.health())["ear"].ok
    finally:
        await running.stop()


async def test_a_port_in_use_is_told_at_the_start(tmp_path: Path) -> None:
    first = Embedded(build(settings_in(tmp_path / "a", asr_enabled=False), None))
    await first.start()
    port = int(first.url.rsplit(":", 1)[1])
    second = Embedded(build(settings_in(tmp_path / "b", asr_enabled=False, port=port), None))
    try:
        with pytest.raises(OSError, match=r"[Aa]ddress"):
            await second.start()
    finally:
        await second.stop()
        await first.stop()
