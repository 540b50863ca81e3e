"""The one contract of understanding: a stage maps an event to events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemas import Event


class Poison(Exception):
    """This event can never be digested: park it, go on."""


class Transient(Exception):
    """Something outside did not answer: worth a short, bounded retry."""


class Stage(Protocol):
    """Obligations of every stage; `tests/contract/test_stages.py` holds each to them.

    * The same event, met again in the same state, gives the same outputs with the same ids.
    * It raises nothing but Poison and Transient.
    * It never publishes, acknowledges, sleeps or reads a clock: an event returned is not yet a published one, and the
      process may die in between.
    * Outputs keep the call id and tenant, name the input as their cause and take its time.
    """

    name: str
    reads: str  # topic
    writes: str  # topic of the outputs, where an output's type names no other

    async def __call__(self, event: Event) -> Sequence[Event]: ...
