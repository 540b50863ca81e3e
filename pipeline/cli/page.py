"""A measurement as a page for people: plain HTML, no script, nothing loaded from elsewhere."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from pipeline.cli.curve import drawn, is_reliability

STYLE = (
    "body{font:15px/1.6 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem;color:#1a2233}table{border-collapse:collapse;margin:.5rem 0 1.5rem}"
    "td,th{border-bottom:1px solid #d8dee8;padding:.3rem .8rem;text-align:left}th{font-weight:600}"
)


def write_page(path: Path, title: str, result: dict[str, Any]) -> None:
    """Writes the page; figures with an interval are shown as value (low–high, n)."""
    body = "".join(_section(name, value) for name, value in result.items())
    path.write_text(
        f"<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>{html.escape(title)}</title>"
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>{body}</html>",
        encoding="utf-8",
    )


def _section(name: str, value: Any) -> str:
    return f"<h2>{html.escape(name)}</h2>{_cell(value)}"


def _cell(value: Any) -> str:
    if isinstance(value, dict) and {"value", "low", "high", "n"} <= set(value):
        return f"{value['value']:.4g} ({value['low']:.4g}–{value['high']:.4g}, n = {value['n']})"
    if is_reliability(value):
        return drawn(value) + _table(value["bins"])
    if isinstance(value, dict):
        rows = "".join(f"<tr><th>{html.escape(str(k))}</th><td>{_cell(v)}</td></tr>" for k, v in value.items())
        return f"<table>{rows}</table>"
    if isinstance(value, list | tuple):
        return "<ul>" + "".join(f"<li>{_cell(item)}</li>" for item in value) + "</ul>"
    return html.escape(str(value))


def _table(rows: list[dict[str, Any]]) -> str:
    """Rows of the same columns."""
    if not rows:
        return ""
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row.values()) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
