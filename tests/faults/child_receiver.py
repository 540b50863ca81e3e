"""The city's ticket system in a process of its own: keeps what it took on disk, and knows a repeat after its death too."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from pathlib import Path

from tests.receiver import Receiver, Request


class KeptReceiver(Receiver):
    """A line for each request met, before it is answered."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file.open("a", encoding="utf-8")
        for line in file.read_text("utf-8").splitlines():
            known = json.loads(line)
            self.taken.setdefault(known["id"], base64.b64decode(known["body"]))

    async def take(self, request: Request, writer: asyncio.StreamWriter) -> None:
        line = json.dumps({"id": request.id, "body": base64.b64encode(request.body).decode()})
        print(line, file=self._file, flush=True)
        await super().take(request, writer)


async def main(port: int, receiver: KeptReceiver) -> None:
    async with await asyncio.start_server(receiver.serve, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(os.environ["RECEIVER_PORT"]), KeptReceiver(Path(os.environ["RECEIVER_FILE"]))))
