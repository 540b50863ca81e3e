"""How a console may be run, and what it refuses before it starts."""

from __future__ import annotations

import pytest

from console.desk import BadOptions, DeskOptions


@pytest.mark.parametrize("origin", ["https://12345.example", "http://127.0.0.1:8345", "http://[::1]:8345"])
def test_an_origin_is_taken_as_browsers_send_it(origin: str) -> None:
    assert DeskOptions(origins=(origin,)).origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "12345.example", "https://12345.example/", "https://A.example", "ws://a.example", "https://*.a"],
)
def test_an_origin_no_browser_would_send_is_refused_by_name(origin: str) -> None:
    with pytest.raises(BadOptions, match="origin"):
        DeskOptions(origins=(origin,))


def test_https_needs_to_know_its_origins() -> None:
    with pytest.raises(BadOptions, match="https needs origins"):
        DeskOptions(https=True)
