"""`hotline train address | parse-address`: learn the parts of addresses from labelled ones, and use what was learnt."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from pipeline.cli.output import console, existing, print_json

if TYPE_CHECKING:
    from routing.address_bio import Labelled
    from routing.address_tagger import AddressTagger


def add_to(app: typer.Typer, train: typer.Typer) -> None:
    """Registers these commands."""
    train.command("address")(train_address)
    app.command("parse-address")(parse_address)


def train_address(
    data: Annotated[
        Path, typer.Option(help="Labelled addresses: BIO, one character (or number) and its label a line.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the model; made if need be.")],
) -> None:
    """Fits the address tagger on all addresses and saves it as plain numbers (no pickle)."""
    from routing.address_bio import read_bio
    from routing.address_linear import LinearScorer
    from routing.address_model import save_linear

    found = read_bio(existing(data))
    scorer = LinearScorer.fit(found, tell=_tell)
    save_linear(scorer, out)
    console.print(f"{len(found)} addresses, {len(scorer.labels)} labels → {out}", highlight=False)


def parse_address(model: Annotated[Path, typer.Option(help="Folder of the model.")]) -> None:
    """Addresses in, one a line; JSON lines out: its parts with kind, place in the line and confidence."""
    from routing.address_model import load_linear
    from routing.address_tagger import AddressTagger

    tagger = AddressTagger([load_linear(existing(model))])
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        print_json({"text": text, "parts": msgspec.to_builtins(tagger.parts(text))})


def fitted(data: Sequence[Labelled]) -> AddressTagger:
    """The tagger that evaluation measures."""
    from routing.address_linear import LinearScorer
    from routing.address_tagger import AddressTagger

    return AddressTagger([LinearScorer.fit(data, tell=_tell)])


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)
