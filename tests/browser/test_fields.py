"""Fields between machine and person: evidence to see, a person's answer locked, nothing touched while it is typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import compose, connected, control, open_call, origin
from tests.browser.house import Call, ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


@pytest.fixture
def at_call(sign_in: SignIn, people: People, desk: ServedHouse) -> tuple[Page, Call]:
    """An agent at a call of which the machine has a title."""
    login = people("wang")
    call = desk.call(agent=login).ring()
    heard = call.hear("小区里半夜施工。", start_s=1.0)
    call.propose(heard, 1, title=("夜间施工", "夜间施工"))
    page = sign_in(login, "/desk")
    open_call(page, call)
    connected(page)
    expect(control(page, "title")).to_have_value("夜间施工")
    return page, call


def test_a_field_shows_the_words_it_came_from(at_call: tuple[Page, Call]) -> None:
    page, _ = at_call
    expect(page.locator("mark")).to_have_count(0)
    control(page, "title").hover()
    expect(page.get_by_test_id("utterance").locator("mark")).to_have_text("小区里半夜施工。")
    page.get_by_test_id("field-title").get_by_test_id("origin").click()
    expect(page.get_by_test_id("quote")).to_contain_text("小区里半夜施工")


def test_a_person_s_answer_is_locked_against_the_machine(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    expect(origin(page, "title")).to_have_attribute("data-origin", "rule")
    control(page, "title").fill("望湖路工地夜间施工")
    page.keyboard.press("Enter")
    expect(origin(page, "title")).to_have_attribute("data-origin", "human")
    heard = call.hear("都快一个月了。", start_s=4.0)
    call.propose(heard, 2, title=("机器的新标题", "机器的新标题"), demand=("要求停工", "要求停工"))
    expect(control(page, "demand")).to_have_value("要求停工")
    expect(control(page, "title")).to_have_value("望湖路工地夜间施工")


def test_incoming_data_leaves_typed_text_focus_and_caret_alone(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    title = control(page, "title")
    title.fill("我正在写")
    title.press("ArrowLeft")
    caret = title.evaluate("el => el.selectionStart")
    heard = call.hear("还有一件事。", start_s=4.0)
    call.propose(heard, 2, title=("机器的新标题", "机器的新标题"), demand=("要求停工", "要求停工"))
    call.offer("可以这样答复。")
    expect(control(page, "demand")).to_have_value("要求停工")
    expect(page.get_by_test_id("suggestion")).to_have_count(1)
    expect(title).to_be_focused()
    expect(title).to_have_value("我正在写")
    assert title.evaluate("el => el.selectionStart") == caret
    expect(origin(page, "title")).to_contain_text("机器的新标题")  # told, not taken over


def test_nothing_touches_a_field_while_an_input_method_composes(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    title = control(page, "title")
    title.fill("")
    tools = compose(page, "wang'hu'lu")
    expect(title).to_have_value("wang'hu'lu")
    heard = call.hear("还有一件事。", start_s=4.0)
    call.propose(heard, 2, title=("机器的新标题", "机器的新标题"), demand=("要求停工", "要求停工"))
    expect(control(page, "demand")).to_have_value("要求停工")
    expect(title).to_have_value("wang'hu'lu")
    tools.send("Input.insertText", {"text": "望湖路"})
    expect(title).to_have_value("望湖路")
    title.press("Enter")
    expect(origin(page, "title")).to_have_attribute("data-origin", "human")
    expect(title).to_have_value("望湖路")


def test_keys_belong_to_the_input_method_while_it_composes(at_call: tuple[Page, Call]) -> None:
    page, call = at_call
    call.offer("可以这样答复。")
    expect(page.get_by_test_id("suggestion")).to_have_count(1)
    title = control(page, "title")
    title.fill("")
    compose(page, "ce'shi")
    for key, code in (("Enter", "Enter"), ("Escape", "Escape"), ("a", "KeyA")):
        title.evaluate(
            """(el, [key, code]) => el.dispatchEvent(new KeyboardEvent("keydown",
            {key, code, altKey: code === "KeyA", isComposing: true, keyCode: 229, bubbles: true, cancelable: true}))""",
            [key, code],
        )
    expect(title).to_have_value("ce'shi")
    expect(origin(page, "title")).to_have_attribute("data-origin", "rule")
    expect(page.get_by_test_id("suggestion")).to_have_attribute("data-outcome", "shown")


def test_the_next_missing_field_is_one_key_away(at_call: tuple[Page, Call]) -> None:
    page, _ = at_call
    expect(page.get_by_test_id("missing")).to_contain_text("诉求内容")
    page.keyboard.press("Alt+g")
    first = page.evaluate("document.activeElement.closest('[data-field]').dataset.field")
    page.keyboard.press("Alt+g")
    second = page.evaluate("document.activeElement.closest('[data-field]').dataset.field")
    assert (first, second) == ("kind", "category")


def test_urgency_is_chosen_by_keyboard(at_call: tuple[Page, Call]) -> None:
    page, _ = at_call
    control(page, "urgency").get_by_role("radio").first.focus()
    page.keyboard.press("ArrowRight")
    expect(origin(page, "urgency")).to_have_attribute("data-origin", "human")
    expect(control(page, "urgency").get_by_role("radio", name="紧急")).to_be_checked()


def test_going_to_the_proposed_units_scrolls_the_form_and_not_the_page(at_call: tuple[Page, Call]) -> None:
    page, _ = at_call
    page.keyboard.press("Alt+u")
    expect(page.get_by_test_id("dispatch")).to_be_in_viewport()
    assert page.evaluate("document.scrollingElement.scrollTop + document.getElementById('main').scrollTop") == 0
    assert page.evaluate("document.scrollingElement.scrollHeight <= window.innerHeight")
