"""A classifier from its folder, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agents.models.dense import DenseLabeller
from agents.models.encoder import EncoderLabeller
from agents.models.ensemble import EnsembleLabeller
from agents.models.near import NearLabeller
from routing import model_folder
from routing.classifier import Classifier
from routing.labelling import Labeller
from routing.model_folder import BadModel


def open_labeller(folder: Path, models: Path, threads: int = 1) -> Labeller:
    """The classifier in the folder; `models` holds the embeddings it may need. Raises BadModel, EmbeddingMissing."""
    kinds: dict[str, Callable[[], Labeller]] = {
        "linear": lambda: Classifier.load(folder),
        "dense": lambda: DenseLabeller.load(folder, models, threads),
        "near": lambda: NearLabeller.load(folder, models, threads),
        "encoder": lambda: EncoderLabeller.load(folder, threads),
        "ensemble": lambda: _ensemble(folder, models, threads),
    }
    kind = model_folder.read_head(folder)["kind"]
    if kind not in kinds:
        raise BadModel(f"{folder}: a model of kind {kind!r}, this version knows {', '.join(kinds)}")
    return kinds[kind]()


def _ensemble(folder: Path, models: Path, threads: int) -> EnsembleLabeller:
    head = model_folder.read_head(folder)
    try:
        members = [open_labeller(folder / str(i), models, threads) for i in range(len(head["members"]))]
        return EnsembleLabeller(members, head["weights"], head["sharpness"], head["threshold"])
    except (KeyError, TypeError) as error:
        raise BadModel(f"{folder}: no readable ensemble: {error}") from error
    except ValueError as error:
        raise BadModel(f"{folder}: {error}") from error
