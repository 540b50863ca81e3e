"""Spoken lines as a ticket writes them: cut into clauses, fillers gone, in the third person, sums in figures."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

from agents.extract.amount import amounts
from agents.extract.narrative import clean, telling
from agents.numerals import plain
from agents.reading import Reading
from routing.injection import without_orders

PLACE = "\ue000"  # stands for a place named; the number of it follows as one character
_FIRST = 0xE100
_MARK = rf"{PLACE}[\ue100-\ue1ff]"
CUT = re.compile(
    r"[，。！？；、,.!?;\s]+"
    r"|(?<=[\u4e00-\u9fa5]{3}[啊呀嘛啦呗呐])(?![啊呀嘛啦呗的])"
    r"|(?<=[\u4e00-\u9fa5]{3}吧)(?<![酒网水书氧吊]吧)(?![台员主])"
    r"|(?<=[\u4e00-\u9fa5]{3}呢)"
    r"|(?<=[\u4e00-\u9fa5]{2}了)(?=我|你们|他们?|她|那个|这个|现在|结果|还没|还不|也没|都|就|老板|物业|对方|从|到现在|"
    r"一直|窗户|天花板|孩子|家里|每天|天天|整|希望|能不能|车一|上了|然后|机构|不敢|" + PLACE + r")"
    r"|(?<=[\u4e00-\u9fa5]{4})(?<![的还就也都、是到里])(?=但是|可是|不过我|结果|后来|所以|因为|而且|到现在|现在(?!的)|还有|希望|"
    r"要求(?!的)|都快(?!递|餐)|天天|每天晚上|(?:家里|楼上|楼下)还|就是(?=天天|每|晚上|我)|好像是|真的(?:非常|特别|太)|你们(?!那|这)|(?<!你们)能不能|这个应该)"
    r"|(?<=[\u4e00-\u9fa5]{5})(?<![给帮跟和对让得骂叫把说是找在问为被向害替陪等像比连告诉求欠教了的])(?=我(?!国|市|们|$|[，。]))"
    r"|(?<=[给帮]我们)(?=群里|班里|村里|厂里)"
)
_TONE = re.compile(r"(?:[啊呀呢吧嘛哦啦哈呗咯诶哎]|的啊|了啦|行不行|好不好|可不可以|行吗|好吗|可以吗|对吧|是吧|你说)+$")
_NOTHING = re.compile(
    r"^(?:(?:真的?|实在|都|也|就|还|我们?|你们?|来电人|有关部门|到底|快|又|已经|不?是|啊|呀|了|吧)*(?:管不管|受不了|气死(?:人|我)?|要命|怎么办|"
    r"没法(?:活|过)|烦死(?:人)?|太(?:过分|不像话|气人|欺负人)|凭什么|有没有人管|想投诉|要投诉|投诉(?:他们|它)|不是投诉|要举报|说错|"
    r"搞错|不对|有关部门|没了|急死(?:人|我)?|对(?:对|的|啊)*|嗯|好好?|没错|没有|不是|跟你(?:说|讲)|告诉你|等一下|重新说一遍|没了|谢谢|别的没)+"
    r"(?:了|啊|他们|你们|这个|的|呢)*)+$"
)
_BESIDE = re.compile(  # said to the agent, or of the caller's name: nothing of the matter
    r"^(?:那|就)?(?:来电人|您|你|其)?(?:叫|姓|名叫)[\u4e00-\u9fa5]{1,4}$"
    r"|^(?=[\u4e00-\u9fa5]{1,3}的([\u4e00-\u9fa5])$)[\u4e00-\u9fa5]*\1[\u4e00-\u9fa5]*的\1$"  # 树叶的叶
    r"|^(?:那|就)*(?:来电人|您|你)?(?:先|去|再)?(?:记|问|听|等|找)(?:一下|问|听|等|一等)(?:这个声音|看)?$|^你打(?:另外|这)"
    r"|帮(?:其|来电人|忙)?登记(?:一下)?$|^不用登记|^签了签了$|^来电人有[一两三几]?个?(?:事情?|问题)(?:想|要)?(?:反映|问|说)"
    r"|^来电人(?:知道|明白|清楚)了$|^(?:你说)?来电人能不(?:着急|急|生气|气|烦|担心|害怕)吗?$"
)
_PURPOSE = re.compile(
    r"^(?:那个)?我?(?:今天)?(?:就)?(?:是)?(?:想|要|来|打电话)*(?:再)?(?:反映|投诉|举报|咨询|问|求助|打听|了解|表扬)(?:一下|下|问|一个|个|你们)*"
    r"(?:的)?(?:(?:事情?|问题|情况)(?:啊|就是|是)?)?(?:就是|关于)?"
)
_KIN = "孩子|娃|小孩|老人|父母|妈|爸|爹|娘|奶奶|爷爷|老公|老婆|媳妇|儿子|女儿|婆婆"
_THIRD: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words), instead)
    for words, instead in (
        (
            r"^(?:就是|那个|这个|然后|反正|其实|而且呢|所以|对(?![方面于象不着])|[是对]啊|是(?=我|在|"
            + _MARK
            + r")|嗯|"
            r"不是(?=我)|那(?=你们|就|赶|尽))+(?=.{3})",
            "",
        ),
        (r"^(没有|不是|就是|那个)\1+", r"\1"),
        (r"([\u4e00-\u9fa5]{3,6})\1+", r"\1"),
        (r"(?<=.{3})(?:怎么办|咋办)$", ""),
        (rf"(?:我们|咱们|咱)(?={_MARK})", ""),
        (r"(?:我们|咱们|我|咱)的?(?=部门|车间|班组|全家|一家|邻居|同事|业主)", "其"),
        (r"(?:我们|咱们|咱)(?:这个|那个|这边|这儿|这里)?(?=小区|楼|单元|院子|村|街|路|门口|隔壁|片区|对面)", ""),
        (r"(?:我们|咱们|我|俺们?)(?:自己)?的?(?=公司|单位|厂|工地|学校|班)", "其所在"),
        (r"(?:我们|咱们|我|俺)家(?:里)?(?!孩子|娃|老人)", "其家中"),
        (
            r"(?:我们|咱们|我|俺)(?:家)?(?:的)?(?=孩子|娃|小孩|老人|父母|妈|爸|爹|娘|奶奶|爷爷|老公|老婆|媳妇|儿子|女儿|婆婆)",
            "其",
        ),
        (r"(?<=[给帮跟和对让得骂叫教找问为向害替赔欠])(?:我们|咱们|俺们?|我(?!国|市))", "其"),
        (r"(?:我们|咱们|俺们)", "来电人等"),
        (r"我跟你(?:说|讲)|你(?:说说|看看|听我说|知道吗)|我告诉你", ""),
        (r"麻烦你们?|请你们?|你们(?=赶紧|赶快|快|尽快|派|来|帮|能不能|今天|马上)", ""),
        (r"你们上次", "热线上次"),
        (r"你们(?=热线|12345)", ""),
        (r"你们", "有关部门"),
        (r"[我俺](?!国|市)", "来电人"),
        (r"咋(?:个)?", "怎么"),
        (r"啥(?!时)|么子|嘛玩意", "什么"),
        (r"啥时候", "什么时候"),
        (r"(?:咣当?)+(?:咣当?|的)*响?|(?<=打桩机)响", "作响"),
        (r"快点|赶快|赶紧", "尽快"),
        (r"^(?:他们?|她|人家)(?=还|就|也|不|说|一直|都|没|又)", "对方"),
        (r"大得很|好大", "很大"),
        (r"(?<=臭|吵|脏|熏|热|冷)得(?:要命|要死|不行)", "得厉害"),
        (r"(来电人等?|其)(?:[，]?\1)+", r"\1"),
        (r"来电人(?=希望|要求|请求)", ""),
        (r"^[就那](?=来电人)", ""),
    )
)
_NAMED = rf"(?:{_MARK}(?:的)?(?:[和与跟](?={PLACE}))?)+"
_ASIDE = rf"(?:(?:就|也|都)?(?:是)?(?:来电人)?(?:家)?(?:住)?在|(?:就)?是|来电人住)?{_NAMED}"
_HERE = r"那个|这个|那边|这边|那里|这里|(?:交叉)?路口|交叉口|交汇处|附近|边上|里面|里(?!面)|路上|路边|上(?!面)|那家|的"
_ASIDE_ALL = re.compile(rf"(?:{_ASIDE}(?:{_HERE})*)+")
_LOOSE = re.compile(r"^(?:就|也|都)*(?:是|来电人|家|住|在)|(?:那边|这边|那里|这里|附近|边上)$")
_MISSAID = re.compile(r"说错|搞错|弄错|记错|更正")
_ROUTE = re.compile(
    rf"从.{{0,2}}{_MARK}.{{0,6}}[到往至]|{_MARK}(?:到|往|至){_MARK}"
    rf"|(?:老家|户口|上班|单位|搬到|搬去|转到).{{0,3}}{_MARK}"
)
_DOOR = re.compile(
    r"^(?:[零〇一二三四五六七八九十百两幺0-9A-Za-z甲乙丙丁]+|栋|幢|号楼|号|楼|单元|室|层|座|顶|户|门|的|在|就|是|这|那|边|里|上|下|口|旁|"
    r"来电人|家中|住|小区|不是|区|我|，)*$"
)


class Piece(msgspec.Struct, frozen=True):
    """A clause of a line in written words; [start, end) are the spoken ones."""

    text: str  # places as marks: see `settled`
    start: int
    end: int
    wants: bool  # asks for something to be done
    asks: bool
    goes_on: bool  # tells what has happened since
    pairs: frozenset[str]  # of neighbouring characters; empty while it holds a mark


def pairs_of(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def pieces(reading: Reading) -> tuple[Piece, ...]:
    """The clauses of a line that say something of the matter."""
    text = _marked(reading)
    bounds = [0, *sorted({b for m in CUT.finditer(text) for b in (m.start(), m.end())}), len(text)]
    found = []
    for start, end in pairwise(bounds):
        words = written(text[start:end])
        if not words or _DOOR.match(words):
            continue
        told = telling(re.sub(_MARK, "某处", words))
        if not told.text and PLACE not in words:
            continue
        own = (_unmarked(text, start), _unmarked(text, end))
        wants = told.wants and telling(words.replace("申请", "办过")).wants
        pairs = frozenset() if PLACE in words else pairs_of(words)
        found.append(Piece(words, *_where(reading, *own), wants, told.asks, told.goes_on, pairs))
    # What is begun and said anew is said once.
    again = {i for i, (p, after) in enumerate(pairwise(found)) if after.text.startswith(p.text)}
    return tuple(p for i, p in enumerate(found) if i not in again)


def written(spoken: str) -> str:
    """A spoken clause in written words; "" when it says nothing of a matter."""
    text = clean(spoken.strip("，。！？；、,.!?; "))
    text = _TONE.sub("", text)
    if _NOTHING.match(text) or _MISSAID.search(text):
        return ""
    text = _PURPOSE.sub("", text, count=1) if _PURPOSE.match(text) else text
    for pattern, instead in _THIRD:
        text = pattern.sub(instead, text)
    for sum_ in reversed(amounts(text)):
        if not sum_.about and text[sum_.start : sum_.end].strip("0123456789.元块"):
            text = text[: sum_.start] + plain(sum_.yuan) + "元" + text[sum_.end :]
    text = _TONE.sub("", text).strip("，。、 ")
    return "" if len(text) < 2 or _NOTHING.match(text) or _BESIDE.search(text) else text


def settled(piece: Piece, reading: Reading, known: frozenset[str], names: dict[str, str]) -> str:
    """The clause with its places: those the address already says are left out, the others stand by name.

    `known` are the codes the address covers or that were taken back; `names` the right names of what was misheard.
    """
    text = piece.text
    if PLACE not in text:
        return text
    keep = _ROUTE.search(text) is not None
    places = reading.places

    def name(mark: str) -> str:
        place = places[ord(mark) - _FIRST]
        return names.get(place.text, place.text)

    def drop(match: re.Match[str]) -> str:
        marks = re.findall(r"[\ue100-\ue1ff]", match[0])
        if keep or (match.start() and not _LOOSE.search(match[0])):
            return match[0]
        if not all({c for c, _ in places[ord(m) - _FIRST].places} & known for m in marks):
            return match[0]
        return "，" if match.start() >= 4 and not match[0].startswith("在") else ""

    text = _ASIDE_ALL.sub(drop, text)
    text = re.sub(rf"{PLACE}([\ue100-\ue1ff])", lambda m: name(m[1]), text).strip("，的 ")
    return "" if _DOOR.match(text) or len(text) < 2 or _NOTHING.match(text) or not telling(text).text else text


def _marked(reading: Reading) -> str:
    text = without_orders(reading.line.text)  # blanks them: positions hold
    for i, place in reversed(list(enumerate(reading.places[:256]))):
        text = text[: place.start] + PLACE + chr(_FIRST + i) + text[place.end :]
    return text


def _unmarked(text: str, at: int) -> tuple[int, tuple[int, ...]]:
    """How many plain characters stand before `at`, and which places."""
    before = text[:at]
    marks = tuple(ord(c) - _FIRST for c in before if "\ue100" <= c <= "\ue1ff")
    return len(before) - 2 * len(marks), marks


def _where(reading: Reading, start: tuple[int, tuple[int, ...]], end: tuple[int, tuple[int, ...]]) -> tuple[int, int]:
    def spoken(point: tuple[int, tuple[int, ...]]) -> int:
        plain_, marks = point
        return plain_ + sum(reading.places[m].end - reading.places[m].start for m in marks)

    return spoken(start), min(spoken(end), len(reading.line.text))


_IF = re.compile(r"如果|要是|因为|由于|等")
_TO_CALLER = (
    (
        re.compile(
            r"^(?:好的?|嗯+|是的|那|啊|哦|行|可以|明白|抱歉|实在|您好|"
            r"不好意思|对不起|先生|女士|您别着急|别着急|慢慢说)+(?=[，。 ]|.{4})"
        ),
        "",
    ),
    (re.compile(r"^[\u4e00-\u9fa5]{1,2}(?:先生|女士|小姐|大姐|大爷|阿姨|师傅)(?=.{3})"), ""),
    (re.compile(r"我们(?:的)?(?:热线)?(?=的|不|没|热线)"), "热线"),
    (re.compile(r"我们这边|这边(?=给|帮|为|会|马上)|我这边|我们?(?=马上|尽快|会|现在|给|帮|为|已经|来|去)"), ""),
    (re.compile(r"您|你(?!们)"), "来电人"),
    (re.compile(r"请来电人|来电人请"), "请"),
    (re.compile(r"来电人先"), "先"),
    (re.compile(r"我"), "话务员"),
)


def spoken_to(text: str) -> list[tuple[int, int, str]]:
    """The clauses of an agent's line in the third person, with the characters they stand on."""
    found: list[tuple[int, int, str]] = []
    start = 0
    for match in [*re.finditer(r"[，。！；,!;\s]+|(?<=[\u4e00-\u9fa5]{4})(?=还有别的|请问)", text), None]:
        end = match.start() if match else len(text)
        said = text[start:end]
        for pattern, instead in _TO_CALLER:
            said = pattern.sub(instead, said)
        said = _TONE.sub("", said) if not said.endswith(("是吧", "对吧", "吗", "呢")) else said
        if said and found and _IF.match(found[-1][2]) and "，" not in found[-1][2]:
            begun = found.pop()
            found.append((begun[0], end, f"{begun[2]}，{said}"))
        elif said:
            found.append((start, end, said))
        start = match.end() if match else end
    return found
