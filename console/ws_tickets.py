"""Sign-in of a websocket: one-time tickets, got over HTTP with the cookie and spent in the first message."""

from __future__ import annotations

import secrets
from collections import OrderedDict

import msgspec

GOOD_FOR_S = 30.0
MAX_WAITING = 10_000


class Grant(msgspec.Struct, frozen=True):
    """What a ticket stands for."""

    token: str  # hash of the sign-in
    origin: str
    until: float  # monotonic seconds


class WsTickets:
    """Promise: a ticket is good once, for 30 s, from the Origin it was given to. Of two that race, one wins."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._grants: OrderedDict[str, Grant] = OrderedDict()

    def issue(self, token: str, origin: str, now: float) -> str:
        ticket = secrets.token_urlsafe(32)
        self._grants[ticket] = Grant(token, origin, now + GOOD_FOR_S)
        while len(self._grants) > self._max_waiting or next(iter(self._grants.values())).until < now:
            self._grants.popitem(last=False)
        return ticket

    def redeem(self, ticket: str, origin: str, now: float) -> str | None:
        """Hash of the sign-in the ticket stands for; None when it is not good. Spent in either case."""
        grant = self._grants.pop(ticket, None)
        if grant is None or now > grant.until or grant.origin != origin:
            return None
        return grant.token
