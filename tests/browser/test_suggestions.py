"""Suggestions: labelled, cited, decided by one key; what has no source takes more than a key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import connected, control, open_call, uncited
from tests.browser.house import Call, ServedHouse


@pytest.fixture
def at_call(sign_in: Callable[..., Page], people: Callable[..., str], desk: ServedHouse) -> tuple[Page, Call]:
    login = people("wang")
    call = desk.call(agent=login).ring()
    heard = call.hear("高龄津贴怎么领？", start_s=1.0)
    call.propose(heard, 1, title=("高龄津贴", "高龄津贴"))
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    return page, call


@pytest.mark.g04
def test_a_card_says_that_a_machine_wrote_it_and_where_it_stands(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    call.offer("八十岁以上老人可以申领。")
    card = page.get_by_test_id("suggestion")
    expect(card).to_contain_text("人工智能生成")
    expect(card.get_by_test_id("citation")).to_contain_text("条例")


def test_one_key_takes_a_cited_answer_into_the_ticket(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    call.offer("八十岁以上老人可以申领。")
    expect(page.get_by_test_id("suggestion")).to_have_count(1)
    page.keyboard.press("Alt+a")
    expect(control(page, "answer")).to_have_value("八十岁以上老人可以申领。")
    page.get_by_test_id("past-suggestions").locator("summary").click()
    expect(page.get_by_test_id("suggestion")).to_have_attribute("data-outcome", "accepted")


@pytest.mark.g03
def test_an_answer_without_a_source_is_marked_and_can_not_be_taken_with_one_key(
    at_call: tuple[Page, Call], desk: ServedHouse
) -> None:
    page, call = at_call
    desk.append(uncited(call, "大概可以去社区问问。"))
    card = page.get_by_test_id("suggestion")
    expect(card.get_by_test_id("unverified")).to_contain_text("未经核实")
    expect(card.get_by_test_id("accept")).to_have_count(0)
    page.keyboard.press("Alt+a")
    page.keyboard.press("Alt+w")
    box = page.get_by_test_id("suggestion-edit")
    expect(box).to_be_focused()
    box.fill("请到户籍所在社区咨询。")
    page.keyboard.press("Control+Enter")
    expect(control(page, "answer")).to_have_value("请到户籍所在社区咨询。")


def test_one_key_turns_a_suggestion_down(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    call.offer("八十岁以上老人可以申领。")
    expect(page.get_by_test_id("suggestion")).to_have_count(1)
    page.keyboard.press("Alt+r")
    page.get_by_test_id("past-suggestions").locator("summary").click()
    expect(page.get_by_test_id("suggestion")).to_have_attribute("data-outcome", "rejected")
    expect(control(page, "answer")).to_have_value("")


def test_a_newer_suggestion_lets_the_older_expire_visibly(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    call.offer("第一条。", seq=1)
    expect(page.get_by_test_id("suggestions")).to_contain_text("第一条")
    call.offer("第二条。", seq=2)
    expect(page.get_by_test_id("suggestions")).to_contain_text("第二条")
    page.get_by_test_id("past-suggestions").locator("summary").click()
    expect(page.get_by_test_id("past-suggestions")).to_contain_text("第一条")
    expect(page.get_by_test_id("past-suggestions")).to_contain_text("已过期")
