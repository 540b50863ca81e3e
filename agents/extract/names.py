"""The name a caller gives: asked for or of his own accord, its characters told apart, beside names of others."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from agents.extract.surnames import DECOMPOSED, NOT_GIVEN, NOT_NAMES, SURNAMES
from routing.sound import syllable

_S = "|".join(sorted(SURNAMES, key=lambda s: -len(s)))
_SURNAMES = re.compile(rf"(?=({_S}))")
_C = r"[\u4e00-\u9fa5]"
ASKED = re.compile(
    r"贵姓|称呼|(?:您|你)(?:的)?(?:姓名|名字|全名|大名|姓(?!氏))|尊姓|高姓|大名|全名|姓(?:什么|啥)|(?:叫|喊|唤)(?:您|你)?(?:个)?(?:什么|啥)|"
    r"怎么(?:叫|喊)|(?:名字|姓名|名儿|称谓)(?:.{0,4}(?:报|说|留|讲|给|登|记|是|呢|叫)|[吗？?。]|$)|(?:报|说|留|登记|讲|记|写|填)(?:一)?(?:下|个|上)?.{0,4}(?:名字|姓名|姓氏|名儿)|"
    r"(?:您|你)(?:是)?(?:哪位|谁)|哪(?:几|两|三|一)?个字|名字?怎么写|什么名|啥名|哪个(?:姓|"
    + _C
    + r"(?:呢|啊|呀|？|$))"
)
ASKED_OTHER = re.compile(
    r"(?:公司|单位|店|小区|工地|物业|学校|医院|平台|他|她|对方|老板|孩子|老人|司机|房东|中介|商家|当事人|负责人|师傅|医生|路|街|村)(?:们)?(?:的)?"
    r"(?:全称|全名|名称|叫什么|叫啥|名字|姓名|姓什么|贵姓|怎么称呼)|保密|公开|透露|隐去|遮|隐藏|提供给|让.{0,4}知道"
)
ASKED_GIVEN = re.compile(r"全名|名字呢|名呢|(?:姓名|名字)(?:是)?(?:叫)?(?:什么|啥)?|叫什么|后面.{0,3}字|全称呼")
_LEAD = re.compile(
    r"(?:喂|嗯|啊|呃|额|哦|噢|哎呀?|唉|诶|欸|那个|这个|怎么说呢|反正吧?|其实呢?|你听我讲|我想想|您好|你好|对|好的?|行|那|就|我啊|我呀|我嘛|我|俺|咱|本人|"
    r"鄙人|敝|在下|你们?|您|给我|帮我|全名|大名|名字|姓名|名儿|名|的|呢|是|叫做?|叫个|唤|喊|写|登记|登|记|填|留|报|讲|说|免贵|不用客气|客气了|呀|吧|,)*"
)
_TAIL = (
    r"(?:吧|啊|呀|呢|哈|哦|嘛|呗|哎|嗯|嘞|哩|咯|的|了|这个名字|这名字|这(?:三|两)个字|(?:三|两)个字|先生|女士|小姐|"
    r"就(?:行|成|好|可以|得)|好(?:了|啦)|行(?:了|啦)?|得(?:了|啦)|即可|啦)*"
)
_BARE = re.compile(rf"({_S})({_C}{{0,2}}?){_TAIL}$")
_AT_END = re.compile(rf"[我是叫啊吧呢嗯呃额哦讲说个样写就呀实哎唉]({_S})({_C}{{1,2}}){_TAIL}$")
_SELF = re.compile(
    rf"(?:我(?:的)?(?:名字|姓名|大名|全名)?(?:就)?(?:是|叫做?|名叫)|名字(?:是|叫|就?写)|姓名(?:是)?|本人|(?:就|你|您)(?:给我)?(?:写|登记|填|记))"
    rf"({_S})({_C}{{1,2}}?)(?:{_TAIL}$|(?=电话|就|先生|女士))"
)
_SELF_IS = re.compile(r"我(?:就)?是$|本人$")
_SURNAME = re.compile(rf"(?<![理任长板机傅师的个生员导婆工字])姓(?!名|氏)({_S})")
_NAMED = re.compile(
    rf"姓({_S})[，。\s]*(?:呃|嗯|啊)?(?:我)?(?:的)?(?:单?名字?|大名|全名)?(?:就)?(?:叫|是|单字|单名|名)(?:一?个)?({_C}{{1,2}}?)"
    rf"(?:字|(?=\1|[，。\s啊呀吧的]|$))"
)
_TWICE = re.compile(rf"({_S})({_C}{{1,2}})[，。\s]*(?:就是|是|叫)?\1\2")
_AFTER_SURNAME = re.compile(
    rf"姓({_S})[，。\s]*(?:呃|嗯|啊)?(?:我)?(?:叫|是|名叫)?\1({_C}{{1,2}}?){_TAIL}(?=[，。\s]|$)"
)
_CALL_ME = re.compile(
    rf"(?:叫|喊|称呼|称|写|是)(?:我)?(?:个)?(?:[老小大阿]({_S})|({_S})(?:姐|哥|嫂|姨|婶|叔|伯|师傅|先生|女士|小姐|大[姐哥爷妈娘叔伯嫂]|阿姨|奶奶|爷爷|老师|工))"
)
_WHO = (
    r"(?:经理|主任|老板|司机|医生|大夫|护士|老师|对方|他|她|科长|村长|书记|队长|局长|镇长|所长|校长|院长|房东|班长|(?:那|这)(?:个)?人|工头|负责人|"
    r"同事|邻居|朋友|老公|丈夫|老婆|媳妇|妻子|爱人|老伴|儿子|女儿|闺女|爸爸?|妈妈?|爹|娘|父亲|母亲|爷爷|奶奶|孙子|孙女|哥哥?|姐姐?|弟弟?|妹妹?|"
    r"孩子|娃|小孩|婆婆|公公|岳父|岳母|对象|男朋友|女朋友|法人|户主|物业|保安|师傅|公司|店|厂|单位|小区|工地|那边|家人)"
)
_OTHERS = re.compile(
    rf"{_WHO}(?:们|呢|啊)?(?:的)?(?:名字|大名|姓名)?(?:也|就|好像|大概|应该)?(?:姓|叫|名叫|是叫|是姓)[^，。\s]{{0,5}}"
    rf"|{_WHO}(?:的)?(?:名字|大名|姓名)(?:是)?[^，。\s]{{0,4}}|有(?:个|位|一个|一位)(?:叫|姓)?[^，。\s]{{0,4}}|姓{_C}{{1,2}}的"
)
_FILLER = re.compile(r"哎呀|哎哟|怎么说呢|反正吧?|其实(?:呢|吧)|你听我讲|我想想|那个啥|就那个|[呃嗯唉诶欸]")
_BREAKS = re.compile(r"[，。,.、！？；\s]+")
_TITLES = frozenset(("师傅", "老师", "大夫", "同志", "工", "总", "某", "某某", "小姐"))
_RADICAL = "旁头字边底框"
_OF_WORDS = frozenset("局部处所站店厂司区县镇村路街户员妈爸人主工生师")  # ends of what one is rather than is called


class Named(msgspec.Struct, frozen=True):
    """A name found in a line."""

    surname: str
    given: str
    start: int
    end: int
    sure: float


def name_in(text: str, asked: bool) -> Named | None:
    """The caller's own name in a line; `asked`: it answers the question for his name."""
    own = _FILLER.sub(_blank, _OTHERS.sub(_blank, text))
    told = _spelt_out(own)
    if not (asked or "姓" in own or "叫" in own or "名" in own or "我是" in own or "本人" in own):
        return None
    shape = _shape(own) if asked or "姓" in own or "叫" in own or "是" in own else None
    if shape:  # 姓许，言午许，许志强: what tells the surname apart is no part of the name
        own = own[: shape[1]] + "，" * (shape[2] - shape[1]) + own[shape[2] :]
    found = _whole(own, told, shape, asked)
    if found is None and shape:
        found = Named(shape[0], "", shape[1], shape[2], 0.93)
    if found is None:
        found = _surname(own, asked)
    if found and shape and found.surname != shape[0]:
        found = msgspec.structs.replace(found, surname=shape[0])
    return found and msgspec.structs.replace(found, given=_mended(found, told))


