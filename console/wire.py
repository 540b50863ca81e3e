"""What the desk's HTTP routes take and give beside the views: sign-in, the city for the page, refusals, health."""

from __future__ import annotations

import msgspec

from schemas.catalogue import Category, Manifest, Place, Script, Unit
from schemas.commands import Actor
from schemas.desk import CallSummary


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/login."""

    login: str
    password: str


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a good sign-in; the session itself is in the cookie."""

    user: Actor


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/me."""

    user: Actor
    version: str
    demo: bool


class WsTicket(msgspec.Struct, frozen=True, kw_only=True):
    """POST /api/ws-ticket: good once, for at most 30 s, for this user from this Origin."""

    ticket: str


class CityView(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/city: what forms, filters and labels need of the city pack."""

    manifest: Manifest
    units: tuple[Unit, ...]
    categories: tuple[Category, ...]
    places: tuple[Place, ...]
    scripts: tuple[Script, ...]
    fields: dict[str, str]  # field → Chinese name
    kinds: dict[str, str]
    urgencies: dict[str, str]
    states: dict[str, str]


class CallList(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/calls."""

    calls: tuple[CallSummary, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Body of every error answer."""

    error: str  # for programs: "not_signed_in", "forbidden", "bad_input", …
    message: str  # Chinese, for people


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the health answer."""

    ok: bool
    detail: str = ""
    value: float = 0.0
    unit: str = ""  # of `value`: "s", "bytes", …


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/health."""

    ok: bool
    checks: dict[str, Check]
    demo: bool = False  # the sign-in page names the demo's accounts
