"""Before the upgrade: who may come in at all. Nothing is allocated for those who may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from pipeline.ingest.counts import Counts
from pipeline.ingest.credentials import switch_of
from pipeline.ingest.refusal import Reason
from pipeline.ingest.start import Switch

SUBPROTOCOLS = ("audio.drachtio.org", "audio.jambonz.org", "audiostream.drachtio.org")  # of mod_audio_fork: echoed
RETRY_AFTER_S = 5
HEALTH = "/healthz"


class Admission:
    """A switch by its token; no browser, no stranger, nobody while the door is busy."""

    def __init__(self, switches: Sequence[Switch], counts: Counts, busy: Callable[[], Reason | None]) -> None:
        self._switches = tuple(switches)
        self._counts = counts
        self._busy = busy

    def __call__(self, connection: ServerConnection, request: Request) -> Response | None:
        """None = come in; the switch is then `connection.switch`."""
        if request.path == HEALTH:
            return connection.respond(503 if self._busy() else 200, "door\n")
        # looked up for everybody: what a browser's answer takes tells nothing about its token
        switch = switch_of(request.headers.get("Authorization"), self._switches)
        if _is_browser(request):
            return self._turn_away(connection, "origin", 403, "browsers have no business at this door")
        if switch is None:
            response = self._turn_away(connection, "credential", 401, "no switch with this token")
            response.headers["WWW-Authenticate"] = 'Bearer realm="door"'
            return response
        busy = self._busy()
        if busy is not None:
            response = self._turn_away(connection, busy, 503, f"come again: {busy}")
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
            return response
        connection.switch = switch  # type: ignore[attr-defined]
        return None

    def _turn_away(self, connection: ServerConnection, reason: Reason, status: int, text: str) -> Response:
        self._counts.refused(reason, text)
        return connection.respond(status, text + "\n")


def _is_browser(request: Request) -> bool:
    """Browsers name the page they come from. libwebsockets, below mod_audio_fork, names the address it calls instead.

    No page is ever served from the door's own address, so an Origin that equals the Host is no browser's.
    """
    origin = request.headers.get("Origin")
    host = request.headers.get("Host", "")
    return origin is not None and origin not in (f"http://{host}", f"https://{host}")


def echo_subprotocol(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """The first offered one we know; none is as good."""
    return next((name for name in offered if name in SUBPROTOCOLS), None)