def _blank(match: re.Match[str]) -> str:
    return "，" * len(match[0])


def given_in(text: str) -> str:
    """The given name alone, as the answer to the question for the whole name; "" for none."""
    for clause in _BREAKS.split(text):
        rest = clause[_end_of_lead(clause) :]
        m = re.fullmatch(rf"({_C}{{1,2}}?){_TAIL}", rest)
        if m and _fits(m[1]) and m[1] not in NOT_NAMES:
            return m[1]
    return ""


def _end_of_lead(clause: str) -> int:
    m = _LEAD.match(clause)
    return m.end() if m else 0


def _fits(given: str) -> bool:
    return bool(given) and given not in _TITLES and not set(given) & NOT_GIVEN


def _whole(text: str, told: list[tuple[int, str]], shape: tuple[str, int, int] | None, asked: bool) -> Named | None:
    """Surname and given name."""
    if (m := _AFTER_SURNAME.search(text) or _NAMED.search(text)) and _fits(m[2]):
        return Named(m[1], m[2], m.start(1), m.end(2), 0.92)
    if told and (spelt := _by_spelling(text, told, shape)):
        return spelt
    for m in _TWICE.finditer(text):
        if _fits(m[2]) and asked:
            return Named(m[1], m[2], m.start(1), m.end(2), 0.92)
    at = 0
    best: Named | None = None
    for clause in _BREAKS.split(text):
        at = text.find(clause, at)
        found = _clause(clause, at, asked)
        if found and found.given and (best is None or found.sure > best.sure):
            best = found
        at += len(clause)
    return best


