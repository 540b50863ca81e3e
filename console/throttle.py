"""Sign-in, the brake: failed attempts are counted per account and address, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict, deque

WINDOW_S = 300.0
PER_PAIR = 5  # failures of one login from one address
PER_ADDRESS = 30  # failures from one address; a call centre may share one
PER_LOGIN = 50  # failures of one login from anywhere; high, so that nobody can lock an agent out cheaply
MAX_KEYS = 20_000


class LoginThrottle:
    """Promise: an attempt over the limit is refused before any password is looked at; memory stays bounded."""

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def wait_s(self, login: str, address: str, now: float) -> float:
        """Seconds until another attempt is allowed; 0 = now."""
        waits = [0.0]
        for key, limit in self._keys(login, address):
            times = self._failures.get(key)
            if times is None:
                continue
            while times and now - times[0] >= WINDOW_S:
                times.popleft()
            if len(times) >= limit:
                waits.append(WINDOW_S - (now - times[-limit]))
        return max(waits)

    def attempt(self, login: str, address: str, now: float) -> None:
        """Counts as failed until `succeeded` is called: many at once must not slip through while hashes are made."""
        for key, limit in self._keys(login, address):
            self._failures.setdefault(key, deque(maxlen=limit)).append(now)
            self._failures.move_to_end(key)
        while len(self._failures) > self._max_keys:
            self._failures.popitem(last=False)

    def succeeded(self, login: str, address: str, at: float) -> None:
        """Takes the attempt of `at` back. The pair's failures are forgiven; those from elsewhere stay."""
        pair, *others = self._keys(login, address)
        self._failures.pop(pair[0], None)
        for key, _ in others:
            if (times := self._failures.get(key)) is not None and at in times:
                times.remove(at)

    @staticmethod
    def _keys(login: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
        return (
            (("pair", f"{address}\x1f{login}"), PER_PAIR),
            (("address", address), PER_ADDRESS),
            (("login", login), PER_LOGIN),
        )
