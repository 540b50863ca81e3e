"""Measures address parsing on labelled addresses: phrase F1 and whole addresses right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from routing.address_bio import Labelled, phrases
from routing.address_tagger import AddressTagger
from routing.figures import Figure, proportion

ROUNDS = 1000  # resamples of the bootstrap


class AddressReport(msgspec.Struct, frozen=True, kw_only=True):
    """Figures over all test addresses."""

    trained_on: int
    phrase_f1: Figure  # micro; bootstrap over addresses
    precision: float
    recall: float
    whole: Figure  # addresses with every phrase right
    kinds: dict[str, tuple[float, int]]  # kind → F1 and how many there are


def try_addresses(tagger: AddressTagger, test: Sequence[Labelled], trained_on: int, seed: int = 12345) -> AddressReport:
    """Measures a tagger on addresses it has not learnt from."""
    counts = []
    kinds: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (_, labels), guess in zip(test, tagger.label([words for words, _ in test]), strict=True):
        wanted, found = phrases(labels), phrases(guess)
        counts.append((len(wanted & found), len(found), len(wanted)))
        for at, some in enumerate((wanted & found, found, wanted)):
            for _, _, kind in some:
                kinds[kind][at] += 1
    table = np.array(counts, np.float64)
    draws = np.random.default_rng(seed).integers(len(table), size=(ROUNDS, len(table)))
    spread = [_f1(*table[draw].sum(axis=0)) for draw in draws]
    right, found_all, wanted_all = table.sum(axis=0)
    return AddressReport(
        trained_on=trained_on,
        phrase_f1=Figure(
            round(_f1(right, found_all, wanted_all), 4),
            round(float(np.percentile(spread, 2.5)), 4),
            round(float(np.percentile(spread, 97.5)), 4),
            len(table),
        ),
        precision=round(float(right / max(found_all, 1)), 4),
        recall=round(float(right / max(wanted_all, 1)), 4),
        whole=proportion(sum(hits == found == wanted for hits, found, wanted in counts), len(counts)),
        kinds={kind: (round(_f1(*n), 4), n[2]) for kind, n in sorted(kinds.items(), key=lambda k: (-k[1][2], k[0]))},
    )


def _f1(right: float, found: float, wanted: float) -> float:
    return float(2 * right / (found + wanted)) if found + wanted else 0.0
