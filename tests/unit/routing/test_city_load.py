"""A pack is read whole or refused with the file, line and field at fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from routing.city.load import OPTIONAL, RECORDS, PackError, city_dir, load_city, shipped_cities


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(city_dir("yunlan"), tmp_path / "city"))


def edit(path: Path, line: int, old: str, new: str) -> None:
    lines = path.read_text("utf-8").split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines), "utf-8")


def test_demo_city_ships_and_loads():
    assert "yunlan" in shipped_cities()
    pack = load_city(city_dir("yunlan"))
    assert pack.manifest.title == "云岚市" and pack.manifest.fictitious


def test_unknown_city_is_refused_with_the_shipped_names():
    with pytest.raises(PackError, match=r"no city pack named 'atlantis'; shipped: .*yunlan"):
        city_dir("atlantis")


@pytest.mark.parametrize("name", ["../cities/yunlan", "", ".", "yunlan/"])
def test_a_city_name_is_no_path(name: str):
    with pytest.raises(PackError):
        city_dir(name)


@pytest.mark.parametrize(
    "file", [*(f"{name}.jsonl" for name in RECORDS if name not in OPTIONAL), "sla.json", "manifest.json"]
)
def test_missing_file_is_named(folder: Path, file: str):
    (folder / file).unlink()
    with pytest.raises(PackError, match=rf"^{file}: the pack lacks this file"):
        load_city(folder)


def test_a_pack_without_tellings_is_whole(folder: Path):
    (folder / "tellings.jsonl").unlink()
    assert load_city(folder).tellings == ()


def test_wrong_type_names_file_line_and_field(folder: Path):
    edit(folder / "categories.jsonl", 3, '"level":3', '"level":"drei"')
    with pytest.raises(PackError) as caught:
        load_city(folder)
    assert (caught.value.file, caught.value.line, caught.value.field) == ("categories.jsonl", 3, "level")
    assert str(caught.value).startswith("categories.jsonl, line 3, field level: ")


def test_misspelt_field_is_refused_not_ignored(folder: Path):
    edit(folder / "units.jsonl", 2, '"short"', '"shrot"')
    with pytest.raises(PackError) as caught:
        load_city(folder)
    assert (caught.value.line, caught.value.field) == (2, "shrot")


def test_missing_required_field_is_named(folder: Path):
    edit(folder / "emergencies.jsonl", 1, '"label":"燃气泄漏",', "")
    with pytest.raises(PackError) as caught:
        load_city(folder)
    assert (caught.value.file, caught.value.line, caught.value.field) == ("emergencies.jsonl", 1, "label")


def test_date_that_does_not_exist_is_refused(folder: Path):
    edit(folder / "calendar.jsonl", 1, "2025-01-01", "2025-02-30")
    with pytest.raises(PackError) as caught:
        load_city(folder)
    assert (caught.value.file, caught.value.line, caught.value.field) == ("calendar.jsonl", 1, "day")


def test_nested_field_of_the_limits_is_named(folder: Path):
    path = folder / "sla.json"
    path.write_text(path.read_text("utf-8").replace('"unit": "h"', '"unit": "hours"', 1), "utf-8")
    with pytest.raises(PackError) as caught:
        load_city(folder)
    assert caught.value.file == "sla.json" and caught.value.field.endswith("unit")


def test_broken_json_names_its_line(folder: Path):
    edit(folder / "places.jsonl", 5, "}", "")
    with pytest.raises(PackError, match=r"^places\.jsonl, line 5: "):
        load_city(folder)


def test_text_that_is_not_utf8_names_its_line(folder: Path):
    path = folder / "scripts.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].decode("utf-8").encode("gb18030")
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(PackError, match=r"^scripts\.jsonl, line 2: not UTF-8"):
        load_city(folder)


def test_byte_order_mark_blank_lines_and_windows_line_ends_are_read(folder: Path):
    path = folder / "scripts.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert load_city(folder) == load_city(city_dir("yunlan"))


def test_a_folder_that_is_none_is_refused(tmp_path: Path):
    with pytest.raises(PackError, match="is not a folder"):
        load_city(tmp_path / "nowhere")
