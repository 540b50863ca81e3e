"""Measures the search for answers on outside data: how high does the passage come that answers a question?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from routing.figures import Figure, mean, proportion
from routing.retrieval import Document, Meaning, Search


class BadTrial(ValueError):
    """A data file that can't be measured on; says which line and why."""


class Retrieval(msgspec.Struct, frozen=True, kw_only=True):
    """Figures over all questions."""

    passages: int
    recall_at_1: Figure
    recall_at_5: Figure
    recall_at_10: Figure
    mrr: Figure


def read_passages(path: Path) -> dict[str, str]:
    """Passage id → text. Raises BadTrial naming file and line."""
    found = {str(row["id"]): str(row["text"]) for row in _rows(path, ("id", "text"))}
    if not found:
        raise BadTrial(f"{path}: no passages")
    return found


def read_questions(path: Path, passages: dict[str, str]) -> list[tuple[str, str]]:
    """(question, id of its passage). Raises BadTrial when a passage is unknown."""
    found = []
    for number, row in enumerate(_rows(path, ("question", "passage")), start=1):
        if str(row["passage"]) not in passages:
            raise BadTrial(f"{path}, row {number}: no passage has the id {row['passage']!r}")
        found.append((str(row["question"]), str(row["passage"])))
    if not found:
        raise BadTrial(f"{path}: no questions")
    return found


def try_retrieval(
    passages: dict[str, str], questions: Sequence[tuple[str, str]], meaning: Meaning | None = None
) -> Retrieval:
    """Ranks all passages for each question with the search the suggestions use."""
    ids = list(passages)
    search = Search([Document(text) for text in passages.values()], meaning)
    places: list[int] = []
    for question, wanted in questions:
        order = [ids[hit.at] for hit in search.rank(question, len(ids))]
        places.append(order.index(wanted) + 1 if wanted in order else 0)

    def within(k: int) -> Figure:
        return proportion(sum(0 < place <= k for place in places), len(places))

    return Retrieval(
        passages=len(ids),
        recall_at_1=within(1),
        recall_at_5=within(5),
        recall_at_10=within(10),
        mrr=mean([1 / place if place else 0.0 for place in places]),
    )


def _rows(path: Path, needed: tuple[str, ...]) -> list[dict[str, object]]:
    rows = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=dict[str, object])
        except msgspec.DecodeError as error:
            raise BadTrial(f"{path}, line {number}: {error}") from error
        missing = [name for name in needed if name not in row]
        if missing:
            raise BadTrial(f"{path}, line {number}: no {missing[0]!r}")
        rows.append(row)
    return rows
