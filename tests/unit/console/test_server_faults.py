"""The desk while the house is in trouble: a locked database, and logs that never repeat what a caller said."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
import structlog

from console.desk import DeskOptions
from pipeline.store.sql_store import SqlStore
from tests.script import Script
from tests.unit.console.house import CITY, FACTS, ORIGIN, PASSWORD, Feed, House, Times
from tests.unit.console.test_server_commands import confirm, drafted


async def test_while_the_database_is_locked_a_confirm_is_503_and_afterwards_it_succeeds_once(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "locked.db", FACTS, busy_s=0.1)
    house = House(store, Feed(), CITY, DeskOptions(origins=(ORIGIN,)), Times())
    async with house.running():
        person, script, seen = await drafted(house)
        command = confirm(script, seen)
        other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        refused = await person.post("/api/commands", command)
        assert (refused.status_code, refused.json()["status"]) == (503, "unavailable")
        assert (await person.get(f"/api/calls/{script.call}")).status_code == 200, "looking goes on"
        other.execute("ROLLBACK")
        other.close()
        answers = [await person.post("/api/commands", command) for _ in range(2)]
        assert [a.status_code for a in answers] == [200, 200]
        assert (await person.get("/api/tickets")).json()["total"] == 1
    await store.close()


async def test_while_the_database_stands_still_nobody_waits_for_ever_and_a_repeat_decides_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqlStore(tmp_path / "still.db", FACTS, busy_s=120)
    house = House(store, Feed(), CITY, DeskOptions(origins=(ORIGIN,)), Times())
    async with house.running():
        person, script, seen = await drafted(house)
        command = confirm(script, seen)
        other = sqlite3.connect(tmp_path / "still.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr("console.server_commands.SAVED_WITHIN_S", 0.05)
        told = await person.post("/api/commands", command)
        assert (told.status_code, told.json()["status"]) == (503, "unavailable")
        assert "尚不知是否已保存" in told.json()["message"]

        async def silent(*given: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr("console.server_guard.BEGUN_WITHIN_S", 0.05)
        monkeypatch.setattr(store, "tickets", silent)
        assert (await person.get("/api/tickets")).status_code == 503
        monkeypatch.undo()
        other.execute("ROLLBACK")
        other.close()
        answers = [await person.post("/api/commands", command) for _ in range(2)]
        assert [a.status_code for a in answers] == [200, 200]
        assert (await person.get("/api/tickets")).json()["total"] == 1
    await store.close()


CANARIES = ("李雷雷", "13912345678", "望湖社区7栋", PASSWORD, "wrong-horse", "停水三天")


@pytest.mark.g06
async def test_no_log_line_of_the_desk_repeats_names_numbers_words_or_passwords(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with structlog.testing.capture_logs() as lines:
        await house.account("wang")
        for password in ("wrong-horse", PASSWORD):
            await house.client.post(
                "/api/login", json={"login": "wang", "password": password}, headers={"origin": ORIGIN}
            )
        person = await house.person("wang")
        script = Script(agent="wang", ani="13912345678")
        heard = script.say("我叫李雷雷，住望湖社区7栋，停水三天")
        await house.record(*script.start(), heard, script.draft(heard, 1, caller_name=("李雷雷", "李雷雷")))
        desk = await house.desk_of(person)
        desk.send(t="resume", stream=f"call:{script.call}")
        await desk.frame()
        await person.tell("edit_field", call=script.call, matter=script.matter, field="caller_name", value="李雷雷")
        await person.tell("dismiss_matter", call=script.call, matter="李雷雷", reason="停水三天")
        await person.get("/api/tickets?text=李雷雷&phone=13912345678&more=望湖社区7栋")
        await person.get("/api/李雷雷")
        desk.send(t="leave", stream="李雷雷", more="13912345678")
        await desk.closed()

        async def broken(*given: object) -> None:
            raise RuntimeError("李雷雷 13912345678")

        monkeypatch.setattr(house.store, "tickets", broken)
        monkeypatch.setattr(house.store, "rows_of", broken)
        await person.get("/api/tickets")
        again = await house.desk_of(person)
        again.send(t="resume", stream="queue", epoch="x")
        await again.closed()
        await asyncio.gather(*(socket.hang_up() for socket in house.sockets))
    assert {"signed in", "sign-in refused", "command", "request failed", "socket closed", "ask failed"} <= {
        line["event"] for line in lines
    }
    told = repr(lines)
    assert not [canary for canary in CANARIES if canary in told]
