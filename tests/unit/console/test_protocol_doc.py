"""The protocol's page names every route with its method and who may use it, and every close code the desk gives."""

from __future__ import annotations

import re
from pathlib import Path

from console.server_routes import ALL, OPEN_ROUTES, ROUTES
from schemas import desk

PAGE = (Path(__file__).parents[3] / "docs" / "desk-protocol.md").read_text(encoding="utf-8")
ROWS = {
    path: (method, who) for method, path, who in re.findall(r"^\| (GET|POST) \| `(/api/\S+)` \| ([^|]+) \|", PAGE, re.M)
}


def test_every_route_is_on_the_page_with_its_method_and_roles() -> None:
    said = {}
    for route in ROUTES:
        who = "per command" if route.path == "/api/commands" else "all"
        said[route.path] = (route.method, who if route.roles == ALL else ", ".join(sorted(route.roles)))
    for route in OPEN_ROUTES:
        said[route.path] = (route.method, "anyone")
    on_page = {path: (method, ", ".join(sorted(who.split(", ")))) for path, (method, who) in ROWS.items()}
    assert on_page == said


def test_every_pushed_kind_and_close_code_of_the_desk_is_explained() -> None:
    for code in set(desk.CLOSE_CODES) - {4010, 4012}:  # known to pages, not given by this server
        assert str(code) in PAGE
    for name in ("hello", "recovered", "pushed", "partial", "beat", "left"):
        assert f"`{name}`" in PAGE
