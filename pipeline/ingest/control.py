"""What a source says during its call, besides audio."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from schemas.audio import Leg
from schemas.calls import ControlKind

KINDS = ("pause", "resume", "hold", "unhold", "transfer", "join", "leave", "dtmf", "notice", "stop")
_DETAIL = {
    "transfer": ("to", "agent"),
    "join": ("who", "agent"),
    "leave": ("who", "agent"),
    "dtmf": ("digit", "digits"),
}
MAX_DETAIL = 256  # characters


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the switch about a running call."""

    kind: ControlKind | Literal["notice", "stop"]
    leg: Leg | None = None
    detail: str = ""


def read_control(message: dict[str, Any]) -> Control | None:
    """Message → Control; None when it is none of ours: newer switches may say more than we know."""
    kind = message.get("type")
    if kind not in KINDS:
        return None
    leg = message.get("leg")
    return Control(
        kind=kind,
        leg=leg if leg in ("caller", "agent", "mixed") else None,
        detail=_detail(message, (*_DETAIL.get(kind, ()), "detail")),
    )


def _detail(message: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = message.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)[:MAX_DETAIL]
    return ""
