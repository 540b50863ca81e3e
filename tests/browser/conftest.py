"""What browser tests share: the running desk, a headless Chromium, signed-in pages that must stay free of errors."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from console.desk import WEB_DIST
from schemas.commands import Role
from tests.browser.house import PASSWORD, ServedHouse
from tests.conftest import untested

PROMISE = "NOT TESTED: that an agent sees, edits and confirms a call in a real browser"
FLAGS = [
    "--no-sandbox",  # as root in a container there is no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
SignIn = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless, with an empty profile of its own.

    Of this package alone: while Playwright's synchronous API is open, no other test could start an event loop.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        untested("there is no chromium here (apt install chromium fonts-noto-cjk)", PROMISE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def built() -> Path:
    """The built page."""
    if not (WEB_DIST / "index.html").is_file():
        untested("the page is not built (make web)", PROMISE)
    return WEB_DIST


@pytest.fixture(scope="session")
def desk(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHouse]:
    """The real house but for ear and stages: a test says what is heard and what the machine proposes."""
    house = ServedHouse(tmp_path_factory.mktemp("desk")).start()
    yield house
    house.stop()


@pytest.fixture(scope="session")
def whole_desk(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHouse]:
    """The real house with its stages: a test says what is heard, the machine proposes by itself."""
    house = ServedHouse(tmp_path_factory.mktemp("whole_desk"), understands=True).start()
    yield house
    house.stop()


@pytest.fixture
def people(request: pytest.FixtureRequest) -> Callable[[str, Role], str]:
    """Makes an account for this test alone; gives its login. The password is `tests.browser.house.PASSWORD`."""

    house: ServedHouse = request.getfixturevalue("whole_desk" if "whole_desk" in request.fixturenames else "desk")

    def make(name: str, role: Role = "agent") -> str:
        login = f"{name}-{zlib.crc32(request.node.nodeid.encode())}"
        house.account(login, role)
        return login

    return make


@pytest.fixture
def faults() -> list[str]:
    """What the pages of this test complained of; a test that expects a complaint takes it out."""
    return []


@pytest.fixture
def context(chromium: Browser, faults: list[str]) -> Iterator[BrowserContext]:
    """A browser profile for this test alone. At the end its console must have been free of errors."""
    profile = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900})
    watch(profile, faults)
    yield profile
    profile.close()
    assert faults == [], "the browser's console was not free of errors"


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Collects errors of the console, of scripts and of the content security policy."""

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    context.on("console", heard)
    context.on("weberror", lambda found: faults.append(str(found.error)))


@pytest.fixture
def sign_in(context: BrowserContext, request: pytest.FixtureRequest) -> SignIn:
    """`sign_in(login, "/desk")` → a page with that login's cookie. The sign-in form has tests of its own.

    Signs in at `whole_desk` when the test asks for that one, else at `desk`.
    """
    house: ServedHouse = request.getfixturevalue("whole_desk" if "whole_desk" in request.fixturenames else "desk")

    def enter(login: str, path: str = "/desk", in_context: BrowserContext | None = None) -> Page:
        where = in_context or context
        answer = where.request.post(
            f"{house.url}/api/login", data={"login": login, "password": PASSWORD}, headers={"origin": house.url}
        )
        assert answer.ok, answer.text()
        page = where.new_page()
        page.goto(f"{house.url}{path}")
        return page

    return enter


@pytest.fixture
def other_context(chromium: Browser, faults: list[str]) -> Iterator[BrowserContext]:
    """A second desk beside the first: `sign_in(login, in_context=other_context)`."""
    beside = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900})
    watch(beside, faults)
    yield beside
    beside.close()
