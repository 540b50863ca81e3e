"""Signing in: by form, by keyboard, without telling who exists; signing out leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.acts import connected
from tests.browser.house import PASSWORD, ServedHouse

FAILED_LOAD = "Failed to load resource: the server responded with a status of 401"


def test_an_agent_signs_in_by_keyboard_and_stands_at_the_desk(
    context: BrowserContext, desk: ServedHouse, people: Callable[..., str], faults: list[str]
) -> None:
    login = people("wang")
    page = context.new_page()
    page.goto(f"{desk.url}/desk")
    page.get_by_test_id("login").fill(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("call-rail")).to_be_visible()
    connected(page)
    assert page.url.endswith("/desk")
    faults[:] = [fault for fault in faults if FAILED_LOAD not in fault]  # asking who I am before signing in


def test_a_wrong_password_and_an_unknown_login_get_the_same_words(
    context: BrowserContext, desk: ServedHouse, people: Callable[..., str], faults: list[str]
) -> None:
    login = people("wang")
    page = context.new_page()
    said = []
    for name in (login, "nobody-at-all"):
        page.goto(f"{desk.url}/login")
        page.get_by_test_id("login").fill(name)
        page.get_by_test_id("password").fill("wrong")
        page.get_by_test_id("sign-in").click()
        expect(page.get_by_test_id("login-error")).not_to_be_empty()
        said.append(page.get_by_test_id("login-error").inner_text())
    assert said[0] == said[1]
    faults[:] = [fault for fault in faults if FAILED_LOAD not in fault]


def test_the_demo_names_its_accounts_but_no_password(context: BrowserContext, desk: ServedHouse) -> None:
    page = context.new_page()
    page.goto(f"{desk.url}/login")
    accounts = page.get_by_test_id("demo-accounts")
    expect(accounts).to_contain_text("supervisor")
    accounts.get_by_role("button", name="analyst").click()
    expect(page.get_by_test_id("login")).to_have_value("analyst")
    expect(page.get_by_test_id("password")).to_have_value("")


def test_signing_out_closes_the_desk(
    sign_in: Callable[..., Page], people: Callable[..., str], desk: ServedHouse, faults: list[str]
) -> None:
    page = sign_in(people("wang"), "/desk")
    page.get_by_test_id("signout").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    page.goto(f"{desk.url}/desk")
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    faults[:] = [fault for fault in faults if FAILED_LOAD not in fault]


def test_the_page_speaks_english_where_asked_and_remembers(
    sign_in: Callable[..., Page], people: Callable[..., str]
) -> None:
    page = sign_in(people("wang"), "/desk")
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("call-rail")).to_contain_text("Waiting")
    page.reload()
    expect(page.get_by_test_id("call-rail")).to_contain_text("Waiting")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_role_is_not_offered_what_is_not_its_own(sign_in: Callable[..., Page], people: Callable[..., str]) -> None:
    page = sign_in(people("wang"), "/routing")
    expect(page.get_by_test_id("lost")).to_be_visible()
    expect(page.get_by_test_id("nav-routing")).to_have_count(0)


def test_an_open_session_leads_from_the_bare_address_to_the_own_desk(
    sign_in: Callable[..., Page], people: Callable[..., str], desk: ServedHouse
) -> None:
    page = sign_in(people("su", "analyst"), "/")
    page.wait_for_url(f"{desk.url}/trends")
