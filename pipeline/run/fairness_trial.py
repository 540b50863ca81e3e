"""Pairs of calls that differ in one trait of the caller, through the stages: behind `hotline evaluate fairness`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from agents.build import build_stages
from agents.city import City
from agents.fairness import FairnessReport, compare, pairs
from routing.city.index import CityIndex
from schemas import Event
from schemas.calls import CallStarted, NoticeGiven, UtteranceHeard
from schemas.catalogue import CityPack
from schemas.draft import DraftUpdated
from schemas.ids import call_id, output_id, utterance_id

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
RATE = 8000


async def try_fairness(pack: CityPack, each: int = 2) -> FairnessReport:
    """The report over `each` examples of every category, by a city that has learned from none of them."""
    city = City(without_examples(pack, each))
    stage = build_stages(city.index.pack, city=city)[0]
    calls = 0

    async def understand(lines: Sequence[str]) -> DraftUpdated:
        nonlocal calls
        calls += 1
        call = call_id("fairness", str(calls))
        newest = None
        for n, body in enumerate(_bodies(call, lines)):
            event = Event(
                id=output_id(call, "fairness", n), tenant=pack.manifest.name, call=call, cause=None,
                at=AT, body=body,
            )  # fmt: skip
            for output in await stage(event):
                newest = output.body if isinstance(output.body, DraftUpdated) else newest
        stage.forget(call)  # type: ignore[attr-defined]
        assert newest is not None
        return newest

    return await compare(list(pairs(CityIndex(pack), each)), understand)


def without_examples(pack: CityPack, each: int) -> CityPack:
    """The pack without the first `each` examples of its categories: what is asked must be new to it."""
    kept = tuple(replace(c, examples=c.examples[each:]) for c in pack.categories)
    return replace(pack, categories=kept)


def _bodies(call: str, lines: Sequence[str]) -> list[CallStarted | NoticeGiven | UtteranceHeard]:
    started = CallStarted(
        door="trial", switch="trial", source=call, legs=("caller", "agent"), codec="PCMA", rate=RATE, ani=""
    )
    made: list[CallStarted | NoticeGiven | UtteranceHeard] = [started, NoticeGiven()]
    for n, text in enumerate(lines):
        first = 5 * RATE * (n + 1)
        made.append(
            UtteranceHeard(
                utterance=utterance_id(call, "caller", first, first + RATE, "trial"),
                leg="caller",
                start_s=5.0 * (n + 1),
                end_s=5.0 * (n + 1) + 1,
                first_sample=first,
                last_sample=first + RATE,
                text=text,
            )
        )
    return made
