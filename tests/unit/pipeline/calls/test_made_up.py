"""Made-up calls: the same seed makes the same calls, references stand in what is said, pools share no sentence."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from agents.city import City
from pipeline.calls.generate import Plan, made_up
from pipeline.calls.made import MadeCall, Split
from pipeline.calls.noise import noisy
from pipeline.calls.words import words
from pipeline.demo.samples import FOLDER as SAMPLES
from routing.danger import SMALL_TALK
from tests.city import the_city
from tests.golden.script import CALLS as GOLDEN

SAID = re.compile(r"[^\u4e00-\u9fff0-9]")
SPLITS: tuple[Split, ...] = get_args(Split)
TELLING = 8  # characters from which a sentence is no mere 好的


@pytest.fixture(scope="module")
def city() -> City:
    return the_city()


def made(city: City, split: Split, talks: int = 40, seed: int = 5) -> list[MadeCall]:
    return list(made_up(Plan(talks=talks, life=12, calm=12, seed=seed, split=split), city.index))


def test_the_same_plan_makes_the_same_calls_and_another_seed_others(city: City) -> None:
    assert made(city, "test") == made(city, "test")
    assert made(city, "test") != made(city, "test", seed=6)
    call = made(city, "test", talks=1)[0]
    assert noisy(call, 0.05) == noisy(call, 0.05) != call


@pytest.mark.parametrize("split", SPLITS)
def test_what_should_stand_in_the_draft_is_said_in_the_call(city: City, split: Split) -> None:
    for call in made(city, split):
        said = "".join(t.text for t in call.turns)
        plain = SAID.sub("", said)
        for matter, told in zip(call.reference.matters, call.reference.told, strict=True):
            assert all(0 <= turn < len(call.turns) for turn in told.values())
            for field in ("respondent", "demand"):
                if matter.get(field):
                    assert SAID.sub("", matter[field])[-4:] in plain
            if name := matter.get("caller_name"):
                assert name[0] in plain and (name[1:] in plain or name[1:] in ("先生", "女士"))
            if place := matter.get("incident_place"):
                assert any(
                    p.name in place and any(n in said for n in (p.name, *p.aliases)) for p in city.index.pack.places
                )
            if first := matter.get("event_time"):
                begins, ends = first.split("/")
                assert begins <= ends <= call.at[:19] or begins <= call.at[:19]


@pytest.mark.parametrize("split", SPLITS)
def test_every_family_names_a_leaf_of_the_taxonomy_and_every_first_level_is_there(city: City, split: Split) -> None:
    leaves = {leaf.code for leaf in city.index.leaves()}
    families = words(split).families
    assert {f.category for f in families} <= leaves
    assert {f.category[:4] for f in families} == {code[:4] for code in leaves}
    assert {f.kind for f in families} == {"consult", "help", "complaint", "report", "suggestion", "praise"}


@pytest.mark.parametrize(
    ("split", "looked_at"), [("test", ["tune"]), ("probe", ["tune", "test"]), ("exam", ["tune", "test", "probe"])]
)
def test_no_sentence_to_measure_on_occurs_in_what_rules_were_written_or_trained_with(
    city: City, split: Split, looked_at: list[Split]
) -> None:
    seen = _known(city)
    for other in looked_at:
        seen |= {s for call in made(city, other, talks=150) for t in call.turns for s in _sentences(t.text)}
    for call in made(city, split, talks=150):
        for turn in call.turns:
            for sentence in _sentences(turn.text):
                assert sentence not in seen, f"{call.name}: a sentence is known"  # not which: it is kept from rules


@pytest.mark.parametrize("pair", list(combinations(SPLITS, 2)))
def test_the_pools_share_no_telling(pair: tuple[Split, Split]) -> None:
    one, other = words(pair[0]), words(pair[1])
    for part in ("life", "calm"):
        assert not set(getattr(one, part)) & set(getattr(other, part))
    tellings = [{s for f in w.families for s in (*f.open, *f.more, *f.want)} for w in (one, other)]
    assert not tellings[0] & tellings[1]
    assert not set(one.names.surnames) & set(other.names.surnames)
    assert not set(one.names.given) & set(other.names.given)


def _sentences(text: str) -> list[str]:
    """Sentences long enough to tell something, without what separates them. Addresses and numbers are data, not words."""
    found = [SAID.sub("", part) for part in re.split(r"[。？！]", text)]
    return [
        s for s in found if len(s) >= TELLING and not re.search(r"[0-9零幺一二三四五六七八九]{3}|街道|区|路|镇|县", s)
    ]


def _known(city: City) -> set[str]:
    pack = city.index.pack
    texts = [e for c in pack.categories for e in c.examples] + [q for a in pack.articles for q in a.questions]
    texts += [e for r in pack.emergencies for e in r.examples] + [a.body for a in pack.articles] + list(SMALL_TALK)
    for file in sorted(GOLDEN.glob("*.jsonl")):
        texts += [json.loads(row).get("text", "") for row in file.read_text(encoding="utf-8").splitlines()]
    for file in sorted(Path(SAMPLES).glob("*.json")):
        texts += [t["text"] for t in json.loads(file.read_text(encoding="utf-8"))["turns"]]
    return {s for text in texts for s in _sentences(text)} | {SAID.sub("", t) for t in texts}