def _clause(clause: str, at: int, asked: bool) -> Named | None:
    for m in _SELF.finditer(clause):
        word = m[1] + m[2]
        lead = clause[m.start() : m.start(1)]
        if not _fits(m[2]) or word in NOT_NAMES:
            continue
        if not asked and _SELF_IS.search(lead) and (len(m[2]) < 2 or m[2][-1] in _OF_WORDS or clause.endswith("的")):
            continue
        return Named(m[1], m[2], at + m.start(1), at + m.end(2), 0.9)
    if not asked:
        return None
    start = _end_of_lead(clause)
    for begin in (start, 0):
        bare = _BARE.match(clause, begin)
        if bare and bare[2] and _fits(bare[2]) and bare[1] + bare[2] not in NOT_NAMES:
            return Named(bare[1], bare[2], at + bare.start(1), at + bare.end(2), 0.85)
    end = _AT_END.search(clause) if len(clause) <= 24 else None
    if end and _fits(end[2]) and end[1] + end[2] not in NOT_NAMES:
        return Named(end[1], end[2], at + end.start(1), at + end.end(2), 0.8)
    return None


def _surname(text: str, asked: bool) -> Named | None:
    """The surname alone."""
    if m := _SURNAME.search(text):
        return Named(m[1], "", m.start(1), m.end(1), 0.9)
    if m := _CALL_ME.search(text):
        group = 1 if m[1] else 2
        if asked or "我" in text[m.start() : m.start(group)]:
            return Named(m[group], "", m.start(group), m.end(group), 0.85)
    if not asked:
        return None
    at = 0
    for clause in _BREAKS.split(text):
        at = text.find(clause, at)
        for lead in (_end_of_lead(clause), 0):
            m = _BARE.match(clause, lead)
            if (
                m
                and not m[2]
                and clause not in ("和", "成", "别", "能", "行", "对", "那", "是", "应", "时", "向", "说")
            ):
                return Named(m[1], "", at + m.start(1), at + m.end(1), 0.85)
        at += len(clause)
    heard = re.search(rf"(?:免贵姓|我姓|^姓)({_C})", text)
    if heard and (surname := _sounding(heard[1])) and heard[1] not in "名氏啥":
        return Named(surname, "", heard.start(1), heard.end(1), 0.6)
    return None


