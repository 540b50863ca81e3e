"""When it happened: spoken times resolved against the call's own time, as ISO instants or intervals of the city."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agents.extract.feasts import feast
from agents.lines import evidence
from agents.mentions import When
from agents.numerals import number
from agents.reading import Reading
from schemas.draft import FieldValue

_N = r"[0-9]{1,2}|[一二两三四五六七八九十]{1,3}"
_WEEK = r"(?:周|星期|礼拜)"
_DAY = (
    rf"(?:大前天|大前晚|大前儿个?|前天|前晚|前儿个?|昨儿个?|昨天|昨日|昨晚|昨夜|今天|今儿个?|今晚|今早|今晨|明天|明早|明晚|后天|前几天|这几天|这两天|最近|近期|刚才|刚刚|现在"
    rf"|(?:上上|上|这|本|下)个?{_WEEK}[一二三四五六日天]|(?:上上|上|这|本|下)个?{_WEEK}|{_WEEK}[一二三四五六日天]"
    rf"|(?:(?:去年|今年|前年|明年)的?)?(?:(?:{_N}|正|腊|冬)月(?:份)?|上个月|这个月|本月|下个月)(?:的)?(?:(?:{_N}|初{_N}|二十[一二三四五六七八九]|三十一?)(?:号|日))?"
    rf"|(?:{_N})号(?!楼|院|线|店|门|码|机|窗)|去年|今年|前年"
    rf"|(?:国庆|五一|春节|元旦|中秋|端午|清明|过年|元宵|劳动节)(?:节|期间|那天|前|后)?)"
)
_AGO = (
    rf"(?:(?:{_N}|小半|大半|半|几|好几|[一二三四五六七八九]{{2}})(?:多|来)?(?:个)?(?:多)?(?:分钟|小时|钟头|天|晚上|{_WEEK}|月|年)(?:多)?(?:以前|之前|前))"
    rf"|(?:{_N}|半|几)个?月(?:以前|之前|前)"
)
_PERIOD = (
    r"(?:大清早|清早|大早上|一大早|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|夜里|夜晚|大半夜|后半夜|半夜|深夜|凌晨|晚)"
)
_MINUTE = rf"零[一二三四五六七八九](?:分)?|(?:{_N})分|[二三四五]?十[一二三四五六七八九]?|[1-5][0-9]"
_CLOCK = rf"(?:{_N})点(?:钟|半|一刻|三刻|{_MINUTE})?(?:多|左右|来钟|过)?(?!水|钱|儿|都|不|也|意见|建议|名|用)"
_OFTEN = r"(?:每天|每晚|每到|天天|经常|老是|一到|每个)"
_TIME = re.compile(
    rf"(?P<from>从|自从|打)?(?P<often>{_OFTEN})?(?P<day>{_AGO}|{_DAY})?(?P<often2>{_OFTEN})?的?(?P<period>{_PERIOD})?的?(?P<clock>{_CLOCK})?"
    rf"(?:(?:一直)?(?:到|至)(?P<until>现在|今天|目前|(?:第二天)?{_PERIOD}?(?:{_CLOCK})?))?"
)
_LASTING = re.compile(
    rf"(?:已经|都|停了|等了|拖了|欠了|有)?(?P<n>{_N}|小半|大半|半|好几|几)(?P<many>多)?个?(?P<more>多)?(?P<unit>分钟|小时|钟头|天|晚上|{_WEEK}|月|年)(?:多)?(?:了|(?=都?没))"
)
_HOURS = {
    "早": (6, 9), "清早": (5, 8), "上午": (8, 12), "中午": (11, 14), "下午": (12, 18), "傍晚": (17, 20),
    "晚": (18, 24), "夜": (20, 24), "半夜": (0, 5), "凌晨": (0, 6),
}  # fmt: skip
_BACK = (
    ("大前", 3), ("前天", 2), ("前晚", 2), ("前儿", 2), ("昨", 1), ("今天", 0), ("今儿", 0), ("今晚", 0), ("今早", 0),
    ("今晨", 0), ("明", -1), ("后天", -2)
)  # fmt: skip
_UNITS = {"分钟": "minutes", "小时": "hours", "钟头": "hours", "天": "days", "晚上": "days"}


def whens(text: str, now: datetime) -> tuple[When, ...]:
    """All times of a text, in order. `now` is the city's time when the call began."""
    now = now.replace(tzinfo=None, second=0, microsecond=0)
    found: list[When] = []
    for match in _TIME.finditer(text):
        if match.end() - match.start() < 2 or not (match["day"] or match["period"] or match["clock"]):
            continue
        if match["period"] == "晚" and not match["day"] and not match["clock"]:
            continue
        found.append(_when(match, now))
    for match in _LASTING.finditer(text):
        if all(match.end() <= w.start or match.start() >= w.end for w in found):
            begins = now - _span(match["n"], match["unit"], bool(match["many"] or match["more"]))
            found.append(When(match.start(), match.end(), match[0], begins, now, False, True, 1.0))
    return tuple(sorted(found, key=lambda w: w.start))


