"""Early warnings (苗头) on the trends page: what is going on, down to its tickets, and acknowledged by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from routing.city.index import CityIndex
from schemas.commands import CreateTicket
from tests.browser.house import ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


@pytest.fixture
def outage(desk: ServedHouse, people: People) -> ServedHouse:
    """Four callers of one place within half an hour."""
    agent = desk.account(people("wang"))
    city = CityIndex(desk.house.city)
    street = next(p for p in desk.house.city.places if p.level == "street")
    place = next(p for p in city.children(street.code) if p.level == "landmark")
    leaf = next(c for c in city.leaves() if "停水" in c.name)
    for n in range(4):
        fields = {
            "kind": "help",
            "category": leaf.code,
            "title": f"{place.name}停水",
            "content": "停水半天了，没有通知",
            "district": street.parent or "",
            "street": street.code,
            "incident_place": place.name,
            "contact_phone": f"1380000111{n}",
            "answer": "已告知抢修进度",
        }
        command = CreateTicket(command_id=f"cmd-outage-{n}", fields=fields, handling_mode="direct")
        at = datetime.now(UTC) - timedelta(minutes=30 - 6 * n)
        assert desk.do(desk.house.store.execute(agent, command, at)).status == "ok"
    return desk


def test_an_episode_is_shown_with_its_tickets_and_acknowledged(
    sign_in: SignIn, people: People, outage: ServedHouse
) -> None:
    page = sign_in(people("su", "analyst"), "/trends")
    row = page.get_by_test_id("episodes").locator("li").first
    expect(row).to_contain_text("停水", timeout=30_000)
    expect(row).to_contain_text("4 位来电人")
    expect(page.get_by_test_id("episodes-open")).to_contain_text("未确认 1")
    row.get_by_role("button").first.click()
    detail = page.get_by_test_id("episode-detail")
    expect(detail.get_by_test_id("ticket-table").locator("tbody tr")).to_have_count(4)
    page.get_by_test_id("episode-acknowledge").click()
    page.get_by_test_id("reason").fill("已请市水务局核实")
    page.get_by_test_id("reason-submit").click()
    expect(page.get_by_test_id("episodes-open")).to_contain_text("未确认 0")
    expect(detail).to_contain_text("已请市水务局核实")
    expect(page.get_by_test_id("episode-acknowledge")).to_have_count(0)
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("episode-panel")).to_contain_text("Early warnings")
    expect(row).to_contain_text("Acknowledged by")
