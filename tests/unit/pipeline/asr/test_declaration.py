from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.asr.declaration import NoModel, declaration, model_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my-model").mkdir()
    (tmp_path / "my-model" / "model.bin").write_bytes(b"weights")
    return tmp_path / "my-model"


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match=r"model\.bin"):
        declaration(tmp_path)


def test_a_stock_model_declares_nothing_and_is_padded(folder: Path) -> None:
    assert not declaration(folder).short_windows
    assert model_name(folder) == "my-model"


def test_a_model_of_ours_declares_name_revision_and_short_windows(folder: Path) -> None:
    (folder / "hotline.json").write_text(
        '{"name": "base-tel", "revision": "r3", "short_windows": true, "more": [1]}', encoding="utf-8"
    )
    assert declaration(folder).short_windows
    assert model_name(folder) == "base-tel@r3"


def test_a_garbled_declaration_is_refused_by_path(folder: Path) -> None:
    (folder / "hotline.json").write_text("{", encoding="utf-8")
    with pytest.raises(NoModel, match=r"hotline\.json"):
        declaration(folder)
