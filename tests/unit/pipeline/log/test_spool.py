"""The spool: whole entries in order, after a crash too; bounded, loud when full, and well again by itself."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.log.ports import LogFull, LogUnavailable
from pipeline.log.spool import Spool
from pipeline.log.spool_file import Entry, packed

ROOT = Path(__file__).resolve().parents[4]
MUCH = 64 << 20


def entry(n: int, size: int = 10) -> Entry:
    value = n.to_bytes(4, "big") * (size // 4 + 1)
    return Entry(topic="audio", key="c/caller", value=value, head=b"h", at=float(n), by="g")


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"))


async def drained(spool: Spool, limit: int = 3) -> list[int]:
    """Numbers of the entries, taken as a sender would."""
    found: list[int] = []
    while entries := await spool.read(limit):
        found += [int(e.at) for e in entries]
        await spool.sent(len(entries))
    return found


async def test_entries_come_back_in_order_while_others_are_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MUCH, file_bytes=200)
    await asyncio.gather(*(spool.append([entry(n), entry(n + 1)]) for n in range(0, 20, 2)))
    assert [int(e.at) for e in await spool.read(3)] == [0, 1, 2]
    await spool.sent(2)
    await spool.append([entry(20)])
    assert await drained(spool) == list(range(2, 21))
    assert spool.pending == 0 and spool.size == 0
    assert not files(tmp_path)
    await spool.append([entry(21)])
    assert await drained(spool) == [21]
    await spool.close()


async def test_what_was_not_sent_is_met_by_the_next_life(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MUCH, file_bytes=300)
    for n in range(12):
        await spool.append([entry(n)])
    await spool.read(7)
    await spool.sent(5)
    with pytest.raises(LogUnavailable, match="in use"):
        Spool(tmp_path, MUCH)
    await spool.close()
    with pytest.raises(LogUnavailable, match="closed"):
        await spool.append([entry(0)])
    again = Spool(tmp_path, MUCH, file_bytes=300)
    assert again.pending == 7
    await again.append([entry(12)])
    assert await drained(again) == list(range(5, 13))
    await again.close()
    third = Spool(tmp_path, MUCH)
    assert third.pending == 0 and third.size == 0
    await third.append([entry(13)])
    await third.close()
    assert await drained(Spool(tmp_path, MUCH)) == [13]


@pytest.mark.parametrize("left", range(0, len(packed(entry(2))), 5))
async def test_a_torn_last_entry_is_cut_off_and_the_next_follows_what_is_whole(tmp_path: Path, left: int) -> None:
    spool = Spool(tmp_path, MUCH)
    await spool.append([entry(0), entry(1), entry(2)])
    await spool.close()
    (file,) = files(tmp_path)
    os.truncate(file, 2 * len(packed(entry(0))) + left)
    again = Spool(tmp_path, MUCH)
    assert again.pending == 2
    await again.append([entry(3)])
    assert await drained(again) == [0, 1, 3]
    await again.close()


async def test_an_entry_whose_bytes_have_changed_ends_its_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MUCH)
    await spool.append([entry(0), entry(1)])
    await spool.close()
    (file,) = files(tmp_path)
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    assert await drained(Spool(tmp_path, MUCH)) == [0]


async def test_more_than_its_bound_is_refused_until_some_is_sent(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10 * len(packed(entry(1, 100))))
    taken = 0
    with pytest.raises(LogFull, match="holds"):
        for taken in range(20):
            await spool.append([entry(taken, 100)])
    assert spool.pending == taken
    await spool.read(2)
    await spool.sent(2)
    await spool.append([entry(taken, 100)])
    assert await drained(spool) == list(range(2, taken + 1))
    await spool.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("only root may mount a small disk. NOT TESTED: that a full disk is refused loudly and recovers")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_full_disk_refuses_leaves_nothing_half_and_recovers(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool", MUCH, file_bytes=1 << 20)
    taken = 0
    with pytest.raises(LogFull, match="no space"):
        for taken in range(100):
            await spool.append([entry(taken, 50_000)])
    assert 30 < taken < 45
    with pytest.raises(LogFull):
        await spool.append([entry(99, 50_000)])
    first = await spool.read(25)
    await spool.sent(len(first))
    await spool.append([entry(taken, 50_000)])
    assert await drained(spool) == list(range(len(first), taken + 1))
    await spool.close()


KILLED = textwrap.dedent(
    """
    import asyncio, os, sys
    from pathlib import Path
    from pipeline.log.spool import Spool
    from pipeline.log.spool_file import Entry

    async def main():
        spool = Spool(Path(sys.argv[1]), 1 << 30)
        n = 0
        while True:
            await spool.append([Entry("audio", "c/caller", b"x" * 100, b"", float(n), "g")])
            print(n, flush=True)
            n += 1

    asyncio.run(main())
    """
)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes to a spool and says so, until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdout is not None
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


async def test_after_kill_9_everything_acknowledged_is_there(tmp_path: Path, child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(50)]
    child.kill()
    told += [int(line) for line in child.stdout if line.strip()]
    found = await drained(Spool(tmp_path, MUCH), 100)
    assert found == list(range(len(found))) and len(found) >= len(told)
