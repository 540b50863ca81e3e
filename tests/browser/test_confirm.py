"""From draft to ticket: a person confirms exactly what is shown, by keyboard, and finds the ticket with its history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import connected, control, open_call, whole
from tests.browser.house import Call, ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


@pytest.fixture
def at_whole_draft(sign_in: SignIn, people: People, desk: ServedHouse) -> tuple[Page, Call]:
    """An agent at a call whose draft may be confirmed."""
    login = people("wang")
    call = desk.call(agent=login).ring()
    heard = call.hear("望湖路工地每天夜里施工。", start_s=1.0)
    call.propose(heard, 1, **whole())
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    return page, call


@pytest.mark.g02
def test_a_call_becomes_a_ticket_without_a_mouse(at_whole_draft: tuple[Page, Call]) -> None:
    page, _ = at_whole_draft
    expect(page.get_by_test_id("confirm")).to_be_enabled()
    page.keyboard.press("Alt+Enter")
    dialog = page.get_by_test_id("confirm-dialog")
    expect(dialog).to_contain_text("望湖路工地夜间施工噪声")
    expect(page.get_by_test_id("leaves")).to_contain_text("城市管理局")
    expect(page.get_by_test_id("confirm-submit")).to_be_focused()
    page.keyboard.press("Enter")
    number = page.get_by_test_id("confirmed").get_by_test_id("ticket-no")
    expect(number).to_contain_text("YL")
    page.get_by_test_id("to-ticket").click()
    expect(page.get_by_test_id("ticket-title")).to_have_text("望湖路工地夜间施工噪声")
    expect(page.get_by_test_id("ai-label")).to_contain_text("人工智能")
    history = page.get_by_test_id("history")
    expect(history).to_contain_text("确认")
    expect(page.get_by_test_id("utterance")).to_contain_text("望湖路工地每天夜里施工")
    page.get_by_test_id("nav-tickets").click()
    expect(page.get_by_test_id("ticket-table")).to_contain_text("望湖路工地夜间施工噪声")


@pytest.mark.g02
def test_the_button_says_what_is_missing_until_the_server_lets_it_go(
    sign_in: SignIn, people: People, desk: ServedHouse
) -> None:
    login = people("wang")
    call = desk.call(agent=login).ring()
    heard = call.hear("望湖路工地每天夜里施工。", start_s=1.0)
    fields = whole()
    title = fields.pop("title")
    call.propose(heard, 1, **fields)
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    expect(page.get_by_test_id("confirm")).to_be_disabled()
    expect(page.get_by_test_id("why-not")).to_contain_text("标题")
    control(page, "title").fill(title[0])
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("confirm")).to_be_enabled()
    expect(page.get_by_test_id("why-not")).to_be_empty()


@pytest.mark.g02
def test_a_draft_that_changes_while_it_is_checked_is_shown_and_asked_again(at_whole_draft: tuple[Page, Call]) -> None:
    page, call = at_whole_draft
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_test_id("confirm-dialog")).to_be_visible()
    heard = call.hear("不对，是环湖东路。", start_s=5.0)
    changed = {**whole(), "title": ("环湖东路工地夜间施工", "环湖东路工地夜间施工")}
    call.propose(heard, 2, **changed)
    expect(page.get_by_test_id("stale")).to_be_visible()
    expect(page.get_by_test_id("shown-title")).to_contain_text("环湖东路")
    submit = page.get_by_test_id("confirm-submit")
    expect(submit).to_have_text("已核对变化，继续")
    submit.click()
    expect(page.get_by_test_id("confirmed")).to_have_count(0)
    submit.click()
    expect(page.get_by_test_id("confirmed")).to_be_visible()


def test_what_is_still_being_typed_is_part_of_what_is_confirmed(at_whole_draft: tuple[Page, Call]) -> None:
    page, _ = at_whole_draft
    control(page, "title").fill("最后一刻改的标题")
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_test_id("shown-title")).to_contain_text("最后一刻改的标题")
    submit = page.get_by_test_id("confirm-submit")
    submit.click()
    if page.get_by_test_id("confirmed").count() == 0 and submit.count():
        submit.click()
    expect(page.get_by_test_id("confirmed")).to_be_visible()


def test_a_matter_without_a_ticket_needs_a_reason(at_whole_draft: tuple[Page, Call]) -> None:
    page, _ = at_whole_draft
    page.get_by_test_id("dismiss").click()
    expect(page.get_by_test_id("reason-submit")).to_be_disabled()
    page.get_by_test_id("reason").fill("重复来电，已有工单")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("confirm-bar")).to_contain_text("不建单")


def test_a_second_matter_gets_a_draft_of_its_own(at_whole_draft: tuple[Page, Call]) -> None:
    page, _ = at_whole_draft
    page.get_by_test_id("utterance").first.hover()
    page.get_by_test_id("choose").first.check()
    page.keyboard.press("Alt+Shift+m")
    expect(page.get_by_test_id("matter-1")).to_have_attribute("aria-selected", "true")
    expect(control(page, "title")).to_have_value("")
    page.keyboard.press("Alt+m")
    expect(control(page, "title")).to_have_value("望湖路工地夜间施工噪声")


def test_a_ticket_is_made_by_hand_without_any_call(
    sign_in: SignIn, people: People, desk: ServedHouse, faults: list[str]
) -> None:
    page = sign_in(people("wang"), "/desk")
    expect(page.get_by_test_id("call-rail")).to_be_visible()
    page.keyboard.press("Alt+n")
    page.get_by_test_id("manual").wait_for()
    page.get_by_test_id("manual-submit").click()
    expect(page.get_by_test_id("manual-refused")).to_contain_text("请填写")
    faults.clear()  # the refusal just asked for
    control(page, "kind").get_by_text("咨询").click()
    page.locator("#field-category-input").fill("高龄")
    page.locator(".el-cascader__suggestion-item").first.click()
    control(page, "title").fill("咨询高龄津贴")
    control(page, "content").fill("诉求人咨询高龄津贴。")
    page.get_by_test_id("manual-mode-direct").check(force=True)
    control(page, "answer").fill("请到户籍所在社区申领。")
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_test_id("ticket-title")).to_have_text("咨询高龄津贴")
    expect(page.get_by_test_id("ai-label")).to_have_text("全部手工填写")
