"""The end of an address: house number, building, unit, floor and door, said in pieces and figures of any kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from agents.lines import evidence
from agents.numerals import number, plain
from agents.reading import Reading
from schemas.draft import Evidence

_N = r"(?:[0-9]{1,5}|[零〇一二三四五六七八九十百两幺]{1,6})"
_NUMBER = re.compile(rf"^(?:的|那个|，)?({_N})号(?!线|楼|院|栋|店)")
_PARTS = re.compile(
    rf"(?P<building>(?:{_N}|[A-Za-z甲乙丙丁东西南北]))(?P<sort>号楼|栋|幢|座|号院)"
    rf"|(?P<unit>{_N})单元"
    rf"|(?P<floor>{_N})(?:楼|层)(?!下|上|的?人|道|梯|板|顶|土|灰|泥|沙|油|皮|水|雪|冰|膜|浮|厚|黑|白|垃圾)"
    rf"|(?P<room>{_N})(?:室|房(?!子|东|租|产|价|贷))"
)
_BARE_ROOM = re.compile(
    r"^[，、 的]?([0-9]{3,4}|"
    r"[一二三四五六七八九幺两][零〇一二三四五六七八九幺两]{2,3})(?![0-9零〇一二三四五六七八九十百千万元块度点])"
)
_ASKED = re.compile(r"地址|门牌|几(?:栋|号|单元|楼)|哪(?:一)?(?:栋|个小区|里|户)|具体(?:位置|在)|房号|位置")
_BARE = re.compile(rf"^(?:[嗯啊呃是就，。 ])*({_N})(?:号)?(?:[啊呀吧的，。 ])*$")
_COUNTED = re.compile(rf"(?<![0-9零一二三四五六七八九十百第])({_N})号(?!线|楼|院|栋|店|码|机|人|[0-9])")
_NOT = re.compile(r"(?<![啊哦呃哎诶噢欸唉嗯喔])(?:不是|别写成?|别记成)$")
_ASKED_NUMBER = re.compile(r"(?:多少|几)号(?!楼|院|线|房|码|电话|单元)|门牌(?:号)?(?:是)?(?:多少|几)")
_WANTED = (
    ("room", re.compile(r"房号|门牌|几(?:零几)?室|几号房|哪(?:一)?户")),
    ("unit", re.compile(r"(?:几|哪个|哪)单元")),
    ("floor", re.compile(r"(?:几|哪)(?:层|楼(?!栋))")),
    ("building", re.compile(r"(?:几|哪)(?:一)?(?:栋|幢|号楼|座)")),
)
_HERE = re.compile(r"我家|我们家|我住|住在|家在|住的|这边是|我这|位于|地址")
_SHOP = re.compile(r"(?:的|那家|有(?:个|一?家)|开的?)?(?:叫|[^，。]{0,4}(?:店|馆|公司|机构|室内))")
_OWN = re.compile(r"(?:我家|我们家|家在|我住在?|家住)[^，。]{0,12}(?:楼|层)(?!的?(?:那|人|楼|邻|住))")


class House(msgspec.Struct, frozen=True):
    """The parts below the level of roads and landmarks."""

    number: str = ""  # "15号"
    inside: str = ""  # "3栋2单元501室"
    evidence: tuple[Evidence, ...] = ()


def house(readings: Sequence[Reading]) -> House:
    """Collects the parts; a part said again replaces the one said before."""
    parts: dict[str, str] = {}
    said: dict[str, Evidence] = {}
    near = -99  # line of the newest place or question about one
    numbered = -99  # line that asked for the number in the road
    wanted = ""  # the part the agent has just asked for
    for i, reading in enumerate(readings):
        line = reading.line
        if not line.caller:
            wanted = reading.once(_wanted)
            numbered = line.at if reading.once(_asks_number) else -99
            if reading.once(_asks):
                near = line.at
            answer = next((r.line for r in readings[i + 1 : i + 3] if r.line.caller), None)
            if answer is None or not answer.affirms:
                continue
            near = line.at  # read back and confirmed: as good as said
        for place in reading.places:
            near = line.at
            if match := _NUMBER.match(line.text[place.end :]):
                parts["number"] = _figure(match[1]) + "号"
                said["number"] = evidence(line, place.end + match.start(1), place.end + match.end())
        if line.at - near > 3 and not reading.once(_here):
            continue
        if line.caller and line.at - numbered <= 2 and not reading.once(_parts):
            answers = [*_COUNTED.finditer(line.text)][-1:] or [m for m in (_BARE.match(line.text),) if m and not wanted]
            for told in answers:  # 一百二, 不对, 一百三十号: the last holds
                parts["number"] = _figure(told[1]) + "号"
                said["number"] = evidence(line, told.start(1), told.end(1))
        last = None
        named = {m.lastgroup for m in reading.once(_parts)}
        for match in reading.once(_parts):
            if match.lastgroup == "floor" and not (
                named & {"unit", "sort"} or wanted or reading.once(_mine) or _SHOP.match(line.text[match.end() :])
            ):
                continue  # 一楼那户, 住十八层下不来: no part of the address
            if any(p.start < match.end() and match.start() < p.end for p in reading.places):
                continue  # 云山壹号院 is a name
            if _denied(line.text[: match.start()]) and last is not None:
                continue  # 三栋, 不是五栋
            last = match
            kind = str(match.lastgroup if match.lastgroup != "sort" else "building")
            parts[kind] = _part(kind, match)
            said[kind] = evidence(line, match.start(), match.end())
        if last is not None and last.lastgroup in ("unit", "sort"):
            if room := _BARE_ROOM.match(line.text[last.end() :]):
                parts["room"] = _figure(room[1]) + "室"
                said["room"] = evidence(line, last.end() + room.start(1), last.end() + room.end(1))
        elif wanted and line.caller and (bare := _BARE.match(line.text)):
            parts[wanted] = _figure(bare[1]) + {"building": "栋", "unit": "单元", "floor": "层", "room": "室"}[wanted]
            said[wanted] = evidence(line, bare.start(1), bare.end(1))
    if "room" in parts:
        parts.pop("floor", None)
    inside = "".join(parts.get(k, "") for k in ("building", "unit", "floor", "room"))
    return House(parts.get("number", ""), inside, tuple(said.values()))


def _part(kind: str, match: re.Match[str]) -> str:
    words = match[kind]
    figure = words if words[0] in "甲乙丙丁东西南北" or (words.isascii() and words.isalpha()) else _figure(words)
    return figure + {"building": match["sort"], "unit": "单元", "floor": "层", "room": "室"}[kind]


def _figure(words: str) -> str:
    value = number(words.replace("幺", "一"))
    return plain(value) if value is not None else words


def _mine(text: str) -> bool:
    return _OWN.search(text) is not None


def _denied(before: str) -> bool:
    return _NOT.search(before) is not None


def _wanted(text: str) -> str:
    return next((part for part, words in _WANTED if words.search(text)), "")


def _asks(text: str) -> bool:
    return _ASKED.search(text) is not None


def _asks_number(text: str) -> bool:
    return _ASKED_NUMBER.search(text) is not None


def _here(text: str) -> bool:
    return _HERE.search(text) is not None


def _parts(text: str) -> list[re.Match[str]]:
    return list(_PARTS.finditer(text))
