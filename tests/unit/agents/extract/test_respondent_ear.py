"""Whom a complaint is about where no rule knows the words: learnt from marked tellings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents.city import City
from agents.extract.respondent import respondent
from agents.extract.respondent_ear import RespondentEar
from agents.judging import SAME, alike
from agents.lessons import Marked, lessons
from agents.lines import Line
from agents.reading import Reading
from routing.fitted import Shelf
from routing.gazetteer import Gazetteer
from tests.unit.agents.talk import readings

PART = 3  # one of so many tellings is judged, the others are learnt
NOWHERE = Gazetteer([])


def _whom(city: City, *talk: str, kind: str = "complaint") -> str:
    value = respondent(readings(city, *talk), kind, city.gazetteer, None, city.respondents)
    return value.value if value else ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("鑫旺铝材夜里偷着排酸水，沟里的鱼都翻肚皮了", "鑫旺铝材"),
        ("卖煎饼的天天把炉子支在消防通道上", "卖煎饼的"),
        ("我在优途租车行交了五千押金，车还了仨月不退", "优途租车行"),
        ("那个收破烂的老周把纸壳子堆到我家窗根底下", "收破烂的老周"),
    ],
)
def test_a_body_is_known_by_what_it_is_said_to_do(city: City, text: str, wanted: str) -> None:
    assert alike(wanted, _whom(city, f"来电：{text}")) >= SAME


@pytest.mark.parametrize(
    "text",
    [
        "我姓苏，叫苏建平，建设的建，平安的平",
        "请你们派人来看看吧",
        "行行行，就这样，再见",
        "在五一路跟东风路交叉口那儿",
        "电话一三七，六六二八，九零一一",
    ],
)
def test_what_is_said_beside_the_matter_names_nobody(city: City, text: str) -> None:
    assert _whom(city, f"来电：{text}") == ""


def test_a_place_that_is_only_where_it_happens_is_no_body(city: City) -> None:
    assert "梧桐苑" not in _whom(city, "来电：梧桐苑小区门口的路灯坏了半个月了")


def test_a_body_said_twice_in_one_breath_is_named_once(city: City) -> None:
    assert _whom(city, "来电：我找物业物业说不归他管") == "物业"


def test_a_site_named_once_lends_its_name_to_the_sort_said_later(city: City) -> None:
    assert _whom(city, "来电：就是瑞筑江岸那边", "来电：那个工地天天半夜打桩，吵得我孩子睡不着") == "瑞筑江岸工地"


def test_who_asks_a_question_complains_of_nobody(city: City) -> None:
    assert _whom(city, "来电：物业公司装修押金多久退", kind="consult") == ""


def test_the_words_it_was_taken_from_are_kept(city: City) -> None:
    found = readings(city, "来电：我在优途租车行交了五千押金，车还了仨月不退")
    value = respondent(found, "complaint", city.gazetteer, None, city.respondents)
    assert value is not None
    words = value.evidence[0]
    assert found[0].line.text[words.start : words.end] == words.text == value.value


def test_who_the_caller_is_changes_nothing(city: City) -> None:
    told = "鑫旺铝材夜里偷着排酸水，沟里的鱼都翻肚皮了"
    said = {_whom(city, f"来电：{who}，{told}") for who in ("我是个女的", "我是男的", "我七十岁了", "我是外地人")}
    assert len(said) == 1


def test_what_was_learnt_lies_on_the_shelf(tmp_path: Path) -> None:
    told = lessons("respondent", Marked)[:60]
    fitted, kept = (RespondentEar.fit(Shelf(tmp_path), told) for _ in range(2))
    line = Reading(Line(0, "0", "caller", "东方洗车行把我的车刮花了", 0.0, True), worked_out={})
    assert fitted.named(line) == kept.named(line)
    assert len(list(tmp_path.iterdir())) == 1


def test_tellings_never_seen_are_understood() -> None:
    """Rules alone find 19 of 100, and of what they find 45 of 100 are right."""
    told = lessons("respondent", Marked)
    ear = RespondentEar.fit(told=[one for n, one in enumerate(told) if n % PART])
    counts = Counter(_judged(one, ear) for one in told[::PART])
    found = counts["right"] + counts["wrong"]
    assert counts["right"] >= 0.68 * found
    assert counts["right"] >= 0.50 * (found + counts["missed"])


def _judged(one: Marked, ear: RespondentEar) -> str:
    lines = [line.replace("【", "").replace("】", "") for line in one.lines]
    names = {part.split("】")[0] for line in one.lines for part in line.split("【")[1:]}
    said = [Reading(Line(n, str(n), "caller", text, 0.0, True), worked_out={}) for n, text in enumerate(lines)]
    value = respondent(said, one.kind, NOWHERE, None, ear)
    if value is None:
        return "missed" if names else "rightly none"
    return "right" if any(alike(name, value.value) >= SAME for name in names) else "wrong"
