"""Articles on their way into a city pack, second step: does a column say what it is taken for, or was it shifted?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from routing.city.article_rows import SourceRow, Value

NEEDED = 0.5  # share of a column's values that must look like what it is taken for
SHOWN = 3  # lines named per complaint
_PHONE = (
    r"(?:\(?0\d{2,3}\)?[ –—-]{0,2}\d{5,8}|1[3-9]\d{9}|(?<!\d)(?:1\d{2}|12\d{3}|95\d{3}|\d{7,8})(?!\d)|400[\d-]{7,9})"
)
SHAPES: dict[str, re.Pattern[str]] = {
    "phone": re.compile(_PHONE),
    "limit": re.compile(r"\d\s*[（(]?\s*(?:个)?(?:工作日|自然日|日|天|小时|分钟|月)|即时|当场|即办"),
    "hours": re.compile(r"\d{1,2}\s*[:：点时]|周[一二三四五六日]|工作日|上午|下午|全天"),
    "place": re.compile(r"路|街|巷|道|号|楼|厅|窗口|中心|广场|大厦|园|站|村|局|网|线上|线下"),
    "fee": re.compile(r"\d|免|不收|收费|费"),
    "online": re.compile(r"网|https?://|www\.|app|小程序|公众号|平台", re.IGNORECASE),
    "valid_from": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "valid_to": re.compile(r"\d{4}-\d{2}-\d{2}"),
}
# What one field's values may not be: a time limit is no opening hours, though both name working days.
NOT: dict[str, re.Pattern[str]] = {
    "hours": re.compile(r"^\s*\d+\s*[（(]?\s*(?:个)?(?:工作日|自然日|日|天|月)\s*[)）]?\s*$"),
    "phone": re.compile(r"[路街道]\S{0,12}号|窗口|大厅|https?://"),
    "place": re.compile(r"^[\d\s（()）、,，;；转–—-]{5,}$|^https?://\S+$"),
    "title": re.compile(r"^[\d\s（()）、;；–—-]{5,}$|^https?://\S+$"),
    "unit": re.compile(r"\d{5,}|https?://"),
}


class Doubt(msgspec.Struct, frozen=True):
    """Something in the source that does not look like what it is taken for."""

    field: str
    column: str
    lines: tuple[int, ...]
    message: str


def fits(field: str, value: Value) -> bool:
    """Whether a value looks like what the field holds."""
    text = "\n".join(value) if isinstance(value, tuple) else value
    wanted, wrong = SHAPES.get(field), NOT.get(field)
    return (wanted is None or wanted.search(text) is not None) and (wrong is None or wrong.search(text) is None)


def doubtful_columns(rows: Sequence[SourceRow], columns: Mapping[str, str]) -> list[Doubt]:
    """Columns (field → column) most of whose values are of another shape, or that no row has."""
    found = []
    for field, column in columns.items():
        told = [(row.line, row.values[column]) for row in rows if column in row.values]
        if not told:
            found.append(Doubt(field, column, (), f"column {column!r}, taken for {field}, is empty in every row"))
            continue
        bad = [(line, value) for line, value in told if not fits(field, value)]
        if len(told) - len(bad) < NEEDED * len(told):
            seen = Counter(str(value)[:24] for _, value in bad).most_common(1)[0][0]
            lines = tuple(line for line, _ in bad)
            found.append(
                Doubt(
                    field,
                    column,
                    lines,
                    f"column {column!r} is taken for {field}, but {len(bad)} of {len(told)} values do not look like "
                    f"it, such as {seen!r} (lines {_few(lines)})",
                )
            )
    return found


def shifted(row: SourceRow, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Fields of a row whose values look like something else."""
    return tuple(f for f, c in columns.items() if c in row.values and not fits(f, row.values[c]))


def _few(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:SHOWN])) + (" …" if len(lines) > SHOWN else "")
