"""A standardised place of the demo city comes apart into typed parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.address_parts import PlaceParts
from routing.city.load import load_city
from schemas.catalogue import Place

CITY = load_city(Path(__file__).resolve().parents[3] / "routing/cities/yunlan")
PARTS = PlaceParts(CITY.places, "云岚市")


def kinds(text: str) -> list[tuple[str, str]]:
    return [(part.text, part.kind) for part in PARTS.of(text)]


def test_from_the_district_down_to_the_door() -> None:
    assert kinds("澄湖区湖滨街道望湖社区望湖路15号3栋2单元501室") == [
        ("澄湖区", "district"),
        ("湖滨街道", "town"),
        ("望湖社区", "community"),
        ("望湖路", "road"),
        ("15号", "roadno"),
        ("3栋", "houseno"),
        ("2单元", "cellno"),
        ("501室", "roomno"),
    ]


def test_a_landmark_is_a_point_of_interest_and_its_number_that_of_a_house() -> None:
    assert kinds("澄湖区澜庭花园6号楼12层") == [
        ("澄湖区", "district"),
        ("澜庭花园", "poi"),
        ("6号楼", "houseno"),
        ("12层", "floorno"),
    ]
    assert kinds("澜庭花园6号") == [("澜庭花园", "poi"), ("6号", "houseno")]


def test_a_crossing_has_two_roads() -> None:
    assert kinds("湖滨大道与望湖路交叉口（澄湖公园旁）") == [
        ("湖滨大道", "road"),
        ("与", "assist"),
        ("望湖路", "road"),
        ("交叉口", "assist"),
        ("澄湖公园", "poi"),
        ("旁", "assist"),
    ]


@pytest.mark.parametrize("place", CITY.places, ids=lambda place: place.code)
def test_every_name_of_the_city_is_one_part(place: Place) -> None:
    [part] = PARTS.of(place.name)
    assert part.text == place.name


def test_what_nobody_knows_is_in_no_part() -> None:
    assert kinds("望湖路那边的地方") == [("望湖路", "road")]
    assert kinds("") == []
