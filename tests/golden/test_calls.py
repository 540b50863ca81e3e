"""Golden calls: each script reaches exactly the outcome a reviewer has read and accepted."""

from __future__ import annotations

import json

import pytest

from agents.build import build_stages
from agents.city import City
from schemas.draft import DraftUpdated, SuggestionsOffered
from tests.golden.script import CALLS, events, outcome, play, script_names


@pytest.mark.parametrize("name", script_names())
async def test_call_reaches_its_accepted_outcome(name: str, city: City) -> None:
    outputs = await play(build_stages(city.index.pack, city=city), events(CALLS / f"{name}.jsonl"))
    expected = json.loads((CALLS / f"{name}.expect.json").read_text(encoding="utf-8"))
    assert outcome(outputs) == expected


@pytest.mark.parametrize("name", script_names())
async def test_every_piece_of_evidence_stands_where_it_says(name: str, city: City) -> None:
    stream = events(CALLS / f"{name}.jsonl")
    texts = {e.body.utterance: e.body.text for e in stream if e.type == "utterance.heard"}
    outputs = await play(build_stages(city.index.pack, city=city), stream)
    draft = next(o.body for o in reversed(outputs) if isinstance(o.body, DraftUpdated))
    found = [e for m in draft.matters for f in m.fields.values() for e in f.evidence]
    found += [e for m in draft.matters for c in m.dispatch.candidates for e in c.words]
    found += [e for r in draft.risks for e in r.evidence]
    assert found
    for e in found:
        assert texts[e.utterance][e.start : e.end] == e.text != ""


@pytest.mark.g03
@pytest.mark.parametrize("name", script_names())
async def test_every_answer_is_quoted_word_for_word_from_an_article_in_force(name: str, city: City) -> None:
    stream = events(CALLS / f"{name}.jsonl")
    outputs = await play(build_stages(city.index.pack, city=city), stream)
    articles = {a.id: a for a in city.index.articles(stream[0].at.date())}
    for output in outputs:
        if isinstance(output.body, SuggestionsOffered):
            assert len(output.body.suggestions) <= 3
            for s in output.body.suggestions:
                if s.kind == "answer":
                    assert s.citation is not None and s.verified
                    assert articles[s.citation.article].body[s.citation.start : s.citation.end] == s.text
