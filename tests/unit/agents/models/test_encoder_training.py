"""Fine-tuning an encoder: it learns, the same each time, and runs without torch as it ran with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PROMISE NOT TESTED: fine-tuning an encoder; install the training extra")

from agents.models.bge import MODEL, TOKENIZER  # noqa: E402
from agents.models.encoder_base import read_onnx  # noqa: E402
from agents.models.encoder_lessons import Lessons  # noqa: E402
from agents.models.encoder_onnx import graph_of  # noqa: E402
from agents.models.encoder_training import fine_tune, train_encoder  # noqa: E402
from tests.contract.a_bert import CHARS, WIDTH, base, tokenizer  # noqa: E402

pytestmark = pytest.mark.training
TEXTS = [f"{word}{n}天" for word in ("停水", "爆管", "停电", "跳闸") for n in "一二三四"]
LABELS = ["供水"] * 8 + ["供电"] * 8
LESSONS = Lessons(tokens=16, epochs=12, batch=4, rate=1e-3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A base in the form of the real one."""
    reader = tokenizer()
    (tmp_path / "onnx").mkdir()
    reader.save(str(tmp_path / TOKENIZER))
    weights = base(reader.get_vocab_size())
    head = {"head.weight": np.eye(WIDTH, dtype=np.float32), "head.bias": np.zeros(WIDTH, np.float32)}
    (tmp_path / MODEL).write_bytes(graph_of({**weights, **head}, 1))
    return tmp_path


def test_weights_come_back_out_of_the_graph_they_went_into(folder: Path) -> None:
    made, found = base(tokenizer().get_vocab_size()), read_onnx(folder / MODEL)
    for name, value in made.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_it_learns_and_runs_without_torch_as_with_it(folder: Path, tmp_path: Path) -> None:
    model = train_encoder(TEXTS, LABELS, folder, tmp_path / "out", LESSONS, threads=1)
    guess = [model.labels[i] for i in model.shares(TEXTS).argmax(axis=1)]
    assert np.mean([g == t for g, t in zip(guess, LABELS, strict=True)]) > 0.9


def test_the_same_rows_give_the_same_weights(folder: Path) -> None:
    one = fine_tune(base(len(set(CHARS)) + 4), folder / TOKENIZER, TEXTS, LABELS, LESSONS, threads=1)
    other = fine_tune(base(len(set(CHARS)) + 4), folder / TOKENIZER, TEXTS, LABELS, LESSONS, threads=1)
    assert one[0] == other[0]
    for name, value in one[1].items():
        np.testing.assert_array_equal(value, other[1][name], err_msg=name)


def test_long_work_is_cut_to_the_time_there_is() -> None:
    lessons = Lessons(tokens=128, epochs=4)
    assert lessons.fitting(["短"] * 100).epochs == 4 and lessons.fitting(["短"] * 100).twice(["短"] * 100)
    long = ["长" * 500] * 100_000
    assert lessons.fitting(long).epochs == 1 and not lessons.fitting(long).twice(long)
