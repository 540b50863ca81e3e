"""Whoever works here: no serious finding of an accessibility scan in any view; live regions stand ready."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from console.desk import WEB_DIST
from tests.browser.acts import connected, open_call, whole
from tests.browser.house import ServedHouse

AXE = WEB_DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SignIn = Callable[..., Page]
People = Callable[..., str]


@pytest.fixture(scope="module")
def axe() -> str:
    if not Path(AXE).is_file():
        pytest.skip("axe-core is not installed (make web). NOT TESTED: that the page can be used by everyone")
    return AXE.read_text(encoding="utf-8")


def serious(page: Page, axe: str) -> list[str]:
    """Findings of the scan that would keep someone from working."""
    page.evaluate(axe)  # through the browser's tools: the page's own policy lets no foreign script in
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:160]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def test_sign_in(context: BrowserContext, desk: ServedHouse, axe: str) -> None:
    page = context.new_page()
    page.goto(f"{desk.url}/login")
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    assert "\n".join(serious(page, axe)) == ""


def test_the_desk_with_a_call_and_the_confirm_dialog(
    sign_in: SignIn, people: People, desk: ServedHouse, axe: str
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    heard = call.hear("望湖路工地每天夜里施工。", start_s=1.0)
    call.hear_partly("还有", "一件", start_s=5.0)
    call.propose(heard, 1, **whole())
    call.offer("可以这样答复。")
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    expect(page.get_by_test_id("suggestion")).to_have_count(1)
    assert "\n".join(serious(page, axe)) == ""
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_test_id("confirm-submit")).to_be_focused()
    assert "\n".join(serious(page, axe)) == ""


@pytest.mark.parametrize(
    ("role", "path", "there"),
    [
        ("agent", "/tickets", "ticket-total"),
        ("agent", "/tickets/new", "manual"),
        ("supervisor", "/routing", "routing-all"),
        ("supervisor", "/live", "link-state"),
        ("analyst", "/trends", "trends-total"),
    ],
)
def test_the_other_views(sign_in: SignIn, people: People, axe: str, role: str, path: str, there: str) -> None:
    page = sign_in(people("one", role), path)
    expect(page.get_by_test_id(there).first).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert "\n".join(serious(page, axe)) == ""


def test_live_regions_stand_before_their_content_and_partials_are_silent(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    expect(page.get_by_test_id("risk-banner")).to_have_attribute("aria-live", "assertive")
    expect(page.get_by_test_id("suggestions")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_test_id("partials")).to_have_attribute("aria-live", "off")


def test_the_help_is_the_shortcut_table(sign_in: SignIn, people: People) -> None:
    page = sign_in(people("wang"), "/desk")
    expect(page.get_by_test_id("call-rail")).to_be_visible()
    page.keyboard.press("Alt+/")
    expect(page.get_by_test_id("help-table")).to_contain_text("Alt + Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("help-table")).to_have_count(0)
