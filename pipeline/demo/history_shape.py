"""Demo history, when and where: seasons, weekdays, hours, holidays, hot spots. Pure: the dice come in."""

from __future__ import annotations

import itertools
import random
from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from routing.city.index import CityIndex
from schemas.catalogue import Category

# words in a category's name → how often it is called about in each month, January first; 1.0 = as usual
SEASONS: dict[str, tuple[float, ...]] = {
    "供暖": (6, 4.5, 3, 0.3, 0.05, 0.02, 0.02, 0.05, 0.3, 1.5, 5, 6),
    "暖气": (6, 5, 3, 0.2, 0.02, 0.01, 0.01, 0.02, 0.2, 1.0, 6, 6),
    "噪": (0.6, 0.6, 0.8, 1.0, 1.3, 1.8, 2.0, 1.9, 1.3, 0.9, 0.7, 0.6),
    "欠薪": (4.5, 3, 0.7, 0.6, 0.6, 0.7, 0.7, 0.7, 0.8, 0.9, 1.5, 3),
    "拖欠工资": (3.5, 2.2, 0.8, 0.7, 0.7, 0.8, 0.8, 0.8, 0.9, 1.0, 1.3, 2.4),
    "停水": (1.6, 1.2, 0.7, 0.7, 0.9, 1.3, 1.8, 1.7, 0.9, 0.7, 0.7, 1.2),
    "停电": (1.1, 0.9, 0.6, 0.6, 0.8, 1.5, 2.4, 2.2, 1.0, 0.6, 0.7, 1.0),
    "内涝": (0.2, 0.2, 0.5, 1.0, 1.8, 3.5, 4.0, 3.0, 1.2, 0.4, 0.2, 0.1),
    "防汛": (0.2, 0.2, 0.4, 0.9, 1.6, 3.5, 4.0, 3.0, 1.2, 0.4, 0.2, 0.1),
    "入学": (0.4, 0.4, 0.8, 1.2, 2.2, 3.5, 3.2, 2.8, 1.2, 0.4, 0.3, 0.3),
    "幼儿园": (0.5, 0.6, 0.9, 1.2, 1.6, 2.2, 2.0, 2.2, 1.6, 0.7, 0.6, 0.5),
    "培训": (1.0, 1.2, 1.0, 0.9, 1.0, 1.4, 1.8, 1.7, 1.2, 0.8, 0.8, 0.9),
    "烟花": (3.5, 6, 0.6, 0.3, 0.2, 0.1, 0.1, 0.1, 0.3, 0.4, 0.3, 1.2),
    "焚烧": (0.5, 0.6, 1.0, 1.0, 1.4, 2.2, 0.8, 0.6, 1.5, 3.0, 2.0, 0.7),
    "旅": (0.6, 0.9, 0.6, 1.0, 1.8, 0.9, 1.5, 1.7, 0.9, 2.6, 0.5, 0.5),
    "景区": (0.5, 0.8, 0.6, 1.2, 1.9, 0.8, 1.3, 1.5, 0.8, 2.6, 0.5, 0.4),
    "快递": (1.1, 1.4, 0.8, 0.8, 0.8, 1.4, 0.9, 0.8, 0.8, 0.9, 2.4, 1.5),
    "网络交易": (1.0, 0.8, 0.9, 0.8, 0.9, 1.6, 0.9, 0.8, 0.9, 0.9, 2.2, 1.6),
    "绿化": (0.4, 0.4, 1.2, 1.5, 1.5, 1.3, 1.4, 1.2, 1.0, 0.9, 0.6, 0.4),
    "油烟": (0.6, 0.6, 0.8, 1.0, 1.3, 1.6, 1.8, 1.7, 1.3, 1.0, 0.7, 0.6),
    "参保": (1.0, 0.8, 0.5, 0.4, 0.4, 0.4, 0.5, 0.6, 1.2, 2.8, 2.6, 2.2),
    "森林": (1.2, 1.6, 1.8, 2.2, 1.2, 0.6, 0.4, 0.4, 0.6, 1.0, 1.2, 1.2),
}
# words in a category's name → how much it is called about at all; 1.0 = as usual
OFTEN: dict[str, float] = {
    "噪": 2.6,
    "物业服务": 3.2,
    "物业收费": 1.8,
    "违法停车": 2.6,
    "占道": 2.0,
    "停水": 2.2,
    "暖气": 2.0,
    "养老保险": 1.9,
    "医保报销": 1.8,
    "预付卡": 1.9,
    "商品质量": 1.8,
    "服务纠纷": 1.7,
    "户籍": 1.6,
    "公交": 1.7,
    "垃圾清运": 1.7,
    "违法建设": 1.6,
    "欠薪": 1.5,
    "拖欠工资": 1.7,
    "入学": 1.5,
    "充电": 1.4,
    "辐射": 0.3,
    "野生": 0.3,
    "退役": 0.5,
    "收养": 0.4,
    "科普": 0.4,
    "职称": 0.5,
    "采矿": 0.4,
}
# hours of the day, 0 to 23: most people call in the morning; noise is called about when it keeps them awake
OFFICE = (4, 3, 2, 2, 2, 4, 10, 28, 62, 90, 92, 74, 44, 50, 72, 78, 70, 56, 36, 30, 26, 20, 13, 7)
NIGHT = (46, 30, 16, 8, 6, 10, 14, 18, 24, 26, 22, 18, 20, 18, 16, 16, 18, 22, 30, 44, 62, 86, 96, 74)
ROUND_THE_CLOCK = (10, 8, 6, 6, 8, 16, 40, 62, 66, 60, 54, 48, 46, 40, 38, 38, 42, 56, 64, 60, 50, 38, 26, 16)
CLOCKS: dict[str, Sequence[int]] = {
    "噪": NIGHT,
    "停水": ROUND_THE_CLOCK,
    "停电": ROUND_THE_CLOCK,
    "暖气": ROUND_THE_CLOCK,
    "燃气": ROUND_THE_CLOCK,
    "内涝": ROUND_THE_CLOCK,
}
WEEK = (1.12, 1.06, 1.03, 1.0, 1.02, 0.86, 0.80)  # Monday first


class HotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that many call about, in one place, for a while: what an analyst should find."""

    category: str
    district: str
    street: str
    first: date
    days: int
    share: float  # of the city's calls of one day, at its height

    def at(self, day: date) -> float:
        """Its part of the calls of a day: rises at once, fades."""
        age = (day - self.first).days
        return self.share * (1 - age / self.days) if 0 <= age < self.days else 0.0


def factor(name: str, table: dict[str, float]) -> float:
    return next((f for word, f in table.items() if word in name), 1.0)


def season(name: str, day: date) -> float:
    """How much more than usual a category is called about, between the middles of two months."""
    months = next((m for word, m in SEASONS.items() if word in name), None)
    if months is None:
        return 1.0
    here = months[day.month - 1]
    other = months[day.month % 12 if day.day >= 15 else day.month - 2]
    way = abs(day.day - 15) / 30
    return here * (1 - way) + other * way


def day_weight(city: CityIndex, day: date, first: date) -> float:
    """How busy a day is: the week, holidays and days off, and a little more each month."""
    base = WEEK[day.weekday()]
    if not city.is_workday(day) and day.weekday() < 5:
        base *= 0.62
    elif city.is_workday(day) and day.weekday() >= 5:
        base *= 1.2
    return base * (1 + 0.12 * (day - first).days / 365)


def hot_spots(city: CityIndex, first: date, last: date, dice: random.Random, n: int = 14) -> tuple[HotSpot, ...]:
    """Hot spots strewn over the span, never two of the same matter."""
    leaves = dice.sample([leaf for leaf in city.leaves() if factor(leaf.name, OFTEN) >= 1], k=n)
    starts = [first + timedelta(days=d) for d in range(max(1, (last - first).days - 10))]
    found = []
    for leaf in leaves:
        start = dice.choices(starts, [season(leaf.name, day) for day in starts])[0]
        district = dice.choice(city.children(None))
        streets = [p for p in city.children(district.code) if p.level == "street"]
        found.append(
            HotSpot(
                category=leaf.code,
                district=district.code,
                street=dice.choice(streets).code if streets else "",
                first=start,
                days=dice.randrange(3, 13),
                share=dice.uniform(0.06, 0.22),
            )
        )
    return tuple(found)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call to come: when, about what, and where if the day has a hot spot."""

    day: date
    category: Category
    hot: HotSpot | None


def calls_of(city: CityIndex, first: date, days: int, n: int, dice: random.Random) -> list[Call]:
    """n calls over the days, in their order."""
    leaves = city.leaves()
    spots = hot_spots(city, first, first + timedelta(days=days), dice)
    by_code = {leaf.code: leaf for leaf in leaves}
    usual = [factor(leaf.name, OFTEN) * dice.uniform(0.75, 1.25) for leaf in leaves]
    calendar = [first + timedelta(days=d) for d in range(days)]
    asked = [[w * season(leaf.name, day) for w, leaf in zip(usual, leaves, strict=True)] for day in calendar]
    busy = [day_weight(city, day, first) * (sum(asked[i]) / sum(usual)) ** 0.5 for i, day in enumerate(calendar)]
    noisy = [b * dice.uniform(0.88, 1.12) for b in busy]
    found = []
    counts = [0] * days
    for index in dice.choices(range(days), noisy, k=n):
        counts[index] += 1
    for index, count in enumerate(counts):
        day, edges = calendar[index], list(itertools.accumulate(asked[index]))
        for _ in range(count):
            hot = next((s for s in spots if dice.random() < s.at(day)), None)
            leaf = by_code[hot.category] if hot else leaves[bisect(edges, dice.random() * edges[-1])]
            found.append(Call(day=day, category=leaf, hot=hot))
    return found


def second_of_day(name: str, dice: random.Random) -> float:
    """When on its day somebody calls about a category, seconds after midnight."""
    hours = next((h for word, h in CLOCKS.items() if word in name), OFFICE)
    return dice.choices(range(24), hours)[0] * 3600 + dice.random() * 3600
