"""What was learnt once is read the next time, is the same, and never stands in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from routing.classifier import Classifier, Options
from routing.fitted import KEPT, Shelf

TEXTS, LABELS = ["停水了", "没水用", "停电了", "跳闸了"], ["水", "水", "电", "电"]
OPTIONS = Options(min_count=1, sense=0.5)


def folders(shelf: Path) -> list[str]:
    return sorted(p.name for p in shelf.iterdir())


def forbid_fitting(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: object) -> Classifier:
        raise AssertionError("fitted again")

    monkeypatch.setattr(Classifier, "fit", fit)


def test_the_second_time_it_is_read_and_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf(tmp_path).classifier("kind", TEXTS, LABELS, OPTIONS)
    forbid_fitting(monkeypatch)
    again = Shelf(tmp_path).classifier("kind", TEXTS, LABELS, OPTIONS)
    np.testing.assert_array_equal(first.margins("家里没水"), again.margins("家里没水"))


@pytest.mark.parametrize(
    ("texts", "labels", "options"),
    [
        (["停水啦", *TEXTS[1:]], LABELS, OPTIONS),
        (TEXTS, ["水", "电", "电", "电"], OPTIONS),
        (TEXTS, LABELS, Options(min_count=1)),
    ],
)
def test_other_lessons_or_options_are_another_model(
    tmp_path: Path, texts: list[str], labels: list[str], options: Options
) -> None:
    Shelf(tmp_path).classifier("kind", TEXTS, LABELS, OPTIONS)
    Shelf(tmp_path).classifier("kind", texts, labels, options)
    assert len(folders(tmp_path)) == 2


def test_what_cannot_be_read_is_fitted_and_put_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf(tmp_path).classifier("kind", TEXTS, LABELS, OPTIONS)
    (tmp_path / folders(tmp_path)[0] / "weights.npz").write_bytes(b"broken")
    again = Shelf(tmp_path).classifier("kind", TEXTS, LABELS, OPTIONS)
    np.testing.assert_array_equal(first.margins("停电"), again.margins("停电"))
    forbid_fitting(monkeypatch)
    Shelf(tmp_path).classifier("kind", TEXTS, LABELS, OPTIONS)


def test_a_shelf_that_cannot_be_written_only_forgets(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model = Shelf(tmp_path / "file").classifier("kind", TEXTS, LABELS, OPTIONS)
    assert model.top("停电", 1)[0][0] == "电"


def test_what_was_not_used_for_longest_is_thrown_away(tmp_path: Path) -> None:
    for n in range(KEPT + 3):
        Shelf(tmp_path).classifier("kind", [*TEXTS, f"第{n}回了"], [*LABELS, "电"], OPTIONS)
        Shelf(tmp_path).classifier("kind-red", TEXTS, LABELS, OPTIONS)
    left = folders(tmp_path)
    assert len([name for name in left if name.startswith("kind-") and "red" not in name]) == KEPT
    assert len([name for name in left if name.startswith("kind-red-")]) == 1
    assert not [name for name in left if name.startswith(".")]


def test_numbers_are_made_once(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, float]:
        made.append(1)
        return {"threshold": 0.1 + 0.2}

    found = [Shelf(tmp_path).numbers("limits", ("a", 1), make) for _ in range(3)]
    assert found == [{"threshold": 0.1 + 0.2}] * 3 and len(made) == 1
    Shelf(tmp_path).numbers("limits", ("a", 2), make)
    Shelf().numbers("limits", ("a", 2), make)
    assert len(made) == 3


def test_lessons_are_put_together_only_where_nothing_lies(tmp_path: Path) -> None:
    asked = []

    def lessons() -> tuple[list[str], list[str]]:
        asked.append(1)
        return TEXTS, LABELS

    found = [Shelf(tmp_path).learnt("kind", key, lessons, OPTIONS) for key in (["a"], ["a"], ["b"])]
    assert len(asked) == 2
    np.testing.assert_array_equal(found[0].margins("停电"), found[1].margins("停电"))


def test_without_lessons_to_tell_apart_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two labels"):
        Shelf(tmp_path).classifier("kind", ["停水"], ["水"], OPTIONS)
    assert not tmp_path.exists() or folders(tmp_path) == []
