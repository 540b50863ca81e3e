"""The matter in words: title, content, cause and course, cut from what the caller said and cleaned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from agents.extract.wish_words import QUERY, SEEKS
from agents.lines import Line, evidence
from agents.reading import Reading
from routing.injection import without_orders
from routing.phrases import Hit
from schemas.draft import FieldValue
from schemas.ticket import FIELD_LIMITS

_FILLERS = (
    (re.compile(r"(?:^|(?<=[，。,\s]))(?:嗯+|呃+|额+|啊+|哦+|诶|哎呀?|唉|喂+|那什么|这个这个|"
                r"就是说)(?=[，。,\s]|$)[，,。\s]*"), ""),
    (re.compile(r"[嗯呃额]+(?:[，,]|\s)*"), ""),
    (re.compile(r"(那个|这个|就是|然后|我们|我|他|就|你)(?:[，,]?\1)+"), r"\1"),
    (re.compile(r"(?:^|(?<=[，。,]))(?:那个|就是|然后|反正|就是那个|怎么说呢|我跟你(?:说|讲)|你知道吧|"
                r"是这样的?|是这么回事)[，,]?(?=.)"), ""),
    (re.compile(r"(?:^|(?<=[，。,]))(?:你好|您好|喂|同志|师傅|小姐|那个)[，,。]?"), ""),
    (re.compile(r"(?:，)?(?:你知道吧|对不对|是不是啊|你说是吧|你看看|你说说)(?=[，。]|$)"), ""),
)  # fmt: skip
_EMPTY = re.compile(
    r"^(?:对|是|好|行|嗯|啊|哦|没错|可以|谢谢|感谢|麻烦(?:你|您)?|再见|拜拜|没有|没|不用|喂|你好|您好|知道|明白|了|的|吧|啊|呀|了|，|。|？|\s|你|您|哈|还|别|其他|就|这|些|个|事|那|先|这样|什么|听|得|到|吗|在|辛苦|姑娘|小伙子?|同志|嘞|哩|劳驾|忙|再会|通|见|清|回头)*$"
)
_PERSONAL = re.compile(
    r"^.{0,4}(?:(?<!的)姓(?!名|$)|我叫|名字|(?:我的|我)?(?:电话|手机|号码|手机号|电话号码)(?:是|就|：|[0-9零一二三四五六七八九幺两])|尾号|联系(?:我|方式)|就(?:是|打)?这个(?:号|电话)|.{0,2}打这个(?:就|电话|号))"
)
_PARTING = re.compile(r"(?:[，, ]?(?:谢谢|多谢|麻烦(?:你|您)?(?:们)?了|再见)(?:你|您|啊|哈|呀|了)*)+$")
_OPENING = re.compile(
    r"^(?:还有(?:一)?(?:个|件)(?:事|问题)(?:啊|呀)?|另外(?:一个|一件)?(?:事|问题)?|对了|喂+|你好|您好|哎+|诶|"
    r"唉|嗯+|呃+|啊+|那个|同志|师傅|(?:能)?听得?(?:见|到|清)(?:不|吗|么|没|吧)|通了|"
    r"(?:我)?给你们?报个信儿?|(?:顺带|顺便|捎带)(?:着)?(?:再|还)?(?:说|问|讲|提)(?:一?(?:桩|件|个|下)(?:事儿?)?)?|"
    r"对(?:对|啊|呀|的)*(?![方面象于不比着待应付])|是的|好的|没错|[，。, ])+"
)
_DIGITS = re.compile(r"[0-9零〇一二三四五六七八九幺两]")
_COURSE = re.compile(
    r"打(?:过|了)|找(?:过|了)|反映(?:过|了)|报(?:过|了)修|后来|结果|一直|到现在|已经|之前|上次|说(?:了|是)|投诉过|没人(?:管|来|理)|答应|推"
)
_JOINED = re.compile(r"[与和及]")
GIST = 8  # characters of the caller that may stand for a category in a title
_SAID = re.compile(r"[。！？!?；;]")


class Telling(msgspec.Struct, frozen=True):
    """A line's words about the matter, cleaned; no text when it tells nothing."""

    text: str
    pairs: frozenset[str]  # of neighbouring characters
    wants: bool  # asks for something to be done
    asks: bool  # asks to be told something
    goes_on: bool  # tells what has happened since


class Clause(msgspec.Struct, frozen=True):
    """What a caller's line says of the matter."""

    reading: Reading
    text: str  # places heard wrongly mended
    telling: Telling

    @property
    def line(self) -> Line:
        return self.reading.line


