"""Articles come into a pack whole or not at all, and say on which line they are odd."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from routing.city.article_import import columns_of, joined
from routing.city.article_made import Given
from routing.city.article_rows import BadFile, read_rows
from routing.city.check import check_city
from routing.city.load import city_dir, load_city
from schemas.catalogue import CityPack

GIVEN = Given(source="云岚市事项目录", unit="u-civil", owner="窗口科科长", valid_from=date(2026, 3, 1))
ITEM = {
    "name": "养犬登记",
    "dept": "市民政局",
    "where": "办理地点：云岚市新华路8号政务大厅3号窗口",
    "days": "5(工作日)",
    "tel": "0588-6165000",
    "papers": ["户口簿", "1. 犬只免疫证明"],
    "how": "窗口提交；现场核验；领取证件",
}
COLUMNS = {
    "title": "name", "unit": "dept", "place": "where", "limit": "days", "phone": "tel", "materials": "papers",
    "steps": "how",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(city_dir("yunlan"), tmp_path / "city"))


@pytest.fixture
def pack(folder: Path) -> CityPack:
    return load_city(folder)


def jsonl(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def run(*arguments: str) -> tuple[int, dict[str, object], str]:
    result = CliRunner().invoke(app, ["city", "import-articles", *arguments])
    told = json.loads(result.stdout) if result.stdout.startswith("{") else {}
    return result.exit_code, told, " ".join(result.stderr.split())


def options(**columns: str) -> list[str]:
    return [word for field, column in columns.items() for word in ("--column", f"{field}={column}")]


def test_a_service_item_becomes_an_article_whose_guide_stands_in_its_body(tmp_path: Path, pack: CityPack) -> None:
    rows = read_rows(jsonl(tmp_path / "items.jsonl", ITEM))
    made = joined(pack, rows, columns_of(rows, COLUMNS), GIVEN)
    assert (made.added, made.refused, made.notes, made.doubts) == (1, (), (), ())
    article = made.articles[-1]
    guide = {part.kind: part.items for part in article.guide}
    assert guide["materials"] == ("户口簿", "犬只免疫证明")
    assert guide["steps"] == ("窗口提交", "现场核验", "领取证件")
    assert guide["place"] == ("云岚市新华路8号政务大厅3号窗口",)
    assert all(item in article.body for items in guide.values() for item in items)
    assert (article.source, article.unit, article.owner) == ("云岚市事项目录", "u-civil", "窗口科科长")
    whole = type(pack)(**{f: getattr(pack, f) for f in pack.__struct_fields__} | {"articles": made.articles})
    assert not [f for f in check_city(whole, date(2026, 4, 1)) if f.severity == "error"]


def test_a_column_that_holds_something_else_stops_the_import_and_names_its_lines(tmp_path: Path, folder: Path) -> None:
    before = (folder / "articles.jsonl").read_bytes()
    items = jsonl(tmp_path / "items.jsonl", *({**ITEM, "name": f"事项{n}", "open": "20(工作日)"} for n in "甲乙丙丁"))
    mapped = options(**COLUMNS, hours="open")
    code, told, said = run(str(items), "--to", str(folder), "--source", "目录", "--owner", "科长", *mapped)
    assert code == 1 and told["written"] is False
    assert "column 'open' is taken for hours" in said and "(lines 1, 2, 3 …)" in said
    assert (folder / "articles.jsonl").read_bytes() == before
    assert not list(folder.glob(".articles*"))


def test_a_row_shifted_by_a_column_is_refused_by_its_line_and_nothing_is_half_written(
    tmp_path: Path, folder: Path
) -> None:
    good = [{**ITEM, "name": f"事项{n}"} for n in "甲乙丙丁"]
    shifted = {**ITEM, "name": "事项戊", "where": "0588-6165001", "days": "云岚市新华路8号", "tel": "无"}
    items = jsonl(tmp_path / "items.jsonl", *good, shifted)
    before = (folder / "articles.jsonl").read_bytes()
    call = (str(items), "--to", str(folder), "--source", "目录", "--owner", "科长", *options(**COLUMNS))
    code, told, said = run(*call)
    assert (code, told["refused"], told["written"]) == (1, 1, False)
    assert "line 5: looks shifted: place, limit hold something else" in said
    assert (folder / "articles.jsonl").read_bytes() == before
    code, told, _ = run(*call, "--skip-bad")
    assert (code, told["added"], told["written"]) == (0, 4, True)
    assert len(load_city(folder).articles) == before.count(b"\n") + 4


def test_one_odd_value_is_left_out_and_told(tmp_path: Path, pack: CityPack) -> None:
    items = [{**ITEM, "name": f"事项{n}"} for n in "甲乙丙"] + [{**ITEM, "name": "事项丁", "tel": "窗口咨询"}]
    rows = read_rows(jsonl(tmp_path / "items.jsonl", *items))
    made = joined(pack, rows, columns_of(rows, COLUMNS), GIVEN)
    assert made.added == 4 and made.notes[0].startswith("line 4: phone left out")
    assert "phone" not in {part.kind for part in made.articles[-1].guide}


def test_imported_again_the_same_stays_and_the_changed_becomes_a_new_version(tmp_path: Path, folder: Path) -> None:
    items = tmp_path / "items.jsonl"
    call = (str(items), "--to", str(folder), "--source", "目录", "--owner", "科长", *options(**COLUMNS))
    jsonl(items, ITEM, {**ITEM, "name": "犬证注销"})
    assert run(*call, "--valid-from", "2026-03-01")[1]["added"] == 2
    first = (folder / "articles.jsonl").read_bytes()
    code, told, _ = run(*call, "--valid-from", "2026-05-01")
    assert (code, told["unchanged"], told["added"], told["renewed"]) == (0, 2, 0, 0)
    assert (folder / "articles.jsonl").read_bytes() == first
    jsonl(items, {**ITEM, "days": "3(工作日)"}, {**ITEM, "name": "犬证注销"})
    code, told, _ = run(*call, "--valid-from", "2026-05-01")
    assert (code, told["unchanged"], told["renewed"]) == (0, 1, 1)
    old, new = sorted((a for a in load_city(folder).articles if a.title == "养犬登记"), key=lambda a: a.version)
    assert (old.version, new.version) == (1, 2)
    assert old.valid_to == new.valid_from == date(2026, 5, 1)
    assert "3(工作日)" in new.body and "5(工作日)" in old.body


def test_csv_and_markdown_are_read_with_their_lines(tmp_path: Path, pack: CityPack) -> None:
    table = tmp_path / "articles.csv"
    table.write_text(
        'title,body,unit,questions\n"夜间施工许可","夜间施工须先取得许可。\n公示三日。",市民政局,怎么投诉夜间施工|几点算夜间\n停水通知,停水前一日公告。,市民政局,\n',
        "utf-8-sig",
    )
    rows = read_rows(table)
    assert [row.line for row in rows] == [2, 4]
    made = joined(pack, rows, columns_of(rows, {}), GIVEN)
    assert made.articles[-2].questions == ("怎么投诉夜间施工", "几点算夜间") and made.added == 2

    text = tmp_path / "articles.md"
    text.write_text(
        "# 老年食堂\nunit: 市民政局\nregion: 澄湖区\nvalid_to: 2027-01-01\n\n六十岁以上可用餐。\n\n## 时间\n- 周一至周五\n\n# 第二篇\n正文。\n",
        "utf-8",
    )
    rows = read_rows(text)
    assert [row.line for row in rows] == [1, 11]
    made = joined(pack, rows, columns_of(rows, {}), GIVEN)
    first = made.articles[-2]
    assert (first.body, first.valid_to) == ("六十岁以上可用餐。\n\n时间：\n周一至周五", date(2027, 1, 1))
    assert {p.code: p.name for p in pack.places}[first.region] == "澄湖区"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "title,body\n甲,乙,丙\n", "line 2: 3 cells under 2 columns"),
        ("a.jsonl", '{"title": "甲"}\n{"title"\n', "line 2"),
        ("a.md", "没有标题\n", "line 1: words before the first heading"),
        ("a.txt", "甲", "ends in .csv, .jsonl or .md"),
        ("a.csv", "", "no rows"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(BadFile, match=said):
        read_rows(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": "火星管理局"}, "none of the pack's"),
        ({"title": "无"}, "no title"),
        ({"region": "火星区"}, "no place of the pack"),
        ({"valid_to": "2026-02-30"}, "no day"),
        ({"body": ""}, "neither a body nor any part of a guide"),
    ],
)
def test_a_row_that_makes_no_article_says_why(
    tmp_path: Path, pack: CityPack, change: dict[str, str], said: str
) -> None:
    row = {"title": "甲", "body": "乙。", "unit": "市民政局", **change}
    given = Given(source="目录", valid_from=date(2026, 1, 1))
    rows = read_rows(jsonl(tmp_path / "a.jsonl", row))
    made = joined(pack, rows, columns_of(rows, {}), given)
    assert made.added == 0 and said in made.refused[0] and made.refused[0].startswith("line 1: ")


def test_what_would_break_the_pack_is_not_written(tmp_path: Path, folder: Path) -> None:
    before = (folder / "articles.jsonl").read_bytes()
    items = jsonl(tmp_path / "items.jsonl", ITEM)
    call = (str(items), "--to", str(folder), "--source", "目录", *options(**COLUMNS))
    code, _, said = run(*call)
    assert code == 1 and "has no owner" in said
    code, _, said = run(*call, "--owner", "科长", "--category", "c-99")
    assert code == 1 and "category c-99 does not exist" in said
    assert (folder / "articles.jsonl").read_bytes() == before
    assert run(*call, "--owner", "科长", "--dry-run")[0] == 0
    assert (folder / "articles.jsonl").read_bytes() == before


def test_check_knows_regions_and_guides(pack: CityPack, tmp_path: Path) -> None:
    rows = read_rows(jsonl(tmp_path / "items.jsonl", ITEM))
    good = joined(pack, rows, columns_of(rows, COLUMNS), GIVEN).articles
    import msgspec

    bad = msgspec.structs.replace(good[-1], region="p-999999", body="没有这些。")
    found = check_city(msgspec.structs.replace(pack, articles=(*good[:-1], bad)), date(2026, 4, 1))
    said = [f.message for f in found if f.severity == "error"]
    assert "region p-999999 does not exist in places.jsonl" in said
    assert any("its guide says '户口簿', the body does not" in each for each in said)
