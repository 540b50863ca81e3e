"""Suggestions, for a thing to be done at a counter: what to bring, where to go, how long it takes, part by part."""

from __future__ import annotations

import re

import msgspec

from schemas.catalogue import GUIDE_LABELS, Article, GuidePart
from schemas.draft import Suggestion
from schemas.ids import output_id

LONGEST = 600  # characters of steps shown at once; parts beyond are left to the article
_DOING = re.compile(
    r"办|申请|申领|登记|注销|补领|领取|预约|报名|缴|带(?:什么|哪些)|材料|手续|证件|流程|步骤|怎么弄|多久能|去哪|在哪"
)


def guided(answer: Suggestion, article: Article, asked: str) -> Suggestion:
    """The answer as steps where the caller wants a thing done and the article guides through it; else as it is."""
    parts = _shown(article)
    if not parts or not _DOING.search(asked):
        return answer
    spans = [(article.body.find(item), len(item)) for part in parts for item in part.items]
    start, end = min(at for at, _ in spans), max(at + length for at, length in spans)
    if start < 0 or answer.citation is None:
        return answer  # words the body does not have are not shown as the source's
    quote = article.body[start:end]
    return msgspec.structs.replace(
        answer,
        id=output_id(answer.id, "steps"),
        kind="steps",
        text="\n".join(f"{GUIDE_LABELS[part.kind]}：{_told(part)}" for part in parts),
        parts=parts,
        citation=msgspec.structs.replace(answer.citation, start=start, end=end, quote=quote),
        verified=all(item in quote for part in parts for item in part.items),
    )


def _shown(article: Article) -> tuple[GuidePart, ...]:
    found: list[GuidePart] = []
    length = 0
    for part in article.guide:
        length += sum(map(len, part.items))
        if length > LONGEST:
            break
        found.append(part)
    return tuple(found)


def _told(part: GuidePart) -> str:
    if len(part.items) == 1:
        return part.items[0]
    return "；".join(f"{n}. {item}" for n, item in enumerate(part.items, start=1))
