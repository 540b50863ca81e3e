"""Who calls: name, sex and what makes the caller or those he speaks for vulnerable or many."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from agents.extract.aside import of_others
from agents.extract.names import ASKED, ASKED_GIVEN, ASKED_OTHER, Named, given_in, name_in
from agents.extract.surnames import NOT_GIVEN, NOT_NAMES, SURNAMES
from agents.lines import evidence
from agents.reading import Reading
from routing.sound import syllable
from schemas.draft import Evidence, FieldValue

_S = "|".join(sorted(SURNAMES, key=lambda s: -len(s)))
_TITLED = re.compile(rf"({_S})([\u4e00-\u9fa5]{{0,2}}?)(先生|女士|小姐|大姐|阿姨|大哥|师傅|大爷|大叔|奶奶|大妈|老师)")
_TITLE = re.compile(
    r"(?:这位|您好|好的)[，]?(先生|女士|大姐|阿姨|大哥|师傅|大爷|大叔|奶奶|大妈)|^(先生|女士|大姐|阿姨|大哥|大爷|大叔|奶奶|大妈)[，您]"
)
_MALE = frozenset(("先生", "大哥", "师傅", "大爷", "大叔"))
_OF_WHOM = r"(?:(?:他|她|孩子|小孩|娃|学生|病人|患者|老人|当事人|伤者|死者)(?:的)?)"
_HINTS = (
    ("female", 0.7, re.compile(r"我(?:老公|丈夫|婆婆|男朋友)")),
    ("male", 0.7, re.compile(r"我(?:老婆|媳妇|岳母|丈母娘|女朋友)")),
    (
        "female",
        0.85,
        re.compile(
            r"我(?:怀孕|是孕妇|刚生完孩子|坐月子|休产假)|我(?:就)?(?:是|当|做)(?:一)?(?:个)?女(?:的|人|同志)|"
            r"我一个(?:女(?:的|人|同志)|老太(?:太|婆)|老婆子|妇女|寡妇|当(?:妈|娘)的|大?姑娘)|我们?(?:这些)?当(?:妈|娘)的"
        ),
    ),
    (
        "female",
        0.85,
        re.compile(
            rf"我是{_OF_WHOM}(?:妈妈?|母亲|娘|奶奶|姥姥|外婆|闺女|女儿|姐姐?|妹妹?|媳妇|老婆|妻子|婆婆|儿媳妇?|孙女|嫂子)"
            r"(?!妹|的|夫|家|婿|他|她|们)"
        ),
    ),
    (
        "male",
        0.85,
        re.compile(
            rf"我是{_OF_WHOM}(?:爸爸?|父亲|爹|爷爷|姥爷|外公|儿子|哥哥?|弟弟?|老公|丈夫|女婿|公公|姐夫|妹夫)"
            r"(?!妹|的|媳|家|他|她|们)"
        ),
    ),
    (
        "female",
        0.85,
        re.compile(rf"(?:叫|喊|称呼)我(?:老|小)?(?:{_S})(?:姐|嫂|姨|婶|女士|小姐|大[姐妈娘嫂]|阿姨|奶奶)"),
    ),
    ("male", 0.85, re.compile(rf"(?:叫|喊|称呼)我(?:老|小)?(?:{_S})(?:哥|叔|伯|先生|大[哥爷叔伯]|爷爷)")),
    (
        "male",
        0.8,
        re.compile(
            r"我(?:就)?(?:是)?一个(?:大老爷们|大?男(?:的|人)|老头子?|老汉|小伙子|当(?:爸|爹)的)|我是(?:个)?男的"
        ),
    ),
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
    best: Named | None = None
    said: list[Evidence] = []
    asked = given_asked = -99
    for i, reading in enumerate(readings):
        line = reading.line
        if not line.caller:
            own, other, given = reading.once(_asks)
            asked = line.at if own else -99 if other else asked
            given_asked = line.at if given and own else given_asked
            titled = reading.once(_titled)
            if titled and (best is None or _same_sound(best, titled)) and not _refused(readings, i):
                best = _addressed(titled)
                said = [evidence(line, titled.start(), titled.end(1))]
            continue
        near = line.at - asked <= 3
        found = None if reading.once(_about_others) and not near else reading.once(_answer if near else _own_words)
        if found is None:
            if best and not best.given and line.at - given_asked <= 2 and (rest := reading.once(_given_alone)):
                best = msgspec.structs.replace(best, given=rest)
                said.append(evidence(line, 0, len(line.text)))
            continue
        place = any(p.start < found.end and found.start < p.end for p in reading.places)
        if place and (found.sure < 0.92 or not near):
            continue  # 我是高新区的
        words = evidence(line, found.start, found.end)
        if best and best.surname == found.surname and not found.given:
            said.append(words)
            best = msgspec.structs.replace(best, sure=max(best.sure, found.sure))
        elif best is None or found.sure >= best.sure or best.surname == found.surname or (near and not best.given):
            best, said = found, [words]
    if best is None:
        return None
    sex = gender(readings)
    title = {"male": "先生", "female": "女士"}.get(sex.value, "") if sex else ""
    whole = best.surname + (best.given or title)
    note = "" if best.given else "只报了姓"
    return FieldValue(
        value=whole, label=whole, confidence=best.sure, origin="rule", evidence=tuple(said[-2:]), note=note
    )


def _asks(text: str) -> tuple[bool, bool, bool]:
    """Whether the agent asks for his name, for another's, for the whole of it."""
    other = ASKED_OTHER.search(text) is not None
    return not other and ASKED.search(text) is not None, other, ASKED_GIVEN.search(text) is not None


def _addressed(titled: re.Match[str]) -> Named:
    given = "" if set(titled[2]) & NOT_GIVEN or titled[1] + titled[2] in NOT_NAMES else titled[2]
    return Named(titled[1], given, titled.start(1), titled.end(1), 0.6)


def _same_sound(known: Named, titled: re.Match[str]) -> bool:
    """A surname heard badly gives way to the one the agent repeats."""
    return known.sure <= 0.6 and not known.given and syllable(known.surname[0]) == syllable(titled[1][0])


def _own_words(text: str) -> Named | None:
    return name_in(text, asked=False)


def _answer(text: str) -> Named | None:
    return name_in(text, asked=True)


def _given_alone(text: str) -> str:
    return given_in(text) if len(text) <= 8 else ""


def _about_others(text: str) -> bool:
    return of_others(text)


def _titled(text: str) -> re.Match[str] | None:
    return _TITLED.search(text)


def _refused(readings: Sequence[Reading], i: int, but: str = "") -> bool:
    """Whether the caller's next words deny it, unless they mend no more than what `but` names."""
    answer = next((r.line for r in readings[i + 1 : i + 3] if r.line.caller), None)
    return answer is not None and answer.denies and not (but and but in answer.text)


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
        if titled and not _refused(readings, i, but="姓") and (best is None or best[0] < 0.9):
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
