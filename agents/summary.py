"""The matter as a ticket tells it: five elements, wish and what the caller was told, each sentence with its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from agents.extract.address import Address
from agents.reading import Reading
from agents.written import pairs_of, pieces, settled, spoken_to, written
from routing.gazetteer import Gazetteer
from schemas.draft import FIELDS, Evidence, FieldValue, Sentence, Span
from schemas.ticket import FIELD_LIMIT, FIELD_LIMITS

HEADS = {
    "consult": "来电人咨询",
    "complaint": "来电人投诉",
    "report": "来电人举报",
    "suggestion": "来电人建议",
    "praise": "来电人表扬",
    "help": "来电人反映",
}
SURE = 0.7  # confidence under which a name, time or place is shown as unconfirmed
DOUBTED = ("caller_name", "incident_place", "event_time", "contact_phone")
TOLD = 6  # sentences of the agent kept, the newest
NOW = frozenset(("现在", "目前", "刚才", "刚刚"))
NEAR = 12  # clauses back within which the same again is a repeat
WHOLE = 0.8  # share of a wish's characters that facts must hold to tell it
LINES = 60  # sentences of the caller at most
_PROMISE = re.compile(
    r"(?:给|帮|为|替)(?:您|你|来电人)(?:登记|转|催|核实|反馈|反映|记录|查|协调|派)|(?:马上|立即|立刻|尽快|今天|明天|稍后|之?后)"
    r"[^，。]{0,8}(?:登记|转|派|联系|处理|回复|答复|核实|上门|处置)|(?:工作日|小时|天)(?:之?内|以内)?[^，。]{0,8}(?:回复|答复|联系|处理|办结|上门)|"
    r"(?:会|将)[^，。]{0,6}(?:联系|回复|答复|处理|核实|转|上门)|三方通话"
)
_TELLS = re.compile(
    r"(?:可以|需要|应当|应该|必须|先|请(?!问|说|讲|稍|您说|您讲|留))[^，。？]{2,}|(?:带上?|携带|提供)[^，。]{2,}(?:证|材料|复印件|合同|票)|"
    r"(?:电话|热线)(?:是|为|：)[0-9零一二三四五六七八九幺两-]{3,}|不(?:受理|属于|在[^，。]{0,8}范围)|规定|政策|免费|收费标准|"
    r"别(?:开|打|碰|动|回|挂)|(?:打开|关闭|离开|撤离)"
)
_GREETING = re.compile(r"一二三四五|12345|为您服务|很高兴")
_QUESTION = re.compile(
    r"(?:吗|呢|么|什么|哪|多少|几[点栋号个]|贵姓|怎么称呼|是不是|对不对|是吧|对吧)[^，。]{0,4}$|请问"
)


class Fact(msgspec.Struct, frozen=True):
    """A clause of the caller as the ticket writes it."""

    text: str
    span: Span
    wants: bool
    asks: bool
    goes_on: bool
    line: int  # index of its utterance in the call


def facts(readings: Sequence[Reading], place: Address, gazetteer: Gazetteer, when: FieldValue | None) -> list[Fact]:
    """What the caller told, in order, in written words; a clause told again is left out."""
    known = _known(place, readings, gazetteer)
    found: list[Fact] = []
    seen: list[frozenset[str]] = []
    for reading in readings:
        if not reading.line.caller or len(found) >= LINES:
            continue
        for piece in reading.once_of(pieces):
            text = settled(piece, reading, known, place.misheard)
            pairs = piece.pairs or pairs_of(text)
            if not pairs or any(len(pairs & other) >= 0.8 * len(pairs) for other in seen[-NEAR:]):
                continue
            seen.append(pairs)
            span = Span(utterance=reading.line.id, start=piece.start, end=piece.end)
            found.append(Fact(_dated(text, when), span, piece.wants, piece.asks, piece.goes_on, reading.line.at))
    return found


def summary(
    fields: Mapping[str, FieldValue], told: Sequence[Fact], readings: Sequence[Reading], missing: Sequence[str]
) -> tuple[Sentence, ...]:
    """The matter in its parts. What rests on nothing that was said is not in it but as open."""
    made: list[Sentence] = []
    for part, name in (("caller", "caller_name"), ("time", "event_time"), ("place", "incident_place")):
        value = fields.get(name)
        if value is not None and value.value:
            sure = value.origin == "human" or value.confidence >= SURE
            spans = tuple(Span(utterance=e.utterance, start=e.start, end=e.end) for e in value.evidence[:4])
            made.append(Sentence(part=part, text=value.label, spans=spans, sure=sure))
    wishes = _wishes(told, fields)
    rest = [f for f in told if f not in wishes]
    for part, of_part in (
        ("cause", [f for f in rest if not f.goes_on]),
        ("course", [f for f in rest if f.goes_on]),
        ("wish", wishes),
    ):
        if of_part:
            made.append(Sentence(part=part, text=_joined(of_part), spans=tuple(f.span for f in of_part)))
    made += _answers(readings)
    doubtful = [
        FIELDS[n] for n in ("caller_name", "incident_place", "event_time", "contact_phone") if _doubted(fields, n)
    ]
    open_ = [*(f"{name}未确认" for name in doubtful), *(f"缺{FIELDS[f]}" for f in missing if f in FIELDS)]
    if open_:
        made.append(Sentence(part="open", text="、".join(open_), sure=False))
    return tuple(made)


def worded(fields: Mapping[str, FieldValue], told: Sequence[Fact]) -> dict[str, str]:
    """The fields of the story that are filled, in written words; "" where the written words say nothing."""
    wishes = _wishes(told, fields)
    texts: dict[str, str] = {}
    for name in ("cause", "course"):
        if name in fields:
            lines = {e.utterance for e in fields[name].evidence}
            own = [f for f in told if f.span.utterance in lines and f not in wishes]
            since = [f for f in own if f.goes_on]
            texts[name] = _joined(since if name == "course" else [f for f in own if not f.goes_on] or since)
    if "demand" in fields:
        told_again = "，".join(filter(None, map(written, re.split("[，；]", fields["demand"].value))))
        wish = _joined(wishes)  # of what was told before no fact is made
        texts["demand"] = wish if len(wish) >= WHOLE * len(told_again) else told_again
    if "content" in fields:
        texts["content"] = content(fields, told)
    return {name: _within(text, FIELD_LIMITS.get(name, FIELD_LIMIT)) for name, text in texts.items()}


def content(fields: Mapping[str, FieldValue], told: Sequence[Fact]) -> str:
    """The text of the ticket: what is wanted where, what happened in the order told, the wish. "" = nothing told."""
    kind = fields["kind"].value if "kind" in fields else ""
    wishes = _wishes(told, fields)
    story = [f for f in told if f not in wishes]
    if not story and not wishes:
        return ""
    place = fields["incident_place"].label if "incident_place" in fields else ""
    when = fields["event_time"].label if "event_time" in fields else ""
    body = _joined(story)
    if when and _bare(when) not in _bare(body) and _bare(when) not in _bare(_joined(wishes)):
        place = f"{place}（时间：{when}）" if place else f"（时间：{when}）"
    text = HEADS.get(kind, "来电人反映") + "："
    wish = _joined(wishes)
    if kind == "consult" and wish:
        return "。".join((text + wish, *([f"涉及地点：{place}"] if place else []), *([body] if body else []))) + "。"
    text += "，".join(part for part in (place, body) if part)
    if wish:
        wish = wish if wish.startswith(("希望", "要求", "请求", "建议")) else "希望" + wish
        text += ("。" if body or place else "") + wish.replace("希望能不能", "希望能")
    return text + "。"


def _wishes(told: Sequence[Fact], fields: Mapping[str, FieldValue]) -> list[Fact]:
    """What is asked for: the words of the wish that was found; beside a person's wish whatever sounds like one."""
    wish = fields.get("demand")
    if wish is None:
        return []
    if wish.origin != "human":
        return [f for f in told if any(_shared(f.span, e) * 2 > f.span.end - f.span.start for e in wish.evidence)]
    if "kind" in fields and fields["kind"].value == "consult":
        return [f for f in told if f.asks][-6:]
    return [f for f in told if f.wants][-3:]


