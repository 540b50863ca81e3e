"""Sums over all paths are those of counting them out one by one."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from routing.address_chain import best_path, loss_gradient, ordered, posteriors

LABELS, WORDS = 3, 4
RNG = np.random.default_rng(3)
SCORES = RNG.normal(size=(2, WORDS, LABELS)).astype(np.float32)
STEPS = RNG.normal(size=(LABELS, LABELS)).astype(np.float32)
START = RNG.normal(size=LABELS).astype(np.float32)
MASK = np.array([[True] * WORDS, [True, True, False, False]])


def weight(row: int, path: tuple[int, ...]) -> float:
    score = START[path[0]] + sum(SCORES[row, at, label] for at, label in enumerate(path))
    return float(score + sum(STEPS[a, b] for a, b in pairwise(path)))


@pytest.mark.parametrize(("row", "length"), [(0, 4), (1, 2)])
def test_chances_are_those_of_all_paths(row: int, length: int) -> None:
    paths = list(product(range(LABELS), repeat=length))
    each = np.exp([weight(row, path) for path in paths])
    total, chances, _ = posteriors(SCORES, MASK, STEPS, START)
    assert total[row] == pytest.approx(np.log(each.sum()), abs=1e-4)
    for at in range(length):
        for label in range(LABELS):
            share = sum(w for w, path in zip(each, paths, strict=True) if path[at] == label) / each.sum()
            assert chances[row, at, label] == pytest.approx(share, abs=1e-4)
    assert not chances[row, length:].any()


def test_the_best_path_is_the_heaviest_of_all() -> None:
    best = max(product(range(LABELS), repeat=WORDS), key=lambda path: weight(0, path))
    assert tuple(best_path(SCORES[0], STEPS, START)) == best


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    truth = np.array([[0, 2, 1, 1], [2, 0, 0, 0]])
    _, by_scores, by_steps, by_start = loss_gradient(SCORES, MASK, truth, STEPS, START)

    def slope(array: np.ndarray, at: tuple[int, ...]) -> float:
        there = array[at]
        array[at] = there + 1e-2
        above = loss_gradient(SCORES, MASK, truth, STEPS, START)[0]
        array[at] = there - 1e-2
        below = loss_gradient(SCORES, MASK, truth, STEPS, START)[0]
        array[at] = there
        return (above - below) / 2e-2

    assert by_scores[0, 1, 2] == pytest.approx(slope(SCORES, (0, 1, 2)), abs=1e-3)
    assert by_scores[1, 1, 0] == pytest.approx(slope(SCORES, (1, 1, 0)), abs=1e-3)
    assert by_steps[2, 1] == pytest.approx(slope(STEPS, (2, 1)), abs=1e-3)
    assert by_start[0] == pytest.approx(slope(START, (0,)), abs=1e-3)


def test_bio_forbids_an_inside_without_its_kind_before() -> None:
    labels = ("B-city", "B-road", "I-city", "I-road")
    steps, start = ordered(labels)
    tempting = np.zeros((3, 4), np.float32)
    tempting[:, 3] = 50
    assert [labels[at] for at in best_path(tempting, steps, start)] == ["B-road", "I-road", "I-road"]
