"""The same caller on the same matter: the desk shows the earlier ticket and why, and the person urges it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from schemas.commands import CreateTicket
from tests.browser.acts import connected
from tests.browser.house import ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


def test_a_repeat_is_shown_with_its_evidence_and_urged(
    sign_in: SignIn, people: People, whole_desk: ServedHouse
) -> None:
    login = people("wang")
    agent = whole_desk.account(login)
    city = whole_desk.house.city
    place = next(p for p in city.places if p.name == "金水湾小区")
    leaf = next(c for c in city.categories if c.code == "c-050101")
    fields = {
        "kind": "help",
        "category": leaf.code,
        "title": "金水湾小区停水",
        "content": "诉求人来电反映：金水湾小区停水了，希望尽快来修。",
        "street": place.parent or "",
        "incident_place": "金水湾小区",
        "contact_phone": "13712340000",
    }
    command = CreateTicket(command_id="cmd-repeat-1", fields=fields, handling_mode="forward", lead_unit="u-watersupply")
    made = whole_desk.do(whole_desk.house.store.execute(agent, command, whole_desk.call().at))
    assert made.status == "ok", made.message
    page = sign_in(login)
    connected(page)
    call = whole_desk.call(agent=login, ani="13712340000").ring()
    call.hear("我们家停水了，在澄湖区金水湾小区，你们赶紧派人来修", start_s=2.0)
    shown = page.get_by_test_id("earlier-match")
    expect(shown).to_contain_text(made.ticket_no, timeout=60_000)
    expect(shown).to_contain_text("同一号码")
    expect(shown).to_contain_text("同一地点")
    shown.get_by_test_id("link-urge").click()
    expect(page.locator("body")).to_contain_text(f"已并单 {made.ticket_no}")
