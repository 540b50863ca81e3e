"""Who may knock."""

from __future__ import annotations

import base64

import pytest

from pipeline.ingest.credentials import switch_of
from pipeline.ingest.start import Switch

SWITCHES = [Switch(name="fs1", token="first-token-of-16"), Switch(name="fs2", token="其他令牌-其他令牌-其他令牌")]


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Bearer first-token-of-16", "fs1"),
        ("bearer  first-token-of-16 ", "fs1"),
        ("Bearer 其他令牌-其他令牌-其他令牌", "fs2"),
        (basic("fs1:first-token-of-16"), "fs1"),
        (basic(":first-token-of-16"), "fs1"),
    ],
)
def test_a_token_names_its_switch(header: str, name: str) -> None:
    switch = switch_of(header, SWITCHES)
    assert switch is not None
    assert switch.name == name


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer first-token-of-1",
        "Bearer first-token-of-16x",
        "first-token-of-16",
        "Digest first-token-of-16",
        basic("fs2:first-token-of-16"),
        "Basic !!!",
        "Basic /////w==",
        "Bearer \udcff",
    ],
)
def test_anything_else_names_nobody(header: str | None) -> None:
    assert switch_of(header, SWITCHES) is None


def test_without_switches_nobody_comes_in() -> None:
    assert switch_of("Bearer ", []) is None
