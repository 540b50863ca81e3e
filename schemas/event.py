"""The envelope every event travels in, and the register of what it may carry."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of event bodies. Unknown fields are ignored and missing optional ones defaulted, within a version."""

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about a call, in the past tense. `body` is one of the registered bodies."""

    id: str  # uuid; derives from the cause (schemas.ids)
    tenant: str  # city pack name
    call: str  # call id; key of every ordered stream
    cause: str | None  # id of the event this one follows from; None at the door and at a person's hand
    at: datetime  # UTC; when it became a fact
    body: Any

    @property
    def type(self) -> str:
        return str(self.body.TYPE)


REGISTER: dict[tuple[str, int], type[Body]] = {}
B = TypeVar("B", bound=type[Body])


def registered(cls: B) -> B:
    """Class decorator: makes a body decodable under its TYPE and VERSION."""
    key = (cls.TYPE, cls.VERSION)
    if key in REGISTER:
        raise ValueError(f"event {key[0]} version {key[1]} is registered twice")
    REGISTER[key] = cls
    return cls