def clauses(readings: Sequence[Reading], names: dict[str, str]) -> list[Clause]:
    """The caller's lines that say something, cleaned, without repeats; `names` mends places heard wrongly."""
    kept: list[Clause] = []
    for reading in readings:
        if not reading.line.caller:
            continue
        told = reading.once(telling)
        if not told.text or any(_same(told, k.telling) for k in kept[-12:]):
            continue
        kept.append(Clause(reading, mended(told.text, names), told))
    return kept


def mended(text: str, names: Mapping[str, str]) -> str:
    """A text with the places heard wrongly as they are called."""
    for heard, name in names.items():
        if heard != name and heard in text:
            text = text.replace(heard, name)
    return text


def telling(text: str) -> Telling:
    """What a line tells."""
    text = clean(without_orders(text).replace("  ", ""))
    if _says_nothing(text):
        return Telling("", frozenset(), False, False, False)
    pairs = frozenset(text[i : i + 2] for i in range(len(text) - 1))
    found = (pattern.search(text) is not None for pattern in (SEEKS, QUERY, _COURSE))
    return Telling(text, pairs, *found)


def clean(text: str) -> str:
    """A spoken line without fillers, stutters and greetings."""
    for pattern, mended in _FILLERS:
        text = pattern.sub(mended, text)
    return _PARTING.sub("", _OPENING.sub("", text)).strip("，,。 、")


def _says_nothing(text: str) -> bool:
    if len(text) < 4 or _EMPTY.match(text):
        return True
    digits = len(_DIGITS.findall(text))
    if digits >= 3 and digits * 2 >= len(text):
        return True
    return bool(_PERSONAL.match(text)) and len(text) <= 24


def _same(one: Telling, other: Telling) -> bool:
    """The same again, or a part of it."""
    return one.text in other.text or len(one.pairs & other.pairs) >= 0.8 * len(one.pairs)


def content(kept: Sequence[Clause]) -> FieldValue | None:
    """The whole matter in the caller's words."""
    return _field("content", kept, 0.75)


def cause(kept: Sequence[Clause], telling: Sequence[float]) -> FieldValue | None:
    """The first line that speaks for the category."""
    if not kept:
        return None
    best = max(range(len(kept)), key=lambda i: (telling[i] >= 0.5 * max(telling), -i))
    return _field("cause", kept[best : best + 1], 0.65)


def course(kept: Sequence[Clause]) -> FieldValue | None:
    """What has happened since and what was tried."""
    return _field("course", [k for k in kept if k.telling.goes_on][:6], 0.55)


def _field(name: str, kept: Sequence[Clause], sure: float) -> FieldValue | None:
    text = ""
    for clause in kept:
        more = clause.text if clause.text[-1] in "。！？" else clause.text + "。"
        if len(text) + len(more) > FIELD_LIMITS[name]:
            break
        text += more
    if not text:
        return None
    said = tuple(evidence(k.line, 0, len(k.line.text)) for k in kept[:8])
    return FieldValue(value=text, label=text, confidence=sure, origin="rule", evidence=said)


def gist(kept: Sequence[Clause], hits: Mapping[str, Sequence[Hit]], category: str) -> str:
    """What happened, in a word or two of the caller where they name the category's head, else the category's name."""
    head = _JOINED.split(category)[0]
    for clause in kept:
        found = sorted(hits.get(clause.line.id, ()), key=lambda h: h.start)
        for i, first in enumerate(found):
            if head not in first.word:
                continue
            text, end = clause.line.text, first.end
            if i + 1 < len(found) and found[i + 1].end - first.start <= GIST:
                between = text[first.end : found[i + 1].start]
                end = found[i + 1].end if not set(between) & set("把被给，。 ") else end
            return text[first.start : end]
    return category


def title(kind: str, place: str, gist: str, category: str, respondent: str, whole: FieldValue | None) -> str:
    """One line that tells the matter from others, at most 60 characters."""
    match kind:
        case "consult":
            text = f"咨询{category or gist}"
        case "praise":
            whom = respondent if len(respondent) > 2 else category
            text = f"表扬{'' if respondent and respondent in place else place}{whom}"
        case "suggestion":
            text = f"建议{place}{gist or category}"
        case "report":
            text = f"举报{place}{respondent if respondent not in place else ''}{gist or category}"
        case _:
            body = respondent if respondent and respondent not in place and respondent not in gist else ""
            text = f"{place}{_without(body, place)}"
            text += _without(gist or category, text)
    if len(text) < 4 and whole:
        text = _SAID.split(whole.value)[0]
    return text[: FIELD_LIMITS["title"]]


def _without(name: str, place: str) -> str:
    """梧桐苑小区 + 梧桐苑小区物业 reads 梧桐苑小区物业."""
    for length in range(min(len(name), len(place)), 1, -1):
        if place.endswith(name[:length]):
            return name[length:]
    return name
