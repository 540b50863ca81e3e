"""Days, weeks and months as callers name them: 昨儿个, 大前天, 上上礼拜三, 上个月底, 头年, 半年前. Naive city time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from agents.extract.feasts import FEAST, feast
from agents.extract.hours import PERIOD, midnight
from agents.extract.spans import SHORT, SPAN, measure
from agents.numerals import number

_N = r"[0-9]{1,2}|[一二两三四五六七八九十]{1,3}"
_WEEK = r"(?:周|星期|礼拜)"
_BARE = (
    r"(?:二十[一二三四五六七八九]|十[一二三四五六七八九]|三十一?|二十|"
    r"初[一二三四五六七八九十])(?![天个块年岁户元多万千点斤人来几])"
)
_DATE = (
    r"(?:(?:[0-9]{1,2}|初[一二三四五六七八九十]|二十[一二三四五六七八九]|三十一?|二?十几|十[一二三四五六七八九]|二十|"
    rf"[一二三四五六七八九十])(?:号|日)|{_BARE})"
)
_PART = r"(?:初|底|末|中旬|上旬|下旬|中(?!间|心|午|国)|头(?:上|里)|尾|上半月|下半月)"
_EVE = r"(?:(?:晚|早|夜|晨)(?!上|里|间|起|饭)|黑(?:了|家)?(?!夜)|宿)"  # 昨晚, 前夜
_BACK: tuple[tuple[str, int], ...] = (
    (r"大大前(?:天|儿个?|日)", 4),
    (rf"大前(?:天|儿个?|日|个(?!月|星期|礼拜)|{_EVE})|(?:上|先|向|外)前(?:天|日)", 3),
    (rf"前(?:天|儿个?|日(?!子)|个儿|朝|{_EVE})", 2),
    (rf"昨(?:天|儿个?|日|个|朝|{_EVE}|(?={PERIOD}))|夜(?:儿个?|个(?!月|星|礼)|隔)|头(?:一)?天", 1),
    (rf"今(?:天|儿个?|日|个(?!月)|朝|{_EVE}|(?={PERIOD}))", 0),
    (rf"明(?:天|儿个?|日(?!的太)|个|朝|{_EVE})", -1),
    (r"后(?:天|儿个?)", -2),
)
_LATELY = {
    "前几天": 5, "这几天": 5, "这两天": 2, "头几天": 5,
    "前两天": 2, "头两天": 2, "前些天": 8, "头些天": 8, "这些天": 8,
    "前些日子": 15, "前阵子": 20, "前一阵": 20, "前一阵子": 20,
    "前段时间": 20, "前一段时间": 20, "前一段": 20, "前段日子": 20,
    "头些日子": 15, "早几天": 5, "早两天": 2, "这阵子": 20,
    "这一阵": 20, "这一阵子": 20, "这段时间": 20, "这一段时间": 20,
    "这段日子": 20, "这些日子": 15, "这程子": 20, "近来": 15,
    "近几天": 5, "近两天": 2, "近些天": 8, "最近": 5, "近期": 5,
    "上些天": 8, "那阵子": 20, "前晌子": 5, "前不久": 10, "没几天": 4, "前几日": 5, "这几日": 5, "近日": 5,
}  # fmt: skip
_NOW = {
    "刚才": 30, "刚刚": 30, "方才": 30, "才刚": 30, "将才": 30,
    "头先": 30, "适才": 30, "现在": 0, "眼下": 0, "这会儿": 0,
    "眼目下": 0, "这阵儿": 0,
}  # fmt: skip
NOWISH = frozenset((*_NOW, "最近", "近期", "近来", "近日", "去年", "今年", "这阵子", "这段时间"))  # say little of when
_YEARS = {
    "大前年": 3,
    "前年": 2,
    "去年": 1,
    "头年": 1,
    "上年": 1,
    "旧年": 1,
    "年时": 1,
    "今年": 0,
    "当年": 0,
    "明年": -1,
}
_YEAR = r"(?:大前年|前年|去年|头年|旧年|年时|今年|明年)"
_SEASONS = {
    "开春": (2, 4), "春天": (3, 5), "春上": (3, 5), "入夏": (6, 6),
    "夏天": (6, 8), "伏天": (7, 8), "暑假": (7, 8), "麦收": (6, 6),
    "入秋": (8, 9), "秋天": (9, 11), "秋收": (9, 10),
    "开学": (9, 9), "入冬": (11, 11), "冬天": (12, 14), "寒假": (1, 2),
    "上半年": (1, 6), "下半年": (7, 12), "年初": (1, 2),
    "年中": (6, 6), "年底": (12, 12), "年末": (12, 12), "年头": (1, 2),
}  # fmt: skip
_SEASON = r"(?:" + "|".join(_SEASONS) + ")"
_MONTH = r"(?:上上个?月|上个?月|头个月|前个月|这个月|本月|当月|下个月)"
_NAMED_YEAR = (
    r"(?:(?:20[0-9]{2}|二[零〇][零〇一二][零〇一二三四五六七八九])年|"
    r"[一二][零〇一二三四五六七八九]年(?=的?(?:[0-9一二三四五六七八九十]{1,2}月|春|夏|秋|冬|年?底|年初)))"
)
AGO = rf"(?:{SPAN}(?:以前|之前|前头|前(?!面|台|门|后))|(?:前|头|早){SPAN}(?!头|班|名|次|趟))"
DAY = (
    r"(?:" + "|".join(words for words, _ in _BACK)
    + "|" + "|".join(sorted((*_LATELY, *_NOW), key=len, reverse=True))
    + rf"|(?:上上|上|这|本|下|头|前)一?个?{_WEEK}的?(?:{_WEEK}?[一二三四五六日天末])?"
    rf"|(?<![个多来俩仨几一二两三四五六七八九十半每逢])(?:{_WEEK}[一二三四五六日天](?!直|共|般|样|"
    rf"起(?!头)|块|下|会|家|来|边|点)|周末)"
    rf"|(?:(?:{_YEAR}|{_NAMED_YEAR})的?)?(?:(?:(?:{_N}|正|腊|冬)月(?:份)?|{_MONTH})的?(?:{_DATE}|{_PART})?)"
    rf"|(?<![几一二两三四五六七八九十0-9])(?:(?:{_N})号(?!楼|院|线|店|门|码|机|窗|房|桌|柜|厅|口|库|"
    rf"井|车|地|坑|杆)|二十几号|十几号)"
    rf"|月(?:初|底|末)|(?:{_YEAR}|{_NAMED_YEAR})的?{_SEASON}|(?:{_YEAR}|{_NAMED_YEAR})|开春|入夏|入秋|"
    rf"入冬|年初|上半年|暑假里?|寒假里?"
    rf"|{FEAST})"
)  # fmt: skip
_BACK_WORDS = tuple((re.compile(words.replace(rf"(?={PERIOD})", "")), back) for words, back in _BACK)
_AGO = re.compile(rf"(?:({SPAN})(?:以前|之前|前头|前)|(?:前|头|早)({SPAN}))")
_WEEKS = re.compile(rf"(上上|上|这|本|下|头|前)?一?个?{_WEEK}的?{_WEEK}?([一二三四五六日天末])?")
_MONTHS = re.compile(
    rf"(?:({_YEAR}|{_NAMED_YEAR})的?)?(?:({_N})月(?:份)?|({_MONTH}))?的?"
    rf"(?:({_N}|二十[一-九]|三十一?|二?十几)(?:号|日)?|({_PART}))?"
)
_PARTS = {
    "初": (1, 10),
    "上旬": (1, 10),
    "头": (1, 10),
    "上半": (1, 15),
    "中": (11, 20),
    "下半": (16, 31),
    "下旬": (21, 31),
}
ONE = timedelta(days=1)


def day_of(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    """[begin, end) of words of DAY or AGO; None where no date is to be had."""
    today = midnight(now)
    if words in _LATELY:
        return today - _LATELY[words] * ONE, now
    if words in _NOW:
        return now - timedelta(minutes=_NOW[words]), now
    if not words.startswith(("明年", "前年")) and not words.startswith("大前年"):
        for back_words, back in _BACK_WORDS:
            if back_words.fullmatch(words):
                return today - back * ONE, today - (back - 1) * ONE
    if (ago := _AGO.fullmatch(words)) and (told := measure(ago[1] or ago[2])):
        at = now - told[0]
        if ago[2]:
            return (at, now) if told[1] in SHORT else (midnight(at), now)
        return (at, at) if told[1] in SHORT else (midnight(at), midnight(at) + ONE)
    return _week(words, today) or _month(words, now) or _season(words, now) or feast(words, now)


def _week(words: str, today: datetime) -> tuple[datetime, datetime] | None:
    week = _WEEKS.fullmatch(words)
    if week is None:
        return None
    back = {"上上": -14, "上": -7, "头": -7, "前": -7, "下": 7}.get(week[1] or "", 0)
    monday = today - today.weekday() * ONE + back * ONE
    if not week[2]:
        return monday, monday + 7 * ONE
    at = monday + ("一二三四五六日".find({"天": "日", "末": "六"}.get(week[2], week[2]))) * ONE
    if not week[1] and at > today:
        at -= 7 * ONE
    return at, at + (2 if week[2] == "末" else 1) * ONE


def _year(words: str | None, now: datetime) -> int | None:
    """The year a word names; None for no word."""
    if not words:
        return None
    if words in _YEARS:
        return now.year - _YEARS[words]
    figures = int(number(words.rstrip("年的")) or 0)
    return figures if figures >= 100 else 2000 + figures


def _month(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    if part := re.fullmatch(r"月(初|底|末)", words):
        at = _part(datetime(now.year, now.month, 1), part[1])
        if at[0] > now:
            at = _part((datetime(now.year, now.month, 1) - ONE).replace(day=1), part[1])
        return at
    match = _MONTHS.fullmatch(words)
    if match is None or not any(match.groups()):
        return None
    said = _year(match[1], now)
    year = now.year if said is None else said
    if not any(match.groups()[1:]):
        return datetime(year, 1, 1), datetime(year + 1, 1, 1)
    month = int(number(match[2]) or 0) if match[2] else now.month
    if match[3]:
        back = -2 if match[3].startswith("上上") else -1 if match[3][0] in "上头前" else 1 if match[3][0] == "下" else 0
        year, month = divmod(year * 12 + now.month - 1 + back, 12)
        month += 1
    date = int(number((match[4] or "").rstrip("几")) or 0)
    try:
        first = datetime(year, month, date or 1)
    except ValueError:
        return None
    if match[2] and not match[1] and first > now:
        first = first.replace(year=year - 1)  # 十二月, said in November, is over
    if not match[2] and not match[3] and date and first > now:
        first = (first.replace(day=1) - ONE).replace(day=min(date, 28))
    if date:
        return first, first + (10 if (match[4] or "").endswith("几") else 1) * ONE
    return _part(first, match[5]) if match[5] else (first, _after(first))


def _after(first: datetime) -> datetime:
    """The first of the next month."""
    return datetime(first.year + first.month // 12, first.month % 12 + 1, 1)


def _part(first: datetime, part: str) -> tuple[datetime, datetime]:
    """The part of a month: 初, 中旬, 底."""
    low, high = next((days for word, days in _PARTS.items() if part.startswith(word)), (25, 31))
    return first.replace(day=low), min(first + high * ONE, _after(first))


def _season(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    match = re.fullmatch(rf"(?:({_YEAR}|{_NAMED_YEAR})的?)?({_SEASON})里?", words)
    if match is None:
        return None
    said = _year(match[1], now)
    year = now.year if said is None else said
    low, high = _SEASONS[match[2]]
    begins = datetime(year, low, 1)
    if said is None and begins > now:
        begins = begins.replace(year=year - 1)
    months = begins.year * 12 + high  # the month after the last
    return begins, datetime(months // 12, months % 12 + 1, 1)
