"""Hand-off, on its way out: signs a body as the public Standard Webhooks convention says (HMAC-SHA256)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"  # of a key given as base64
SHORTEST_KEY = 24  # bytes
MOST_KEYS = 2  # the new one and the old one, while the receiver changes over


def parse_keys(text: str) -> tuple[bytes, ...]:
    """`key` or `new,old` → keys. Raises ValueError saying what is wrong, never the key."""
    given = [part.strip() for part in text.split(",") if part.strip()]
    if len(given) > MOST_KEYS:
        raise ValueError(f"HOTLINE_HANDOFF_KEY names {len(given)} keys; {MOST_KEYS} are the most, the new one first")
    return tuple(_key(n, part) for n, part in enumerate(given, start=1))


def _key(n: int, text: str) -> bytes:
    key = text.encode()
    if text.startswith(PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"key {n} of HOTLINE_HANDOFF_KEY begins with {PREFIX} but is no base64") from None
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"key {n} of HOTLINE_HANDOFF_KEY has {len(key)} bytes; {SHORTEST_KEY} are the least")
    return key


def signature(id_: str, timestamp: int, body: bytes, keys: tuple[bytes, ...]) -> str:
    """One `v1,<base64>` for each key, separated by spaces; over `id.timestamp.body`."""
    signed = f"{id_}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def headers(id_: str, at: datetime, body: bytes, keys: tuple[bytes, ...]) -> dict[str, str]:
    """The three headers by which the receiver knows sender, time and repeat."""
    timestamp = int(at.timestamp())
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(id_, timestamp, body, keys),
    }
