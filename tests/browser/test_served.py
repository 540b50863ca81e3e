"""The page as the browser gets it from the server: it loads under its own policy, and foreign pages get nowhere."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import ServedHouse


def test_the_page_loads_under_its_content_security_policy_without_a_complaint(
    context: BrowserContext, desk: ServedHouse
) -> None:
    page = context.new_page()
    answer = page.goto(f"{desk.url}/login")
    assert answer is not None and answer.ok
    page.wait_for_load_state("networkidle")
    assert page.locator("body").inner_text().strip() != ""


def test_the_cookie_can_not_be_read_by_a_script(sign_in: Callable[..., Page], people: Callable[..., str]) -> None:
    page = sign_in(people("wang"))
    assert "hotline_session" not in page.evaluate("document.cookie")
    assert page.evaluate("fetch('/api/me').then(r => r.json())")["user"]["role"] == "agent"


def test_what_is_heard_fills_the_form_while_the_agent_watches(
    whole_desk: ServedHouse, sign_in: Callable[..., Page], people: Callable[..., str]
) -> None:
    login = people("wang")
    call = whole_desk.call(agent=login).ring()
    page = sign_in(login, f"/desk/{call.call}")
    spoken = page.get_by_test_id("partial").filter(has_text="你好，我家")
    for rev in range(1, 40):  # as the ear does: again and again while somebody speaks
        call.hear_partly("你好，我家", "停水", rev=rev)
        if spoken.is_visible():
            break
        page.wait_for_timeout(100)
    expect(spoken).to_be_visible()
    call.hear("你好，我家住在澄湖区湖滨街道望湖社区，已经停水三天了，麻烦你们派人来修")
    expect(page.get_by_test_id("utterance").filter(has_text="麻烦你们派人来修")).to_be_visible()
    expect(spoken).to_have_count(0)
    expect(page.get_by_test_id("control-title")).to_have_value("澄湖区望湖社区停水")