def _shape(text: str) -> tuple[str, int, int] | None:
    """弓长张: the surname taken apart, and where; what is said not to be is none."""
    best: tuple[str, int, int] | None = None
    for shape, surname in DECOMPOSED.items():
        at = text.rfind(shape)
        if at < 0 or text[:at].endswith("不是"):
            continue
        end = at + len(shape) + text.startswith(surname, at + len(shape))
        if best is None or at > best[1] or (at == best[1] and end > best[2]):
            best = (surname, at, end)
    return best


def _spelt_out(text: str) -> list[tuple[int, str]]:
    """(where, character) of each 建设的建, 王字旁的玲."""
    found = []
    at = text.find("的")
    while at >= 0:
        char, before = text[at + 1 : at + 2], text[max(0, at - 4) : at]
        if char and before and (char in before or before[-1] in _RADICAL or _sounds_in(char, before)):
            found.append((at, char))
        at = text.find("的", at + 1)
    return found


def _sounds_in(char: str, before: str) -> bool:
    return "\u4e00" <= char <= "\u9fa5" and len(before) >= 2 and syllable(char) in (syllable(c) for c in before[-2:])


def _by_spelling(text: str, told: list[tuple[int, str]], shape: tuple[str, int, int] | None) -> Named | None:
    """董晓丽，拂晓的晓，美丽的丽: the characters told apart find the name they belong to."""
    known = shape or _known(text)
    first = told[0][0]
    seen = [(m.start(), m[1]) for m in _SURNAMES.finditer(text) if text[m.start() - 1 : m.start()] != "的"]
    chars = [c for _, c in told]
    if known or chars[0] in (text[:1], *(s for at, s in seen if at < first - 1)):
        chars = [c for c in chars if c != (known[0] if known else chars[0])]
    if not chars or len(chars) > 3:
        return None
    for n in (2, 1):
        for at, surname in seen:
            after = at + len(surname)
            given = _matching(text, after, chars, n, first)
            if given and (not known or known[0] == surname or known[0] not in SURNAMES):
                return Named(surname, given, at, after + len(given), 0.93)
        if known and n == len(chars) == 2:
            return Named(known[0], "".join(chars), known[1], known[2], 0.88)
    for at in range(max(0, min(first - 2, len(text)))):  # the surname itself misheard
        if len(chars) == 2 and _alike(text[at + 1 : at + 3], "".join(chars)):
            surname = known[0] if known else _sounding(text[at])
            if surname:
                return Named(surname, "".join(chars), at, at + 3, 0.88 if known else 0.6)
    return None


def _known(text: str) -> tuple[str, int, int] | None:
    m = _SURNAME.search(text)
    return (m[1], m.start(1), m.end(1)) if m else None


def _matching(text: str, at: int, chars: list[str], n: int, first: int) -> str:
    """The given name at a place, as far as the characters told apart bear it out: two of them, or one."""
    end = at + n
    if end == first or len(chars) < n or not _alike(text[at:end], "".join(chars[:n])):
        return ""
    told = "".join(chars[:n])
    if n == 1 and re.match(rf"{_C}(?:[，。,\s]|$)", text[end:]) and _fits(text[end : end + 1]) and end + 1 <= first:
        return told + text[end]  # 罗美玲，美丽的美
    return told


def _alike(one: str, other: str) -> bool:
    return (
        bool(one)
        and len(one) == len(other)
        and all(a == b or syllable(a) == syllable(b) for a, b in zip(one, other, strict=True))
    )


def _mended(found: Named, told: list[tuple[int, str]]) -> str:
    """Characters told apart replace the homophones heard."""
    given = list(found.given)
    for where, char in told:
        for i, heard in enumerate(given):
            if where >= found.end and heard != char and syllable(heard) == syllable(char) and char not in given:
                given[i] = char
    return "".join(given)


@lru_cache(maxsize=512)
def _sounding(char: str) -> str:
    """The commonest surname that sounds like a character; "" for none."""
    return next((s for s in SURNAMES if len(s) == 1 and syllable(s) == syllable(char)), "")