def _shared(one: Span, other: Evidence) -> int:
    """Characters in both."""
    return min(one.end, other.end) - max(one.start, other.start) if one.utterance == other.utterance else 0


def _answers(readings: Sequence[Reading]) -> list[Sentence]:
    """What the agent told or promised; his questions and greetings are neither."""
    found: list[Sentence] = []
    for reading in readings:
        if not reading.line.caller:
            found += reading.once_of(answers)
    return found[-TOLD:]


def answers(reading: Reading) -> tuple[Sentence, ...]:
    """Sentences of one line of the agent that tell or promise something."""
    if _GREETING.search(reading.line.text):
        return ()
    made = []
    for start, end, text in spoken_to(reading.line.text):
        if _QUESTION.search(text) or len(text) < 4:
            continue
        part = "promised" if _PROMISE.search(text) else "told" if _TELLS.search(text) else ""
        if part:
            span = Span(utterance=reading.line.id, start=start, end=end)
            made.append(Sentence(part=part, text=text, spans=(span,)))
    return tuple(made)


def _known(place: Address, readings: Sequence[Reading], gazetteer: Gazetteer) -> frozenset[str]:
    """Codes of places a sentence need not name again: those of the address, and those the caller took back."""
    if place.place is None or place.incident_place is None:
        return frozenset()
    whole = place.incident_place.value
    said = {code for r in readings for m in r.places for code, _ in m.places}
    line = {*gazetteer.line(place.place), place.place}
    covered = {c for c in said if c in line or gazetteer.places[c].name in whole}
    return frozenset(covered | line | _taken_back(readings))


def _taken_back(readings: Sequence[Reading]) -> set[str]:
    gone: set[str] = set()
    for reading in readings:
        if reading.line.caller:
            gone |= reading.once_of(_denied)
    return gone


def _denied(reading: Reading) -> frozenset[str]:
    text = reading.line.text
    return frozenset(m.best for m in reading.places if re.search(r"不是(?:在)?$", text[: m.start]))


def _dated(text: str, when: FieldValue | None) -> str:
    """昨天晚上就停了 → 昨天晚上（11月19日）就停了: a ticket is read on another day."""
    if when is None or "（" not in when.label:
        return text
    words = when.label.split("（")[0]
    return text.replace(words, when.label, 1) if len(words) >= 2 and words not in NOW else text


def _joined(told: Sequence[Fact]) -> str:
    """Clauses of one line by commas, lines by full stops."""
    text = ""
    for before, fact in zip((None, *told), told, strict=False):
        text += ("" if before is None else "，" if before.line == fact.line else "；") + fact.text
    return text


def _within(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = max(text.rfind(mark, 0, limit - 1) for mark in "；。，")
    return text[: cut if cut > limit // 2 else limit - 1] + "…"


def _bare(text: str) -> str:
    return re.sub(r"（.*?）|[，。；了都快每]", "", text)


def _doubted(fields: Mapping[str, FieldValue], name: str) -> bool:
    value = fields.get(name)
    return value is not None and bool(value.value) and value.origin != "human" and value.confidence < SURE
