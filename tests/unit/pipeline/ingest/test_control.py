"""What switches say during a call."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.ingest.control import Control, read_control


@pytest.mark.parametrize(
    ("message", "control"),
    [
        ({"type": "pause"}, Control(kind="pause")),
        ({"type": "stop"}, Control(kind="stop")),
        ({"type": "transfer", "to": "1002"}, Control(kind="transfer", detail="1002")),
        ({"type": "transfer", "detail": "专家席"}, Control(kind="transfer", detail="专家席")),
        ({"type": "dtmf", "digit": 5, "leg": "caller"}, Control(kind="dtmf", detail="5", leg="caller")),
        ({"type": "join", "who": "1003"}, Control(kind="join", detail="1003")),
        ({"type": "hold", "leg": "somebody"}, Control(kind="hold")),
        ({"type": "transfer", "to": {"x": 1}}, Control(kind="transfer")),
        ({"type": "transfer", "to": "9" * 999}, Control(kind="transfer", detail="9" * 256)),
    ],
)
def test_controls_are_read(message: dict[str, Any], control: Control) -> None:
    assert read_control(message) == control


@pytest.mark.parametrize("message", [{}, {"type": "sing"}, {"type": 5}, {"type": ["stop"]}, {"type": None}])
def test_what_a_newer_switch_may_say_is_none_of_ours(message: dict[str, Any]) -> None:
    assert read_control(message) is None
