"""Where it happened: places named in pieces by both sides, confirmed, corrected and misheard, made one address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from agents.extract.house import House, house
from agents.lines import Line, evidence
from agents.reading import Reading
from routing.gazetteer import Gazetteer, Mention
from schemas.catalogue import Place
from schemas.draft import Choice, Evidence, FieldValue

_NOT_THIS = re.compile(
    r"(?:不是|不在|不属于|不归|不叫|不住|并非|没说|没讲|哪(?:里|儿)?是|咋(?:会|能)?是|(?:别|不要|甭|"
    r"莫)(?:写|记|登|听|弄|搞)成)(?!对吧|吗|么)"
    r"|(?:别|不要|甭|莫)[跟和同与拿把](?!我|他|人)|(?:^|[，。])(?:啥|什么)$"
)
_NOT_THAT = re.compile(
    r"^(?:那个|那边|那儿)?(?:，)?(?:不是一(?:个|回|码)|没(?:有)?关系|不相干|不搭界|(?:是|那是)(?:另|"
    r"两|别)|不是一|搞混|弄混|混(?:了|着|在)|远着)"
)
_BUT = re.compile(r"(?:而是|，?是|，?在|应该是|[，。])")
_HESITATES = re.compile(r"(?:[啊哦呃哎诶噢欸喔唉哟呀嗐哈]|等等|等下)，?$")
_SLIP = r"(?:说|搞|弄|记|讲|报|念|叫|喊|写|听|想)"
_MISSAID = re.compile(
    rf"{_SLIP}(?:错|岔|串|反|拧|秃噜|劈|茬)|(?<![别要甭莫]){_SLIP}混(?!了别)|不对(?!劲|头|付|称|路|等|"
    rf"外|吧|么|吗)|错了|更正|口误|才对|才是(?=[，。]|$)|"
    r"呸|[瞧看](?:看)?我这|我这(?:张|个)?(?:破)?(?:嘴|脑|记性)|嘴(?:瓢|快|误|滑|秃噜)|老?糊涂了|串了|"
    r"岔了|[哦噢啊诶哎喔]不(?=[，\u4e00-\u9fa5])(?!是)|不不|"
    r"打住|慢着|不作数|(?:啊|哦|呃|哎|，|噢|诶|欸|唉)不是(?=，|[\u4e00-\u9fa5])"
)
_TURNS = re.compile(
    r"我说的是|我是说|我想说|应该(?:是|叫)|该[是叫]|准确(?:地|点)?说|(?:^|[，。啊哦呃哎诶唉])等(?:等|一?下|会儿?)|那是我"
)
_YES = re.compile(
    r"^[嗯啊哦呃哎，。 ]*(?:[嗯恩][呐哪那]|可不|对头|对喽|是[嘞哩呢滴哈咧]|要得|中[，。]?$|没跑|"
    r"没毛病|就(?:是)?那|就这|说对了|妥|得嘞|行嘞|正是|是它)|^[嗯哎，]+。?$"
)
_NO = re.compile(
    r"^[嗯啊哦呃哎，。 ]*(?:[你您]?(?:听|记|写|弄|搞)(?:错|岔|混|劈)|没说|没讲|哪是|哪儿是|啥|不叫|不不|不归|错啦|才不)"
)
_CROSSING = re.compile(r"路口|交叉口|交汇|交界|拐角|和|与|跟")
_ELSEWHERE = re.compile(r"(?:户口|老家|老宅|上班|单位|以前|原来|学校|户籍|买的?房|转到|搬到|开到|从)[^，。]{0,4}$")
_KIN = re.compile(
    r"(?:丈人|丈母娘|公公|婆婆|公婆|闺女|女儿|儿子|儿媳|女婿|[姐哥弟妹舅姨姑叔伯]|亲戚|同事|朋友|亲家|同学|老乡|孙子)"
    r"(?:[们他她]|一家|夫|父|妈|子)?(?:家|那边|那儿|他们)?(?:就)?(?:住|在|住在|搬到|是|的)?[^，。的]{0,2}$"
)
_HOME = re.compile(
    r"(?:我|我们|咱|咱们|俺|本人|自己)(?:家|自己|人|们)?(?:是|就|现在)?(?:住在?|家在|家住|家是)[^，。]{0,3}$"
)
CALLER, CONFIRMED, READ_OUT = 1.0, 1.2, 0.25  # what a mention weighs: said, read out and confirmed, only read out
KIN = {"same": 0.7, "street": 0.6, "district": 0.35}  # how far places of one neighbourhood support each other
AGAINST = 0.5  # what a place in another district takes away
FINER = {"district": 0.0, "street": 0.12, "community": 0.2, "road": 0.2, "landmark": 0.25}


class _Named(msgspec.Struct, frozen=True):
    line: Line
    mention: Mention
    weight: float


class Address(msgspec.Struct, frozen=True):
    """What is known of the place, down to the door."""

    district: FieldValue | None = None
    street: FieldValue | None = None
    community: FieldValue | None = None
    incident_place: FieldValue | None = None
    place: str | None = None  # code of the finest place
    name: str = ""  # its short name for a title
    misheard: dict[str, str] = {}  # words heard → the name they stand for


def address(readings: Sequence[Reading], gazetteer: Gazetteer) -> Address:
    """The address all mentions agree on best."""
    named = _named(readings, gazetteer)
    doors = house(readings)
    if not named:
        return Address()
    codes = {code for n in named for code, _ in n.mention.places}
    ranked = sorted(((_support(c, named, gazetteer), c) for c in codes), key=lambda r: (-r[0], r[1]))
    score, best = ranked[0]
    if score <= 0:
        return Address()
    rivals = [r for r in ranked[1:] if best not in gazetteer.line(r[1]) and r[1] not in gazetteer.line(best)]
    sure = _sure(score, rivals[0][0] if rivals else 0.0)
    sure = round(sure * max(dict(n.mention.places).get(best, 0.0) for n in named) ** 0.5, 3)
    mates = _mates(best, named, gazetteer)
    chain = {level: gazetteer.above(best, level) for level in ("district", "street", "community")}
    for mate in mates:
        if chain["community"] is None and gazetteer.places[mate].level == "community":
            chain["community"] = gazetteer.places[mate]
    fields = {level: _level(place, best, named, sure, gazetteer) for level, place in chain.items() if place is not None}
    choices = tuple(
        Choice(value=code, label=_full(code, gazetteer), score=round(max(0.0, min(1.0, s / (score + s))), 3))
        for s, code in rivals[:3]
        if s > 0
    )
    return Address(
        **fields,
        incident_place=_whole(best, mates, doors, named, sure, choices, gazetteer),
        place=best,
        name=_short(best, mates, gazetteer),
        misheard=_misheard({best, *mates, *gazetteer.line(best)}, named, gazetteer),
    )


def _named(readings: Sequence[Reading], gazetteer: Gazetteer) -> list[_Named]:
    """Mentions that still hold, with their weight."""
    named: list[_Named] = []
    for i, reading in enumerate(readings):
        line = reading.line
        if not line.caller:
            weight = _answered(readings, i)
            named += [_Named(line, m, weight) for m in reading.places if weight > 0]
            continue
        denied = [m for m in reading.places if _denied(line.text, m, reading.places)]
        denied += _taken_back(line.text, [m for m in reading.places if m not in denied], gazetteer)
        fresh = [m for m in reading.places if m not in denied]
        if (slip := _MISSAID.search(line.text)) and len(fresh) > 1:
            after = [m for m in fresh if m.start >= slip.start()]
            fresh = after or fresh[-1:]  # 甲，哎说错了，是乙; 甲，不是，乙，我口误
        if slip and fresh:
            levels = {gazetteer.places[m.best].level for m in fresh}
            levels |= {"landmark", "road"} if levels & {"landmark", "road"} else set()
            named = [n for n in named if gazetteer.places[n.mention.best].level not in levels]
        gone = {m.best for m in denied}
        named = [n for n in named if n.mention.best not in gone]
        for m in fresh:
            named.append(_Named(line, m, CALLER * _aside(line.text[: m.start])))
    return named


def _aside(before: str) -> float:
    """How much of its weight a place keeps that is told as somebody's or somewhere else."""
    if _ELSEWHERE.search(before):
        return 0.4
    return 0.6 if _KIN.search(before) else 0.8 if _HOME.search(before) else 1.0


