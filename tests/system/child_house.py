"""The embedded house in a process of its own, to be killed: `python -m tests.system.child_house HOME SOURCE`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from pipeline.run.embedded import Embedded
from pipeline.run.logging import quiet_logging
from tests.system.world import scripted_house


async def main(home: Path, source: str) -> None:
    quiet_logging("ERROR")
    running = Embedded(scripted_house(home, source))
    await running.start()
    print(json.dumps({"door": running.door_url, "console": running.url}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
