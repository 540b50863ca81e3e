"""Taking data away: tickets and trends as CSV that a spreadsheet opens safely, labelled at its head."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from console.ports import TrendTable
from schemas.catalogue import CityPack
from schemas.desk import TicketSummary
from schemas.ticket import KIND_NAMES, STATE_NAMES, URGENCY_NAMES

BOM = "\ufeff"  # without it spreadsheets take UTF-8 for the local code page
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a cell beginning so is run as a formula
_MARK = "'"  # set before such a cell

TICKET_HEAD = (
    "工单编号",
    "状态",
    "标题",
    "诉求类型",
    "诉求分类",
    "区县",
    "主办单位",
    "紧急程度",
    "受理时间(UTC)",
    "答复期限(UTC)",
    "来电人",
    "确认人",
    "演示数据",
    "人工智能标识",
)
TREND_HEAD = ("时间", "区县", "诉求分类", "件数")


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula, however it begins after blanks or quotes.

    An apostrophe at its head is always ours: without it the text is as it was.
    """
    runs = text.lstrip(" \u3000\"'\ufeff").startswith(_TRIGGERS) or text.startswith(_TRIGGERS)
    return _MARK + text if runs or text.startswith(_MARK) else text


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV text: every cell quoted and safe, lines end as the format wants."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def head(explicit: str, implicit: str, columns: Sequence[str]) -> str:
    """Beginning of every export: both labels, then the names of the columns."""
    return BOM + lines(((f"# {explicit}",), (f"# {implicit}",), columns))


def ticket_row(ticket: TicketSummary, names: dict[str, str]) -> tuple[str, ...]:
    return (
        ticket.ticket_no,
        STATE_NAMES.get(ticket.state, ticket.state),
        ticket.title,
        KIND_NAMES.get(ticket.kind, ticket.kind),
        ticket.category_name or names.get(ticket.category, ticket.category),
        names.get(ticket.district, ticket.district),
        ticket.lead_unit_name,
        URGENCY_NAMES.get(ticket.urgency, ticket.urgency),
        ticket.created_at,
        ticket.reply_due,
        ticket.caller_name,
        ticket.confirmed_by,
        "是" if ticket.synthetic else "否",
        ticket.label,
    )


def trend_rows(table: TrendTable, names: dict[str, str]) -> Iterable[tuple[str, ...]]:
    for cell in table.cells:
        district, category = names.get(cell.district, cell.district), names.get(cell.category, cell.category)
        yield cell.bucket, district, category, str(cell.count)


def names_of(city: CityPack) -> dict[str, str]:
    """Code of a place or category → its name."""
    return {p.code: p.name for p in city.places} | {c.code: c.name for c in city.categories}
