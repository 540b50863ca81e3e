"""The hand-over note: whoever opens a running call reads what stands, how the caller feels, and sees the words."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.acts import connected, open_call
from tests.browser.house import ServedHouse

SignIn = Callable[..., Page]
People = Callable[..., str]


def test_the_note_grows_with_the_call_and_shows_its_words(
    sign_in: SignIn, people: People, whole_desk: ServedHouse
) -> None:
    login = people("hou")
    call = whole_desk.call(agent=login).ring()
    call.hear("我们小区停水了望岳区云杉小区的", start_s=1.0)
    page = sign_in(login)
    open_call(page, call)
    connected(page)
    page.get_by_test_id("handover").locator("summary").click()
    sentence = page.locator("[data-testid=note-sentence][data-part=cause]")
    expect(sentence).to_contain_text("云杉小区，小区停水了")
    call.hear("给您登记转岚水集团处理", leg="agent", start_s=4.0)
    expect(page.locator("[data-testid=note-sentence][data-part=promised]")).to_contain_text("已答应：给来电人登记")
    call.hear("都打了三遍电话了没人管太过分了", start_s=8.0)
    expect(page.get_by_test_id("feeling")).to_have_attribute("data-now", "angry")
    sentence.hover()
    expect(page.get_by_test_id("utterance").locator("mark").first).to_contain_text("云杉小区")
