"""Measures address parsing on outside data: phrase F1 and whole addresses right."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from routing.address_tagger import AddressTagger, Labelled, phrases
from routing.figures import Figure, proportion

ROUNDS = 1000  # resamples of the bootstrap


class AddressReport(msgspec.Struct, frozen=True, kw_only=True):
    """Figures over all test addresses."""

    trained_on: int
    phrase_f1: Figure  # micro; bootstrap over addresses
    precision: float
    recall: float
    whole: Figure  # addresses with every phrase right


def try_addresses(train: Sequence[Labelled], test: Sequence[Labelled], seed: int = 12345) -> AddressReport:
    """Fits on one set and measures on the other."""
    tagger = AddressTagger.fit(train)
    counts = []
    for text, labels in test:
        wanted, found = phrases(labels), phrases(tagger.label(text))
        counts.append((len(wanted & found), len(found), len(wanted)))
    table = np.array(counts, np.float64)
    draws = np.random.default_rng(seed).integers(len(table), size=(ROUNDS, len(table)))
    spread = [_f1(*table[draw].sum(axis=0)) for draw in draws]
    right, found_all, wanted_all = table.sum(axis=0)
    return AddressReport(
        trained_on=len(train),
        phrase_f1=Figure(
            round(_f1(right, found_all, wanted_all), 4),
            round(float(np.percentile(spread, 2.5)), 4),
            round(float(np.percentile(spread, 97.5)), 4),
            len(table),
        ),
        precision=round(float(right / max(found_all, 1)), 4),
        recall=round(float(right / max(wanted_all, 1)), 4),
        whole=proportion(sum(hits == found == wanted for hits, found, wanted in counts), len(counts)),
    )


def _f1(right: float, found: float, wanted: float) -> float:
    return float(2 * right / (found + wanted)) if found + wanted else 0.0
