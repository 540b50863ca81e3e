"""Who calls: name, sex and what makes the caller or those he speaks for vulnerable or many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import of_others
from agents.extract.surnames import DECOMPOSED, SURNAMES
from agents.lines import evidence
from agents.reading import Reading
from routing.sound import syllable
from schemas.draft import Evidence, FieldValue

_S = "|".join(sorted(SURNAMES, key=lambda s: -len(s)))
_GIVEN = r"[\u4e00-\u9fa5]{1,2}?"
_END = r"(?=[，。,. ]|$|啊|呀|的|吧|哈|呢|，|先生|女士|电话|就|，|好了|好啦|就行|就成|嘛|哦)"
_FULL = re.compile(
    rf"(?:我(?:的名字)?(?:是|叫|就叫|名叫)|名字(?:是|叫|就?写)|姓名(?:是)?|(?<!他)(?<!她)叫(?:我)?|(?:就|你)(?:写|登记|填))({_S})({_GIVEN}){_END}"
)
_SURNAME = re.compile(
    rf"(?<![理任长板机傅师的个生员导婆工])(?:免贵|我|本人|敝|鄙人)?(?:是)?姓(?!名|氏)({_S})"
    rf"(?:[，。 ]?(?:叫|名)?({_S})?({_GIVEN}){_END})?"
)
_LEAD = r"(?:我|是|叫|啊|吧|呢|嗯|呃|额|讲|说|个|样|写|就|哦|哎|呀|实|^|[，。 ])"
_AT_END = re.compile(rf"{_LEAD}({_S})([\u4e00-\u9fa5]{{1,2}})[，。 啊呀吧]*$")
_SPELT_NAME = re.compile(r"(?=([\u4e00-\u9fa5]{1,3}?)的([\u4e00-\u9fa5]))")
_ANSWER = re.compile(
    rf"^(?:[嗯啊呃哦，。 ]|您好|你好|我)*(?:是|叫|姓)?({_S})([\u4e00-\u9fa5]{{0,2}}?)(?:先生|女士)?(?:[啊呀吧，。 ]*)$"
)
_ASKED = re.compile(r"贵姓|怎么称呼|(?:您的)?(?:姓名|名字)|尊姓|如何称呼")
_TITLED = re.compile(rf"({_S})([\u4e00-\u9fa5]{{0,2}}?)(先生|女士|小姐|大姐|阿姨|大哥|师傅|大爷|大叔|奶奶|大妈|老师)")
_TITLE = re.compile(
    r"(?:这位|您好|好的)[，]?(先生|女士|大姐|阿姨|大哥|师傅|大爷|大叔|奶奶|大妈)|^(先生|女士|大姐|阿姨|大哥|大爷|大叔|奶奶|大妈)[，您]"
)
_SPELT = re.compile(r"[\u4e00-\u9fa5]{1,2}?([\u4e00-\u9fa5])?的([\u4e00-\u9fa5])(?=[，。 啊]|$|[\u4e00-\u9fa5]{1,3}的)")
_NOT_GIVEN = frozenset("好了的是在有没不就来去打要想说问家们这那他她你您你啊吧吗呢先女")
_SOMEBODY = re.compile(
    r"(?:经理|主任|老板|司机|医生|老师|对方|他|她|科长|村长|书记|队长|房东|班长|人|那个)(?:是)?(?:也)?姓|有(?:个|位|一个|一位)姓|姓.{1,2}的|老公|我?家人叫"
)
_MALE = frozenset(("先生", "大哥", "师傅", "大爷", "大叔"))
_HINTS = (
    ("female", 0.7, re.compile(r"我(?:老公|丈夫|婆婆|男朋友)")),
    ("male", 0.7, re.compile(r"我(?:老婆|媳妇|岳母|丈母娘|女朋友)")),
    ("female", 0.85, re.compile(r"我(?:怀孕|是孕妇|刚生完孩子|坐月子|休产假)|我一个女(?:的|人|同志)")),
    ("male", 0.8, re.compile(r"我一个(?:大老爷们|男的)")),
)
GENDERS = {"male": "男", "female": "女"}
VULNERABLE = (
    ("elderly", "老年人", re.compile(r"老人(?!院|卡|证)|老年人|老太太|老头|老两口|奶奶|爷爷|老母亲|老父亲|"
                                     r"[六七八九]十(?:多|几|[一二三四五六七八九])?岁|年纪大|行动不便|腿脚不")),
    ("disabled", "残疾人", re.compile(r"残疾(?!证|人证)|轮椅|瘫痪|瘫了|盲人|看不见|聋|截肢|卧床")),
    ("pregnant", "孕产妇", re.compile(r"孕妇|怀孕|坐月子|产妇|待产|大肚子")),
    ("child", "儿童", re.compile(r"婴儿|宝宝|吃奶|娃娃|新生儿|小孩|孩子(?:发烧|小|才|生病|咳|感冒|掉|摔|受伤|"
                                 r"睡|做不了|没法)|未成年")),
    ("patient", "重病患者", re.compile(r"透析|呼吸机|制氧机|癌症|化疗|白血病|心脏病|重病")),
)  # fmt: skip


def caller_name(readings: Sequence[Reading]) -> FieldValue | None:
    """The caller's name, as complete as it was given."""
    name, given, said, sure = "", "", [], 0.0
    asked = -99
    for i, reading in enumerate(readings):
        line = reading.line
        if not line.caller:
            asked = line.at if reading.once(_asks) else asked
            titled = reading.once(_titled)
            if titled and not name and not _refused(readings, i):
                name, given, sure = titled[1], "" if set(titled[2]) & _NOT_GIVEN else titled[2], 0.6
                said = [evidence(line, titled.start(), titled.end(1))]
            continue
        if reading.once(_about_others):
            continue
        found = reading.once(_own_words) or (reading.once(_answer) if line.at - asked <= 3 else None)
        if found is None:
            continue
        surname, rest, start, end, likely = found
        if any(p.start < end and start < p.end for p in reading.places) or (rest and line.text[end : end + 1] == "的"):
            continue  # 我是高新区的
        if name and surname != name and likely < sure:
            continue
        if name and surname == name and not rest:
            said.append(evidence(line, start, end))
            sure = max(sure, likely)
            continue
        name, given = surname, _spelt(line.text[end:], rest)
        said, sure = [evidence(line, start, end)], likely
    if not name:
        return None
    sex = gender(readings)
    title = {"male": "先生", "female": "女士"}.get(sex.value, "") if sex else ""
    whole = name + given if given else name + title
    note = "" if given else "只报了姓"
    return FieldValue(value=whole, label=whole, confidence=sure, origin="rule", evidence=tuple(said[-2:]), note=note)


