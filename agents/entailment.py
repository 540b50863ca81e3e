"""Generated words, checked: a sentence stays only where the passage it cites bears out every word that matters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from routing.injection import without_orders
from routing.retrieval_grams import NOISE, bigrams

BORNE_OUT = 0.8  # share of a sentence's bigrams that must stand in the passage
NEAR = 0.6  # … in one clause of it, or in two that follow one another
SHORTEST, LONGEST = 4, 160  # characters of a sentence
_CITED = re.compile(r"[\[［【](\d{1,2})[\]］】]")
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]*(?:\s*[\[［【]\d{1,2}[\]］】])*")
_CLAUSE = re.compile(r"[^。！？；，、：:,;!?\n]+")
_MANNERS = re.compile(
    r"^(?:您好|你好|好的|请问|请您|请|麻烦您|那么|另外|同时|此外|也就是说|总之)[，,]?|您|的话|一下|呢|哦|哈|啊"
)
_FIGURE = re.compile(
    r"\d+(?:[.,:：\-—/]\d+)*%?|[零〇一二两三四五六七八九十百千万亿半]+(?=[个年月日天点时分元块角岁周倍成折次份张人户条项号楼层级%])"
)
_LATIN = re.compile(r"[A-Za-z]{2,}")
_NAMED = re.compile(
    r"[\u4e00-\u9fff]{1,8}?(?:局|委员会|中心|大厅|窗口|街道|社区|派出所|支队|大队|法院|医院|学校|银行|公司|小程序|平台)"
)
_NOT = re.compile(r"不|没|无(?!论)|未|非(?!常)|勿|禁|免|停|拒|除外|不得|别(?!的)")
_STRENGTH = re.compile(
    r"必须|一律|一定|保证|肯定|绝对|全部|所有|任何|只能|只要|永久|马上|立即|随时|都可以|均可|无需|不用|免费"
)


class Sentence(msgspec.Struct, frozen=True):
    """A sentence that may stand, and the passage that bears it out."""

    text: str
    passage: int  # number of the passage, from 0


def checked(text: str, passages: Sequence[str]) -> tuple[Sentence, ...]:
    """The sentences of a generated text that their cited passages bear out; all others are cut.

    A sentence cites by a number in square brackets, from 1. The check is one of words, not of sense: it cuts true
    sentences rather than let a false one pass.
    """
    found = []
    for match in _SENTENCE.finditer(text):
        cited = {int(number) - 1 for number in _CITED.findall(match[0])}
        said = _CITED.sub("", match[0]).strip()
        if not SHORTEST <= len(said) <= LONGEST or without_orders(said) != said:
            continue
        for at in sorted(cited):
            if 0 <= at < len(passages) and borne_out(said, passages[at]):
                found.append(Sentence(said if said[-1] in "。！？!?" else f"{said}。", at))
                break
    return tuple(found)


def borne_out(said: str, passage: str) -> bool:
    """Whether a passage says this: its figures, names, negations and words stand there, close together."""
    passage = without_orders(passage)
    if any(not _stands(figure, passage) for figure in _FIGURE.findall(said)):
        return False
    if any(word.lower() not in passage.lower() for word in _LATIN.findall(said)):
        return False
    if any(not _named(name, passage) for name in _NAMED.findall(said)):
        return False
    if any(word not in passage for word in _STRENGTH.findall(said)):
        return False
    wanted = bigrams(_MANNERS.sub(" ", said))
    if not wanted:
        return False
    if _share(wanted, bigrams(passage)) < BORNE_OUT:
        return False
    return all(_clause_holds(clause, passage) for clause in _CLAUSE.findall(said))


def _clause_holds(clause: str, passage: str) -> bool:
    """A clause must lie in two neighbouring clauses of the passage at most, with as many negations as they have."""
    clause = _MANNERS.sub("", clause)
    wanted = bigrams(clause)
    if len(NOISE.sub("", clause)) < 3:
        return True
    pieces = _CLAUSE.findall(passage)
    best, near = 0.0, ""
    for size in (1, 2):  # the shorter stretch first: what stands beside it speaks of something else
        for at in range(len(pieces)):
            piece = "".join(pieces[at : at + size])
            share = _share(wanted, bigrams(piece))
            if share > best + 1e-9:
                best, near = share, piece
    if best < NEAR:
        return False
    return _negations(clause) == _negations(_around(clause, near))


def _around(clause: str, piece: str) -> str:
    """What of a piece the clause speaks of: from its first to its last shared bigram, and what stands right before."""
    grams = bigrams(clause)
    at = [i for i in range(len(piece) - 1) if piece[i : i + 2] in grams]
    return piece[max(0, at[0] - 3) : at[-1] + 2] if at else piece


def _negations(text: str) -> int:
    return len(_NOT.findall(text)) % 2


def _stands(figure: str, passage: str) -> bool:
    """A figure must stand there whole: 5 is not borne out by 15, nor by 0588-5."""
    return (
        re.search(
            rf"(?<![\d.零〇一二两三四五六七八九十百千万亿]){re.escape(figure)}(?![\d零〇一二两三四五六七八九十百千万亿])",
            passage,
        )
        is not None
    )


def _named(name: str, passage: str) -> bool:
    """A body named must be named there; of its first characters, which may be a verb, some may be left out."""
    return any(name[cut:] in passage for cut in range(max(1, len(name) - 2)) if len(name) - cut >= 3) or name in passage


def _share(wanted: Mapping[str, int], there: Mapping[str, int]) -> float:
    return sum(gram in there for gram in wanted) / len(wanted)
