"""Made-up calls: times as callers say them, each with the span in which the resolved time must begin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from pipeline.calls.figures import counted
from pipeline.calls.made import Split

Said = tuple[str, datetime, datetime]  # words, earliest and latest beginning
DAY = timedelta(days=1)
WEEK = "一二三四五六日"


def began(now: datetime, split: Split, rng: Random) -> Said:
    """When it happened or began. `now` is naive city time."""
    return rng.choice(_BEGAN[split])(_midnight(now), now, rng)


def lasting(now: datetime, split: Split, rng: Random) -> Said:
    """For how long it has lasted: 三个多月, 快半个月."""
    words, days = rng.choice(_SPANS[split])
    return words, now - timedelta(days=days * 1.5 + 1), now - timedelta(days=days * 0.6)


def before(rng: Random, split: Split) -> str:
    """When the caller had called earlier; no time of the matter."""
    return rng.choice(_BEFORE[split])


def iso(span: Said) -> str:
    """The span as a reference value."""
    return f"{span[1].isoformat()}/{span[2].isoformat()}"


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _day(words: str, back: int, low: float = 0, high: float = 23.99) -> Callable[[datetime, datetime, Random], Said]:
    def draw(today: datetime, now: datetime, rng: Random) -> Said:
        at = today - back * DAY
        return words, at + timedelta(hours=low), at + timedelta(hours=high)

    return draw


def _clock(day: str, back: int, period: str, first: int, last: int, tail: tuple[str, ...]) -> Callable[..., Said]:
    """前天下午三点左右: the hour is drawn from [first, last] of the day's 24."""

    def draw(today: datetime, now: datetime, rng: Random) -> Said:
        hour, half = rng.randrange(first, last + 1), rng.random() < 0.3
        shown = hour - 12 if hour > 12 else hour
        figure = counted(shown).replace("二", "两") if shown == 2 else counted(shown)
        words = f"{day}{period}{figure}点{'半' if half else rng.choice(tail)}"
        at = today - back * DAY + timedelta(hours=hour, minutes=30 if half else 0)
        return words, at, at + timedelta(minutes=1)

    return draw


def _week(shape: str, weeks: int, names: str = WEEK) -> Callable[..., Said]:
    def draw(today: datetime, now: datetime, rng: Random) -> Said:
        n = rng.randrange(7)
        at = today - today.weekday() * DAY + (n - 7 * weeks) * DAY
        return shape + names[n], at, at + DAY - timedelta(minutes=1)

    return draw


def _date(shape: str) -> Callable[..., Said]:
    """十月三号: some date of the last two months."""

    def draw(today: datetime, now: datetime, rng: Random) -> Said:
        at = today - rng.randrange(9, 50) * DAY
        month = counted(at.month) if shape == "han" else str(at.month)
        day = counted(at.day) if shape == "han" else str(at.day)
        if shape == "last":
            at = (today.replace(day=1) - DAY).replace(day=rng.randrange(1, 28))
            return f"上个月{counted(at.day)}号", at, at + DAY - timedelta(minutes=1)
        return f"{month}月{day}号{'那天' if shape == 'that' else ''}", at, at + DAY - timedelta(minutes=1)

    return draw


def _ago(words: str, days: float) -> Callable[..., Said]:
    def draw(today: datetime, now: datetime, rng: Random) -> Said:
        at = now - timedelta(days=days)
        slack = timedelta(days=max(0.6, days * 0.35))
        return words, at - slack - DAY * 0.6, at + slack

    return draw


_TUNE: tuple[Callable[..., Said], ...] = (
    _day("昨天", 1), _day("前天", 2), _day("昨天晚上", 1, 17), _day("大前天", 3), _day("昨晚", 1, 17),
    _clock("昨天", 1, "晚上", 19, 22, ("多", "", "左右")), _clock("前天", 2, "下午", 13, 17, ("左右", "钟")),
    _clock("今天", 0, "早上", 6, 8, ("", "多")), _week("上周", 1), _week("上个礼拜", 1, "一二三四五六天"),
    _date("han"), _date("last"), _ago("三天前", 3), _ago("半个月前", 15), _ago("两个月前", 60),
)  # fmt: skip
_TEST: tuple[Callable[..., Said], ...] = (
    _day("昨儿个", 1), _day("昨天夜里", 1, 17), _day("前天晚上", 2, 17), _day("昨天中午", 1, 10.5, 14),
    _day("大前天傍晚", 3, 16, 20), _clock("昨晚", 1, "", 19, 23, ("来钟", "多", "钟的样子")),
    _clock("前天", 2, "上午", 8, 11, ("多钟", "左右", "来钟")), _clock("今天", 0, "凌晨", 1, 5, ("多", "钟")),
    _clock("昨天", 1, "下午", 13, 17, ("过", "多", "")), _week("上礼拜", 1, "一二三四五六天"), _week("上上周", 2),
    _week("上星期", 1), _date("plain"), _date("han"), _ago("一个多礼拜前", 9), _ago("十来天前", 11),
    _ago("一个月以前", 30), _ago("四五天前", 4.5), _ago("三个多月前", 100), _ago("小半个月前", 13),
)  # fmt: skip
_PROBE: tuple[Callable[..., Said], ...] = (
    _day("昨儿", 1), _day("昨天一大早", 1, 4, 10), _day("前天中午", 2, 10.5, 14), _day("昨天擦黑那会儿", 1, 16, 20),
    _clock("前天", 2, "清早", 5, 8, ("多", "来钟")), _clock("大前天", 3, "下午", 13, 17, ("钟", "过一点")),
    _week("上个星期", 1), _date("han"), _ago("五六天前", 5.5), _ago("二十来天前", 20), _ago("半年前", 180),
)  # fmt: skip
_EXAM: tuple[Callable[..., Said], ...] = (
    _day("前儿个", 2), _day("昨天后半晌", 1, 12, 19), _day("大前天晚上", 3, 17),
    _clock("昨儿", 1, "晚上", 18, 22, ("来钟", "多钟", "")), _clock("今天", 0, "一早", 5, 8, ("多", "的样子")),
    _week("上上个礼拜", 2, "一二三四五六天"), _date("that"), _ago("一个礼拜之前", 7), _ago("个把月前", 30),
    _ago("两年前", 730),
)  # fmt: skip
_BEGAN: dict[Split, tuple[Callable[..., Said], ...]] = {"tune": _TUNE, "test": _TEST, "probe": _PROBE, "exam": _EXAM}
_SPANS: dict[Split, tuple[tuple[str, float], ...]] = {
    "tune": (("三天", 3), ("一个星期", 7), ("半个月", 15), ("两个多月", 68), ("快一年", 350)),
    "test": (
        ("四五天", 4.5), ("小半年", 160), ("快两个礼拜", 13), ("一个来月", 31), ("大半年", 220), ("整整十天", 10),
        ("三年多", 1180), ("这半个月", 15),
    ),
    "probe": (("七八天", 7.5), ("俩月", 60), ("小一年", 330), ("两年多", 850), ("四个来月", 122)),
    "exam": (("个把礼拜", 7), ("一个半月", 45), ("二十多天", 24), ("半拉月", 15), ("两三天", 2.5)),
}  # fmt: skip
_BEFORE: dict[Split, tuple[str, ...]] = {
    "tune": ("上个月", "上周", "前天"),
    "test": ("上礼拜", "大上个月", "前些天", "上个星期三"),
    "probe": ("头几天", "礼拜一那天"),
    "exam": ("上个月底", "前一阵"),
}
