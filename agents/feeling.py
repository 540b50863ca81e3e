"""How the caller feels, by his words alone: a value per line, the course over the call, and its peaks with the words.

Nothing of the voice is used. What is felt decides nothing: no category, urgency or unit is read from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from agents.lines import Line, evidence
from agents.reading import Reading
from schemas.draft import EMOTIONS, Choice, Evidence, Feeling, FieldValue, Trend

# (kind, weight, words). A weight says how much of the feeling the words alone show: 1 is all there can be.
_WORDS: tuple[tuple[str, float, str], ...] = (
    ("angry", 1.0, r"气死|忍无可忍|欺人太甚|岂有此理|太(?:过分|欺负人|不像话|离谱|可恶|黑)|混蛋|王八蛋|畜生|滚蛋|"
                   r"他妈|妈的|什么(?:东西|玩意儿?)|不要脸|没有?王法|丧(?:尽)?天良|吃(?:干饭|白饭)|草菅人命|"
                   r"(?:曝光|上网|找记者)(?:你们|他们)"),
    ("angry", 0.7, r"凭什么|到底(?:管不管|有没有人|谁管|怎么回事|要(?:怎样|怎么样))|管不管|推来推去|踢皮球|互相推|"
                   r"(?<!不)(?:生气|气愤|愤怒|恼火|窝火|火大|来气|发火)|气(?:得|不过|人)|骗(?:子|人)|坑人|耍(?:我|人|赖|无赖)|"
                   r"不作为|糊弄|敷衍|忽悠|欺负|霸道|蛮不讲理|骂人|有没有人管|干什么吃的|当回事"),
    ("upset", 0.5, r"(?<!没有)(?<!不是)不满(?!意?的?[0-9一两二三四五六七八九十半])|不满意|失望|"
                   r"受不了|受够|烦(?:死|得|躁|人)|(?:好|太|真|很|特别)烦|没(?:有)?人(?:管|理|来|接|答复|回复)|"
                   r"不(?:理|管)(?:我|人|不问)|"
                   r"委屈|憋屈|寒心|心凉|无语|态度(?:差|恶劣|不好|很差|特别差)|多少(?:遍|次|回)|好几(?:遍|次|回)|没完没了|折腾|"
                   r"拖(?:到|了|着)|白跑|跑了.{0,3}趟|(?:睡|吃|住)不(?:着|好|安)|要命|遭罪|苦不堪言|没法(?:活|过|住|睡)"),
    ("anxious", 0.7, r"急死|(?:好|很|太|特别|非常|真)(?:急|着急|担心|害怕|怕)|怎么办(?:啊|呀|呐|哪|才好)|"
                     r"救救|求求|拜托|(?<!别)(?<!不)(?<!不要)(?:着急|害怕|担心|提心吊胆|吓(?:死|坏|得|人)|心慌|慌)|"
                     r"瘆(?:人|得慌)"),
    ("anxious", 0.4, r"来不及|等不(?:了|及)|快(?:点|一点)(?:来|派|过来|帮)|(?:赶紧|赶快)(?:来|派|过来)"),
    ("sad", 0.9, r"不想活|活不下去|走投无路|绝望|崩溃|没(?:有)?(?:活路|指望|盼头)|死了算了|想死"),
    ("sad", 0.6, r"伤心|难过|(?:想|要)哭|哭(?:了|着)|眼泪|心酸|可怜|没(?:有)?办法了|无助|难受|命苦"),
    ("pleased", 0.6, r"(?:特别|非常|太|真(?:的|是)?|十分|很)(?:感动|满意|高兴|暖心|热心|负责)|多亏|"
                     r"感激|(?:感谢|谢谢)(?=他|她|那|这位|司机|师傅|老师|民警|医生|工作人员)|暖心|点赞|表扬|锦旗|帮(?:了)?大忙"),
    ("pleased", 0.2, r"谢谢|感谢|麻烦(?:你|您)们?了|辛苦(?:你|您)?们?了?|(?<!不)满意|"
                     r"(?:那|这)(?:就|样)好|放心了|好的好的"),
)  # fmt: skip
_PATTERNS = tuple((kind, weight, re.compile(words)) for kind, weight, words in _WORDS)
_STRONG = re.compile(
    r"(?:真的?是?|实在|简直|太|特别|非常|极其|完全|根本|已经|都快?|快要?|这么|那么|"
    r"到底|一直)[是要给]?$"
)
_MILD = re.compile(r"(?:有点儿?|有些|稍微|稍|不太|不怎么|略)$")
_NOT = re.compile(
    r"(?:不|没有?|(?<!特)别|不要|不用|不会|(?<!是)不是|并非|谈不上|也不)(?:是|再|感到|觉得|那么|太|什么好?|好)?$"
)
_OTHERS = re.compile(
    r"(?:他|她|他们|人家|对方|老板|物业|邻居|售后|客服|经理|师傅|老师|领导)(?:们)?[^，。]{0,3}(?:说|讲|喊|叫|回复|觉得)[^，。]{0,6}$"
)
SIGN = {"angry": -1.0, "upset": -1.0, "anxious": -0.8, "sad": -1.0, "pleased": 1.0}
CALM = 0.25  # below this a feeling is not worth a name
KEPT = 0.55  # of the feeling that lives on from one line to the next
TURN = 0.3  # by which the end must differ from the worst to be called a turn
POINTS = 40  # of the course at most: a page draws no more
PEAKS = 3
PRAISE = 0.5  # from which on thanks are more than manners
ENOUGH = 4  # lines without a feeling that speak for calm


class Felt(msgspec.Struct, frozen=True):
    """What one line shows."""

    value: float  # -1 very upset … 1 very pleased; 0 nothing
    kind: str  # of EMOTIONS, "" when nothing shows
    start: int  # of the words that show it most
    end: int


def felt(text: str) -> Felt:
    """The feeling a line's words show. Denied feelings and those of others told of do not count."""
    shown: list[tuple[float, str, int, int]] = []
    taken: list[tuple[int, int]] = []
    for kind, weight, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            before = text[max(0, start - 10) : start]
            if any(s < end and start < e for s, e in taken) or _NOT.search(before) or _OTHERS.search(before):
                continue
            taken.append((start, end))
            strong = 1.3 if _STRONG.search(before) else 0.6 if _MILD.search(before) else 1.0
            shown.append((weight * strong * SIGN[kind], kind, start, end))
    if not shown:
        return Felt(0.0, "", 0, 0)
    worst = sorted(shown, key=lambda s: (-abs(s[0]), s[2]))
    lead = worst[0]
    # Thanks at the end of a complaint are manners; a second outburst adds a little.
    same = sum(s[0] for s in worst[1:] if s[0] * lead[0] > 0)
    value = max(-1.0, min(1.0, lead[0] + 0.3 * same))
    return Felt(round(value, 3), lead[1], lead[2], lead[3])


