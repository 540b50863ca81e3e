"""What the stages need from outside: a call's past, and the city's earlier tickets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from routing.duplicates import EarlierTicket
from schemas import Event


class History(Protocol):
    """What is known of a call this process has not met yet, or has forgotten.

    Either answer is enough. With `events` the state is rebuilt exactly as it was before the event at hand; with a
    `snapshot` only, it stands as of the draft that carried it. Raises Transient when the keeper does not answer.
    """

    async def events(self, call: str) -> Sequence[Event]:
        """All events of topic `calls` of this call, in their order; () when they are not kept."""
        ...

    async def snapshot(self, call: str) -> bytes:
        """`DraftUpdated.snapshot` of the newest draft that has one; b"" when there is none."""
        ...

    async def offered(self, call: str, before: int) -> str:
        """`agents.offers.key_of` the newest suggestions whose seq lies before; "" when none are known."""
        ...


class Earlier(Protocol):
    """Tickets made before this call. Raises Transient when the store does not answer: a call is understood without."""

    async def by_phone(self, tenant: str, phone: str) -> Sequence[EarlierTicket]:
        """Tickets of this caller, newest first, at most 20."""
        ...

    async def by_matter(self, tenant: str, category: str, place: str) -> Sequence[EarlierTicket]:
        """Tickets of this category at this place (code of a community or street), newest first, at most 20."""
        ...


class NoHistory:
    """Nothing is kept: every call begins with the first event met."""

    async def events(self, call: str) -> Sequence[Event]:
        return ()

    async def snapshot(self, call: str) -> bytes:
        return b""

    async def offered(self, call: str, before: int) -> str:
        return ""


class NoEarlier:
    """No ticket was made before."""

    async def by_phone(self, tenant: str, phone: str) -> Sequence[EarlierTicket]:
        return ()

    async def by_matter(self, tenant: str, category: str, place: str) -> Sequence[EarlierTicket]:
        return ()
