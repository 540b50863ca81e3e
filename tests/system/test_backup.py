"""A house at work is backed up, and comes back whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, text

from console.passwords import hash_password
from pipeline.log.onlooker import Onlooker
from pipeline.log.sqlite_copy import NoCopy
from pipeline.play.player import play
from pipeline.run.backup import MANIFEST, SEAL, Manifest, back_up
from pipeline.run.backup_restore import Damaged, drill, restore, whole
from pipeline.run.embedded import Embedded
from pipeline.run.opening import LOG, open_store
from pipeline.settings import Settings
from pipeline.store import backup as stored
from pipeline.store.dead_letters import viewed
from pipeline.store.looking import look
from pipeline.story import Line, tell
from schemas.commands import EditField
from schemas.desk import CallView
from schemas.ids import call_id, matter_id
from tests.system.world import SUPERVISOR, TOKEN, heard, played, scripted_house, settings_in, until
from tests.unit.console.deciding import NOW

SOURCE = "backed-up"
CALL = call_id("ws", SOURCE)


class Made(msgspec.Struct):
    """A house that was backed up while a second call came in, and what it was like."""

    settings: Settings
    folder: Path
    keys: Path
    view: CallView
    story: list[Line]


async def make(base: Path) -> Made:
    house = scripted_house(base / "home", SOURCE)
    home = house.settings.home
    await house.store.ensure_user("agent1", "沈知秋", "agent", hash_password("right-horse"), "8026")
    embedded = Embedded(house)
    await embedded.start()
    assert not (await play([played(SOURCE, agent="8026")], embedded.door_url, TOKEN, at_once=1, pace="fast")).failed
    await heard(house, SOURCE)
    agent = await house.store.user_by_login("agent1")
    assert agent is not None
    edit = EditField(command_id="command-1", call=CALL, matter=matter_id(CALL, 0), field="title", value="改过")
    outcome = await house.store.execute(agent.actor, edit, NOW)
    assert outcome.status == "ok", outcome
    (home / "notes.txt").write_text("kept " * 50, encoding="utf-8")
    (home / "keys").mkdir()
    (home / "keys" / "master").write_bytes(b"wrapped")
    log = Onlooker(home / LOG)

    async def relayed() -> bool:
        return await house.store.waiting_events() == []

    await until(relayed, "the edit in the log")
    view, story = await house.store.call(SUPERVISOR, CALL), await tell(log, CALL)
    assert view is not None
    await log.close()
    busy = asyncio.create_task(play([played("meanwhile")], embedded.door_url, TOKEN, at_once=1, pace="fast"))
    await asyncio.to_thread(back_up, house.settings, base / "backup", base / "keys")
    await busy
    await embedded.stop()
    return Made(settings=house.settings, folder=base / "backup", keys=base / "keys", view=view, story=story)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return asyncio.run(make(tmp_path_factory.mktemp("house")))


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    """A copy of the backup, to be spoilt."""
    shutil.copytree(made.folder, tmp_path / "backup")
    return tmp_path / "backup"


def test_a_backup_holds_what_must_be_kept_and_no_keys(made: Made) -> None:
    files = [path for path in made.folder.rglob("*") if path.is_file()]
    held = {path.relative_to(made.folder).as_posix() for path in files}
    assert held == {MANIFEST, SEAL, "store.db", "log/events.db", "log/audio.db", "home/notes.txt"}
    assert b"wrapped" not in b"".join(path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files if path.suffix == ".db")


async def test_a_house_at_work_is_backed_up_and_brought_back(made: Made, folder: Path, tmp_path: Path) -> None:
    done = restore(folder, tmp_path / "again", keys=made.keys)
    assert (done.audit_entries, done.keys) == (1, True) and done.counts["calls"] in (1, 2)
    assert (tmp_path / "again/keys/master").read_bytes() == b"wrapped"
    second = Embedded(scripted_house(tmp_path / "again", SOURCE))
    await second.start()
    try:
        view = await second.house.store.call(SUPERVISOR, CALL)
        assert view is not None
        assert (view.utterances, view.matters) == (made.view.utterances, made.view.matters)
        assert made.view.epoch != view.epoch == done.epoch, "every page must take a fresh view"
        assert await second.house.store.rows_of(f"call:{CALL}", made.view.epoch, made.view.offset) is None
        assert (await second.house.store.verify_audit()).whole
        log = Onlooker(second.house.settings.home / LOG)
        assert await tell(log, CALL) == made.story and len(made.story) > 10
        await log.close()
        assert not (await play([played("later")], second.door_url, TOKEN, at_once=1, pace="fast")).failed
        await heard(second.house, "later")  # and it goes on working
    finally:
        await second.stop()


def test_a_drill_restores_elsewhere_and_says_what_it_found(folder: Path, tmp_path: Path) -> None:
    found = drill(folder)
    assert found.restored is not None and 0 <= found.restored.age_h < 1
    assert found.call and found.story > 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup"], "nothing is left lying about"


def damaged(folder: Path, name: str, how: str) -> str:
    """Spoils a file of the backup; returns what must be said."""
    file = folder / name
    data = bytearray(file.read_bytes())
    if how == "flipped":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        return "is not"
    if how == "truncated":
        file.write_bytes(data[:-100])
        return "is not" if name == MANIFEST else "bytes"
    file.unlink()
    return "missing|no finished backup"


@pytest.mark.parametrize("how", ["flipped", "truncated", "missing"])
@pytest.mark.parametrize("name", ["store.db", "log/events.db", "log/audio.db", "home/notes.txt", MANIFEST])
def test_a_damaged_backup_puts_nothing_in_place(folder: Path, tmp_path: Path, name: str, how: str) -> None:
    says = damaged(folder, name, how)
    for attempt in (lambda: restore(folder, tmp_path / "again"), lambda: drill(folder)):
        with pytest.raises(Damaged, match=says):
            attempt()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup"]


def reseal(folder: Path, change: dict[str, object]) -> None:
    """Writes a manifest that fits files which were tampered with."""
    manifest = json.loads((folder / MANIFEST).read_bytes()) | change
    for file in manifest["files"]:
        data = (folder / file["path"]).read_bytes()
        file |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    written = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(written)
    (folder / SEAL).write_text(hashlib.sha256(written).hexdigest(), encoding="ascii")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET actor = 'somebody else'", "does not follow"),
        ("DELETE FROM audit", "missing"),
    ],
)
def test_an_audit_chain_that_was_tampered_with_is_not_put_in_place(
    folder: Path, tmp_path: Path, statement: str, says: str
) -> None:
    engine = create_engine(f"sqlite:///{folder / 'store.db'}")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    for left in folder.glob("store.db-*"):
        left.unlink()
    reseal(folder, {})
    with pytest.raises(Damaged, match=says):
        restore(folder, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_chain_longer_than_its_noted_head_or_a_path_that_leads_out_is_refused(folder: Path, tmp_path: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    heads = {tenant: head | {"seq": 2} for tenant, head in manifest["heads"].items()}
    reseal(folder, {"heads": heads})
    with pytest.raises(Damaged, match="ends at 1, it ended at 2"):
        restore(folder, tmp_path / "again")
    (tmp_path / "outside").write_bytes(b"x")
    outside = {"path": "../outside", "bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    reseal(folder, {"heads": manifest["heads"], "files": [*manifest["files"], outside]})
    with pytest.raises(Damaged, match="leads out"):
        restore(folder, tmp_path / "again")


def test_nothing_is_overwritten(made: Made, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NoCopy, match="not empty"):
        back_up(made.settings, folder)
    with pytest.raises(NoCopy, match="inside"):
        back_up(made.settings, made.settings.home / "backup")
    with pytest.raises(FileExistsError, match="not empty"):
        restore(folder, made.settings.home)
    (tmp_path / "empty").mkdir()
    restore(folder, tmp_path / "empty")
    assert (tmp_path / "empty/store.db").exists()


def test_the_commands_say_what_they_did(made: Made, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from pipeline.cli.main import run; run()", *arguments]
        env = {"HOTLINE_HOME": str(made.settings.home), "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, capture_output=True, text=True, env=env)

    done = run("backup", str(tmp_path / "b"))
    assert done.returncode == 0 and "1 audit entries" in done.stderr and "keys are NOT in it" in done.stderr
    assert "story of call" in run("backup", "drill", str(tmp_path / "b")).stderr
    damaged(tmp_path / "b", "store.db", "flipped")
    failed = run("restore", str(tmp_path / "b"), "--into", str(tmp_path / "c"))
    assert failed.returncode == 1 and "store.db" in failed.stderr and "Traceback" not in failed.stderr


async def test_a_postgres_record_is_dumped_and_restored(postgres: str, tmp_path: Path) -> None:
    base = postgres.rsplit("/", 1)[0]
    names = [f"b{uuid.uuid4().hex[:10]}" for _ in range(3)]
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    here, there, nowhere = (f"{base}/{name}" for name in names)
    settings = settings_in(tmp_path / "home", database=here, kafka="127.0.0.1:1")
    store = open_store(settings)
    await store.ensure_user("agent1", "沈知秋", "agent", "hash", "8026")
    await store.write(lambda tx: viewed(tx, "a-letter", "ops-li", "to mend it", NOW))  # an entry of the audit chain
    epoch = (await store.position("floor"))[0]
    await store.close()
    manifest = back_up(settings, tmp_path / "backup")
    assert (manifest.log, manifest.counts["users"]) == ("kafka", 1)
    assert drill(tmp_path / "backup").restored is None

    done = restore(tmp_path / "backup", tmp_path / "again", there)
    assert (done.counts["users"], done.audit_entries) == (1, 1) and done.epoch != epoch
    assert look(there).epoch == done.epoch
    with pytest.raises(NoCopy, match="has tables"):
        restore(tmp_path / "backup", tmp_path / "third", there)
    engine = create_engine(here)
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'somebody else'"))
    engine.dispose()
    back_up(settings, tmp_path / "forged")
    with pytest.raises(Damaged, match="does not follow"):
        restore(tmp_path / "forged", tmp_path / "fourth", nowhere)
    assert stored.is_empty(nowhere) and not (tmp_path / "fourth").exists()
    damaged(tmp_path / "backup", "store.pgdump", "flipped")
    with pytest.raises(Damaged, match="hash differs"):
        drill(tmp_path / "backup")


def test_without_the_database_tools_the_command_to_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(stored, "PACKAGED", tmp_path)
    with pytest.raises(NoCopy, match=r"run: pg_dump --dbname=postgresql://hotline@db/hotline --format=custom"):
        stored.dump_postgres("postgresql+psycopg://hotline:secret@db/hotline", tmp_path / "d")


def test_a_manifest_is_read_as_it_was_written(made: Made) -> None:
    manifest = whole(made.folder)
    assert isinstance(manifest, Manifest) and manifest.log == "embedded"
    assert manifest.keys[0].path == "master"
