"""A house that only hands off, to be killed: `python -m tests.system.child_handoff HOME URL`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pipeline.run.handoff import handoff_part
from pipeline.run.logging import quiet_logging
from pipeline.run.opening import open_store
from pipeline.settings import Settings
from tests.receiver import KEY


async def main(home: Path, url: str) -> None:
    quiet_logging("ERROR")
    settings = Settings(home=home, handoff_url=url, handoff_key=KEY.decode())
    store = open_store(settings)
    part = handoff_part(settings, store)
    assert part is not None
    await part.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
