"""Hand-off, before the wire: where it goes, how we are known there, and which addresses will do."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import msgspec


class WebhookOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where hand-offs go, and how we are known there."""

    url: str
    keys: tuple[bytes, ...]  # the newest first
    timeout_s: float = 10.0  # of one try, from connecting to the last byte of the answer
    authority: str = ""  # file with the certificate authority of the receiver; "" = those of this machine

    def check(self) -> None:
        """Raises ValueError naming the setting that will not do."""
        check_url(self.url)
        if not self.keys:
            raise ValueError("HOTLINE_HANDOFF_KEY must name a key when HOTLINE_HANDOFF_URL is set")

    def __repr__(self) -> str:
        return f"WebhookOptions(url={self.url!r}, keys={len(self.keys)})"


def check_url(url: str) -> str:
    """The address, when it may be sent to. Raises ValueError: https, or http on this machine alone."""
    try:
        found = urlsplit(url)
        host, _ = found.hostname or "", found.port
    except ValueError as error:
        raise ValueError("HOTLINE_HANDOFF_URL is no address") from error
    if found.scheme not in ("http", "https") or not host:
        raise ValueError("HOTLINE_HANDOFF_URL must begin with https://host")
    if "@" in found.netloc or found.fragment:
        raise ValueError("HOTLINE_HANDOFF_URL must hold no user, password or #fragment")
    if found.scheme == "http" and not _is_loopback(host):
        raise ValueError("HOTLINE_HANDOFF_URL must be https: tickets hold names and numbers")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
