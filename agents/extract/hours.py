"""Times of a day as callers name them, from 天没亮 to 后半夜, and the clock: 四点来钟, 七八点钟, 十点过一点."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from agents.numerals import number

_N = r"[0-9]{1,2}|[一二两三四五六七八九十]{1,3}"
# Words for parts of a day, the hours they span. Where one word holds another, the longer stands first.
_PARTS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"天(?:还)?(?:没|不|未)亮|天(?:才|刚)?(?:蒙蒙|麻麻)亮|鸡(?:一)?叫|起五更|五更天?", (4, 6)),
    (r"大清早上?|一清早|清早上?|天(?:才刚|刚刚|才|刚|一)亮|清晨", (5, 8)),
    (r"一?大早(?:上|起|晨)?|一早上?|早上|早晨|早起(?!来)|早间|早饭(?:前|后|时候|点)?", (6, 9)),
    (r"上午|头午|头晌午?|前半?晌|半上午|早半晌|上半天|小晌午", (8, 12)),
    (r"后半晌|半下午|下半晌", (15, 18)),
    (r"后晌|下晌", (14, 18)),
    (r"下午|午后|过晌午?|晌午后|下半天|后半天|擦晌", (12, 18)),
    (r"大?中午头?|正午|大?晌午头?|晌午饭|晌火|午饭(?:前|后|时候|点)?", (11, 14)),
    (r"傍晚黑?|天?(?:刚|一|快)?擦擦?黑|傍黑(?:天|儿)?|天?(?:刚|才)?麻麻?黑|黄昏|掌灯|晚半晌|天(?:快|"
    r"刚)黑|晚饭(?:前|后|时候|点)?", (17, 20)),
    (r"大?晚上|晚间|大?黑夜里?|天(?:一)?黑(?:以后|了|后)?|黑里|下黑|晚夕", (18, 24)),
    (r"三更半夜|半夜三更|深更半夜|大半夜|后半夜|下半夜|半夜里?|深夜里?|下半宿|后半宿|半宿", (0, 5)),
    (r"夜里头?|夜间|夜晚|大夜里|前半夜|上半夜", (20, 24)),
    (r"凌晨", (0, 6)),
)  # fmt: skip
PERIOD = "(?:" + "|".join(words for words, _ in _PARTS) + "|晚)"
_HOURS = tuple((re.compile(words), hours) for words, hours in _PARTS)
_EVENING = (18, 24)
_MINUTE = (
    rf"零[一二三四五六七八九](?:分)?|(?:{_N})分|[二三四五]?十[一二三四五六七八九]?(?:来|几)?分?|[1-5][0-9]分?|0[1-9]"
)
_ABOUT = r"(?:过(?:一点儿?|一些|了|几分|十来分)?|多钟?|来钟|把钟|出头|左右|上下|前后|光景|的?样子|不到|许|整)"
CLOCK = (
    rf"(?:(?:快|差不多|大概|大约|约莫|估摸|将近|不到|也就|就)?(?:{_N})点(?:钟|半|一刻|三刻|{_MINUTE})?{_ABOUT}?"
    rf"(?!水|钱|儿|都|不|也|意见|建议|名|用|子|心|评)|(?:[01]?[0-9]|2[0-3])[:：][0-5][0-9])"
)
_CLOCK = re.compile(rf"({_N})点(?:(半)|(一刻)|(三刻)|({_MINUTE}))?|([0-9]{{1,2}})[:：]([0-9]{{2}})")


def midnight(at: datetime) -> datetime:
    """The beginning of the day."""
    return at.replace(hour=0, minute=0)


def part_of_day(period: str) -> tuple[int, int]:
    """Hours [from, to) of a word of PERIOD; the whole day for none."""
    if not period:
        return 0, 24
    fits = [(m.end() - m.start(), hours) for words, hours in _HOURS if (m := words.search(period))]
    return max(fits, default=(0, _EVENING), key=lambda f: f[0])[1]


def hours(
    bounds: tuple[datetime, datetime], period: str, clock: str, now: datetime, dated: bool
) -> tuple[datetime, datetime]:
    """The hours of the day that `bounds` begins."""
    begins = midnight(bounds[0])
    low, high = part_of_day(period)
    if not clock:
        return begins + timedelta(hours=low), begins + timedelta(hours=high)
    hour, minute = _read(clock)
    if hour < 12 and (low >= 12 or (low == 11 and hour <= 2)):
        hour += 12
    elif hour == 12 and low in (18, 20, 0) and period:
        hour = 24
    elif not period and not dated and hour <= 12 and (h := _past(hour, minute, now)) is not None:
        hour = h
    at = begins + timedelta(hours=min(hour, 24), minutes=min(minute, 59))
    return at, at


def until(bounds: tuple[datetime, datetime], words: str, now: datetime) -> tuple[datetime, datetime]:
    """…到现在, …到第二天早上六点."""
    if words in ("现在", "今天", "目前", "如今", "这会儿", "今儿"):
        return bounds[0], now
    period = re.search(PERIOD, words)
    clock = re.search(CLOCK, words)
    day = bounds[0]
    _, ends = hours((day, day), period[0] if period else "", clock[0] if clock else "", now, True)
    while ends <= bounds[0]:
        ends += timedelta(hours=12) if not period and clock else timedelta(days=1)
    return bounds[0], ends


def _read(clock: str) -> tuple[int, int]:
    """Hour and minute; of 七八点 the earlier."""
    parts = _CLOCK.search(clock)
    if parts is None:
        return 0, 0
    if parts[6]:
        return int(parts[6]), int(parts[7])
    words = parts[1]
    if len(words) == 2 and "十" not in words and not words.isascii():
        words = words[0]
    elif len(words) == 3 and words[0] == "十":
        words = words[:2]  # 十一二点
    figures = parts[5].strip("零分").rstrip("来几") if parts[5] else ""
    minute = 30 if parts[2] else 15 if parts[3] else 45 if parts[4] else int(number(figures) or 0) if figures else 0
    return int(number(words) or 0), minute


def _past(hour: int, minute: int, now: datetime) -> int | None:
    """A bare 三点 is the newest three o'clock that lies behind."""
    fits = [h for h in (hour, hour + 12) if (h, minute) <= (now.hour, now.minute)]
    return max(fits, default=None)
