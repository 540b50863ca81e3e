"""Desk server, under the live wire: uvicorn's websocket transport, closing even when a browser has stalled."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINGER_S = 10.0  # after the close was sent, the transport is given this long to empty


class DeskSocketProtocol(WebSocketsSansIOProtocol):
    """Promise: a closed socket is gone after `LINGER_S`, whether its peer reads or not.

    The plain transport waits for its buffer to drain before a close frame, and for ever after it.
    """

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.writable.set()  # the close frame goes behind what is buffered, without waiting for room
            self._abort_later()
        await super().send(message)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.writable.set()
        self._abort_later()

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_later()

    def _abort_later(self) -> None:
        self.loop.call_later(LINGER_S, self._abort)

    def _abort(self) -> None:
        if not self.disconnected and self.transport is not None:
            self.transport.abort()
