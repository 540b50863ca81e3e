"""`python -m benchmarks.answers`: the search for answers over the demo city's articles, and over ten times as many."""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from agents.models.bge import BgeSmall
from agents.models.embedding import BGE, Embedding
from agents.models.meaning import read_meaning
from routing.city.load import city_dir, load_city
from routing.passages import Bm25, Library, documents
from routing.retrieval_grams import bigrams
from schemas.catalogue import Article

DAY = date(2026, 11, 20)


def main() -> None:
    """Prints one JSON object: milliseconds of CPU time per question, and how many times those of BM25."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--models", type=Path, default=Path(".cache/models"))
    options.add_argument("--times", type=int, default=10, help="how many times as many articles in the second trial")
    chosen = options.parse_args()
    articles = load_city(city_dir("yunlan")).articles
    embedding = BgeSmall(chosen.models / BGE) if BgeSmall.is_in(chosen.models / BGE) else None
    many = tuple(
        msgspec.structs.replace(a, id=f"{a.id}-{n}", body=f"{a.body}\n第{n}版。")
        for n in range(chosen.times)
        for a in articles
    )
    questions = [a.questions[0] for a in articles if a.questions]
    print(
        json.dumps({"questions": len(questions), "trials": [_trial(a, questions, embedding) for a in (articles, many)]})
    )


def _trial(articles: tuple[Article, ...], questions: list[str], embedding: Embedding | None) -> dict[str, object]:
    plain = Bm25([document.whole for document in documents(articles)])
    base = _spent(questions, lambda question: plain.rank(bigrams(question), 10))
    words = Library(articles)
    found: dict[str, object] = {"articles": len(articles), "bm25_ms": base}
    found["search_ms"] = _spent(questions, lambda question: words.answers(question, "", {}, DAY))
    if embedding is not None:
        texts = [document.whole for document in documents(articles)] if len(articles) < 500 else []
        if texts:
            meaning = read_meaning(texts, embedding, Path(".cache/bench-answers.npz"))
            joined = Library(articles, meaning)
            found["search_and_meaning_ms"] = _spent(questions, lambda question: joined.answers(question, "", {}, DAY))
    found["times_bm25"] = round(found["search_ms"]["p50"] / base["p50"], 1)  # type: ignore[index]
    return found


def _spent(questions: list[str], ask: object) -> dict[str, float]:
    taken = []
    for question in questions:
        start = time.process_time()
        ask(question)  # type: ignore[operator]
        taken.append(1000 * (time.process_time() - start))
    return {"p50": round(float(np.percentile(taken, 50)), 2), "p95": round(float(np.percentile(taken, 95)), 2)}


if __name__ == "__main__":
    main()
