"""What tests of the desk's server share: a real store in a folder, the real app, people of every role."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from console.desk import DeskOptions
from pipeline.store.sql_store import SqlStore
from tests.unit.console.house import CITY, FACTS, Feed, House, Times


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a call; copied for each test."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    asyncio.run(SqlStore(path, FACTS).close())
    return path


@pytest.fixture
async def house(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The desk over a real store, on a clock that tests move."""
    path = tmp_path / "store.db"
    shutil.copy(empty_store, path)
    store = SqlStore(path, FACTS, poll_s=60.0)
    built = House(store, Feed(), CITY, DeskOptions(origins=("https://desk.example",), web=tmp_path / "dist"), Times())
    async with built.running():
        yield built
    await store.close()


@pytest.fixture
def times() -> Callable[[], Times]:
    return Times
