"""Part of the pack's proof: limits, calendar, articles, scripts and the words that raise or refuse a call."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.city.finding import Finding, error, warning
from routing.sla import choose
from schemas.catalogue import Article, CityPack, ScriptMoment, SlaPreset

SPOKEN = "咨询"  # stands for any kind not named in a preset


def manifest(pack: CityPack, today: date) -> Iterator[Finding]:
    """The zone is known."""
    try:
        ZoneInfo(pack.manifest.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield error("manifest.json", "zone", f"{pack.manifest.zone!r} is no IANA time zone")


def sla(pack: CityPack, today: date) -> Iterator[Finding]:
    """The preset in force exists, each has a line for everything, and danger to life never gets the slower line."""
    file = "sla.json"
    if pack.manifest.sla_preset not in {preset.name for preset in pack.sla}:
        yield error("manifest.json", "sla_preset", f"no preset {pack.manifest.sla_preset!r} in {file}")
    topics = {category.topic for category in pack.categories if category.topic}
    for preset in pack.sla:
        if not any(rule.kind is None and rule.urgency is None and rule.topic is None for rule in preset.rules):
            yield error(file, preset.name, "has no catch-all line: one without kind, urgency and topic")
        for rule in preset.rules:
            if min(rule.limit, rule.sign_limit, rule.return_limit, rule.extension) < 0:
                yield error(file, f"{preset.name} {rule.id}", "a limit is negative")
            if rule.topic and rule.topic not in topics | {"complex"}:
                yield warning(file, f"{preset.name} {rule.id}", f"no category has the topic {rule.topic}")
        yield from _danger_first(preset)


def _danger_first(preset: SlaPreset) -> Iterator[Finding]:
    for topic in sorted({rule.topic for rule in preset.rules if rule.topic}):
        plain = choose(preset.rules, SPOKEN, "critical", "")
        chosen = choose(preset.rules, SPOKEN, "critical", topic)
        if plain and chosen and plain.urgency == "critical" and chosen.urgency != "critical":
            message = f"a critical call on {topic} falls under {chosen.id}, not under {plain.id}"
            yield error("sla.json", f"{preset.name} {chosen.id}", message)


def calendar(pack: CityPack, today: date) -> Iterator[Finding]:
    """The calendar knows this year; it differs from the plain week where it speaks of a worked day."""
    file = "calendar.jsonl"
    years = {day.day.year for day in pack.calendar}
    if today.year not in years:
        yield error(file, "", f"does not cover {today.year}: holidays would count as working days")
    elif today.month == 12 and today.year + 1 not in years:
        yield warning(file, "", f"does not cover {today.year + 1} yet")
    for day in pack.calendar:
        if day.working and day.day.weekday() < 5:
            yield warning(file, day.day.isoformat(), "is listed as worked but lies in the plain week")


def articles(pack: CityPack, today: date) -> Iterator[Finding]:
    """Articles name their unit, categories, source and owner, hold in one version at a time, and guide in own words."""
    file = "articles.jsonl"
    units = {unit.code for unit in pack.units}
    places = {place.code for place in pack.places}
    categories = {category.code for category in pack.categories}
    versions: dict[str, list[Article]] = defaultdict(list)
    for article in pack.articles:
        where = f"{article.id} version {article.version}"
        versions[article.id].append(article)
        if article.unit not in units:
            yield error(file, where, f"unit {article.unit} does not exist")
        for code in article.categories:
            if code not in categories:
                yield error(file, where, f"category {code} does not exist")
        if article.valid_to is not None and article.valid_to <= article.valid_from:
            yield error(file, where, f"ends {article.valid_to}, before it begins")
        if not article.source:
            yield error(file, where, "names no source: it can't be cited")
        if not article.owner:
            yield error(file, where, "has no owner: nobody answers for its truth")
        if not article.questions and not article.guide:
            yield warning(file, where, "lists no question it answers")
        if article.region and article.region not in places:
            yield error(file, where, f"region {article.region} does not exist in places.jsonl")
        for part in article.guide:
            if not part.items:
                yield error(file, where, f"its guide names {part.kind} but lists none")
            for item in part.items:
                if item not in article.body:
                    yield error(file, where, f"its guide says {item[:30]!r}, the body does not")
    for found in versions.values():
        found.sort(key=lambda article: article.version)
        for older, newer in pairwise(found):
            if older.valid_to is None or newer.valid_from < older.valid_to:
                yield error(file, f"{newer.id} version {newer.version}", f"begins while version {older.version} holds")


def scripts(pack: CityPack, today: date) -> Iterator[Finding]:
    """Each moment of a call has a sentence to say."""
    present = {script.moment for script in pack.scripts}
    for moment in get_args(ScriptMoment):
        if moment not in present:
            yield error("scripts.jsonl", moment, "no script for this moment")


def emergencies(pack: CityPack, today: date) -> Iterator[Finding]:
    """No rule explains its own words away, and there is one for danger to life."""
    file = "emergencies.jsonl"
    if not any(rule.urgency == "critical" for rule in pack.emergencies):
        yield error(file, "", "no rule of urgency critical")
    for rule in pack.emergencies:
        if not rule.any_words and not rule.patterns:
            yield error(file, rule.id, "has no any_words and no patterns: it can never fire")
        for pattern in rule.patterns:
            if broken := _broken(pattern):
                yield error(file, rule.id, f"pattern {pattern[:40]!r}: {broken}")
        if not rule.advice:
            yield warning(file, rule.id, "tells the agent nothing to say at once")
        if rule.urgency == "critical" and not rule.line:
            yield error(file, rule.id, "is critical but names no line to transfer to")
        yield from _self_cancelled(file, rule.id, rule.any_words, rule.unless)


def perils(pack: CityPack, today: date) -> Iterator[Finding]:
    """Each belongs to a rule of danger to life or to none, and none stands there twice."""
    file = "perils.jsonl"
    critical = {rule.id for rule in pack.emergencies if rule.urgency == "critical"}
    met: set[str] = set()
    for peril in pack.perils:
        if peril.rule and peril.rule not in critical:
            yield error(file, peril.text, f"rule {peril.rule} is no critical rule of emergencies.jsonl")
        if peril.text in met:
            yield error(file, peril.text, "stands there twice")
        if not peril.text.strip():
            yield error(file, peril.rule, "an empty telling")
        met.add(peril.text)


def _broken(pattern: str) -> str:
    """What is wrong with a regular expression; "" when nothing is."""
    try:
        re.compile(pattern)
    except re.error as wrong:
        return str(wrong)
    return ""


def refusals(pack: CityPack, today: date) -> Iterator[Finding]:
    """Each refusal has words and a channel to tell, and does not explain its own words away."""
    file = "refusals.jsonl"
    for rule in pack.refusals:
        if not rule.any_words:
            yield error(file, rule.id, "has no any_words: it can never fire")
        if not rule.channel.strip():
            yield error(file, rule.id, "tells the caller no channel")
        yield from _self_cancelled(file, rule.id, rule.any_words, rule.unless)


def _self_cancelled(file: str, record: str, words: tuple[str, ...], unless: tuple[str, ...]) -> Iterator[Finding]:
    for word in words:
        for phrase in unless:
            if phrase in word:
                yield error(file, record, f"can never fire on {word}: its own unless {phrase} explains it away")
