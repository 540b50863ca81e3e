"""A hand-off on the page: refused with the receiver's reason, tried again by a supervisor, arrived with a receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import confirmed
from tests.browser.house import ServedHouse
from tests.kafka.broker import free_port
from tests.receiver import KEY, Receiver, says

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def city() -> Receiver:
    return Receiver()


@pytest.fixture(scope="module")
def desk(built: Path, city: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHouse]:
    """A desk whose tickets go to `city`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/tickets"
    house = ServedHouse(tmp_path_factory.mktemp("handing"), handoff_url=url, handoff_key=KEY.decode()).start()
    server = house.do(asyncio.start_server(city.serve, "127.0.0.1", port))

    async def close() -> None:
        server.close()
        await city.close()

    yield house
    house.do(close())
    house.stop()


def test_a_refused_hand_off_is_seen_and_tried_again_by_a_supervisor(
    sign_in: SignIn, people: Callable[..., str], desk: ServedHouse, city: Receiver, tmp_path: Path
) -> None:
    city.script = [says(400, {"message": "承办单位编码不存在"})]
    number = confirmed(desk, people("wang"))
    page = sign_in(people("gu", "supervisor"), "/tickets")
    page.get_by_role("link", name=number).click()
    handoffs = page.get_by_test_id("handoffs")
    expect(handoffs).to_contain_text("送达失败")
    expect(handoffs).to_contain_text("对方拒收 · HTTP 400：承办单位编码不存在")
    page.screenshot(path=tmp_path / "refused.png")
    page.get_by_test_id("handoff-retry").click()
    expect(handoffs).to_contain_text("已送达")
    expect(handoffs).to_contain_text("回执 R-1")
    expect(page.get_by_test_id("handoff-retry")).to_have_count(0)
    expect(page.get_by_test_id("history").locator("[data-action=handoff_delivered]")).to_contain_text("回执 R-1")
    page.screenshot(path=tmp_path / "delivered.png")
    assert len({met.id for met in city.met}) == 1


def test_an_agent_sees_it_and_has_no_way_to_try_again(
    sign_in: SignIn, people: Callable[..., str], desk: ServedHouse, city: Receiver
) -> None:
    city.script = [says(422)]
    agent = people("wang")
    number = confirmed(desk, agent)
    page = sign_in(agent, "/tickets")
    page.get_by_role("link", name=number).click()
    expect(page.get_by_test_id("handoffs")).to_contain_text("送达失败")
    expect(page.get_by_test_id("handoff-retry")).to_have_count(0)
