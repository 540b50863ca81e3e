"""When it happened: spoken times resolved against the call's own time, as ISO instants or intervals of the city."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agents.extract.days import AGO, DAY, NOWISH, day_of
from agents.extract.hours import CLOCK, PERIOD, hours, midnight, until
from agents.extract.spans import SPAN, measure
from agents.lines import Line, evidence
from agents.mentions import When
from agents.reading import Reading
from schemas.draft import FieldValue

_OFTEN = r"(?:每天|每晚|每到|每逢|天天|经常|老是|一到|每个|见天|成天)"
_FROM = r"(?:从|自从|打从|自打|由打|打)"
_MOMENT = r"(?:那天|那会儿?|那阵儿?|那工夫|那功夫|那时候|这会儿|那晚|的时候|那年|那个?月)"
# What a time begins with: elsewhere the long pattern need not be tried.
_STARTS = (
    r"(?=[0-9一二两三四五六七八九十百零〇俩仨几好数若半个年月天日小大快多足整将不差约估近少至满前头早上先向外昨夜今明后那没刚方才适现眼这本下周星礼"
    r"去旧从自打由每经老见成正腊冬开春入秋麦寒暑伏学鸡起清凌深三黄掌傍擦麻黑晚晌中午过当国元端重除圣教劳立惊谷芒处白霜也就到逢])"
)
_TIME = re.compile(
    rf"{_STARTS}(?P<from>{_FROM})?(?P<often>{_OFTEN})?(?P<day>{AGO}|"
    rf"{DAY})?(?:{_MOMENT})?(?P<often2>{_OFTEN})?[的个，]?(?P<period>{PERIOD})?"
    rf"的?(?P<clock>{CLOCK})?(?:(?:一直)?(?:到|至)(?P<until>现在|今天|目前|如今|这会儿|今儿|"
    rf"(?:第二天)?{PERIOD}?(?:{CLOCK})?))?"
)
_WITHIN = r"(?:时间|光景|左右|上下|的?样子|出头|开外|工夫|功夫|不止|往上|朝上|靠上|还多|打底|挂零|有余)?"
_LASTING = re.compile(
    rf"(?:(?P<bare>(?:^|(?<=[，。！？、 ]))(?:[嗯呃啊哦唉，]|哎呀|反正|怎么说呢|那个)*)|"
    rf"(?P<verb>[\u4e00-\u9fff]了)(?:有|都|足足|整整|快|将近|得有)?"
    rf"|(?P<lead>有(?:个|那么)?|都|快|已经|得|怕|这|连着|一连|连续|最近|足足|整整|将近|近|少说|差不多|"
    rf"大概|估摸着?|约莫|满打满算|前后|不止|至少|等|停|拖|欠))?"
    rf"(?P<span>{SPAN}){_WITHIN}"
    r"(?P<over>了|啦|喽|咯|哩|嘞|咧|唠|(?=[都还也就]?(?:没|一直|天天|老是|不来|不通|不给|"
    r"不管)))?(?P<end>(?=吧|呢|哦|啊|呗|[，。！？]|$)|以来|来(?=[，。我]|$))?"
)
_NOT_SPAN = re.compile(
    r"[每隔再头上下第过]$|(?:过个|再过|再等|还要|还得|需要|等个|隔个|不出|不到|签了|期限|保修|质保)$"
)
_NOT_LASTING = re.compile(
    r"^(?:的?(?:合同|质保|保修|假|工资|房租|租金|租期|学费|押金|定金|费用|会员|年卡|课)|两头|到晚|"
    r"到头|内|之内|以内|以后|之后|后|一[次趟回])"
)
_BACKGROUND = re.compile(
    r"(?:[住学干当教养嫁结退]了|住|退休|结婚|干|嫁过来|"
    r"搬(?:来|过来)|大)(?:都|有|快|也)?[小大快都有]?$"
)
_PAID = re.compile(r"[付交给租签买罚扣押存办贷借请判包订卖]了(?:有|整整)?$")  # so much was bought, unless it ends in 了
_NOT_VERB = re.compile(r"(?:[过除为好完极坏到]了|孩子|娃|宝宝|怀孕|身孕|[岁])(?:都|才|有)?$")
_GOING = ("这", "连着", "一连", "连续", "最近", "近")
_ASKED = re.compile(
    r"多久|多长|几时|何时|(?:什么|啥|哪个)(?:时候|时间|时辰|日子|时)|哪(?:一)?(?:天|年|个月|阵)|"
    r"几(?:号|月|点)|多(?:会儿|咱|早晚)|咋时|最早|"
    r"第一次|头一回|持续|多少天|几天|几个月|时间(?:是|大概|上|呢)|日期|有(?:些|段)(?:时候|时间|日子)|从哪|啥会儿"
)
_ASKED_OTHER = re.compile(
    r"打过|来过|反映过|投诉过|报过|登记过|方便|联系|回访|上一?次|上回|之前(?:打|反|来|报|找)|多大|年龄|岁数|出生"
)
# Words beside a time that make it one of an earlier call to the line, not of the matter.
_CALLED = re.compile(
    r"^[^，。]{0,14}?(?:[打来拨挂](?:过|了|的)?[一几两三好多]{0,2}[回次个趟通遍]?(?:过)?(?:电话|热线|"
    r"12345|一二三四五|你们)|打过|反映过|投诉过|举报过|登记过|"
    r"登记了|反映了|投诉了|举报了|给我(?:登记|登的|记|录|立|回(?:了|过)|答复)|受理|工单|派了?单|说过|讲过|报过|问过你们|"
    r"找过你们|跟你们(?:说|讲|反映|报)|回访|接的(?:电话|线|，|。|$)|报上去|拨的|拨过|通过电话)"
)
_CALLED_BEFORE = re.compile(r"(?:打过电话|反映过|投诉过|举报过|登记过|打电话|上回电话|上次电话|工单)[^，。]{0,4}$")
_PASSING = re.compile(r"^[^，。]{0,2}(?:(?:打过|反映过|投诉过|举报过)|(?:他们|人家|物业|社区|街道)?说(?:的|好|过))")
_LIFE = re.compile(
    r"^(?:的时候|里|份|就)?[^，。]{0,3}?(?:搬(?:来|进|到)|入住|住进|住(?:在)?(?:这|到)|交的?房|退休|"
    r"结的?婚|嫁|出生|参加工作|生的|建的|盖的|毕业)"
)
_OPEN = re.compile(r"^[^，。]{0,3}(?:上班|下班|开门|关门|营业|办公|停止办|截止)")
_PLAN = re.compile(
    r"^(?:满|都|就|已经|[零一二三四五六七八九十]+岁|[一二三四五六七八九]十[一二三四五六七八九]?(?:了|，|。|$)|[0-9]+岁|多大|的?(?:政策|标准|补贴|居民))"
)
_BEGUN = re.compile(r"^[，的就]{0,2}(?:那天)?(?:开始|起(?!来)|开的?头|就(?:这样|开始)|头一回|第一次|出的事|发现)")


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
    for span in _lasting(text, now):
        beside = [w for w in found if w.end <= span.start or w.start >= span.end]
        if all(w in beside or not (w.has_day or w.weight >= 0.5) for w in found):
            found = [*beside, span]  # 一晚上没睡 is a span, no evening
    return tuple(sorted(found, key=lambda w: w.start))


def _when(match: re.Match[str], now: datetime) -> When:
    day, period, clock = match["day"], match["period"], match["clock"]
    often = bool(match["often"] or match["often2"])
    if day and day[0] in "昨今明前大夜" and (eve := next((c for c in _EVENING if c in day[1:]), "")):
        period = period or _EVENING[eve]
    bounds = day_of(day, now) if day else (midnight(now), midnight(now) + timedelta(days=1))
    if bounds is not None and (period or clock):
        bounds = hours(bounds, period or "", clock or "", now, bool(day))
    if bounds is not None and match["until"]:
        bounds = until(bounds, match["until"], now)
    if bounds is not None and not day and bounds[0] > now:
        bounds = bounds[0] - timedelta(days=1), bounds[1] - timedelta(days=1)  # a night named at noon is the last one
    begins, ends = bounds or (None, None)
    return When(match.start(), match.end(), match[0], begins, ends, often, bool(day), _weight(match, often))


_EVENING = {"晚": "晚上", "早": "早上", "夜": "夜里", "晨": "凌晨", "黑": "晚上", "宿": "夜里"}


def _weight(match: re.Match[str], often: bool) -> float:
    """How much a time says of the matter: the fuller it is told the more; less when it is of something else."""
    day, clock, after = match["day"], match["clock"], match.string[match.end() :]
    weight = 0.6 if day or clock or often else 0.1
    weight += (
        0.5 * bool(day) + 0.3 * bool(match["period"]) + 0.5 * bool(clock) + 0.2 * bool(match["from"]) + 0.2 * often
    )
    if _BEGUN.match(after):
        weight += 0.2
    if day == "今年" and _PLAN.match(after):
        weight -= 0.6
    if _CALLED.match(after) or _PASSING.match(after) or _CALLED_BEFORE.search(match.string[: match.start()]):
        weight = min(weight - 0.9, -2.0)  # when he called before, not when it happened
    if day and _LIFE.match(after):
        weight -= 0.5
    if not day and _OPEN.match(after):
        weight -= 1.0
    if day in NOWISH:
        weight -= 0.4
    return weight


def _lasting(text: str, now: datetime) -> Iterator[When]:
    """Spans since the beginning: 都四个来月了, 拖了大半年, 十来天没水; in an answer the bare span."""
    for match in _LASTING.finditer(text):
        told = measure(match["span"])
        before, after = text[: match.start("span")], text[match.end() :]
        if told is None or _NOT_LASTING.match(after) or _NOT_SPAN.search(before):
            continue
        if _NOT_VERB.search(before):
            continue
        over, verb, ended = match["over"] is not None, match["verb"], match["end"] is not None
        going = match["lead"] in _GOING
        if not over and not going and not (verb or (ended and (match["lead"] or match["bare"] is not None))):
            continue
        weight = 1.0 if over or verb else 0.8 if going else 0.6
        if _BACKGROUND.search(before) or (_PAID.search(before) and not over):
            weight = -2.0
        if _CALLED.match(after) and over is False:
            weight -= 0.5
        yield When(
            match.start("span"),
            match.end(),
            text[match.start("span") : match.end()],
            now - told[0],
            now,
            False,
            True,
            weight,
        )


def _answers(readings: Sequence[Reading]) -> dict[int, float]:
    """Lines of the caller that answer the question when → what that adds to their times."""
    found: dict[int, float] = {}
    added, left = 0.0, 0
    for reading in readings:
        if not reading.line.caller:
            added, left = reading.once(_asked), 2
        elif added and left:
            found[reading.line.at] = added
            left -= 1
    return found


def _asked(text: str) -> float:
    return 1.5 if _ASKED.search(text) and not _ASKED_OTHER.search(text) else -0.9 if _ASKED_BEFORE.search(text) else 0.0


_ASKED_BEFORE = re.compile(
    r"(?:几时|什么时候|啥时候|哪天|多久)[^，。]{0,6}(?:打过|来过|反映过|投诉过|报过|登记过|方便)"
)


def event_time(readings: Sequence[Reading], now: datetime) -> FieldValue | None:
    """The time of the matter: the one that says most, earlier ones first; a bare hour takes the day named before it."""
    named = [(r.line, w) for r in readings for w in r.times if w.begins is not None]
    zone = now.tzinfo
    local = now.replace(tzinfo=None)
    asked = _answers(readings)

    def weight(named: tuple[Line, When]) -> float:
        return named[1].weight + asked.get(named[0].at, 0.0)

    past = [n for n in named if n[1].begins is not None and n[1].begins <= local and weight(n) >= 0.5]
    if not past:
        return None
    line, best = max(past, key=lambda n: (weight(n), -n[0].at))
    words, begins, ends = best.text, best.begins, best.ends
    said = [evidence(line, best.start, best.end)]
    if not best.has_day:
        before = [(li, w) for li, w in past if w.has_day and 0 <= line.at - li.at <= 6 and w is not best and w.begins]
        if before:
            day_line, day = before[-1]
            assert begins is not None and ends is not None and day.begins is not None
            shift = midnight(day.begins) - midnight(begins)
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
