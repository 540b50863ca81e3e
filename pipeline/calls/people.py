"""Made-up calls: who calls, and how the name is told."""

from __future__ import annotations

from random import Random

from pipeline.calls.words import Words

TITLES = {"male": "先生", "female": "女士"}


def name_slots(pool: Words, rng: Random) -> dict[str, str]:
    """A name with the words that tell its characters apart."""
    surname, given = rng.choice(pool.names.surnames), rng.choice(pool.names.given)
    sex = rng.choice(("male", "female"))
    return {
        "surname": surname,
        "given": given,
        "full": surname + given,
        "given_spelt": "，".join(pool.spelt[c] for c in given),
        "surname_spelt": pool.surnames_spelt[surname],
        "title": TITLES[sex],
        "sex": sex,
    }
