"""The table of word vectors is made from a real embedding and read back by what uses it."""

from __future__ import annotations

import numpy as np
import pytest

from agents.models.e5 import MultilingualE5
from agents.models.senses_making import common_words, make_table
from routing.senses.table import Senses, senses


@pytest.fixture(scope="module")
def made() -> bytes:
    return make_table(MultilingualE5(), common_words(300), 24)


def test_what_is_made_can_be_read(made: bytes) -> None:
    table = Senses(made)
    word = common_words(300)[-1][0]
    assert table.size == 24 and table.words(word) == [word] and table.vector(word).any()


def test_it_keeps_what_the_embedding_holds_for_near(made: bytes) -> None:
    """Of many pairs, those near to the teacher are near in the table."""
    table, teacher = Senses(made), MultilingualE5()
    words = [word for word, _ in common_words(300)[100:160]]
    given = teacher.passages(words)
    given = given - given.mean(axis=0)
    kept = np.stack([table.vector(word) for word in words])
    upper = np.triu_indices(len(words), 1)

    def cosines(rows: np.ndarray) -> np.ndarray:
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray((rows @ rows.T)[upper])

    assert np.corrcoef(cosines(given), cosines(kept))[0, 1] > 0.6


def test_common_words_weigh_less(made: bytes) -> None:
    table, words = Senses(made), common_words(300)
    common = np.mean([np.linalg.norm(table.vector(word)) for word, _ in words[:20]])
    rare = np.mean([np.linalg.norm(table.vector(word)) for word, _ in words[-20:]])
    assert common < rare


def test_more_numbers_than_words_are_refused() -> None:
    with pytest.raises(ValueError, match="10 words"):
        make_table(MultilingualE5(), common_words(10), 24)


def test_the_table_of_the_package_holds_no_names() -> None:
    assert len(senses().words("张三")) == 2 and senses().size == 192
