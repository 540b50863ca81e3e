"""`hotline train address | parse-address`: learn the parts of addresses from labelled ones, and use what was learnt."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pipeline.cli.output import console, existing, print_json, settings

if TYPE_CHECKING:
    from agents.models.address_ensemble import FittedAddresses
    from routing.address_bio import Labelled

KindOption = Annotated[
    str, typer.Option(help="linear, encoder, ensemble, or auto: the ensemble where bge-small-zh was fetched.")
]


def add_to(app: typer.Typer, train: typer.Typer) -> None:
    """Registers these commands."""
    train.command("address")(train_address)
    app.command("parse-address")(parse_address)


def train_address(
    data: Annotated[
        Path, typer.Option(help="Labelled addresses: BIO, one character (or number) and its label a line.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the model; made if need be.")],
    kind: KindOption = "auto",
) -> None:
    """Fits the address tagger on all addresses and saves it as plain numbers (no pickle)."""
    from routing.address_bio import read_bio

    found = read_bio(existing(data))
    model = fitted(found, kind)
    model.save(out)
    console.print(f"{len(found)} addresses, {' and '.join(model.kinds)} → {out}", highlight=False)


def parse_address(model: Annotated[Path, typer.Option(help="Folder of the model.")]) -> None:
    """Addresses in, one a line; JSON lines out: its parts with kind, place in the line and confidence."""
    from agents.models.address_ensemble import open_addresses

    tagger = open_addresses(existing(model), settings().models).tagger
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        print_json({"text": text, "parts": msgspec.to_builtins(tagger.parts(text))})


def fitted(data: Sequence[Labelled], kind: str) -> FittedAddresses:
    """Fits, and tells the error stream how it goes."""
    from agents.models.address_ensemble import fit_addresses

    chosen: Any = kind
    return fit_addresses(data, chosen, settings().models, _tell)


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)
