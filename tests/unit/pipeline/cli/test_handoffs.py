"""`hotline handoffs`: what an operator sees of hand-offs, and how one is tried again."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.run.opening import open_store
from pipeline.settings import Settings
from pipeline.store import handoff_queue
from schemas.ids import handoff_id
from tests.system.test_handoff_kill import dispatched

RUN = CliRunner()


@pytest.fixture
def parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A house with one hand-off that was refused."""
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))

    async def make() -> str:
        store, now = open_store(Settings()), datetime.now(UTC)
        await store.write(lambda tx: handoff_queue.switch_on(tx, now))
        id_ = handoff_id(await dispatched(store), 1)
        await store.write(lambda tx: handoff_queue.parked(tx, id_, now, 400, "refused", "对方拒收", "no such unit"))
        await store.close()
        return id_

    return asyncio.run(make())


def test_a_refused_one_is_listed_shown_and_tried_again_once(parked: str) -> None:
    (line,) = RUN.invoke(app, ["handoffs", "list", "--state", "parked", "--json"]).stdout.splitlines()
    assert (json.loads(line)["id"], json.loads(line)["said"]) == (parked, "no such unit")
    shown = json.loads(RUN.invoke(app, ["handoffs", "show", parked]).stdout)
    assert shown["body"]["content"]["fields"]["title"][0] == "路灯不亮" and shown["state"]["status"] == 400
    assert RUN.invoke(app, ["handoffs", "retry", parked]).exit_code == 0
    assert json.loads(RUN.invoke(app, ["handoffs", "list", "--json"]).stdout)["state"] == "waiting"
    assert RUN.invoke(app, ["handoffs", "retry", parked]).exit_code == 1


def test_what_is_not_there_is_said_so(parked: str) -> None:
    assert RUN.invoke(app, ["handoffs", "show", "none"]).exit_code == 1
    assert RUN.invoke(app, ["handoffs", "retry", "none"]).exit_code == 1
    assert RUN.invoke(app, ["handoffs", "list", "--state", "lost"]).exit_code == 2
    assert RUN.invoke(app, ["handoffs", "list", "--state", "delivered", "--json"]).stdout == ""