def feeling(readings: Sequence[Reading]) -> Feeling | None:
    """The course over all the caller's lines; None while he has said nothing."""
    lines = [(r.line, r.once(felt)) for r in readings if r.line.caller]
    if not lines:
        return None
    course = _course([f.value for _, f in lines])
    now = _name(course[-1], [f for _, f in lines])
    trend = _trend(course)
    peaks = sorted((p for p in lines if abs(p[1].value) >= CALM), key=lambda p: (-abs(p[1].value), p[0].at))[:PEAKS]
    return Feeling(
        now=now,
        trend=trend,
        course=_thinned(course),
        peaks=tuple(_words(line, f) for line, f in peaks),
        text=_told(course, lines, now),
    )


def emotion(readings: Sequence[Reading]) -> FieldValue | None:
    """The field of a matter: the strongest feeling its lines show, with the words; calm when enough show none."""
    lines = [(r.line, r.once(felt)) for r in readings if r.line.caller]
    if not lines:
        return None
    weight: dict[str, float] = {}
    for _, f in lines:
        if f.kind and abs(f.value) >= CALM:
            weight[f.kind] = max(weight.get(f.kind, 0.0), abs(f.value)) + 0.1 * (f.kind in weight)
    if weight.get("pleased", 0.0) < PRAISE:
        weight.pop("pleased", None)
    if not weight:
        if len(lines) < ENOUGH:
            return None
        return FieldValue(value="calm", label=EMOTIONS["calm"], confidence=0.5, origin="rule")
    ranked = sorted(weight, key=lambda k: (-weight[k], k))
    best = ranked[0]
    said = sorted((p for p in lines if p[1].kind == best), key=lambda p: (-abs(p[1].value), p[0].at))[:PEAKS]
    course = _course([f.value for _, f in lines])
    return FieldValue(
        value=best,
        label=EMOTIONS[best],
        confidence=round(min(0.9, 0.45 + 0.4 * min(1.0, weight[best])), 3),
        origin="rule",
        evidence=tuple(_words(line, f) for line, f in said),
        choices=tuple(Choice(value=k, label=EMOTIONS[k], score=round(min(1.0, weight[k]), 3)) for k in ranked[1:3]),
        note=_told(course, lines, _name(course[-1], [f for _, f in lines])) + "（据用语，未用声音）",
    )


def _course(values: Sequence[float]) -> list[float]:
    """A feeling outlasts the line that shows it and fades over those that show none."""
    course, level = [], 0.0
    for value in values:
        level = value if abs(value) >= abs(level * KEPT) and value else level * KEPT + value * (1 - KEPT)
        course.append(level)
    return course


def _thinned(course: Sequence[float]) -> tuple[float, ...]:
    """At most POINTS values, each the strongest of its stretch."""
    if len(course) <= POINTS:
        return tuple(round(v, 2) for v in course)
    cuts = [i * len(course) // POINTS for i in range(POINTS + 1)]
    return tuple(round(_strongest(course[a:b]), 2) for a, b in pairwise(cuts))


def _strongest(values: Sequence[float]) -> float:
    low, high = min(values), max(values)
    return low if -low >= high else high


def _trend(course: Sequence[float]) -> Trend:
    low = min(course)
    if low > -CALM:
        return "steady"
    if course[-1] - low >= TURN:
        return "easing"
    before = course[: course.index(low)]
    return "rising" if not before or max(before) - low >= TURN else "steady"


def _name(level: float, shown: Sequence[Felt]) -> str:
    """The feeling of now: the newest that was shown, as long as it lasts."""
    if abs(level) < CALM:
        return "calm"
    return next((f.kind for f in reversed(shown) if f.kind and f.value * level > 0), "calm")


def _told(course: Sequence[float], lines: Sequence[tuple[Line, Felt]], now: str) -> str:
    """The course in a sentence for people."""
    at = min(range(len(course)), key=lambda i: (course[i], i))
    if course[at] > -CALM:
        return f"{EMOTIONS[now]}" if now == "pleased" else "情绪平稳"
    worst = next((f.kind for _, f in reversed(lines[: at + 1]) if f.kind and f.value < 0), "upset")
    opening = "一开始就" if at == 0 else "起初平静，后来" if course[0] > -CALM else "一直"
    if course[-1] - course[at] < TURN:
        return f"{opening}{EMOTIONS[worst]}"
    return f"{opening}{EMOTIONS[worst]}，现{'表示感谢' if now == 'pleased' else '已缓和'}"


def _words(line: Line, shown: Felt) -> Evidence:
    return evidence(line, shown.start, shown.end)