def _when(match: re.Match[str], now: datetime) -> When:
    day, period, clock, until = match["day"], match["period"], match["clock"], match["until"]
    often = bool(match["often"] or match["often2"])
    if day and day[-1] in "晚早夜晨" and day[0] in "昨今明前大":
        period = period or {"晚": "晚上", "早": "早上", "夜": "夜里", "晨": "凌晨"}[day[-1]]
    bounds = _day(day, now) if day else (_midnight(now), _midnight(now) + timedelta(days=1))
    if bounds is not None and (period or clock):
        bounds = _hours(bounds, period or "", clock or "", now, bool(day))
    if bounds is not None and until:
        bounds = _until(bounds, until, now)
    if bounds is not None and not day and bounds[0] > now:
        bounds = bounds[0] - timedelta(days=1), bounds[1] - timedelta(days=1)  # a night named at noon is the last one
    weight = (
        (0.6 if day or clock or often else 0.1)
        + 0.5 * bool(day)
        + 0.3 * bool(period)
        + 0.5 * bool(clock)
        + 0.2 * bool(match["from"])
        + 0.2 * often
    )
    if day == "今年" and re.match(
        r"满|都|就|已经|[零一二三四五六七八九十]+岁|[0-9]+岁|多大|的?(?:政策|标准|补贴|居民)",
        match.string[match.end() :],
    ):
        weight -= 0.6
    if re.match(r"[^，。]{0,3}(?:打过|反映过|投诉过|举报过|说的?)", match.string[match.end() :]):
        weight -= 0.7  # when he called before, not when it happened
    if day in ("现在", "最近", "近期", "去年", "今年", "刚才", "刚刚"):
        weight -= 0.4
    begins, ends = bounds or (None, None)
    return When(match.start(), match.end(), match[0], begins, ends, often, bool(day), weight)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0)


def _day(day: str, now: datetime) -> tuple[datetime, datetime] | None:
    today, one = _midnight(now), timedelta(days=1)
    for words, back in _BACK:
        if day.startswith(words) and not day.startswith("明年"):
            return today - back * one, today - (back - 1) * one
    if day in ("前几天", "这几天", "这两天", "最近", "近期"):
        return today - (2 if day == "这两天" else 5) * one, now
    if day in ("刚才", "刚刚", "现在"):
        return now - timedelta(minutes=0 if day == "现在" else 30), now
    if ago := re.fullmatch(
        rf"({_N}|小半|大半|半|几|好几)(多|来)?(?:个)?(多)?(分钟|小时|钟头|天|晚上|{_WEEK}|月|年)(?:多)?(?:以前|之前|前)",
        day,
    ):
        at = now - _span(ago[1], ago[4], bool(ago[2] or ago[3]))
        return (at, at) if ago[4] in ("分钟", "小时", "钟头") else (_midnight(at), _midnight(at) + one)
    if week := re.fullmatch(rf"(上上|上|这|本|下)?个?{_WEEK}([一二三四五六日天])?", day):
        monday = today - now.weekday() * one + {"上上": -14, "上": -7, "下": 7}.get(week[1] or "", 0) * one
        if not week[2]:
            return monday, monday + 7 * one
        at = monday + ("一二三四五六日".find("日" if week[2] == "天" else week[2])) * one
        if not week[1] and at > now:
            at -= 7 * one
        return at, at + one
    return _month(day, now) or feast(day, now)


