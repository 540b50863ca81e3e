"""Deciding through the server: only a person's command changes anything, on exactly what was seen, once."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from console.server_routes import OPEN_ROUTES, ROUTES
from tests.script import Script
from tests.unit.console.house import CITY, House, Person
from tests.unit.console.test_server_rights import ASKED

LEAF = next(c for c in CITY.categories if c.level == 3)
UNIT = next(u for u in CITY.units if u.kind == "bureau")
FILLED = {
    "kind": ("complaint", "投诉"),
    "category": (LEAF.code, LEAF.name),
    "title": ("停水", "停水"),
    "content": ("来电人反映家中停水三天", "来电人反映家中停水三天"),
}


async def drafted(house: House, login: str = "wang") -> tuple[Person, Script, dict[str, Any]]:
    """A live call with a complete draft on an agent's desk; gives its matter as seen."""
    person = await house.person(login)
    script = Script(agent=login)
    heard = script.say("我家停水三天了")
    await house.record(*script.start(), heard, script.draft(heard, 1, **FILLED))
    return person, script, await matter_of(person, script)


async def matter_of(person: Person, script: Script) -> dict[str, Any]:
    return (await person.get(f"/api/calls/{script.call}")).json()["matters"][0]


def confirm(script: Script, seen: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {
        "type": "confirm_matter",
        "command_id": str(uuid.uuid4()),
        "call": script.call,
        "matter": seen["matter"]["id"],
        "version": seen["version"],
        "content_hash": seen["content_hash"],
        "handling_mode": "forward",
        "lead_unit": UNIT.code,
        **other,
    }


@pytest.mark.g02
async def test_a_confirm_of_exactly_what_was_seen_makes_the_ticket(house: House) -> None:
    person, script, seen = await drafted(house)
    assert seen["may_confirm"] is True
    answer = await person.post("/api/commands", confirm(script, seen))
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    ticket = (await person.get(f"/api/tickets/{answer.json()['ticket']}")).json()["ticket"]
    assert ticket["confirmed_hash"] == seen["content_hash"] and ticket["confirmed_by"] == person.actor.user


@pytest.mark.g02
async def test_a_confirm_of_content_that_changed_is_stale_409_and_makes_nothing(house: House) -> None:
    person, script, seen = await drafted(house)
    edited = await person.tell(
        "edit_field", call=script.call, matter=seen["matter"]["id"], field="title", value="停水三天"
    )
    assert edited.status_code == 200
    answer = await person.post("/api/commands", confirm(script, seen))
    now = await matter_of(person, script)
    assert answer.status_code == 409
    assert answer.json()["status"] == "stale"
    assert (answer.json()["version"], answer.json()["content_hash"]) == (now["version"], now["content_hash"])
    assert (await person.get("/api/tickets")).json()["total"] == 0


@pytest.mark.g02
async def test_a_hash_that_was_never_shown_is_not_confirmed(house: House) -> None:
    person, script, seen = await drafted(house)
    answer = await person.post("/api/commands", confirm(script, seen, content_hash="0" * 64))
    assert answer.status_code == 409
    assert (await person.get("/api/tickets")).json()["total"] == 0


@pytest.mark.g02
async def test_no_route_but_that_of_commands_decides_anything(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other route and every socket message is used; the store's only door for decisions stays shut."""
    person, script, _ = await drafted(house)
    executed: list[str] = []
    real = house.store.execute

    async def watched(actor: Any, command: Any, now: Any) -> Any:
        executed.append(type(command).__name__)
        return await real(actor, command, now)

    monkeypatch.setattr(house.store, "execute", watched)
    desk = await house.desk_of(person)
    desk.send(t="resume", stream=f"call:{script.call}")
    desk.send(t="leave", stream=f"call:{script.call}")
    for route in (*ROUTES, *OPEN_ROUTES):
        if route.path not in ("/api/commands", "/api/logout"):
            await person._client.request(
                route.method,
                ASKED.get(route.path, route.path),
                headers={**person._headers(), "origin": "https://desk.example"},
            )
    await person.post("/api/logout")
    assert executed == []
    writes = [r for r in (*ROUTES, *OPEN_ROUTES) if r.method != "GET"]
    assert {r.path for r in writes} == {"/api/commands", "/api/login", "/api/logout", "/api/ws-ticket"}


async def test_a_repeated_command_gets_the_same_answer_and_one_ticket(house: House) -> None:
    person, script, seen = await drafted(house)
    command = confirm(script, seen)
    answers = [await person.post("/api/commands", command) for _ in range(3)]
    assert {a.content for a in answers} == {answers[0].content}
    assert (await person.get("/api/tickets")).json()["total"] == 1


async def test_the_same_command_id_with_another_body_is_422(house: House) -> None:
    person, script, seen = await drafted(house)
    command = confirm(script, seen)
    assert (await person.post("/api/commands", command)).status_code == 200
    other = await person.post("/api/commands", {**command, "handling_mode": "told"})
    assert (other.status_code, other.json()["status"]) == (422, "conflict")


async def test_the_call_of_another_agent_can_not_be_decided_on(house: House) -> None:
    _, script, seen = await drafted(house)
    other = await house.person("li")
    answer = await other.post("/api/commands", confirm(script, seen))
    assert answer.status_code in (403, 422) and answer.json()["status"] == "refused"
    assert (await other.get("/api/tickets")).json()["total"] == 0


async def test_what_is_missing_is_refused_422_in_the_agents_language(house: House) -> None:
    person = await house.person("wang")
    script = Script(agent="wang")
    heard = script.say("喂")
    await house.record(*script.start(), heard, script.draft(heard, 1, title=("停水", "停水")))
    seen = await matter_of(person, script)
    answer = await person.post("/api/commands", confirm(script, seen))
    assert (answer.status_code, answer.json()["code"]) == (422, "missing_fields")
    assert "诉求内容" in answer.json()["message"]


@pytest.mark.g08
async def test_the_ai_is_switched_off_and_a_ticket_is_made_wholly_by_hand(house: House) -> None:
    person = await house.person("wang")
    script = Script(agent="wang")
    await house.record(*script.start())
    off = await person.tell("switch_assist", call=script.call, on=False, reason="来电人要求")
    assert off.status_code == 200
    assert (await person.get(f"/api/calls/{script.call}")).json()["summary"]["assist"] is False
    fields = {name: value for name, (value, _) in FILLED.items()}
    made = await person.tell(
        "create_ticket", fields=fields, handling_mode="forward", lead_unit=UNIT.code, call=script.call
    )
    assert made.status_code == 200, made.text
    ticket = (await person.get(f"/api/tickets/{made.json()['ticket']}")).json()["ticket"]
    assert msgspec.json.decode(msgspec.json.encode(ticket)).get("label", "") == ""


@pytest.mark.g04
async def test_a_confirmed_ticket_says_who_wrote_it_and_who_checked_it(house: House) -> None:
    person, script, seen = await drafted(house)
    made = (await person.post("/api/commands", confirm(script, seen))).json()
    ticket = (await person.get(f"/api/tickets/{made['ticket']}")).json()["ticket"]
    assert "人工智能" in ticket["label"] and person.actor.name in ticket["label"]
    listed = (await person.get("/api/tickets")).json()["tickets"][0]
    assert listed["label"] == ticket["label"]
