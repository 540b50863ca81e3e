"""The page as the browser gets it from the server: it loads under its own policy, and foreign pages get nowhere."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser.house import ServedHouse


def test_the_page_loads_under_its_content_security_policy_without_a_complaint(
    context: BrowserContext, desk: ServedHouse
) -> None:
    page = context.new_page()
    answer = page.goto("/login")
    assert answer is not None and answer.ok
    page.wait_for_load_state("networkidle")
    assert page.locator("body").inner_text().strip() != ""


def test_the_cookie_can_not_be_read_by_a_script(
    sign_in: Callable[..., Page], people: Callable[..., str], desk: ServedHouse
) -> None:
    page = sign_in(people("wang"))
    assert "hotline_session" not in page.evaluate("document.cookie")
    assert page.evaluate("fetch('/api/me').then(r => r.json())")["user"]["role"] == "agent"
