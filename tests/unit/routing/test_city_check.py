"""The demo city is whole, and each kind of defect is found and named with file and record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import msgspec
import pytest

from routing.city.check import check_city
from routing.city.finding import Finding
from routing.city.load import city_dir, load_city
from schemas.catalogue import CityPack, Telling

TODAY = date(2026, 11, 21)
PACK = load_city(city_dir("yunlan"))


def change(part: str, record: str, **fields: object) -> Callable[[CityPack], CityPack]:
    """A pack in which the record of that code or id (in its last version) has other fields."""

    def apply(pack: CityPack) -> CityPack:
        records = list(getattr(pack, part))
        at = max(
            n for n, found in enumerate(records) if record in (getattr(found, "code", ""), getattr(found, "id", ""))
        )
        records[at] = msgspec.structs.replace(records[at], **fields)
        return msgspec.structs.replace(pack, **{part: tuple(records)})

    return apply


def drop(part: str, keep: Callable[[object], bool]) -> Callable[[CityPack], CityPack]:
    return lambda pack: msgspec.structs.replace(pack, **{part: tuple(filter(keep, getattr(pack, part)))})


def twice(part: str) -> Callable[[CityPack], CityPack]:
    return lambda pack: msgspec.structs.replace(pack, **{part: (*getattr(pack, part), getattr(pack, part)[0])})


def preset(name: str, keep: Callable[[object], bool]) -> Callable[[CityPack], CityPack]:
    def apply(pack: CityPack) -> CityPack:
        sla = [
            msgspec.structs.replace(found, rules=tuple(filter(keep, found.rules))) if found.name == name else found
            for found in pack.sla
        ]
        return msgspec.structs.replace(pack, sla=tuple(sla))

    return apply


def head(**fields: object) -> Callable[[CityPack], CityPack]:
    return lambda pack: msgspec.structs.replace(pack, manifest=msgspec.structs.replace(pack.manifest, **fields))


def found(findings: Sequence[Finding], severity: str, file: str, record: str, words: str) -> bool:
    return any(
        (finding.severity, finding.file) == (severity, file) and record in finding.record and words in finding.message
        for finding in findings
    )


@pytest.mark.parametrize("today", [TODAY, date(2025, 2, 10), date(2025, 10, 1), date(2026, 3, 1), date(2026, 12, 31)])
def test_demo_city_has_no_error(today: date):
    assert [str(finding) for finding in check_city(PACK, today) if finding.severity == "error"] == []


def test_demo_city_has_nothing_to_warn_of_today():
    assert [str(finding) for finding in check_city(PACK, TODAY)] == []


def tellings(**fields: str) -> Callable[[CityPack], CityPack]:
    """One telling more."""
    more = Telling(**{"category": "c-010101", "kind": "help", "text": "水管爆了"} | fields)  # type: ignore[arg-type]
    return lambda pack: msgspec.structs.replace(pack, tellings=(*pack.tellings, more))


DEFECTS = {
    "place given twice": (twice("places"), "error", "places.jsonl", "p-01", "given 2 times"),
    "unit given twice": (twice("units"), "error", "units.jsonl", "u-reform", "given 2 times"),
    "duty version given twice": (twice("duties"), "error", "duties.jsonl", "version 1", "given 2 times"),
    "article given twice": (twice("articles"), "error", "articles.jsonl", "a-", "given 2 times"),
    "holiday given twice": (twice("calendar"), "error", "calendar.jsonl", "2025-01-01", "given 2 times"),
    "place without parent": (change("places", "p-0101", parent="p-99"), "error", "places.jsonl", "p-0101", "p-99"),
    "district with parent": (change("places", "p-02", parent="p-01"), "error", "places.jsonl", "p-02", "no parent"),
    "road under a district": (change("places", "p-0101r01", parent="p-01"), "error", "places.jsonl", "r01", "street"),
    "district nobody governs": (
        drop("units", lambda unit: unit.code != "u-d-guta"), "error", "places.jsonl", "p-02", "@district",
    ),
    "government of no district": (
        change("units", "u-d-guta", district="p-77"), "error", "units.jsonl", "u-d-guta", "p-77",
    ),
    "two governments of one district": (
        change("units", "u-d-guta", district="p-01"), "error", "units.jsonl", "u-d-guta", "already",
    ),
    "bureau with a district": (change("units", "u-fire", district="p-01"), "error", "units.jsonl", "u-fire", "kind"),
    "alias of two units": (change("units", "u-fire", aliases=("城管",)), "warning", "units.jsonl", "u-urban", "城管"),
    "alias of two places": (change("places", "p-02", aliases=("澄湖",)), "warning", "places.jsonl", "p-01", "澄湖"),
    "category without parent": (
        change("categories", "c-010101", parent="c-0199"), "error", "categories.jsonl", "c-010101", "c-0199",
    ),
    "category of a wrong level": (
        change("categories", "c-010101", level=2), "error", "categories.jsonl", "c-010101", "level 2 under",
    ),
    "leaf without examples": (
        change("categories", "c-010101", examples=("一个",)), "error", "categories.jsonl", "c-010101", "examples",
    ),
    "telling of no leaf": (tellings(category="c-0101"), "error", "tellings.jsonl", "水管爆了", "c-0101 is no leaf"),
    "telling of two leaves": (
        tellings(text=PACK.tellings[0].text, category="c-120601"), "error", "tellings.jsonl",
        PACK.tellings[0].text, "stands under",
    ),
    "empty telling": (tellings(text=" "), "error", "tellings.jsonl", "c-010101", "empty"),
    "duty for no category": (change("duties", "d-010101", category="c-9"), "error", "duties.jsonl", "d-010101", "c-9"),
    "duty led by nobody": (change("duties", "d-010101", lead="u-x"), "error", "duties.jsonl", "d-010101", "lead unit"),
    "duty with an unknown co-unit": (
        change("duties", "d-010101", co=("u-x",)), "error", "duties.jsonl", "d-010101", "co unit u-x",
    ),
    "duty led by a court": (
        change("duties", "d-010101", lead="u-court"), "error", "duties.jsonl", "d-010101", "takes no tickets",
    ),
    "unknown notation": (change("duties", "d-010101", lead="@city"), "error", "duties.jsonl", "d-010101", "@city"),
    "duty in no district": (change("duties", "d-p006", district="p-99"), "error", "duties.jsonl", "d-p006", "p-99"),
    "lead is its own co-unit": (
        change("duties", "d-010101", co=("u-finance",)), "error", "duties.jsonl", "d-010101", "both",
    ),
    "not_words cancel any_words": (
        change("duties", "d-s003", not_words=("罐",)), "error", "duties.jsonl", "d-s003", "煤气罐",
    ),
    "versions overlap": (
        change("duties", "d-070201", valid_from=date(2026, 2, 1)), "error", "duties.jsonl", "d-070201 version 2",
        "while version 1 still holds",
    ),
    "duty ends before it begins": (
        change("duties", "d-070201", valid_to=date(2026, 1, 1)), "error", "duties.jsonl", "d-070201", "before it",
    ),
    "leaf nobody answers for": (
        drop("duties", lambda line: not line.category.startswith("c-03")), "error", "duties.jsonl", "c-030201",
        "nobody answers",
    ),
    "leaf led only by an unknown place": (
        drop("duties", lambda line: line.id not in ("d-c0603", "d-c06")), "error", "duties.jsonl", "c-060301",
        "place is unknown",
    ),
    "leaf left to the class default": (
        drop("duties", lambda line: line.id != "d-030201"), "warning", "duties.jsonl", "c-030201", "class default",
    ),
    "preset in force is missing": (head(sla_preset="mars"), "error", "manifest.json", "sla_preset", "mars"),
    "unknown time zone": (head(zone="Asia/Yunlan"), "error", "manifest.json", "zone", "Asia/Yunlan"),
    "no catch-all limit": (
        preset("beijing", lambda rule: rule.id != "bj-general"), "error", "sla.json", "beijing", "catch-all",
    ),
    "danger falls under the slower topic": (
        preset("beijing", lambda rule: rule.id != "bj-gas-critical"), "error", "sla.json", "bj-gas", "critical call",
    ),
    "calendar misses this year": (
        drop("calendar", lambda day: day.day.year != 2026), "error", "calendar.jsonl", "", "does not cover 2026",
    ),
    "article of no unit": (change("articles", "a-0001", unit="u-x"), "error", "articles.jsonl", "a-0001", "u-x"),
    "article of no category": (
        change("articles", "a-0001", categories=("c-9",)), "error", "articles.jsonl", "a-0001", "c-9",
    ),
    "article without owner": (change("articles", "a-0001", owner=""), "error", "articles.jsonl", "a-0001", "owner"),
    "article without source": (change("articles", "a-0001", source=""), "error", "articles.jsonl", "a-0001", "cited"),
    "moment without script": (
        drop("scripts", lambda script: script.moment != "notice"), "error", "scripts.jsonl", "notice", "no script",
    ),
    "emergency that explains itself away": (
        change("emergencies", "e-fire", unless=("火",)), "error", "emergencies.jsonl", "e-fire", "着火",
    ),
    "emergency without words": (
        change("emergencies", "e-fire", any_words=()), "error", "emergencies.jsonl", "e-fire", "never fire",
    ),
    "critical emergency without a line": (
        change("emergencies", "e-fire", line=""), "error", "emergencies.jsonl", "e-fire", "no line",
    ),
    "refusal that explains itself away": (
        change("refusals", "r-court", unless=("法官",)), "error", "refusals.jsonl", "r-court", "法官",
    ),
    "refusal without a channel": (
        change("refusals", "r-court", channel=" "), "error", "refusals.jsonl", "r-court", "channel",
    ),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_found_and_named(defect: str):
    spoil, severity, file, record, words = DEFECTS[defect]
    findings = check_city(spoil(PACK), TODAY)
    assert found(findings, severity, file, record, words), [str(finding) for finding in findings]


def test_errors_come_before_warnings():
    findings = check_city(change("units", "u-fire", aliases=("城管",), district="p-01")(PACK), TODAY)
    assert [finding.severity for finding in findings] == ["error", "warning"]


def test_the_next_year_is_asked_for_in_december_only():
    assert found(check_city(PACK, date(2026, 12, 1)), "warning", "calendar.jsonl", "", "2027")
    assert not found(check_city(PACK, date(2026, 11, 30)), "warning", "calendar.jsonl", "", "2027")


def test_circle_of_places_is_survived():
    pack = change("places", "p-0101", parent="p-0102")(change("places", "p-0102", parent="p-0101")(PACK))
    assert found(check_city(pack, TODAY), "error", "places.jsonl", "p-0101", "belongs in a district")
