"""What browser tests do at the desk, in the words of an agent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from routing.city.load import city_dir, load_city
from schemas import Event, draft, ids
from schemas.commands import Actor, ConfirmMatter, CreateTicket
from tests.browser.house import Call, ServedHouse
from tests.script import evidence

expect.set_options(timeout=45_000)  # a busy machine is slow, not broken

CITY = load_city(city_dir("yunlan"))
WHOLE = {
    "kind": ("complaint", "投诉"),
    "title": ("望湖路工地夜间施工噪声", "望湖路工地夜间施工噪声"),
    "content": ("望湖路工地每天夜里施工，影响休息。", "望湖路工地每天夜里施工，影响休息。"),
    "handling_mode": ("forward", "转办"),
}


def category() -> tuple[str, str]:
    """A category of the lowest level."""
    leaf = next(c for c in CITY.categories if c.level == 3 and "噪声" in c.name)
    return leaf.code, leaf.name


def unit() -> tuple[str, str]:
    found = next(u for u in CITY.units if "城市管理" in u.name)
    return found.code, found.short


def whole() -> dict[str, tuple[str, str]]:
    """Fields of a draft that a person may confirm."""
    return {**WHOLE, "category": category(), "lead_unit": unit()}


def uncited(call: Call, text: str) -> Event:
    """A suggestion that no source speaks for."""
    one = draft.Suggestion(
        id=ids.output_id(call.call, "uncited", 1),
        kind="answer",
        text=text,
        score=0.9,
        matter=call.matter,
        system="测试 1",
    )
    return call.event(draft.SuggestionsOffered(seq=9, suggestions=(one,)))


def risk(call: Call, heard: Event, revision: int) -> Event:
    """A draft that raises a life-safety banner."""
    matter = draft.Matter(
        id=call.matter, n=0, fields={}, dispatch=draft.DispatchProposal(step="life_safety", reason="燃气泄漏")
    )
    alarm = draft.Risk(
        rule="gas",
        urgency="critical",
        label="燃气泄漏",
        line="119",
        advice="请立即关阀开窗，不要开关电器",
        evidence=evidence(heard.body.utterance, heard.body.text),
    )
    return call.event(draft.DraftUpdated(revision=revision, matters=(matter,), risks=(alarm,), stage_version="t 1"))


def open_call(page: Page, call: Call) -> None:
    page.get_by_test_id(f"call-{call.call}").get_by_role("link").click()
    expect(page.get_by_test_id("live-call")).to_have_attribute("data-call", call.call)
    expect(page.get_by_test_id("call-bar")).to_be_visible()


def control(page: Page, field: str) -> Locator:
    """The box in which a field is typed."""
    return page.get_by_test_id(f"control-{field}")


def origin(page: Page, field: str) -> Locator:
    return page.get_by_test_id(f"field-{field}")


def connected(page: Page) -> None:
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-state", "open")


def compose(page: Page, text: str) -> Any:
    """An input method shows `text` before it is chosen; returns the line to the browser's tools."""
    tools = page.context.new_cdp_session(page)
    tools.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    return tools


def make_ticket(house: ServedHouse, actor: Actor, number: str, title: str) -> None:
    """A ticket made by hand, for a caller's number."""
    leaf = next(c for c in CITY.categories if c.level == 3)
    fields = {
        "kind": "consult",
        "category": leaf.code,
        "title": title,
        "content": title,
        "calling_number": number,
        "contact_phone": number,
        "answer": "已答复",
    }
    command = CreateTicket(command_id=str(uuid.uuid4()), fields=fields, handling_mode="direct")
    outcome = house.do(house.house.store.execute(actor, command, datetime.now(UTC)))
    assert outcome.status == "ok", outcome


def confirmed(house: ServedHouse, login: str) -> str:
    """A call that its agent has confirmed as a ticket; gives the ticket's number."""
    actor = house.account(login)
    call = house.call(agent=login).ring()
    heard = call.hear("望湖路工地每天夜里施工。", start_s=1.0)
    call.propose(heard, 1, **whole())

    async def confirm() -> str:
        store = house.house.store
        while True:
            row = await store.newest_row()  # before the look: a row that comes between the two must end the wait
            view = await store.call(actor, call.call)
            if view is not None and view.matters and view.matters[0].may_confirm:
                break
            await store.wait_rows(row)
        matter = view.matters[0]
        command = ConfirmMatter(
            command_id=str(uuid.uuid4()),
            call=call.call,
            matter=matter.matter.id,
            version=matter.version,
            content_hash=matter.content_hash,
            handling_mode="forward",
            lead_unit=unit()[0],
        )
        outcome = await store.execute(actor, command, datetime.now(UTC))
        assert outcome.status == "ok", outcome
        return outcome.ticket_no

    return house.do(confirm())
