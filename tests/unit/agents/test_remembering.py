"""Very long calls: what is looked at stays bounded, and the facts told in between stay known."""

from __future__ import annotations

from agents.build import build_stages
from agents.city import City
from agents.remembering import FIRST, LAST, MOST, remembered
from agents.understanding import Understanding
from schemas import Event
from schemas.draft import DraftUpdated
from tests.unit.agents.talk import readings, stream

IDLE = ("坐席：嗯，您接着说", "来电：嗯嗯是这样的")
PLACE, PHONE = "来电：就在澄湖区金水湾小区三号楼", "来电：你打我这个电话幺三八零零幺三八零零零"


def test_all_lines_of_a_usual_call_are_looked_at(city: City) -> None:
    told = readings(city, *(IDLE * 20))
    assert remembered(told) == told


def test_of_a_long_call_the_first_the_newest_and_the_facts_between_are(city: City) -> None:
    lines = list(IDLE * 250)
    lines[FIRST + 40], lines[FIRST + 90] = PLACE, PHONE
    told = readings(city, *lines)
    kept = remembered(told)
    assert len(kept) <= MOST
    assert kept[:FIRST] == told[:FIRST] and kept[-LAST:] == told[-LAST:]
    assert kept[FIRST:-LAST] == [told[FIRST + 40], told[FIRST + 90]]


def test_more_facts_than_there_is_room_for_leave_the_newest(city: City) -> None:
    told = readings(city, *([PLACE] * (MOST + 100)))
    kept = remembered(told)
    assert len(kept) == MOST and kept == [*told[:FIRST], *told[FIRST + 100 :]]


async def test_an_endless_call_keeps_what_was_told_in_bounded_memory_and_is_understood_alike_after_a_takeover(
    city: City,
) -> None:
    lines = ["来电：我们家停水了三天了", *(IDLE * 300)]
    lines[150], lines[201] = PLACE, PHONE
    events = stream(*lines)
    first, last = _stage(city), None
    for event in events:
        last = _draft(await first(event)) or last
    held = first._calls["call"]
    assert len(held.readings) <= MOST and len(held.readings) + len(held.left) == len(lines)

    class Kept:
        async def events(self, call: str) -> list[Event]:
            return events

        async def snapshot(self, call: str) -> bytes | None:
            return None

        async def offered(self, call: str, before: int) -> str:
            return ""

    other = build_stages(city.index.pack, Kept(), city=city)[0]
    assert _draft(await other(events[-1])) == last
    fields = last.matters[0].fields
    assert "金水湾小区" in fields["incident_place"].value
    assert fields["contact_phone"].value == "13800138000"


def _stage(city: City) -> Understanding:
    stage = build_stages(city.index.pack, city=city)[0]
    assert isinstance(stage, Understanding)
    return stage


def _draft(outputs: object) -> DraftUpdated | None:
    return next((o.body for o in outputs if isinstance(o.body, DraftUpdated)), None)  # type: ignore[attr-defined]
