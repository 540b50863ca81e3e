"""Confidence that can be believed: temperature, reliability, the threshold for a stated error, levels of a tree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from routing.calibration import abstention, at_threshold, columns, reliability, sharpness
from routing.held_out import folds_of, held_out
from routing.hierarchy import at_level, depth, levels, path_of, read_tree
from routing.labelling import softmax


def rows(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Margins whose softmax is the true chance of each label, and labels drawn by it; a fixed spread, no dice."""
    spread = np.random.default_rng(5)
    margins = spread.normal(0, 2, (n, 4))
    chance = softmax(margins)
    truth = (chance.cumsum(axis=1) < spread.random((n, 1))).sum(axis=1)
    return margins, truth.astype(np.int64)


@pytest.mark.parametrize("factor", [0.2, 1.0, 5.0])
def test_sharpness_undoes_a_scale(factor: float) -> None:
    margins, truth = rows()
    assert sharpness(margins * factor, truth) * factor == pytest.approx(1.0, rel=0.1)


def test_rows_of_an_unknown_label_do_not_teach_confidence() -> None:
    margins, truth = rows(500)
    assert sharpness(margins, np.where(np.arange(500) < 100, -1, truth)) == sharpness(margins[100:], truth[100:])
    assert sharpness(margins, np.full(500, -1)) == 1.0
    assert columns(["a", "b"], ["b", "x"]).tolist() == [1, -1]


def test_calibrated_shares_lie_on_the_line_and_boasted_ones_do_not() -> None:
    margins, truth = rows()
    true, boast = softmax(margins), softmax(margins, 4.0)
    right = true.argmax(axis=1) == truth
    honest, loud = reliability(true.max(axis=1), right), reliability(boast.max(axis=1), right)
    assert honest.error < 0.03 < loud.error
    assert sum(row.n for row in honest.bins) == len(truth)


def test_the_threshold_keeps_the_error_and_gives_as_many_verdicts_as_it_can() -> None:
    sure = np.array([0.9, 0.8, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, False, True, True, False])
    found = abstention(sure, right, 0.25)
    assert (found.threshold, found.coverage.value, found.error.value) == (0.6, 0.8333, 0.2)
    assert at_threshold(sure, right, 0.9, 0.25).coverage.value == pytest.approx(1 / 6, abs=1e-4)
    never = abstention(sure, ~right & False, 0.1)
    assert never.threshold > 1 and never.coverage.value == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        abstention(sure, right, 1.5)


def test_rows_of_one_confidence_go_together() -> None:
    sure, right = np.array([0.8, 0.8, 0.8]), np.array([True, True, False])
    assert abstention(sure, right, 0.1).threshold > 1
    assert abstention(sure, right, 0.4).coverage.value == 1.0


def test_every_row_is_judged_once_by_a_model_that_has_not_seen_it() -> None:
    labels = ["a", "b", "a", "c", "b", "a", "c", "b"]
    asked: list[tuple[list[int], list[int]]] = []

    def fit(seen: list[int]):  # type: ignore[no-untyped-def]
        known = sorted({labels[i] for i in seen})

        def judge(apart: list[int]) -> np.ndarray:
            asked.append((seen, apart))
            return np.array([[float(labels[i] == name) for name in known] for i in apart])

        return known, judge

    order, judged = held_out(fit, labels, 3)
    assert sorted(order) == list(range(8)) and judged.labels == ("a", "b", "c")
    assert all(not set(seen) & set(apart) for seen, apart in asked)
    assert [judged.labels[i] for i in judged.scores.argmax(axis=1)] == judged.truth
    assert set(folds_of(labels, 3)) == {0, 1, 2}


PATHS = ["城建/供水", "城建/供电", "环保/噪声"]


def test_a_doubt_below_is_none_above() -> None:
    shares = np.array([[0.3, 0.3, 0.4]])
    names, summed = at_level(PATHS, shares, 1, {})
    assert names[int(summed[0].argmax())] == "城建" and summed[0].max() == pytest.approx(0.6)
    top, leaf = levels(PATHS, shares, ["城建/供水"], {})
    assert (top.level, top.labels, top.accuracy.value, leaf.accuracy.value) == (1, 2, 1.0, 0.0)
    assert levels(["a", "b"], np.array([[0.5, 0.5]]), ["a"], {}) == []


def test_a_tree_places_labels_by_their_leaf(tmp_path: Path) -> None:
    one, other = tmp_path / "t.jsonl", tmp_path / "t.csv"
    one.write_text(
        '{"一":"城建","二":"供水"}\n{"一":"环保","二":"噪声"}\n{"一":"城建","二":"其他"}\n{"一":"环保","二":"其他"}\n',
        "utf-8",
    )
    other.write_text("一,二\n城建,供水\n环保,噪声\n城建,其他\n环保,其他\n", "utf-8")
    tree = read_tree(one)
    assert tree == read_tree(other) == {"供水": ("城建", "供水"), "噪声": ("环保", "噪声")}  # 其他 stands twice
    assert path_of("供水", tree) == ("城建", "供水") and path_of("甲 / 乙", {}) == ("甲", "乙")
    assert depth(["供水"], tree) == 2
    for text, says in (("", "no rows"), ("[1]\n", "no JSON object"), ('{"a":""}\n', "no path")):
        one.write_text(text, "utf-8")
        with pytest.raises(ValueError, match=says):
            read_tree(one)
