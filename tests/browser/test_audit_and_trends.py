"""The supervisor's audit with an overruling, and the analyst's trends down to the tickets, over a made-up year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from pipeline.demo.history import seed_history
from tests.browser.acts import confirmed, connected
from tests.browser.house import ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


@pytest.fixture
def year(desk: ServedHouse) -> ServedHouse:
    """The house with a small made-up year."""
    desk.do(seed_history(desk.house.store, desk.house.city, datetime.now(UTC), n=300))
    return desk


def test_a_supervisor_sees_why_and_overrules_with_a_reason(sign_in: SignIn, people: People, year: ServedHouse) -> None:
    number = confirmed(year, people("wang"))
    page = sign_in(people("gu", "supervisor"), "/routing")
    page.get_by_test_id("routing-table").get_by_role("button", name=number).click()
    drawer = page.get_by_test_id("routing-drawer")
    expect(drawer.get_by_test_id("utterance")).to_contain_text("望湖路工地每天夜里施工")
    submit = page.get_by_test_id("overrule-submit")
    expect(submit).to_be_disabled()
    page.locator("#overrule-unit").fill("民政")
    page.get_by_role("option").filter(has_text="民政").first.click()
    page.get_by_test_id("overrule-reason").fill("职责调整")
    submit.click()
    expect(drawer.get_by_test_id("history")).to_contain_text("职责调整")
    page.keyboard.press("Escape")
    page.get_by_test_id("routing-overruled").check(force=True)
    expect(page.get_by_test_id("routing-table")).to_contain_text(number)


def test_trends_lead_from_the_whole_city_down_to_tickets(sign_in: SignIn, people: People, year: ServedHouse) -> None:
    page = sign_in(people("su", "analyst"), "/trends")
    expect(page.get_by_test_id("synthetic-mark")).to_contain_text("合成")
    page.get_by_test_id("chart-category-twin").click()
    first = page.get_by_test_id("chart-category").locator("tbody tr").first
    name = first.locator("td").first.inner_text()
    count = int(first.locator("td").nth(1).inner_text().replace(",", ""))
    page.get_by_test_id("chart-category-twin").click()
    canvas = page.get_by_test_id("chart-category").locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.4, "y": 18})
    expect(page.get_by_test_id("path")).to_contain_text(name)
    expect(page.get_by_test_id("trends-total")).to_contain_text(str(count))
    expect(page.get_by_test_id("ticket-table").locator("tbody tr").first).to_be_visible()


def test_every_chart_has_a_table_twin(sign_in: SignIn, people: People, year: ServedHouse) -> None:
    page = sign_in(people("su", "analyst"), "/trends")
    for chart in ("chart-time", "chart-category", "chart-district", "chart-cross"):
        page.get_by_test_id(f"{chart}-twin").click()
        expect(page.get_by_test_id(chart).locator("tbody tr").first).to_be_visible()


@pytest.mark.g04
def test_the_export_is_offered_and_says_what_is_made_up(sign_in: SignIn, people: People, year: ServedHouse) -> None:
    page = sign_in(people("su", "analyst"), "/trends")
    expect(page.get_by_test_id("trends-total")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_test_id("trends-csv").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) > 2


def test_a_supervisor_sees_every_call_as_it_happens(sign_in: SignIn, people: People, desk: ServedHouse) -> None:
    page = sign_in(people("gu", "supervisor"), "/live")
    connected(page)
    desk.call(agent=people("wang"), ani="13622223333").ring()
    expect(page.get_by_test_id("live-table")).to_contain_text("136 2222 3333")
