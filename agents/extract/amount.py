"""Sums of money a caller names, in figures: 八千五百块 → 8500, 三万六 → 36000, 五六万 as about 50000."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import beside_the_matter, offered
from agents.lines import evidence
from agents.mentions import Amount
from agents.numerals import number, plain
from agents.reading import Reading
from schemas.draft import FieldValue

_NUMBER = r"[0-9０-９.,]*[0-9０-９][万千百]?|[一二两三四五六七八九十][零一二两三四五六七八九十百千万亿]*"
_MONEY = re.compile(
    rf"({_NUMBER})(多|来|几)?(万)?(多)?(块钱?|元|圆|人民币)(?!一?(?:个人|平)|地|砖|儿|玻璃|石|肉|空地|墙|布|田|草|铁|瓷)"
)
_BARE = re.compile(
    r"([一二两三四五六七八九十][零一二两三四五六七八九十百千]*万[一二两三四五六七八九]?[千百]?|[一二两三四五六七八九]千(?:[一二三四五六七八九]百?|(?=定金|押金|工资|货款|保证金)))(多)?(?!个|人|户|平|米|公里|字|名|次|台|亩|[一二三四五六七八九十])"
)
_PAIR = re.compile(
    r"([一二三四五六七八九])[二三四五六七八九](十|百|千|万)(?:多)?(块钱?|元|万)?"
)  # 五六万: from five on
_HAN = r"[一二两三四五六七八九][零一二两三四五六七八九十百千万]*[百千万]"
# 一万出头, 小两千, 三千块上下; and with no figure at all: 千把块, 百十来块.
_NEARLY = re.compile(
    rf"(?:(小)?({_HAN}|[0-9]{{3,7}})(块钱?|元|块)?(?:出头|冒头|挂零|开外|上下|左右|不到|朝上|往上|挂点零)(块钱?|元)?"
    rf"|小({_HAN})(块钱?|元)?(?![零一二三四五六七八九十个户人]))"
)
_SOME = re.compile(r"(百|千|万)(?:把|十来|来)(块钱?|元|块|(?=[，。]|$))")
_ROUND = {"百": 100.0, "千": 1000.0, "万": 10000.0}
_OWED = re.compile(r"欠|拖|工资|工钱|押金|定金|货款|尾款|退|赔|交了|花了|收了|骗|一共|总共|合计|罚|费|钱|补贴|借")
LEAST = 100  # yuan from which on a rough figure is a sum and no price
_TOTAL = re.compile(r"一共|总共|合计|加起来|总计|统共")
_USUAL = re.compile(r"平时|原来|正常|标价|以前|往常|本来|平常|别人")
_RATE = re.compile(r"^(?:一|每)?(?:个)?(?:月|天|度|方|斤|小时|平|年|节|次|人|吨)")


def amounts(text: str) -> tuple[Amount, ...]:
    """All sums of a text, in order."""
    found: list[Amount] = []
    for match in _MONEY.finditer(text):
        value = number(match[1].replace(",", ""))
        if value is not None and not (value < 3 and match[5] == "块"):
            value *= 10000 if match[3] else 1
            found.append(_amount(text, match.start(), match.end(), value, bool(match[2] or match[4])))
    for match in _PAIR.finditer(text):
        value = number(match[1] + match[2])
        if value is not None and (match[3] or _OWED.search(text)) and _free(match, found):
            found.append(_amount(text, match.start(), match.end(), value, True))
    rough = [(m, number(m[2] or m[5]), m[3] or m[4] or m[6]) for m in _NEARLY.finditer(text)]
    rough += [(m, _ROUND[m[1]], m[2]) for m in _SOME.finditer(text)]
    for match, value, money in rough:
        if value is not None and value >= LEAST and (money or _OWED.search(text[: match.start()])):
            found = [a for a in found if a.end <= match.start() or a.start >= match.end()]
            found.append(_amount(text, match.start(), match.end(), value, True))
    if _OWED.search(text):
        for match in _BARE.finditer(text):
            value = number(match[1])
            if value is not None and _free(match, found):
                found.append(_amount(text, match.start(), match.end(), value, bool(match[2])))
    return tuple(sorted(found, key=lambda a: a.start))


def _free(match: re.Match[str], found: list[Amount]) -> bool:
    return all(match.end() <= a.start or match.start() >= a.end for a in found)


def _amount(text: str, start: int, end: int, yuan: float, about: bool) -> Amount:
    near = text[max(0, start - 10) : start]
    if offered(text[:start]) or (beside_the_matter(text) and not _OWED.search(near)):
        return Amount(start, end, yuan, about, -1.0)  # what others offer or others' money
    usual = -1.5 if _USUAL.search(near) else 0.0
    weight = 1.0 + usual + (1.0 if _OWED.search(near) else 0.0) + (1.5 if _TOTAL.search(near) else 0.0)
    if _RATE.match(text[end:]) or text[max(0, start - 3) : start].endswith(("每月", "一个月", "每天", "一天", "一度")):
        weight -= 1.2
    return Amount(start, end, yuan, about, weight)


def amount(readings: Sequence[Reading]) -> FieldValue | None:
    """The sum the matter is about: a total before parts, a debt before a rate, then the largest."""
    named = [(r.line, a) for r in readings for a in r.amounts if a.weight >= 0]
    if not named:
        return None
    line, best = max(named, key=lambda n: (n[1].weight, n[1].yuan, -n[0].at))
    label = f"{'约' if best.about else ''}{plain(best.yuan)}元"
    return FieldValue(
        value=plain(best.yuan),
        label=label,
        confidence=min(0.95, 0.7 + 0.1 * best.weight),
        origin="rule",
        evidence=(evidence(line, best.start, best.end),),
    )
