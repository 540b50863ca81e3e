"""The watch over trends as a part of a house: one process of them works, where the relay works."""

from __future__ import annotations

from pathlib import Path

import msgspec

from agents.build import build_trends
from pipeline.record.trends import TrendRecorder
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from routing.city.index import CityIndex
from routing.trend_rules import TrendRules


def trend_recorder(settings: Settings, store: SqlStore, index: CityIndex) -> TrendRecorder:
    """The part, under the rules of the settings. Raises ValueError saying what is wrong with them."""
    rules = read_rules(Path(settings.trend_rules)) if settings.trend_rules else TrendRules()
    return TrendRecorder(store, lambda memory: build_trends(index, rules, memory))


def read_rules(file: Path) -> TrendRules:
    """Rules from a JSON file; what it leaves out stays as published. Raises ValueError naming the file."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=TrendRules)
    except (OSError, msgspec.DecodeError) as error:
        raise ValueError(f"HOTLINE_TREND_RULES: {file}: {error}") from error
