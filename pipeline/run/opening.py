"""Opens what a process lives on, from its settings: city, store, log. Used by the wiring and by single commands."""

from __future__ import annotations

from pathlib import Path

from console.decide_city import CityFacts, SlaAsk, city_facts
from console.decide_time import iso
from pipeline.log.onlooker import Onlooker
from pipeline.log.recordings import Recordings
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city
from routing.sla import NoLimit, due
from schemas.catalogue import CityPack
from schemas.draft import SlaView

LOG = "log"  # folder of the log inside home


def open_city(settings: Settings) -> CityPack:
    """The city pack: a shipped one by name, or a folder. Raises CityError saying what is wrong where."""
    return load_city(city_folder(settings))


def city_folder(settings: Settings) -> Path:
    """Where the pack of the settings lies."""
    folder = Path(settings.city)
    return folder if folder.is_dir() else city_dir(settings.city)


def facts_of(index: CityIndex) -> CityFacts:
    """What decisions ask of the city, with the SLA clock of its calendar."""

    def sla(ask: SlaAsk) -> SlaView | None:
        try:
            limits = due(index, ask.kind, ask.urgency, index.topic(ask.category), ask.at)
        except NoLimit:
            return None
        return SlaView(
            rule=limits.rule_id,
            preset=limits.preset,
            sign_due=iso(limits.sign_due),
            return_due=iso(limits.return_due),
            reply_due=iso(limits.reply_due),
            text=limits.text,
        )

    return city_facts(index.pack, sla)


def open_store(settings: Settings, facts: CityFacts | None = None) -> SqlStore:
    """The store, its tables brought to this version."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return SqlStore(settings.database_url, facts or facts_of(CityIndex(open_city(settings))))


def look_at_log(settings: Settings) -> Recordings:
    """What is on record, embedded or on Kafka, for reading beside the processes that write it."""
    if settings.kafka:
        from pipeline.log.kafka_onlooker import KafkaOnlooker

        return KafkaOnlooker(settings.kafka_options())
    return Onlooker(settings.home / LOG)


def where_log_is(settings: Settings) -> str:
    """In words."""
    return f"Kafka at {settings.kafka}" if settings.kafka else str(settings.home)
