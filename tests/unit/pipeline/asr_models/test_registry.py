"""From a name to weights: the default model is merged once, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.asr.models import merged, registry
from pipeline.asr.models.errors import ModelMissing
from pipeline.asr.models.fetch import sha256_of
from pipeline.asr.models.known import BASE, DEFAULT, KnownFile, KnownModel, Table
from pipeline.asr.models.weights import Weights
from tests.unit.pipeline.asr_models.small_whisper import small_adapter, small_whisper


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models whose base is here, with a card and an adapter for it."""
    stock = small_whisper()
    folder = tmp_path / "models" / BASE
    folder.mkdir(parents=True)
    stock.write(folder / "model.bin")
    (folder / "config.json").write_text("{}")
    small_adapter(stock).write(tmp_path / "a.npz")
    card = {
        "name": DEFAULT, "base": BASE, "sha256": sha256_of(tmp_path / "a.npz"), "strength": 0.5,
        "licence": "Apache-2.0",
        "trained_on": "x", "not_trained_on": "y", "held_out_voices": ["v"], "recipe": {}, "figures": {},
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(card))
    files = tuple(
        KnownFile(path.name, sha256_of(path), path.stat().st_size, ())
        for path in sorted(folder.iterdir(), reverse=True)
    )
    known = Table((KnownModel(BASE, "base", "MIT", "us", "", files),), ())
    merged.card.cache_clear()
    monkeypatch.setattr(merged, "adapter_files", lambda: (tmp_path / "a.npz", tmp_path / "a.json"))
    monkeypatch.setattr(merged, "table", lambda: known)
    monkeypatch.setattr(registry, "table", lambda: known)
    yield tmp_path / "models"
    merged.card.cache_clear()


def test_the_default_model_is_merged_at_the_strength_of_its_card(models: Path) -> None:
    folder = registry.ensure(DEFAULT, models)
    said = json.loads((folder / "hotline.json").read_text())
    assert said["strength"] == 0.5
    assert said["short_windows"] is True
    assert said["name"] == DEFAULT
    assert registry.is_whole(DEFAULT, models)
    assert registry.verify(DEFAULT, models) == []
    assert Weights.read(folder / "model.bin").arrays.keys() == small_whisper().arrays.keys()


def test_strength_zero_gives_the_stock_folder_without_short_windows(models: Path) -> None:
    folder = registry.ensure(DEFAULT, models, strength=0.0)
    assert folder == models / BASE
    assert not (folder / "hotline.json").exists()


def test_two_strengths_lie_side_by_side_with_revisions_of_their_own(models: Path) -> None:
    weak, strong = registry.ensure(DEFAULT, models, strength=0.3), registry.ensure(DEFAULT, models, strength=0.9)
    assert weak != strong
    revisions = {json.loads((folder / "hotline.json").read_text())["revision"] for folder in (weak, strong)}
    assert len(revisions) == 2


def test_merged_weights_that_were_changed_are_found_and_cut_off_ones_made_anew(models: Path) -> None:
    folder = registry.ensure(DEFAULT, models)
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert any("changed since it was merged" in fault for fault in registry.verify(DEFAULT, models))
    (folder / "model.bin").write_bytes(whole[:100])
    assert not registry.is_whole(DEFAULT, models)
    registry.ensure(DEFAULT, models)
    assert (folder / "model.bin").read_bytes() == whole


def test_an_adapter_that_is_not_the_one_of_its_card_is_refused(models: Path, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"other")
    with pytest.raises(ModelMissing, match="not the one of its card"):
        registry.ensure(DEFAULT, models)
    assert [path.name for path in models.iterdir() if path.is_dir()] == [BASE]


def test_the_list_says_what_is_here(models: Path) -> None:
    states = {row.name: row.state for row in registry.status(models)}
    assert states == {DEFAULT: "missing", BASE: "whole"}
    registry.ensure(DEFAULT, models)
    assert registry.status(models)[0].state == "whole"
