"""A fitted linear scorer as files: words and numbers only."""

from __future__ import annotations

from pathlib import Path

import msgspec

from routing.address_lexicon import PhraseLexicon
from routing.address_linear import LinearScorer
from routing.model_folder import BadModel, read_arrays, read_head, write

KIND = "address-linear"


class _Head(msgspec.Struct):
    labels: list[str]
    signs: list[str]
    phrases: dict[str, dict[str, int]]


def save_linear(scorer: LinearScorer, folder: Path) -> None:
    """Writes the scorer into `folder`, made if need be."""
    signs = sorted(scorer.known, key=scorer.known.__getitem__)
    head = _Head(labels=list(scorer.labels), signs=signs, phrases=scorer.lexicon.counts)
    arrays = {"weights": scorer.weights, "steps": scorer.steps, "start": scorer.start}
    write(folder, KIND, msgspec.to_builtins(head), arrays)


def load_linear(folder: Path) -> LinearScorer:
    """Reads what `save_linear` wrote. Raises BadModel."""
    head = read_head(folder)
    if head["kind"] != KIND:
        raise BadModel(f"{folder}: a model of kind {head['kind']!r}, not {KIND!r}")
    try:
        known = msgspec.convert(head, _Head)
    except msgspec.ValidationError as error:
        raise BadModel(f"{folder}: {error}") from error
    arrays = read_arrays(folder)
    size = len(known.labels)
    wanted = {"weights": (len(known.signs), size), "steps": (size, size), "start": (size,)}
    for name, form in wanted.items():
        if name not in arrays or arrays[name].shape != form:
            raise BadModel(f"{folder}: {name} are not {' × '.join(map(str, form))} numbers")
    return LinearScorer(
        known.labels,
        {sign: at for at, sign in enumerate(known.signs)},
        PhraseLexicon(known.phrases),
        arrays["weights"],
        arrays["steps"],
        arrays["start"],
    )
