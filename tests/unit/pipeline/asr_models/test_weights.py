"""The table of arrays survives reading and writing, and says where a broken file breaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.asr.models.weights import Weights, WeightsError
from tests.unit.pipeline.asr_models.small_whisper import small_whisper


def test_writing_back_what_was_read_gives_the_same_bytes(tmp_path: Path) -> None:
    small_whisper().write(tmp_path / "first.bin")
    read = Weights.read(tmp_path / "first.bin")
    read.write(tmp_path / "second.bin")
    assert (tmp_path / "first.bin").read_bytes() == (tmp_path / "second.bin").read_bytes()
    assert read.aliases == {"decoder/projection/weight": "decoder/embeddings/weight"}
    assert read.arrays["encoder/num_heads"].shape == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8, np.int16, np.int32])
def test_every_type_keeps_its_values(tmp_path: Path, dtype: type) -> None:
    values = np.arange(-6, 6).reshape(3, 4).astype(dtype)
    Weights("X", 1, {"a": values}, {}).write(tmp_path / "x.bin")
    back = Weights.read(tmp_path / "x.bin").arrays["a"]
    assert back.dtype == values.dtype
    np.testing.assert_array_equal(back, values)


def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    small_whisper().write(path)
    whole = path.read_bytes()
    for length in (3, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError):
            Weights.read(path)


def test_bytes_after_the_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    small_whisper().write(path)
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(WeightsError, match="left over"):
        Weights.read(path)


def test_another_version_of_the_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    small_whisper().write(path)
    path.write_bytes(b"\x05" + path.read_bytes()[1:])
    with pytest.raises(WeightsError, match="binary version 5"):
        Weights.read(path)
