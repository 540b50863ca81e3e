"""The words of the house: events, ticket, catalogue, topics, views, and the codec between them and bytes."""

from __future__ import annotations

from schemas import calls, draft
from schemas.event import Body, Event

__all__ = ["Body", "Event", "calls", "draft"]
