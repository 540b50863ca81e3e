"""A field a person set stays as set; what the caller says otherwise afterwards is shown beside it."""

from __future__ import annotations

from agents.city import City
from schemas import Event, calls
from schemas.draft import FieldValue
from schemas.ids import matter_id
from tests.unit.agents.talk import draft, event, stream

BEFORE = ("坐席：请问您的联系电话是多少", "来电：一三八零零一二三四五六")


def edited(value: str, field: str = "contact_phone") -> Event:
    return event(0, calls.FieldEdited(matter=matter_id("call", 0), field=field, value=value, by="agent1"))


async def told(city: City, *after: str, value: str = "13800123457", field: str = "contact_phone") -> FieldValue:
    events = stream(*BEFORE, *after)
    at = len(events) - len(after)
    found = await draft(city, [*events[:at], edited(value, field), *events[at:]])
    return found.matters[0].fields[field]


async def test_a_later_number_raises_a_hint_and_changes_nothing(city: City) -> None:
    value = await told(city, "来电：等下我换个电话吧，打一三九八七六五四三二一")
    assert (value.value, value.origin) == ("13800123457", "human")
    assert [c.value for c in value.choices] == ["13987654321"]
    assert "请核对" in value.note and value.evidence


async def test_what_was_said_before_the_edit_raises_none(city: City) -> None:
    value = await told(city, "来电：我们小区停水了")
    assert (value.value, value.choices, value.note) == ("13800123457", (), "人工填写：agent1")


async def test_the_same_said_again_raises_none(city: City) -> None:
    value = await told(city, "来电：对，电话就是一三八零零一二三四五七")
    assert value.value == "13800123457" and not value.choices


async def test_a_field_a_person_cleared_stays_empty_but_tells_of_a_later_statement(city: City) -> None:
    value = await told(city, "坐席：您贵姓", "来电：我叫黄国庆", value="", field="caller_name")
    assert value.value == "" and value.origin == "human"
    assert [c.value for c in value.choices] == ["黄国庆"]
