"""Between a desk session and its socket: what waits to be sent to one browser, bounded."""

from __future__ import annotations

from collections import deque

MAX_MESSAGES = 256
MAX_BYTES = 1 << 20

PartialKey = tuple[str, str]  # call, leg


class _Item:
    __slots__ = ("data", "key", "start_s")

    def __init__(self, data: bytes, key: PartialKey | None = None, start_s: float = 0.0) -> None:
        self.data = data
        self.key = key
        self.start_s = start_s


class Outbox:
    """Promise: order kept, finals neither merged nor dropped, a partial replaced by its newest; `put` says when full.

    A single frame larger than the byte limit is taken when nothing else waits: it could never be sent otherwise.
    """

    def __init__(self, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._items: deque[_Item] = deque()
        self._partials: dict[PartialKey, _Item] = {}
        self.size = 0  # bytes waiting

    def __len__(self) -> int:
        return len(self._items)

    def roomy(self, data: bytes) -> bool:
        """There is place for a frame that can wait elsewhere, and plenty is left for those that can't."""
        return not self._items or (len(self) * 4 < self._max_messages and (self.size + len(data)) * 4 < self._max_bytes)

    def put(self, data: bytes) -> bool:
        """Queues a frame that must arrive. False: full, nothing was queued."""
        return self._append(_Item(data))

    def put_partial(self, key: PartialKey, data: bytes, start_s: float) -> bool:
        """Queues the newest text of a leg in the place of an older one still waiting."""
        waiting = self._partials.get(key)
        if waiting is None:
            item = _Item(data, key, start_s)
            if not self._append(item):
                return False
            self._partials[key] = item
            return True
        self.size += len(data) - len(waiting.data)
        waiting.data, waiting.start_s = data, start_s
        return True

    def drop_partial(self, key: PartialKey, until_s: float) -> None:
        """Forgets a waiting partial of speech that began before `until_s`: its final text is known."""
        waiting = self._partials.get(key)
        if waiting is not None and waiting.start_s < until_s:
            del self._partials[key]
            self._items.remove(waiting)
            self.size -= len(waiting.data)

    def take(self) -> bytes | None:
        """The next frame to send; None when nothing waits."""
        if not self._items:
            return None
        item = self._items.popleft()
        self.size -= len(item.data)
        if item.key is not None:
            del self._partials[item.key]
        return item.data

    def _append(self, item: _Item) -> bool:
        if self._items and (len(self._items) >= self._max_messages or self.size + len(item.data) > self._max_bytes):
            return False
        self._items.append(item)
        self.size += len(item.data)
        return True
