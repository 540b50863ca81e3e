"""Which switch is knocking: a token in a header, compared in constant time, before anything is allocated."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

from pipeline.ingest.start import Switch


def switch_of(header: str | None, switches: Sequence[Switch]) -> Switch | None:
    """`Authorization` header → the switch it belongs to. Bearer token, or Basic with the switch's name and token."""
    scheme, _, value = (header or "").strip().partition(" ")
    name, token = "", value.strip()
    if scheme.lower() == "basic":
        try:
            name, _, token = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
    elif scheme.lower() != "bearer":
        return None
    found: Switch | None = None
    for switch in switches:  # all of them, always: the time taken tells nothing
        same = hmac.compare_digest(switch.token.encode(), token.encode(errors="replace"))
        if same and name in ("", switch.name):
            found = switch
    return found
