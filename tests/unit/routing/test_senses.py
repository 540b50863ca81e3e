"""Words as vectors: near words lie near, a text is the sum of its words, and a classifier may learn from them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.classifier import BadModel, Classifier, Options
from routing.senses.table import BadTable, Senses, senses

LESSONS = {
    "水": ("自来水停了", "家里水管爆了", "水龙头不出水", "水压太低"),
    "薪": ("老板拖欠工资", "干了活不给钱", "公司不发薪水", "工资少算了"),
}
TEXTS = [text for told in LESSONS.values() for text in told]
LABELS = [label for label, told in LESSONS.items() for _ in told]
OPTIONS = Options(min_count=1, sense=1.0)


def alike(one: str, other: str) -> float:
    a, b = senses().vector(one), senses().vector(other)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize(
    ("near", "far"),
    [
        (("自来水", "水龙头"), ("自来水", "路灯")),
        (("煤气", "天然气"), ("煤气", "公交")),
        (("薪水", "工资"), ("薪水", "垃圾")),
    ],
)
def test_words_of_like_meaning_lie_nearer(near: tuple[str, str], far: tuple[str, str]) -> None:
    assert alike(*near) > alike(*far) + 0.2


def test_a_text_is_cut_into_the_commonest_words() -> None:
    assert senses().words("物业不管，公司拖欠！") == ["物业", "不管", "公司", "拖欠"]


def test_what_has_no_word_has_no_direction() -> None:
    assert not senses().words("abc, 123…") and not senses().vector("abc, 123…").any()


@given(st.text(max_size=40))
def test_any_text_has_a_vector_of_its_words(text: str) -> None:
    cut = senses().words(text)
    assert all(word in text for word in cut)
    whole = sum((senses().vector(word) for word in cut), np.zeros(senses().size))
    np.testing.assert_allclose(senses().vector(text), whole, rtol=1e-3, atol=1e-3)


def test_a_model_with_meaning_knows_words_no_lesson_held() -> None:
    letters = Classifier.fit(TEXTS, LABELS, Options(min_count=1))
    meaning = Classifier.fit(TEXTS, LABELS, OPTIONS)
    told = "薪酬补贴至今未付"
    assert meaning.top(told, 1)[0][0] == "薪"
    assert meaning.margins(told).max() > letters.margins(told).max()


def test_parts_joined_point_where_the_whole_text_points() -> None:
    model = Classifier.fit(TEXTS, LABELS, Options(low=1, high=1, sound=False, min_count=1, sense=1.0))
    parts = [model.project(part) for part in ("自来水停了", "水压太低")]
    one = senses().vector("自来水停了") + senses().vector("水压太低")
    np.testing.assert_allclose(sum(p[0] for p in parts)[2 * len(model.labels) :], one, rtol=1e-4)
    assert model.labels[int(np.argmax(model.join(parts)))] == "水"


def test_it_says_which_words_meant_it() -> None:
    told = [reason.words for reason in Classifier.fit(TEXTS, LABELS, OPTIONS).explain("薪酬没给", "薪")]
    assert any("薪酬" in words or "薪" in words for words in told)


def test_a_model_of_another_table_is_refused(tmp_path: Path) -> None:
    model = Classifier.fit(TEXTS, LABELS, OPTIONS)
    model.save(tmp_path / "own")
    np.testing.assert_array_equal(Classifier.load(tmp_path / "own").margins("停水"), model.margins("停水"))
    strange = (tmp_path / "own" / "model.json").read_text("utf-8").replace(senses().digest, "0" * 64)
    (tmp_path / "own" / "model.json").write_text(strange, "utf-8")
    with pytest.raises(BadModel):
        Classifier.load(tmp_path / "own")


@pytest.mark.parametrize("data", [b"", b"no table", b"PK\x03\x04"])
def test_a_broken_table_says_so(data: bytes) -> None:
    with pytest.raises(BadTable, match="no readable table"):
        Senses(data)


def test_a_table_whose_parts_do_not_fit_says_so() -> None:
    file = io.BytesIO()
    np.savez(
        file,
        words=np.frombuffer("水\n电".encode(), dtype=np.uint8),
        rows=np.zeros((3, 4), np.int8),
        scales=np.ones(2, np.float32),
        costs=np.ones(2, np.float32),
    )
    with pytest.raises(BadTable, match="2 words, 3 vectors"):
        Senses(file.getvalue())
