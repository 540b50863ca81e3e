"""Sign-ins: the cookie's token, its hash in the store, and the end after long silence."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from console.ports import DeskStore
from schemas.commands import Actor

MAX_KNOWN = 50_000


def token_hash(token: str) -> str:
    """What the store keeps of a token. 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignIns:
    """Promise: a sign-in ends at its absolute limit, after the idle time, at sign-out, or with the account.

    When a person last did something is kept in memory: after a restart the idle time starts anew, the absolute limit
    does not.
    """

    def __init__(
        self,
        store: DeskStore,
        clock: Callable[[], float],
        longest: timedelta = timedelta(hours=12),
        idle: timedelta = timedelta(minutes=120),
    ) -> None:
        self._store = store
        self._clock = clock
        self._longest = longest
        self._idle_s = idle.total_seconds()
        self._seen: OrderedDict[str, float] = OrderedDict()  # token hash → monotonic seconds

    @property
    def longest_s(self) -> int:
        return int(self._longest.total_seconds())

    async def open(self, user: str, now: datetime) -> str:
        """A new sign-in; gives the token for the cookie."""
        token = secrets.token_urlsafe(32)
        await self._store.open_session(user, token_hash(token), now + self._longest, now)
        self._touch(token_hash(token))
        return token

    async def actor(self, hashed: str, now: datetime, active: bool = True) -> Actor | None:
        """Who the sign-in belongs to, with the current role. `active`: a person just did something with it."""
        seen = self._seen.get(hashed)
        if seen is not None and self._clock() - seen > self._idle_s:
            await self.close(hashed)
            return None
        actor = await self._store.session(hashed, now)
        if actor is None:
            self._seen.pop(hashed, None)
        elif active or seen is None:
            self._touch(hashed)
        return actor

    async def close(self, hashed: str) -> None:
        await self._store.close_session(hashed)
        self._seen.pop(hashed, None)

    def _touch(self, hashed: str) -> None:
        self._seen[hashed] = self._clock()
        self._seen.move_to_end(hashed)
        while len(self._seen) > MAX_KNOWN:
            self._seen.popitem(last=False)
