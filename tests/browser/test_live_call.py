"""A call as it happens: it appears, is taken, becomes text; the reader's place and hands are left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import connected, make_ticket, open_call, risk
from tests.browser.house import ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


def test_a_waiting_call_appears_and_is_taken_by_keyboard(sign_in: SignIn, people: People, desk: ServedHouse) -> None:
    page = sign_in(people("wang"), "/desk")
    connected(page)
    call = desk.call(agent=None, ani="13911112222").ring()
    expect(page.get_by_test_id("rail-waiting").get_by_test_id(f"call-{call.call}")).to_be_visible()
    page.get_by_test_id(f"claim-{call.call}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("rail-mine").get_by_test_id(f"call-{call.call}")).to_be_visible()
    expect(page.get_by_test_id("live-call")).to_have_attribute("data-call", call.call)
    expect(page.get_by_test_id("notice")).to_contain_text("已告知")


def test_a_call_put_through_to_a_free_desk_opens_by_itself_and_a_busy_desk_is_left_alone(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    page = sign_in(login, "/desk")
    connected(page)
    first = desk.call(agent=login).ring()
    expect(page.get_by_test_id("live-call")).to_have_attribute("data-call", first.call)
    second = desk.call(agent=login).ring()
    expect(page.get_by_test_id("rail-mine").get_by_test_id(f"call-{second.call}")).to_be_visible()
    expect(page.get_by_test_id("live-call")).to_have_attribute("data-call", first.call)


def test_words_appear_while_they_are_spoken_and_the_final_takes_their_place(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    partial = page.get_by_test_id("partial")
    expect(page.get_by_test_id("transcript")).to_be_visible()
    call.hear_partly("我们这里", "停税", start_s=1.0)
    expect(partial).to_contain_text("我们这里停税")
    expect(partial.locator(".open")).to_have_text("停税")
    call.hear_partly("我们这里停水", "了", rev=2, start_s=1.0)
    expect(partial).to_contain_text("我们这里停水了")
    call.hear("我们这里停水了。", start_s=1.0)
    expect(page.get_by_test_id("utterance")).to_have_count(1)
    expect(partial).to_have_count(0)


def test_both_sides_stand_in_the_order_they_spoke(sign_in: SignIn, people: People, desk: ServedHouse) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    call.hear("您好，请讲。", leg="agent", start_s=0.5)
    call.hear("第三句。", start_s=6.0)
    call.hear("第二句。", start_s=3.0)
    page = sign_in(login, "/desk")
    open_call(page, call)
    lines = page.get_by_test_id("utterance")
    expect(lines).to_have_count(3)
    assert [line.get_attribute("data-leg") for line in lines.all()] == ["agent", "caller", "caller"]
    expect(lines.nth(1)).to_contain_text("第二句")


def test_new_words_never_move_a_reader_who_has_scrolled_up(sign_in: SignIn, people: People, desk: ServedHouse) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    for n in range(30):
        call.hear(f"这是第{n}句，说得长一点好让记录滚动起来。", start_s=1.0 + 3 * n)
    page = sign_in(login, "/desk")
    open_call(page, call)
    box = page.get_by_test_id("transcript")
    expect(page.get_by_test_id("utterance")).to_have_count(30)
    expect(page.get_by_test_id("utterance").last).to_be_in_viewport()
    box.evaluate("el => { el.scrollTop = 100 }")
    expect(page.get_by_test_id("to-newest")).to_be_visible()
    call.hear("新来的一句。", start_s=100.0)
    expect(page.get_by_test_id("to-newest")).to_contain_text("1")
    assert box.evaluate("el => el.scrollTop") == 100
    page.keyboard.press("Alt+l")
    expect(page.get_by_test_id("utterance").last).to_be_in_viewport()
    expect(page.get_by_test_id("to-newest")).to_have_count(0)
    call.hear("再来一句。", start_s=104.0)
    expect(page.get_by_test_id("utterance").last).to_contain_text("再来一句")
    expect(page.get_by_test_id("utterance").last).to_be_in_viewport()


def test_an_utterance_is_corrected_by_keyboard(sign_in: SignIn, people: People, desk: ServedHouse) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    call.hear("我住城湖路五号。", start_s=1.0)
    page = sign_in(login, "/desk")
    open_call(page, call)
    page.keyboard.press("Alt+k")
    expect(page.get_by_test_id("correct-box")).to_be_focused()
    page.get_by_test_id("correct-box").fill("我住澄湖路五号。")
    page.keyboard.press("Enter")
    line = page.get_by_test_id("utterance").first
    expect(line).to_contain_text("我住澄湖路五号。")
    expect(line).to_contain_text("已更正")


def test_danger_to_life_is_announced_at_once_and_the_transfer_is_logged(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    banner = page.get_by_test_id("risk-banner")
    assert banner.get_attribute("aria-live") == "assertive"  # there before its content
    connected(page)
    heard = call.hear("家里一股燃气味。", start_s=1.0)
    desk.append(risk(call, heard, 1))
    expect(banner).to_contain_text("燃气泄漏")
    expect(banner).to_contain_text("请立即关阀开窗")
    page.keyboard.press("Alt+x")
    expect(banner).to_contain_text("已记录转接 119")


@pytest.mark.g08
def test_the_assistant_is_turned_off_and_the_desk_stays_whole(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    page.keyboard.press("Alt+i")
    page.get_by_test_id("reason").fill("诉求人要求")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("assist-off")).to_be_visible()
    page.get_by_test_id("control-title").fill("手工填写的标题")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("field-title")).to_have_attribute("data-origin", "human")


def test_earlier_tickets_of_the_number_are_there_as_it_rings(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    number = "13700009999"
    actor = desk.account(login)
    make_ticket(desk, actor, number, "上个月的停水")
    call = desk.call(agent=login, ani=number).ring()
    page = sign_in(login, "/desk")
    open_call(page, call)
    expect(page.get_by_test_id("earlier")).to_contain_text("上个月的停水")