def _asks(text: str) -> bool:
    return _ASKED.search(text) is not None


def _titled(text: str) -> re.Match[str] | None:
    return _TITLED.search(text)


def _own_words(text: str) -> tuple[str, str, int, int, float] | None:
    """Surname, given name, span and likelihood, from the caller's own words."""
    for shape, surname in DECOMPOSED.items():
        if (at := text.find(shape)) >= 0:
            whole = _FULL.search(text)
            rest = whole[2] if whole and not set(whole[2]) & _NOT_GIVEN else ""
            return surname, rest, at, at + len(shape), 0.93
    if (m := _FULL.search(text)) and not set(m[2]) & _NOT_GIVEN:
        return m[1], m[2], m.start(1), m.end(2), 0.9
    if (m := _SURNAME.search(text)) and (again := _said_again(text, m)):
        return again
    if m:
        rest = m[3] or ""
        good = (m[2] == m[1] or (not m[2] and "叫" in m[0])) and not set(rest) & _NOT_GIVEN
        good = good and not text[m.end() :].startswith("的")  # 姓高，高兴的高
        return m[1], rest if good else "", m.start(1), m.end(1), 0.9
    return None


def _answer(text: str) -> tuple[str, str, int, int, float] | None:
    """The same from a bare answer to the question for the name."""
    m = _ANSWER.match(text)
    if m is None and (spelt := _spelt_answer(text)):
        return spelt
    if m is None and len(text) <= 24:
        m = _AT_END.search(text)
        if m and (m[2][0] in _NOT_GIVEN or set(m[2]) & _NOT_GIVEN):
            m = None
    return (m[1], m[2], m.start(1), m.end(2), 0.85) if m and not set(m[2]) & _NOT_GIVEN else None


