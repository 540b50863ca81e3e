"""The line between page and server: two desks on one call, a cut, a resync, and commands that are not lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.acts import connected, control, open_call, origin
from tests.browser.house import ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


def test_two_desks_on_one_call_show_the_same(
    sign_in: SignIn, people: People, desk: ServedHouse, other_context: BrowserContext
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    here, there = sign_in(login, "/desk"), sign_in(people("gu", "supervisor"), f"/desk/{call.call}", other_context)
    open_call(here, call)
    connected(here)
    connected(there)
    control(here, "title").fill("这边写的标题")
    here.keyboard.press("Enter")
    expect(control(there, "title")).to_have_value("这边写的标题")
    expect(origin(there, "title")).to_have_attribute("data-origin", "human")
    call.hear("两边都听见。", start_s=1.0)
    for page in (here, there):
        expect(page.get_by_test_id("utterance")).to_contain_text("两边都听见")


def test_after_a_cut_the_page_has_all_it_missed_once_and_in_order(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    call.hear("第零句。", start_s=1.0)
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    page.evaluate("window.__kept = true")
    desk.cut_sockets(1012)
    for n in range(1, 6):
        call.hear(f"第{n}句。", start_s=1.0 + 3 * n)
    lines = page.get_by_test_id("utterance")
    expect(lines).to_have_count(6, timeout=40_000)
    assert [line.locator(".text").inner_text() for line in lines.all()] == [
        "第零句。",
        "第1句。",
        "第2句。",
        "第3句。",
        "第4句。",
        "第5句。",
    ]
    connected(page)
    assert page.evaluate("window.__kept") is True  # the page itself was not loaded anew


def test_text_being_typed_survives_a_cut(sign_in: SignIn, people: People, desk: ServedHouse) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    control(page, "content").fill("写到一半")
    desk.cut_sockets(4010)
    call.hear("线断了。", start_s=1.0)
    expect(page.get_by_test_id("utterance")).to_have_count(1, timeout=40_000)
    expect(control(page, "content")).to_be_focused()
    expect(control(page, "content")).to_have_value("写到一半")


def test_a_lost_line_is_said_and_a_command_given_meanwhile_is_done_once_it_is_back(
    sign_in: SignIn, people: People, desk: ServedHouse, context: BrowserContext, faults: list[str]
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    lost = True
    sent: list[str] = []

    def on_command(route: Route) -> None:
        sent.append(route.request.post_data_json["command_id"])
        if lost:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/commands", on_command)
    control(page, "title").fill("断线时写的标题")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stuck-notice")).to_be_visible()
    expect(origin(page, "title")).to_contain_text("提交中")
    lost = False
    expect(origin(page, "title")).to_have_attribute("data-origin", "human", timeout=15_000)
    expect(page.get_by_test_id("stuck-notice")).to_have_count(0)
    assert len(sent) >= 2 and len(set(sent)) == 1
    faults[:] = [fault for fault in faults if "ERR_FAILED" not in fault]


def test_a_desk_that_can_not_connect_says_so(
    sign_in: SignIn, people: People, desk: ServedHouse, faults: list[str]
) -> None:
    page = sign_in(people("wang"), "/desk")
    connected(page)
    page.route("**/api/ws-ticket", lambda route: route.abort())
    desk.cut_sockets(1012)
    expect(page.get_by_test_id("link-state")).to_contain_text("数据可能过期")
    expect(page.get_by_test_id("stale-notice")).to_be_visible()
    page.unroute("**/api/ws-ticket")
    page.get_by_test_id("link-retry").click(timeout=35_000)
    connected(page)
    expect(page.get_by_test_id("stale-notice")).to_have_count(0)
    faults[:] = [fault for fault in faults if "ERR_FAILED" not in fault]
