"""The document of the log says what the tables say, and whoever reads it finds every event."""

from __future__ import annotations

import json
from typing import Any

from schemas import asyncapi
from schemas.event import REGISTER
from schemas.topics import TOPICS


def test_the_committed_document_is_the_generated_one() -> None:
    assert asyncapi.TARGET.read_text(encoding="utf-8") == asyncapi.generate(), "run: python -m schemas.asyncapi"


def test_every_topic_is_a_channel_and_every_event_travels_on_one() -> None:
    made = asyncapi.document()
    assert set(made["channels"]) == set(TOPICS)
    carried = [name for channel in made["channels"].values() for name in channel["messages"]]
    assert set(carried) == {f"{kind}.v{version}" for kind, version in REGISTER} | {"frames"}
    assert all(channel["messages"] for channel in made["channels"].values())


def test_every_reference_leads_somewhere() -> None:
    made = asyncapi.document()

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    for reference in references(json.loads(asyncapi.generate())):
        there: Any = made
        for step in reference.removeprefix("#/").split("/"):
            there = there[step]
        assert there
