"""Hand-off, the wire: one signed POST to the one configured address, bounded in time and size."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime

import httpx

from pipeline.record.webhook_options import WebhookOptions
from pipeline.record.webhook_sign import headers
from pipeline.record.webhook_verdict import Answer

MOST_READ = 64 * 1024  # bytes of an answer
_FIXED = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}


class Webhook:
    """Promise: nobody but the configured address is spoken to; no answer takes longer or fills more than is allowed."""

    def __init__(self, options: WebhookOptions) -> None:
        """Raises ValueError for an address or keys that will not do, OSError for an authority that can't be read."""
        options.check()
        self._options = options
        trusted = ssl.create_default_context(cafile=options.authority or None)
        # no proxy, no netrc, no certificate paths from the environment: the settings alone say where tickets go
        self._client = httpx.AsyncClient(verify=trusted, follow_redirects=False, trust_env=False, timeout=None)

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, id_: str, body: bytes, now: datetime) -> Answer:
        """One try. Never raises for what a receiver or a network does."""
        sent = {**_FIXED, **headers(id_, now, body, self._options.keys)}
        try:
            async with (
                asyncio.timeout(self._options.timeout_s),
                self._client.stream("POST", self._options.url, content=body, headers=sent) as response,
            ):
                read, whole = await _read(response)
                after = response.headers.get("retry-after", "")
                return Answer(status=response.status_code, body=read, whole=whole, retry_after=after)
        except TimeoutError:
            return Answer(failure="timeout")
        except httpx.TransportError:
            return Answer(failure="no_answer")


async def _read(response: httpx.Response) -> tuple[bytes, bool]:
    """The answer's body, and whether that was all of it."""
    parts = bytearray()
    async for part in response.aiter_raw():
        parts += part
        if len(parts) > MOST_READ:
            return b"", False
    return bytes(parts), True
