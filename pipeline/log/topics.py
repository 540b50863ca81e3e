"""Which topics a log knows: the table of `schemas.topics`, and a clear refusal of any other name."""

from __future__ import annotations

from schemas.topics import TOPICS, Topic


class UnknownTopic(ValueError):
    """A topic that is not in the table."""


def known(name: str) -> Topic:
    """The topic's row. Raises UnknownTopic."""
    try:
        return TOPICS[name]
    except KeyError:
        raise UnknownTopic(f"no topic {name!r}; known: {', '.join(TOPICS)}") from None