def _said_again(text: str, surname: re.Match[str]) -> tuple[str, str, int, int, float] | None:
    """我姓赵，志气的志，坚强的强，赵志强: the whole name at the end, or its characters told apart."""
    shown = surname[1]
    for at in range(text.rfind(shown), surname.end(1) - 1, -1):
        if text.startswith(shown, at):
            rest = re.match(r"([\u4e00-\u9fa5]{1,2})[，。 啊呀吧]*$", text[at + len(shown) :])
            if rest and not set(rest[1]) & _NOT_GIVEN:
                return shown, rest[1], at, at + len(shown) + len(rest[1]), 0.92
    told = [m[2] for m in _SPELT_NAME.finditer(text[surname.end(1) :]) if m[2] in m[1] and m[2] != shown]
    if 1 <= len(told) <= 2:
        return shown, "".join(told), surname.start(1), surname.end(1), 0.88
    return None


def _spelt_answer(text: str) -> tuple[str, str, int, int, float] | None:
    """董晓丽，拂晓的晓，美丽的丽: the name before its characters are told apart."""
    told = [m for m in _SPELT_NAME.finditer(text) if m[2] in m[1]]
    if not told:
        return None
    given = "".join(dict.fromkeys(m[2] for m in told))
    for surname in SURNAMES:
        if (at := text.find(surname + given[:2])) >= 0 and at <= told[0].start():
            end = at + len(surname) + 1
            if len(given) == 1 and end < told[0].start() and f"的{text[end : end + 1]}" in text[end + 1 :]:
                given += text[end]  # 罗美玲，美丽的美，王字旁的玲
            return surname, given[:2], at, at + len(surname) + len(given[:2]), 0.92
    head = re.search(rf"({_S})([\u4e00-\u9fa5]{{1,2}})[，。 ]?$", text[: told[0].start()])
    return (head[1], head[2], head.start(1), head.end(2), 0.85) if head else None


def _about_others(text: str) -> bool:
    return of_others(text) or _SOMEBODY.search(text) is not None


def _spelt(after: str, given: str) -> str:
    """李建国，建设的建国家的国: characters the caller spells out replace the homophones heard."""
    chars = list(given)
    for match in _SPELT.finditer(after):
        for i, char in enumerate(chars):
            if char != match[2] and syllable(char) == syllable(match[2]):
                chars[i] = match[2]
    return "".join(chars)


def _refused(readings: Sequence[Reading], i: int) -> bool:
    return next((r.line.denies for r in readings[i + 1 : i + 3] if r.line.caller), False)


def gender(readings: Sequence[Reading]) -> FieldValue | None:
    """As the agent, who hears the voice, addresses the caller; else from what the caller says of himself."""
    best: tuple[float, str, Evidence] | None = None
    for i, reading in enumerate(readings):
        line = reading.line
        if line.caller:
            for sex, sure, start, end in reading.once(_hints):
                if best is None or sure > best[0]:
                    best = (sure, sex, evidence(line, start, end))
            continue
        titled = reading.once(_titled) or reading.once(_title)
        if titled and not _refused(readings, i) and (best is None or best[0] < 0.9):
            title = next(g for g in reversed(titled.groups()) if g)
            if title != "老师":
                sex = "male" if title in _MALE else "female"
                best = (0.9, sex, evidence(line, titled.start(), titled.end()))
    if best is None:
        return None
    sure, sex, words = best
    return FieldValue(value=sex, label=GENDERS[sex], confidence=sure, origin="rule", evidence=(words,))


def vulnerable_group(readings: Sequence[Reading]) -> FieldValue | None:
    """Groups the caller names as touched by the matter."""
    found: dict[str, tuple[str, Evidence]] = {}
    for reading in readings:
        if reading.line.caller:
            for code, label, start, end in reading.once(_groups):
                found.setdefault(code, (label, evidence(reading.line, start, end)))
    if not found:
        return None
    return FieldValue(
        value=",".join(found),
        label="、".join(label for label, _ in found.values()),
        confidence=0.8,
        origin="rule",
        evidence=tuple(words for _, words in found.values()),
    )


def _title(text: str) -> re.Match[str] | None:
    return _TITLE.search(text)


def _hints(text: str) -> list[tuple[str, float, int, int]]:
    return [(sex, sure, m.start(), m.end()) for sex, sure, pattern in _HINTS if (m := pattern.search(text))]


def _groups(text: str) -> list[tuple[str, str, int, int]]:
    return [(code, label, m.start(), m.end()) for code, label, pattern in VULNERABLE if (m := pattern.search(text))]
