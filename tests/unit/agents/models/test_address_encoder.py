"""The network over the states of words learns, is kept as numbers, and speaks together with the linear scorer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from agents.models.address_encoder import AddressEncoder, EncoderOptions, load_encoder, save_encoder
from agents.models.address_head import Pass, new_head
from routing.address_bio import phrases
from routing.address_linear import LinearOptions, LinearScorer
from routing.address_tagger import AddressTagger
from routing.model_folder import BadModel
from tests.unit.routing.addresses import DATA


class Spelled:
    """Vectors that know nothing but the word itself: enough to see that learning learns, not what a BERT is worth."""

    size = 24

    def of(self, addresses: Sequence[Sequence[str]]) -> Iterator[np.ndarray]:
        for words in addresses:
            own = [np.random.default_rng([ord(char) for char in word]).normal(size=self.size) for word in words]
            yield np.array(own, np.float32)


OPTIONS = EncoderOptions(rounds=30, rate=5e-3, width=16, drop=0.1, batch=8)
ENCODER = AddressEncoder.fit(DATA, Spelled(), OPTIONS)
TEXTS = [words for words, _ in DATA]


def test_it_learns_what_it_is_shown() -> None:
    assert AddressTagger([ENCODER]).label(TEXTS) == [labels for _, labels in DATA]


def test_fitting_again_gives_the_same_weights() -> None:
    again = AddressEncoder.fit(DATA, Spelled(), OPTIONS)
    assert all((again.weights[name] == own).all() for name, own in ENCODER.weights.items())


def test_it_speaks_together_with_the_linear_scorer() -> None:
    linear = LinearScorer.fit(DATA, LinearOptions(rounds=5, drop=0.2))
    [labels] = AddressTagger([linear, ENCODER], [0.4, 0.6]).label([["学", "宫", "路", "15", "号"]])
    assert {(0, 3, "road"), (3, 5, "roadno")} == phrases(labels)


def test_a_saved_network_reads_back_as_it_was(tmp_path: Path) -> None:
    save_encoder(ENCODER, tmp_path)
    again = load_encoder(tmp_path, Spelled())
    for one, other in zip(again.scores(TEXTS), ENCODER.scores(TEXTS), strict=True):
        assert (one == other).all()


def test_a_network_for_other_states_is_refused(tmp_path: Path) -> None:
    save_encoder(ENCODER, tmp_path)

    class Wider(Spelled):
        size = 25

    with pytest.raises(BadModel, match="do not fit"):
        load_encoder(tmp_path, Wider())


def test_the_gradient_is_the_slope() -> None:
    order = np.random.default_rng(1)
    weights = {name: own.astype(np.float64) for name, own in new_head(6, 4, 3, order).items()}
    states, lengths = order.normal(size=(5, 6)), np.array([3, 2])
    pull = order.normal(size=(5, 3))
    gradient = Pass(weights, states, lengths, 0.0, None).back(pull)  # type: ignore[arg-type]

    def weighed() -> float:
        return float((Pass(weights, states, lengths, 0.0, None).scores * pull).sum())  # type: ignore[arg-type]

    for name, by in gradient.items():
        own = weights[name].reshape(-1)
        for at in (0, own.size // 2, own.size - 1):
            there = own[at]
            own[at] = there + 1e-4
            above = weighed()
            own[at] = there - 1e-4
            below = weighed()
            own[at] = there
            assert by.reshape(-1)[at] == pytest.approx((above - below) / 2e-4, rel=1e-3, abs=1e-5), name
