"""The address tagger as it is fitted, kept and opened: by how words look, by what they mean, or by both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

from agents.models.address_encoder import AddressEncoder, load_encoder, save_encoder
from agents.models.bert_states import WordStates
from agents.models.bge import BgeSmall
from agents.models.embedding import BGE, EmbeddingMissing
from routing.address_bio import Labelled
from routing.address_linear import LinearScorer
from routing.address_model import load_linear, save_linear
from routing.address_tagger import AddressTagger, Scorer
from routing.model_folder import BadModel

Kind = Literal["auto", "linear", "encoder", "ensemble"]
LINEAR, ENCODER = "linear", "encoder"  # folders of a saved model
SHARES = {LINEAR: 0.5, ENCODER: 0.5}  # what each counts when both are heard


class FittedAddresses:
    """Scorers of one set of labelled addresses; the tagger hears all of them."""

    def __init__(self, linear: LinearScorer | None = None, encoder: AddressEncoder | None = None) -> None:
        """Raises BadModel where there is neither."""
        self.linear, self.encoder = linear, encoder
        heard: dict[str, Scorer] = {}
        if linear is not None:
            heard[LINEAR] = linear
        if encoder is not None:
            heard[ENCODER] = encoder
        if not heard:
            raise BadModel("no address tagger: neither a linear one nor an encoder")
        whole = sum(SHARES[name] for name in heard)
        self.kinds = tuple(heard)
        self.tagger = AddressTagger(tuple(heard.values()), [SHARES[name] / whole for name in heard])

    def save(self, folder: Path) -> None:
        """Writes plain numbers into folders within `folder`, made if need be."""
        if self.linear is not None:
            save_linear(self.linear, folder / LINEAR)
        if self.encoder is not None:
            save_encoder(self.encoder, folder / ENCODER)


def fit_addresses(
    data: Sequence[Labelled], kind: Kind, models: Path, tell: Callable[[str], None] = lambda said: None
) -> FittedAddresses:
    """Learns from labelled addresses; `auto` is the ensemble where `models` holds bge-small-zh, else linear.

    Raises EmbeddingMissing where the kind needs it and it is not there, ValueError for a kind that is none.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"no address tagger is called {kind!r}: {', '.join(get_args(Kind))}")
    if kind == "auto":
        kind = "ensemble" if BgeSmall.is_in(models / BGE) else "linear"
    encoder = AddressEncoder.fit(data, _states(models), tell=tell) if kind != "linear" else None
    linear = LinearScorer.fit(data, tell=tell) if kind != "encoder" else None
    return FittedAddresses(linear, encoder)


def open_addresses(folder: Path, models: Path) -> FittedAddresses:
    """Opens what `save` wrote. Raises BadModel, EmbeddingMissing."""
    linear = load_linear(folder / LINEAR) if (folder / LINEAR).is_dir() else None
    encoder = load_encoder(folder / ENCODER, _states(models)) if (folder / ENCODER).is_dir() else None
    if linear is None and encoder is None:
        raise BadModel(f"{folder}: no address tagger")
    return FittedAddresses(linear, encoder)


def _states(models: Path) -> WordStates:
    if not BgeSmall.is_in(models / BGE):
        raise EmbeddingMissing(f"{BGE} is not in {models / BGE}: run `hotline models fetch {BGE}`")
    return WordStates(models / BGE)
