"""Time as the door's logic gets it: always as an argument, never from a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple


class Moment(NamedTuple):
    """One instant on both clocks."""

    mono: int  # receiver's monotonic clock, ns
    utc: datetime

    @property
    def s(self) -> float:
        """Monotonic seconds."""
        return self.mono / 1e9

    def mono_of(self, unix_time: float) -> int:
        """The monotonic ns at which the wall clock showed `unix_time`; may lie before this process began."""
        return self.mono - int((self.utc.timestamp() - unix_time) * 1e9)

    @classmethod
    def at(cls, seconds: float, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Moment:
        """The instant `seconds` after `start`, for virtual clocks."""
        return cls(int(seconds * 1e9), datetime.fromtimestamp(start.timestamp() + seconds, UTC))
