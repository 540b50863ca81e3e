"""The composition root: the parts of the embedded house, put together once for production, demo and tests."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import structlog

from agents.build import build_stages
from agents.stage import Stage
from console.desk import DeskOptions
from console.server import App, make_app
from pipeline.asr.engine import Engine
from pipeline.asr.transcriber import Transcriber
from pipeline.ingest.logged_calls import LoggedCalls
from pipeline.ingest.start import Switch
from pipeline.ingest.switchboard import Limits
from pipeline.ingest.ws_door import WsDoor
from pipeline.log.ports import Log
from pipeline.log.sqlite import SqliteLog
from pipeline.metrics import Metrics
from pipeline.record.recorder import Recorder
from pipeline.record.relay import Relay
from pipeline.record.trends import TrendRecorder
from pipeline.run.ear import transcriber
from pipeline.run.handoff import HandoffPart, handoff_part
from pipeline.run.health import HouseHealth
from pipeline.run.meaning import city_of
from pipeline.run.opening import LOG, facts_of, open_city, open_store
from pipeline.run.partials import LogPartials
from pipeline.run.stages import StageRunner
from pipeline.run.trends import trend_recorder
from pipeline.run.understanding import EarlierTickets, LoggedHistory
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from routing.city.index import CityIndex
from schemas.catalogue import CityPack

_log = structlog.get_logger(__name__)


class House(msgspec.Struct, kw_only=True):
    """Every part of one embedded process, not yet started."""

    settings: Settings
    city: CityPack
    index: CityIndex
    metrics: Metrics
    log: SqliteLog
    store: SqlStore
    stages: list[StageRunner]
    recorder: Recorder
    relay: Relay
    handoff: HandoffPart | None  # None: nothing is handed off
    trends: TrendRecorder
    ear: Transcriber | None  # None: the desk runs without an ear
    door: WsDoor
    app: App
    health: HouseHealth


def build(settings: Settings, engine: Engine | None, *, demo: bool = False) -> House:
    """Opens log and store and wires everything. `engine` None = no ear: tickets are made by hand."""
    metrics = Metrics()
    city = open_city(settings)
    index = CityIndex(city)
    store = open_store(settings, facts_of(index))
    log = SqliteLog(settings.home / LOG)
    ear = transcriber(settings, log, store, engine, metrics) if engine is not None else None
    runners = [
        StageRunner(log, stage, lambda name, seconds: metrics("hotline_stage_seconds", seconds, stage=name))
        for stage in stages_for(city, log, store, settings)
    ]
    health = HouseHealth(settings.home, ear, runners)
    door = WsDoor(
        LoggedCalls(log),
        [Switch(name=n, token=t, notice=settings.door_notice) for n, t in settings.switch_tokens().items()],
        tenant=city.manifest.name,
        host=settings.door_host,
        port=settings.door_port,
        limits=Limits(max_calls=settings.door_max_calls, max_ahead_s=settings.door_max_ahead_s),
        measure=metrics,
        alarm=lambda reason: _log.error("door alarm", reason=reason),
    )
    app = make_app(store, LogPartials(log), city, desk_options(settings, demo=demo), health=health, observe=metrics)
    return House(
        settings=settings,
        city=city,
        index=index,
        metrics=metrics,
        log=log,
        store=store,
        stages=runners,
        recorder=Recorder(
            log,
            store,
            dead=lambda stage, reason: metrics("hotline_dead_letters_total", 1, stage=stage, reason=reason),
        ),
        relay=Relay(log, store),
        handoff=handoff_part(settings, store),
        trends=trend_recorder(settings, store, index),
        ear=ear,
        door=door,
        app=app,
        health=health,
    )


def stages_for(city: CityPack, log: Log, store: SqlStore, settings: Settings) -> list[Stage]:
    """The stages of understanding over this log and store."""
    return build_stages(city, LoggedHistory(log), EarlierTickets(store), city_of(settings, city))


def desk_options(settings: Settings, *, demo: bool = False) -> DeskOptions:
    """The settings that concern the desk."""
    return DeskOptions(
        origins=tuple(filter(None, (o.strip() for o in settings.origins.split(",")))),
        https=settings.https,
        longest=timedelta(hours=settings.session_hours),
        idle=timedelta(minutes=settings.idle_minutes),
        demo=demo,
    )
