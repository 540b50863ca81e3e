"""Made-up calls: where it is, drawn from the gazetteer of the city, and the address that should come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random

import msgspec

from pipeline.calls.figures import counted, digits
from schemas.catalogue import Place

HOMES = ("小区", "花园", "苑", "公馆", "名苑", "雅居", "新村", "家园", "公寓", "国际城", "壹号院", "家属院")
MARKETS = ("市场", "集市", "夜市")
SITES = ("工地",)


class Spot(msgspec.Struct, frozen=True):
    """A place with its neighbours, and the slots that name it."""

    code: str
    slots: dict[str, str]
    door: str  # as it should come out
    number: str
    road: str  # full names, as they should come out
    mark: str
    village: str


class Places:
    """Draws places whose names say which they are."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._of = {p.code: p for p in places}
        names: dict[str, int] = defaultdict(int)
        for p in places:
            for name in dict.fromkeys((p.name, *p.aliases)):
                names[name] += 1
        self._single = {p.code for p in places if names[p.name] == 1}
        self._by: dict[str, list[Place]] = defaultdict(list)
        for p in places:
            if p.code in self._single and len(p.name) >= 3:
                self._by[self._sort(p)].append(p)

    @staticmethod
    def _sort(place: Place) -> str:
        if place.level == "landmark":
            ends = ((HOMES, "home"), (MARKETS, "market"), (SITES, "site"))
            return next((sort for words, sort in ends if place.name.endswith(words)), "mark")
        if place.level == "community":
            return "village" if place.name.endswith("村") else "community"
        return place.level

    def draw(self, where: str, row: str, rng: Random) -> Spot:
        """A place of the sort a family wants."""
        sort = {"road": "road", "home": "home", "market": "market", "site": "site", "village": "village"}.get(where)
        main = rng.choice(self._by[sort or "mark"])
        street, district = self._above(main, "street"), self._above(main, "district")
        near = [p for p in self._of.values() if p.parent == main.parent and p.code in self._single]
        roads = [p for p in near if p.level == "road" and p.name != main.name]
        marks = [p for p in near if p.level == "landmark" and p.name != main.name]
        road = main if main.level == "road" else rng.choice(roads) if roads else None
        mark = main if main.level == "landmark" else rng.choice(marks) if marks else None
        other = rng.choice(marks) if marks else None
        wrong = rng.choice([p for p in self._by[self._sort(main)] if p.code != main.code])
        door, said_door = _door(row, rng)
        number = str(rng.randrange(3, 260))
        slots = {
            "place": main.name, "district": rng.choice((district.name, *district.aliases[:1])),
            "street": street.name, "road": road.name if road else "", "mark": mark.name if mark else "",
            "village": main.name if main.level == "community" else "", "other_mark": other.name if other else "",
            "wrong_mark": wrong.name, "wrong_road": wrong.name, "door": said_door,
            "number": (counted(int(number)) if rng.random() < 0.5 else number) + "号",
        }  # fmt: skip
        if main.level == "landmark" and main.aliases and rng.random() < 0.3:
            slots["place"] = max(main.aliases, key=len) if len(max(main.aliases, key=len)) >= 3 else main.name
        return Spot(
            code=main.code,
            slots=slots,
            door=door,
            number=number + "号",
            road=road.name if road else "",
            mark=mark.name if mark else "",
            village=main.name if main.level == "community" else "",
        )

    def address(self, spot: Spot, told: set[str]) -> str:
        """The address with what was told, as it should come out."""
        main = self._of[spot.code]
        text = self._above(main, "district").name + self._above(main, "street").name
        if spot.village:
            return text + spot.village
        if "road" in told or main.level == "road":
            text += spot.road + (spot.number if "number" in told else "")
        if main.level == "landmark" or "mark" in told:
            text += spot.mark
        return text + (spot.door if "door" in told else "")

    def codes(self, spot: Spot) -> dict[str, str]:
        """District and street; the community where it was named."""
        main = self._of[spot.code]
        found = {level: self._above(main, level).code for level in ("district", "street")}
        if main.level == "community":
            found["community"] = main.code
        return found

    def _above(self, place: Place, level: str) -> Place:
        while place.level != level:
            assert place.parent is not None
            place = self._of[place.parent]
        return place


def _door(row: str, rng: Random) -> tuple[str, str]:
    """A door: as it should come out, and as it is said."""
    building, unit, floor, room = rng.randrange(1, 20), rng.randrange(1, 5), rng.randrange(1, 19), rng.randrange(1, 5)
    sort = rng.choice(("栋", "号楼", "幢"))
    han = row != "plain"
    said = (counted(building) if han else str(building)).replace("二", "二") + sort
    wanted = f"{building}{sort}"
    if rng.random() < 0.8:
        said += (counted(unit) if han else str(unit)) + "单元"
        wanted += f"{unit}单元"
        if rng.random() < 0.7:
            door = f"{floor}{room:02d}"
            said += (digits(door, row) if han else door) + rng.choice(("", "室"))
            wanted += f"{door}室"
    return wanted, said
