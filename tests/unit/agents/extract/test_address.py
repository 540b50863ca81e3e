"""Where it happened, told in pieces, misheard, corrected and confirmed."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.address import Address, address
from tests.unit.agents.talk import readings


def place(city: City, *lines: str) -> Address:
    return address(readings(city, *lines), city.gazetteer)


def told(city: City, *lines: str) -> str:
    value = place(city, *lines).incident_place
    return value.label if value else ""


def test_a_community_implies_its_street_and_district(city: City) -> None:
    found = place(city, "来电：我在金水湾小区")
    assert found.district and found.district.label == "澄湖区" and "推得" in found.district.note
    assert found.street and found.street.label == "锦绣街道"


def test_pieces_over_many_utterances_make_one_address(city: City) -> None:
    lines = (
        "来电：在古塔区",
        "坐席：古塔区哪个小区",
        "来电：盐仓里",
        "坐席：几栋",
        "来电：五栋",
        "坐席：房号呢",
        "来电：三零二",
    )
    assert told(city, *lines) == "古塔区盐仓街道盐仓里小区5栋302室"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("我住在城湖区五同路", "澄湖区梧桐街道梧桐路"),
        ("林江区白路湾小区", "临江区沙洲街道白鹭湾小区"),
        ("就是锦秀湾小区三栋", "澄湖区锦绣街道锦绣湾小区3栋"),
        ("在望月区蓝秀路上", "望岳区望岳街道揽秀路"),
        ("我在陈湖区胡滨大道", "澄湖区湖滨街道湖滨大道"),
        ("新华路八十八号", "澄湖区新华街道新华路88号"),
    ],
)
def test_names_misheard_by_sound_are_found(city: City, heard: str, meant: str) -> None:
    assert told(city, f"来电：{heard}") == meant


def test_a_match_by_sound_says_so(city: City) -> None:
    value = place(city, "来电：我住在城湖区五同路").incident_place
    assert value is not None
    assert value.note == "按读音匹配：城湖区 → 澄湖区，五同路 → 梧桐路"
    assert value.confidence < 0.95


def test_the_district_decides_between_names_that_sound_alike(city: City) -> None:
    assert told(city, "来电：望岳区清溪花园").startswith("望岳区清溪街道")
    assert told(city, "来电：青溪县柳林镇").startswith("青溪县柳林镇")


def test_not_this_but_that(city: City) -> None:
    assert "听涛雅居" in told(city, "来电：不是白鹭湾小区是听涛雅居")
    assert "白鹭湾" not in told(city, "来电：白鹭湾小区", "来电：不对我说错了是听涛雅居")


def test_a_place_only_the_agent_named_counts_when_the_caller_says_yes(city: City) -> None:
    yes = place(city, "来电：我们这儿停水了", "坐席：是澄湖区金水湾小区对吧", "来电：对对")
    no = place(city, "来电：我们这儿停水了", "坐席：是澄湖区金水湾小区对吧", "来电：不是的")
    assert yes.place is not None and yes.incident_place is not None and no.place is None


@pytest.mark.parametrize("text", ["我在新华书店买的书", "我买了平安保险", "我把钱存在兴业银行", "他说话太码头了"])
def test_shops_and_words_that_look_like_places_are_none(city: City, text: str) -> None:
    assert place(city, f"来电：{text}").place is None


def test_a_crossing_names_both_roads(city: City) -> None:
    assert told(city, "来电：新华路和民主路那个路口红绿灯不亮").endswith("新华路与民主路交叉口")


def test_two_districts_that_contradict_lower_the_confidence(city: City) -> None:
    clear = place(city, "来电：澄湖区金水湾小区").incident_place
    torn = place(city, "来电：古塔区金水湾小区").incident_place
    assert clear and torn and torn.confidence < clear.confidence


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("金水湾小区三栋二单元五零一", "3栋2单元501室"),
        ("金水湾小区12号楼1单元1703室", "12号楼1单元1703室"),
        ("金水湾小区十二栋十七楼", "12栋17层"),
        ("金水湾小区B座", "B座"),
    ],
)
def test_building_unit_and_door(city: City, text: str, door: str) -> None:
    assert told(city, f"来电：{text}").endswith("金水湾小区" + door)


def test_a_date_is_no_house_number(city: City) -> None:
    assert "15号" not in told(city, "来电：澄湖区新华路从十五号开始就挖开了")