def _month(day: str, now: datetime) -> tuple[datetime, datetime] | None:
    if day in ("去年", "今年", "前年"):
        year = now.year - {"去年": 1, "今年": 0, "前年": 2}[day]
        return datetime(year, 1, 1), datetime(year + 1, 1, 1)
    match = re.fullmatch(
        rf"(?:(去年|今年|前年|明年)的?)?(?:({_N})月(?:份)?|(上个月|这个月|本月|下个月))?(?:的)?(?:({_N}|二十[一-九]|三十一?)(?:号|日))?",
        day,
    )
    if match is None or not any(match.groups()):
        return None
    year = now.year + {"去年": -1, "前年": -2, "明年": 1}.get(match[1] or "", 0)
    month = int(number(match[2]) or 0) if match[2] else now.month
    if match[3]:
        shifted = year * 12 + now.month - 1 + {"上个月": -1, "下个月": 1}.get(match[3], 0)
        year, month = divmod(shifted, 12)
        month += 1
    date = int(number(match[4]) or 0) if match[4] else 0
    try:
        first = datetime(year, month, date or 1)
    except ValueError:
        return None
    if match[2] and not match[1] and first > now:
        first = first.replace(year=year - 1)  # 十二月, said in November, is over
    if not match[2] and not match[3] and date and first > now:
        first = (first.replace(day=1) - timedelta(days=1)).replace(day=min(date, 28))
    if date:
        return first, first + timedelta(days=1)
    after = datetime(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, after


def _hours(
    bounds: tuple[datetime, datetime], period: str, clock: str, now: datetime, dated: bool
) -> tuple[datetime, datetime]:
    begins = _midnight(bounds[0])
    low, high = next((h for word, h in sorted(_HOURS.items(), key=lambda i: -len(i[0])) if word in period), (0, 24))
    if not clock:
        return begins + timedelta(hours=low), begins + timedelta(hours=high)
    parts = re.match(rf"({_N})点(?:(半)|(一刻)|(三刻)|({_MINUTE}))?", clock)
    hour = int(number(parts[1]) or 0) if parts else 0
    minute = 0
    if parts:
        minute = (
            30
            if parts[2]
            else 15
            if parts[3]
            else 45
            if parts[4]
            else int(number(parts[5].strip("零分")) or 0)
            if parts[5]
            else 0
        )
    if hour < 12 and (low >= 12 or (low == 11 and hour <= 2)):
        hour += 12
    elif hour == 12 and low in (18, 20, 0):
        hour = 24
    elif not period and not dated and hour <= 12 and (h := _past(hour, minute, now)) is not None:
        hour = h
    at = begins + timedelta(hours=min(hour, 24), minutes=min(minute, 59))
    return at, at


def _past(hour: int, minute: int, now: datetime) -> int | None:
    """A bare 三点 is the newest three o'clock that lies behind."""
    fits = [h for h in (hour, hour + 12) if (h, minute) <= (now.hour, now.minute)]
    return max(fits, default=None)


def _until(bounds: tuple[datetime, datetime], until: str, now: datetime) -> tuple[datetime, datetime]:
    if until in ("现在", "今天", "目前"):
        return bounds[0], now
    period = re.search(_PERIOD, until)
    clock = re.search(_CLOCK, until)
    day = bounds[0]
    _, ends = _hours((day, day), period[0] if period else "", clock[0] if clock else "", now, True)
    while ends <= bounds[0]:
        ends += timedelta(hours=12) if not period and clock else timedelta(days=1)
    return bounds[0], ends


def _span(n: str, unit: str, more: bool) -> timedelta:
    if len(n) == 2 and n[0] in "一二两三四五六七八" and n[1] in "二三四五六七八九":
        n = n[0]  # 四五天: from four on
    many = {"半": 0.5, "小半": 0.45, "大半": 0.65, "几": 3.0, "好几": 4.0}.get(n) or number(n) or 1.0
    many += 0.5 if more and many >= 1 else 0.0
    if unit in _UNITS:
        return timedelta(**{_UNITS[unit]: many})
    return timedelta(days=round(many * (365 if unit == "年" else 30 if unit == "月" else 7)))


def event_time(readings: Sequence[Reading], now: datetime) -> FieldValue | None:
    """The time of the matter: the one that says most, earlier ones first; a bare hour takes the day named before it."""
    named = [(r.line, w) for r in readings for w in r.times if w.begins is not None]
    zone = now.tzinfo
    local = now.replace(tzinfo=None)
    past = [(li, w) for li, w in named if w.begins is not None and w.begins <= local and w.weight >= 0.5]
    if not past:
        return None
    line, best = max(past, key=lambda n: (n[1].weight, -n[0].at))
    words, begins, ends = best.text, best.begins, best.ends
    said = [evidence(line, best.start, best.end)]
    if not best.has_day:
        before = [(li, w) for li, w in past if w.has_day and 0 <= line.at - li.at <= 6 and w is not best and w.begins]
        if before:
            day_line, day = before[-1]
            assert begins is not None and ends is not None and day.begins is not None
            shift = _midnight(day.begins) - _midnight(begins)
            if (day.ends or day.begins) - day.begins <= timedelta(days=1):
                begins, ends, words = begins + shift, ends + shift, day.text + words
                said.insert(0, evidence(day_line, day.start, day.end))
    assert begins is not None
    value = begins.replace(tzinfo=zone).isoformat()
    if best.often:
        value = "R/" + value
    if ends is not None and ends != begins:
        value += "/" + ends.replace(tzinfo=zone).isoformat()
    return FieldValue(
        value=value,
        label=_label(words, begins, best, now.year),
        confidence=min(0.95, 0.45 + 0.25 * best.weight),
        origin="rule",
        evidence=tuple(said),
    )


def _label(words: str, begins: datetime, best: When, year: int) -> str:
    words = words.removeprefix("从").removeprefix("自从").strip("的")
    if best.often:
        return words
    exact = best.begins == best.ends
    day = f"{begins.year}年" * (begins.year != year) + f"{begins.month}月{begins.day}日"
    if best.ends is not None and best.begins is not None and best.ends - best.begins > timedelta(days=1):
        return f"{words}（{day}起）"
    return f"{words}（{day}{f' {begins:%H:%M}' if exact else ''}）"
