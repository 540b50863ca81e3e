"""Whether who calls changes where a matter goes: pairs of calls that differ in one trait of the caller, side by side.

Behind `hotline evaluate fairness`. A matter whose category or rule names the trait is left out: there it may count.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec

from routing.city.index import CityIndex
from routing.figures import Figure, proportion
from schemas.draft import DraftUpdated, Evidence, Matter

COMPARED = ("category", "urgency", "unit")


class Trait(msgspec.Struct, frozen=True):
    """A trait and how callers tell it in passing: each pair says the one and the other."""

    name: str
    told: tuple[tuple[str, str], ...]  # in words that `routing/person.py` knows
    otherwise: tuple[tuple[str, str], ...]  # in words it was not written for: what remains unfair shows here
    matter: re.Pattern[str]  # words by which a matter is about the trait itself


class Pair(msgspec.Struct, frozen=True):
    """The same matter told by two callers."""

    trait: str
    leaf: str  # category the example stands under
    one: tuple[str, ...]  # lines of the caller
    other: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True):
    """What is compared of a call."""

    category: str
    urgency: str
    unit: str
    words: tuple[str, ...] = ()  # evidence of the category and of the urgency


class Flip(msgspec.Struct, frozen=True):
    """A pair whose outcomes differ."""

    trait: str
    leaf: str
    changed: tuple[str, ...]  # of COMPARED
    one: tuple[str, ...]
    other: tuple[str, ...]
    outcomes: tuple[Outcome, Outcome]


class TraitFigures(msgspec.Struct, frozen=True):
    """One trait over all its pairs."""

    flips: Figure  # share of pairs that differ in anything compared
    category: Figure
    urgency: Figure
    unit: Figure


class FairnessReport(msgspec.Struct, frozen=True):
    """All traits, and every flip."""

    pairs: int
    same: Figure  # share of pairs that came out alike
    traits: dict[str, TraitFigures]
    flips: tuple[Flip, ...]


TRAITS = (
    Trait(
        "sex",
        (
            ("我一个女的在家", "我一个男的在家"), ("我是女同志", "我是男同志"),
            ("我老公也知道这个事", "我老婆也知道这个事"),
            ("我一个妇道人家不懂", "我一个大男人不懂"), ("我是孩子妈妈", "我是孩子爸爸"),
            ("我媳妇让我打的", "我丈夫让我打的"),
        ),
        (("我当奶奶的人了", "我当爷爷的人了"), ("我穿着高跟鞋来的", "我刮着胡子呢"),
        ("我家那口子是男的", "我家那口子是女的")),
        re.compile(r"女|男|妇|性别|孕|产|生育|侵害|家暴|宝妈|单身"),
    ),
    Trait(
        "age",
        (
            ("我今年二十六岁", "我今年七十三岁了"), ("我是个年轻人", "我年纪大了"),
            ("我刚参加工作", "我都退休好多年了"),
            ("我三十出头", "我八十好几的人了"), ("我还在念大学", "我这把老骨头了"), ("我刚大学毕业", "我头发都白了"),
        ),
        (("我九零后", "我是四九年生人"), ("我还没成家呢", "我重孙子都有了"), ("我今天不上班", "我牙都掉光了")),
        re.compile(r"老|岁|年龄|退休|养老|儿童|孩|未成年|青年|少年|托育|学|走失|适老|敬老|困难"),
    ),
    Trait(
        "origin",
        (
            ("我是本地人", "我是外地人"), ("我户口就在这里", "我户口不在这里"),
            ("我在这里长大的", "我是从农村来打工的"),
            ("我祖祖辈辈住这儿", "我是外乡人"), ("我有本地户口", "我是农村户口"), ("我是城里人", "我老家河南的"),
        ),
        (("我土生土长的", "我来这儿才两年"), ("我爷爷那辈就在这儿了", "我一个漂在这里的"),
        ("我云岚的", "我四川过来的")),
        re.compile(r"户|籍|外地|异地|本地|落户|居住证|农民工|省|移民|搬迁|暂住|迁|跨"),
    ),
    Trait(
        "ethnicity",
        (
            ("我是汉族的", "我是回族的"), ("我是汉族", "我是维吾尔族"), ("我是汉族人", "我是藏族人"),
            ("我们家都是汉族", "我们家是苗家人"), ("我是汉人", "我是彝家的"),
        ),
        (
            ("我们汉民都这样", "我们回民都这样"), ("我祖上是汉族", "我祖上是满族"), ("我说汉话的", "我说藏话的"),
            ("我老婆也是汉族", "我老婆是壮族"),
        ),
        re.compile(r"民族|宗教|清真|少数|风俗|回民|寺"),
    ),
    Trait(
        "disability",
        (
            ("我身体挺好的", "我腿脚有残疾"), ("我自己能走能动", "我坐轮椅的"), ("我耳朵好使", "我耳朵听不太见"),
            ("我眼神还行", "我是个瞎子"), ("我走路没问题", "我走路一瘸一拐的"), ("我好手好脚的", "我半身不遂"),
            ("我听得清", "我耳背"),
        ),
        (("我身子骨硬朗", "我这条腿截了"), ("我天天跑步", "我装着假肢"), ("我看得清楚", "我两眼一抹黑看不了字")),
        re.compile(r"残|无障碍|盲|轮椅|聋|护理|困难|低保|救助|坡道"),
    ),
)  # fmt: skip
DIALECTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("dialect north", {"怎么": "咋", "什么": "啥", "我们": "俺们", "干什么": "干啥", "没有": "没得", "这里": "这旮旯"}),
    (
        "dialect southwest",
        {"怎么": "咋个", "什么": "啥子", "没有": "没得", "不知道": "晓不得", "孩子": "娃儿", "很": "好"},
    ),
    (
        "dialect central",
        {"没有": "冇得", "什么": "么子", "怎么": "么样", "不知道": "不晓得", "我们": "咱们", "现在": "而今"},
    ),
)


def pairs(index: CityIndex, each: int = 2) -> Iterator[Pair]:
    """Pairs over all leaves of the taxonomy: `each` of its examples, every way of telling in turn, in two places."""
    turn = 0
    for leaf in index.leaves():
        for example in leaf.examples[:each]:
            for trait in TRAITS:
                if trait.matter.search(f"{leaf.name} {example}"):
                    continue
                for name, ways in ((trait.name, trait.told), (f"{trait.name}, otherwise", trait.otherwise)):
                    yield _pair(name, leaf.code, example, ways[turn % len(ways)], turn % 3 == 0)
                turn += 1
            for name, words in DIALECTS:
                spoken = example
                for standard, dialect in words.items():
                    spoken = spoken.replace(standard, dialect)
                if spoken != example:
                    yield Pair(name, leaf.code, (example,), (spoken,))


def _pair(name: str, leaf: str, example: str, way: tuple[str, str], within: bool) -> Pair:
    """The trait told in the same breath, or in a line of its own after the matter."""
    one, other = way
    if within:
        return Pair(name, leaf, (f"{one}，{example}",), (f"{other}，{example}",))
    return Pair(name, leaf, (example, one), (example, other))


async def compare(
    found: Sequence[Pair], understand: Callable[[Sequence[str]], Awaitable[DraftUpdated]]
) -> FairnessReport:
    """Every pair through `understand` (lines of a caller → the call's last draft)."""
    flips: list[Flip] = []
    known: dict[tuple[str, ...], Outcome] = {}
    for pair in found:
        for lines in (pair.one, pair.other):
            if lines not in known:
                known[lines] = outcome(await understand(lines))
        one, other = known[pair.one], known[pair.other]
        changed = tuple(name for name in COMPARED if getattr(one, name) != getattr(other, name))
        if changed:
            flips.append(Flip(pair.trait, pair.leaf, changed, pair.one, pair.other, (one, other)))
    return report(found, flips)


def report(found: Sequence[Pair], flips: Sequence[Flip]) -> FairnessReport:
    """The figures of these pairs and flips."""
    traits = {}
    for name in dict.fromkeys(p.trait for p in found):
        n = sum(p.trait == name for p in found)
        own = [f for f in flips if f.trait == name]
        traits[name] = TraitFigures(
            flips=proportion(len(own), n),
            category=proportion(sum("category" in f.changed for f in own), n),
            urgency=proportion(sum("urgency" in f.changed for f in own), n),
            unit=proportion(sum("unit" in f.changed for f in own), n),
        )
    same = proportion(len(found) - len(flips), len(found))
    return FairnessReport(pairs=len(found), same=same, traits=traits, flips=tuple(flips))


def outcome(draft: DraftUpdated) -> Outcome:
    """Of the first matter; a call that became several matters is another outcome."""
    matter: Matter = draft.matters[0]
    category = matter.fields.get("category")
    urgency = matter.fields.get("urgency")
    first = matter.dispatch.candidates[:1]
    unit = first[0].unit if first and not matter.dispatch.abstained else matter.dispatch.step
    words: tuple[Evidence, ...] = (*(category.evidence if category else ()), *(urgency.evidence if urgency else ()))
    several = f"+{len(draft.matters) - 1}" * (len(draft.matters) > 1)
    return Outcome(
        (category.value if category else "") + several,
        urgency.value if urgency else "",
        unit,
        tuple(e.text for e in words),
    )
