"""Proves a city pack whole, before it goes live: each finding names the file, the record and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain

from routing.city import check_duties, check_rules, check_tree
from routing.city.finding import Finding
from schemas.catalogue import CityPack

Check = Callable[[CityPack, date], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    check_tree.unique,
    check_tree.places,
    check_tree.aliases,
    check_tree.units,
    check_tree.categories,
    check_tree.tellings,
    check_duties.references,
    check_duties.versions,
    check_duties.coverage,
    check_rules.sla,
    check_rules.calendar,
    check_rules.articles,
    check_rules.scripts,
    check_rules.emergencies,
    check_rules.perils,
    check_rules.refusals,
    check_rules.manifest,
)


def check_city(pack: CityPack, today: date) -> list[Finding]:
    """Everything wrong with the pack as it stands on `today`, errors first. An empty list means it is whole."""
    found = list(chain.from_iterable(check(pack, today) for check in CHECKS))
    return sorted(found, key=lambda finding: (finding.severity != "error", finding.file))