def _taken_back(text: str, places: Sequence[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """甲，我说的是乙: of two places of one sort with words of mending between them, the former."""
    return [
        one
        for one, other in pairwise(places)
        if gazetteer.places[one.best].level == gazetteer.places[other.best].level
        and one.best != other.best
        and _TURNS.search(text[one.end : other.start])
    ]


def _denied(text: str, mention: Mention, others: Sequence[Mention]) -> bool:
    """不是甲是乙: 甲 is denied. A question tag (是不是甲) denies nothing."""
    if _NOT_THAT.match(text[mention.end :]):
        return True
    before = text[: mention.start]
    match = next(reversed(list(_NOT_THIS.finditer(before))), None)
    if match is None or (match[0].endswith("是") and before[: match.start()].endswith("是")):
        return False
    between = before[match.end() :]
    if (
        len(between) <= 2
        and any(o.end <= match.start() for o in others)
        and not any(o.start > mention.end for o in others)
    ):
        mended = between.startswith("，") or _HESITATES.search(before[: match.start()])
        head = before[: next(o.start for o in others if o.end <= match.start())]
        if mended and not head.endswith(("是", "在", "叫")):
            return False  # 甲，啊不是，乙: 乙 stands
    if _BUT.search(between):
        return False
    return len(between) <= 4 or any(o.start >= match.end() and o.end <= mention.start for o in others)


def _answered(readings: Sequence[Reading], i: int) -> float:
    """What the agent's own naming of a place is worth: only the caller's yes makes it a fact."""
    for later in readings[i + 1 : i + 4]:
        if later.line.caller:
            if later.line.denies or _NO.match(later.line.text):
                return 0.0
            return CONFIRMED if later.line.affirms or _YES.match(later.line.text) else READ_OUT
    return READ_OUT


def _support(code: str, named: Sequence[_Named], gazetteer: Gazetteer) -> float:
    """How well all mentions agree with `code` being the place."""
    line = gazetteer.line(code)
    total, own = 0.0, 0.0
    newest: dict[str, int] = {}
    for n in named:
        level = gazetteer.places[n.mention.best].level
        newest[level] = max(newest.get(level, 0), n.line.at)
    for n in named:
        best = max((_agree(code, line, other, gazetteer) * like, like) for other, like in n.mention.places)[0]
        level = gazetteer.places[n.mention.best].level
        fresh = 1.0 if n.line.at >= newest[level] else 0.85
        total += best * n.weight * fresh
        if any(c == code for c, _ in n.mention.places):
            own += best
    if not own:
        return 0.0
    return total + FINER[gazetteer.places[code].level]


def _agree(code: str, line: tuple[str, ...], other: str, gazetteer: Gazetteer) -> float:
    if other == code:
        return 1.0
    if other in line:
        return KIN["same"] + 0.1
    theirs = gazetteer.line(other)
    if code in theirs:
        return KIN["district"]  # a finer place was named: it should win over this one
    if theirs[1:2] == line[1:2] and len(line) > 1:
        return KIN["street"]
    return KIN["district"] if theirs[-1] == line[-1] else -AGAINST


def _sure(score: float, rival: float) -> float:
    return round(max(0.3, min(0.97, 0.55 + 0.25 * score - 0.3 * max(0.0, rival / score))), 3)


def _mates(best: str, named: Sequence[_Named], gazetteer: Gazetteer) -> list[str]:
    """Other places named that lie in the same street, in the order they were named."""
    line = gazetteer.line(best)
    mates: list[str] = []
    for n in named:
        code = max(n.mention.places, key=lambda p: (_agree(best, line, p[0], gazetteer), p[1]))[0]
        theirs = gazetteer.line(code)
        near = theirs[-1] == line[-1] and gazetteer.places[code].level in ("road", "landmark", "community")
        if code != best and code not in line and near and n.weight >= 0.75 and code not in mates:
            mates.append(code)
    return mates


def _level(place: Place, best: str, named: Sequence[_Named], sure: float, gazetteer: Gazetteer) -> FieldValue:
    said = [n for n in named if place.code in dict(n.mention.places)]
    note = ""
    if not said:
        note = f"由{gazetteer.places[best].name}推得"
        said = [n for n in named if any(place.code in gazetteer.line(c) for c, _ in n.mention.places)]
    return FieldValue(
        value=place.code,
        label=place.name,
        confidence=sure,
        origin="rule",
        evidence=_words(said[-2:]),
        note=note or _by_sound(said, {place.code}, gazetteer),
    )


def _by_sound(named: Sequence[_Named], codes: set[str], gazetteer: Gazetteer) -> str:
    """按读音匹配：城湖路 → 澄湖路"""
    told = _misheard(codes, named, gazetteer)
    return "按读音匹配：" + "，".join(f"{heard} → {name}" for heard, name in told.items()) if told else ""


def _misheard(codes: set[str], named: Sequence[_Named], gazetteer: Gazetteer) -> dict[str, str]:
    told: dict[str, str] = {}
    for n in named:
        code = next((c for c, _ in n.mention.places if c in codes), None)
        if code and (n.mention.by_sound or dict(n.mention.places)[code] < 1.0):
            told[n.mention.text] = gazetteer.places[code].name
    return told


def _words(named: Sequence[_Named]) -> tuple[Evidence, ...]:
    return tuple(evidence(n.line, n.mention.start, n.mention.end) for n in named)


def _full(code: str, gazetteer: Gazetteer) -> str:
    return "".join(gazetteer.places[c].name for c in reversed(gazetteer.line(code)))


def _short(best: str, mates: Sequence[str], gazetteer: Gazetteer) -> str:
    district = gazetteer.above(best, "district")
    fine = _finest([best, *mates], gazetteer)
    name = "" if gazetteer.places[fine].level == "district" else gazetteer.places[fine].name
    head = district.name if district else ""
    return name if head and name.startswith(head) else head + name


def _finest(codes: Sequence[str], gazetteer: Gazetteer) -> str:
    return max(codes, key=lambda c: FINER[gazetteer.places[c].level])


def _whole(
    best: str,
    mates: Sequence[str],
    doors: House,
    named: Sequence[_Named],
    sure: float,
    choices: tuple[Choice, ...],
    gazetteer: Gazetteer,
) -> FieldValue:
    places = gazetteer.places
    fine = [c for c in (best, *mates) if places[c].level in ("road", "landmark")]
    roads = [c for c in fine if places[c].level == "road"]
    marks = [c for c in fine if places[c].level == "landmark"]
    head = "".join(places[c].name for c in reversed(gazetteer.line(best)) if places[c].level in ("district", "street"))
    community = gazetteer.above(best, "community")
    text = head + (community.name if community else "")
    crossing = len(roads) >= 2 and _crossing(roads, named)
    if crossing:
        text += f"{places[roads[0]].name}与{places[roads[1]].name}交叉口"
    elif roads:
        text += places[roads[0] if best not in roads else best].name + doors.number
    mark = best if best in marks else marks[0] if marks else ""
    if mark and crossing:
        text += f"（{places[mark].name}旁）"
    elif mark:
        text += places[mark].name + ("" if roads else doors.number)
    text += doors.inside
    codes = {best, *mates, *gazetteer.line(best)}
    said = [n for n in named if any(c in codes for c, _ in n.mention.places)]
    return FieldValue(
        value=text,
        label=text,
        confidence=sure if fine or doors.inside else round(sure * 0.7, 3),
        origin="rule",
        evidence=(*_words(said[-4:]), *doors.evidence[-3:]),
        choices=choices,
        note=_by_sound(said, codes, gazetteer),
    )


def _crossing(roads: Sequence[str], named: Sequence[_Named]) -> bool:
    lines = [{n.line.at for n in named if n.mention.best == road} for road in roads[:2]]
    both = lines[0] & lines[1]
    return any(_CROSSING.search(n.line.text) for n in named if n.line.at in both)
