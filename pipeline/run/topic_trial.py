"""`hotline evaluate trends --messages`: hot topics of citizens' messages, ranked; no gold is given for them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from routing.alike import grams, overlap
from routing.figures import Figure, proportion

_PLACE = re.compile(
    r"[A-Z]\d?[市区县]|[\u4e00-\u9fff]{2,8}(?:小区|花园|公寓|苑|城|街道|社区|镇|村|路|大道|学校|小学|中学|医院|广场)"
)
ALIKE = 0.4  # overlap of subjects from which two messages tell of one topic
JOIN_D = 120.0  # days of silence that end a topic
HALF_LIFE_D = 14.0  # of a topic's heat
SHOWN = 10


class Message(msgspec.Struct, frozen=True):
    """A message, at unix seconds."""

    at: float
    subject: str
    detail: str


class TopicFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said without gold."""

    messages: int
    topics: int  # of at least two messages
    in_topics: Figure  # messages that share a topic with another
    biggest: int
    span_days_median: float  # of topics of at least three
    place_agreed: Figure  # pairs within a topic that name a place in common, of those where both name one
    place_by_chance: Figure  # the same of pairs of neighbours in the file
    detail_overlap: float  # mean over pairs within a topic, whose details were not used to join them
    detail_by_chance: float
    heat: tuple[float, ...]  # of the hottest topics


def read_messages(path: Path) -> list[Message]:
    """Messages in the order of their times. Raises ValueError naming the line."""
    found = []
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            numbers = [int(n) for n in re.findall(r"\d+", str(row.get("asked") or row["time"]))][:6]
            year, month, day, hour, minute, second = (*numbers, *[0] * (6 - len(numbers)))
            at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            found.append(Message(at.timestamp(), row["subject"].strip(), row.get("detail", "").strip()))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name}, line {n}: no message: {error}") from error
    return sorted(found, key=lambda m: m.at)


def try_topics(messages: list[Message]) -> TopicFigures:
    """Groups by words of the subject and named places, then measures by what the grouping did not see."""
    topics = [t for t in grouped(messages) if len(t) > 1]
    pairs = [(a, b) for t in topics for a, b in pairwise(t)]
    chance = list(zip(messages, messages[7:], strict=False))
    spans = sorted((t[-1].at - t[0].at) / 86400 for t in topics if len(t) > 2)
    ranked = sorted((heat(t, messages[-1].at) for t in topics), reverse=True)
    return TopicFigures(
        messages=len(messages),
        topics=len(topics),
        in_topics=proportion(sum(len(t) for t in topics), len(messages)),
        biggest=max(map(len, topics), default=0),
        span_days_median=round(spans[len(spans) // 2], 1) if spans else 0.0,
        place_agreed=_agreed(pairs),
        place_by_chance=_agreed(chance),
        detail_overlap=_mean_overlap(pairs),
        detail_by_chance=_mean_overlap(chance),
        heat=tuple(round(h, 2) for h in ranked[:SHOWN]),
    )


def grouped(messages: list[Message]) -> list[list[Message]]:
    """Each message joins the topic whose last telling is most like it; only topics that share a rare pair are asked."""
    topics: list[list[Message]] = []
    by_gram: dict[str, list[int]] = {}
    often = Counter(g for m in messages for g in grams(m.subject))
    rare = {g for g, n in often.items() if n <= max(20, len(messages) // 50)}
    for message in messages:
        mine = grams(message.subject) & rare
        near = Counter(t for g in mine for t in by_gram.get(g, ()))
        fresh = [t for t, n in near.most_common(20) if n >= 2 and message.at - topics[t][-1].at <= JOIN_D * 86400]
        scored = [(overlap(message.subject, topics[t][-1].subject), t) for t in fresh]
        score, best = max(scored, default=(0.0, -1))
        if score < ALIKE:
            best = len(topics)
            topics.append([])
        topics[best].append(message)
        for g in mine:
            if best not in by_gram.setdefault(g, []):
                by_gram[g].append(best)
    return topics


def heat(topic: list[Message], now: float) -> float:
    """Each message counts once and fades: many, and of late, are hot."""
    return sum(math.exp2(-(now - m.at) / 86400 / HALF_LIFE_D) for m in topic) + math.log(len(topic))


def _agreed(pairs: list[tuple[Message, Message]]) -> Figure:
    named = [(places(a), places(b)) for a, b in pairs]
    both = [(a, b) for a, b in named if a and b]
    return proportion(sum(bool(a & b) for a, b in both), len(both))


def places(message: Message) -> set[str]:
    """Places the detail names."""
    return set(_PLACE.findall(message.detail))


def _mean_overlap(pairs: list[tuple[Message, Message]]) -> float:
    return round(sum(overlap(a.detail, b.detail) for a, b in pairs) / len(pairs), 3) if pairs else 0.0
