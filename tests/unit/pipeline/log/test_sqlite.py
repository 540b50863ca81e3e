"""The SQLite log under its faults: kill -9, full disk, torn file, a lock held elsewhere, too much at once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.log.ports import LogFull, LogUnavailable
from pipeline.log.sqlite import SqliteLog
from pipeline.log.sqlite_file import LogFile

ROOT = Path(__file__).resolve().parents[4]

WRITER = textwrap.dedent(
    """
    import asyncio, sys
    from pipeline.log.sqlite import SqliteLog

    async def write(log, topic, key):
        for n in range(1_000_000):
            value = b"%d" % n * (1 + n % 300)
            offset = await log.append(topic, key, value, b"h%d" % n)
            print(topic, key, n, offset, flush=True)

    async def main():
        log = SqliteLog(sys.argv[1])
        await asyncio.gather(*(write(log, t, f"k{k}") for t in ("audio", "calls") for k in range(10)))

    asyncio.run(main())
    """
)


async def test_records_groups_and_offsets_are_there_after_a_restart(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    await log.append_many("calls", [("a", b"1", b""), ("b", b"2", b"x")])
    await log.commit("ear", "audio", 4)
    await log.close()
    log = SqliteLog(tmp_path)
    assert [(r.offset, r.key, r.value, r.head) for r in await log.read("calls", 0)] == [
        (1, "a", b"1", b""),
        (2, "b", b"2", b"x"),
    ]
    assert await log.committed("ear", "audio") == 4
    assert await log.append("calls", "a", b"3") == 3
    await log.close()


async def test_offsets_go_on_after_a_restart_when_retention_left_nothing(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, clock=lambda: 5.0)
    await log.append_many("audio", [("a/caller", b"1", b"")] * 2500)
    assert await log.drop_before("audio", 6.0) == 2500
    await log.close()
    log = SqliteLog(tmp_path)
    assert await log.end("audio") == 2500
    assert await log.append("audio", "a/caller", b"1") == 2501
    await log.close()


@pytest.mark.parametrize("seed", range(6))
def test_after_kill_9_everything_acknowledged_is_there_whole_and_without_holes(tmp_path: Path, seed: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert child.stdout is not None
    acknowledged = [child.stdout.readline() for _ in range(random.Random(seed).randrange(1, 1500))]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [line for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    child.wait()
    child.stdout.close()

    async def check() -> None:
        log = SqliteLog(tmp_path)
        held = {t: {r.offset: r for r in await log.read(t, 0, 1_000_000)} for t in ("audio", "calls")}
        for line in acknowledged:
            topic, key, n, offset = line.split()
            record = held[topic][int(offset)]
            assert record.key == key
            assert record.value == n.encode() * (1 + int(n) % 300)
            assert record.head == b"h" + n.encode()
        for topic, records in held.items():
            assert sorted(records) == list(range(1, len(records) + 1))
            assert await log.append(topic, "after", b"") == len(records) + 1
        await log.close()

    asyncio.run(check())


async def test_a_torn_last_write_costs_only_what_was_never_acknowledged(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "a")
    for n in range(50):
        await log.append("calls", "k", b"%d" % n * 100)
    copy = tmp_path / "b"
    copy.mkdir()
    (copy / "events.db").write_bytes((tmp_path / "a" / "events.db").read_bytes())
    wal = (tmp_path / "a" / "events.db-wal").read_bytes()
    await log.close()
    (copy / "events.db-wal").write_bytes(wal[:-1000])  # the file as a crash in mid-write leaves it
    log = SqliteLog(copy)
    values = [r.value for r in await log.read("calls", 0)]
    assert values == [b"%d" % n * 100 for n in range(len(values))]
    assert len(values) == 49
    assert await log.append("calls", "k", b"") == 50
    await log.close()


@pytest.fixture(params=["2m"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no small disk can be mounted here: 'a full disk refuses loudly' is tested by a page limit only")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


async def test_a_full_disk_refuses_loudly_keeps_what_it_took_and_recovers_alone(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 500_000)
    log = SqliteLog(small_disk / "log", reserve=0)
    taken: list[int] = []
    with pytest.raises(LogFull, match="no space"):
        while True:
            taken.append(await log.append("audio", "k/caller", b"%d" % len(taken) * 400, b"head"))
    assert len(taken) > 20
    with pytest.raises(LogFull):  # still full, still loud
        await log.append_many("audio", [("k/caller", b"x" * 5000, b"")] * 20)
    ballast.unlink()
    taken.append(await log.append("audio", "k/caller", b"%d" % len(taken) * 400, b"head"))
    records = await log.read("audio", 0, 100_000)
    await log.close()
    assert [r.offset for r in records] == taken == list(range(1, len(taken) + 1))
    assert all(r.value == b"%d" % n * 400 and r.head == b"head" for n, r in enumerate(records))


@pytest.mark.parametrize("small_disk", ["32m"], indirect=True)
async def test_on_a_disk_down_to_its_reserve_retention_still_makes_room(small_disk: Path) -> None:
    now = 1.0
    log = SqliteLog(small_disk / "log", reserve=16 << 20, clock=lambda: now)
    taken = 0
    with pytest.raises(LogFull, match="in reserve"):
        while True:
            await log.append_many("audio", [("k/caller", b"x" * 5000, b"")] * 100)
            taken += 100
    now = 3.0
    assert await log.drop_before("audio", 2.0) == taken
    await log.close()
    log = SqliteLog(small_disk / "log", reserve=16 << 20, clock=lambda: now)
    assert await log.append("audio", "k/caller", b"x") == taken + 1
    await log.close()


async def test_a_file_at_its_ceiling_refuses_whole_appends_and_takes_more_after_retention(tmp_path: Path) -> None:
    now = 1.0
    log = SqliteLog(tmp_path, max_pages=40, clock=lambda: now)
    taken = 0
    with pytest.raises(LogFull):
        while True:
            await log.append_many("audio", [("k/caller", b"a" * 3000, b""), ("k/agent", b"b" * 3000, b"")])
            taken += 2
    assert len(await log.read("audio", 0)) == taken
    assert await log.drop_before("audio", 2.0) == taken
    now = 3.0
    assert await log.append("audio", "k/caller", b"c" * 3000) == taken + 1
    await log.close()


async def test_events_are_taken_while_the_audio_file_is_full(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, max_pages=30)
    with pytest.raises(LogFull):
        while True:
            await log.append("audio", "k/caller", b"a" * 5000)
    await log.append("calls", "k", b"the call goes on")
    await log.close()


async def test_too_much_in_flight_is_refused_at_once_and_taken_later(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, max_inflight=10_000)
    tasks = [asyncio.create_task(log.append("audio", "k/caller", b"x" * 1000)) for _ in range(200)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [r for r in results if isinstance(r, LogFull)]
    assert refused
    assert len(refused) < 200
    assert await log.append("audio", "k/caller", b"y") == 200 - len(refused) + 1
    await log.close()


async def test_one_record_larger_than_the_window_still_passes_alone(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, max_inflight=10)
    assert await log.append("calls", "k", b"x" * 1000) == 1
    await log.close()


async def test_a_lock_held_by_another_program_is_unavailable_never_ok(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, busy_s=0.05)
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="locked"):
        await log.append("calls", "k", b"1")
    other.execute("ROLLBACK")
    other.close()
    assert await log.append("calls", "k", b"2") == 1
    await log.close()


async def test_a_second_writer_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    with pytest.raises(LogUnavailable, match="in use"):
        SqliteLog(tmp_path)
    await log.close()
    await SqliteLog(tmp_path).close()


async def test_close_commits_what_was_handed_in(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    tasks = [asyncio.create_task(log.append("audio", "k/caller", b"%d" % n)) for n in range(100)]
    await asyncio.sleep(0)
    await log.close()
    assert await asyncio.gather(*tasks) == list(range(1, 101))
    log = SqliteLog(tmp_path)
    assert len(await log.read("audio", 0)) == 100
    await log.close()


async def test_appends_that_arrive_during_a_commit_ride_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    write = LogFile.write

    def counted(file: LogFile, *args: Any) -> None:
        commits.append(1)
        write(file, *args)

    monkeypatch.setattr(LogFile, "write", counted)
    log = SqliteLog(tmp_path)
    await asyncio.gather(*(log.append("audio", "k/caller", b"x" * 160) for _ in range(1000)))
    await log.close()
    assert len(commits) <= 100


async def test_dropped_audio_is_gone_from_the_file_not_only_from_the_table(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, clock=lambda: 1.0)
    await log.append_many("audio", [("k/caller", b"canary-of-speech" * 100, b"")] * 300)
    await log.drop_before("audio", 2.0)
    await log.close()
    assert b"canary-of-speech" not in (tmp_path / "audio.db").read_bytes()
    assert (tmp_path / "audio.db").stat().st_size < 200_000


def test_one_key_is_found_by_its_index(tmp_path: Path) -> None:
    async def fill() -> None:
        log = SqliteLog(tmp_path)
        await log.append("calls", "k", b"")
        await log.close()

    asyncio.run(fill())
    db = sqlite3.connect(tmp_path / "events.db")
    plan = db.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM topic_calls WHERE key = ? AND offset > ? ORDER BY offset LIMIT 5", ("k", 1)
    ).fetchall()
    db.close()
    assert [row[3] for row in plan] == ["SEARCH topic_calls USING INDEX key_calls (key=? AND rowid>?)"]
