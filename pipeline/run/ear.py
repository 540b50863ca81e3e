"""The ear of this process: model found and merged, options from the settings, state told to every desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from pipeline.asr.engine import Engine, ProcessEngine
from pipeline.asr.options import PATIENT, DecodeOptions, EarOptions
from pipeline.asr.transcriber import EarState, Transcriber
from pipeline.asr.wording.city import city_lexicon
from pipeline.log.ports import Log
from pipeline.metrics import Metrics
from pipeline.run.opening import city_folder
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore

_log = structlog.get_logger(__name__)


def ear_options(settings: Settings) -> EarOptions:
    """The settings that concern the ear."""
    return EarOptions(
        decode=DecodeOptions(
            device=settings.asr_device,
            compute=settings.asr_compute,
            threads=settings.asr_threads,
            beam=settings.asr_beam or None,
        )
    )


def model_folder(settings: Settings) -> Path:
    """Folder of the weights, fetched and merged if need be. Raises ModelMissing saying what to do."""
    given = Path(settings.asr_model)
    if given.is_dir():
        return given
    from pipeline.asr.models.registry import ensure

    return ensure(settings.asr_model, settings.models, strength=settings.asr_adapter_strength)


def recording_options(settings: Settings) -> EarOptions:
    """The same for recordings, for which nobody waits."""
    return msgspec.structs.replace(ear_options(settings), batch=PATIENT)


def words_file(settings: Settings) -> str:
    """The lexicon of the settings' city, made if need be; empty where words are not to be chosen."""
    return str(city_lexicon(city_folder(settings), settings.models)) if settings.asr_words else ""


def open_engine(settings: Settings, metrics: Metrics | None = None, options: EarOptions | None = None) -> Engine:
    """The engine over the model of the settings, with its city's words. Raises ModelMissing, CityError, OSError."""
    options = options or ear_options(settings)
    decode = msgspec.structs.replace(options.decode, words=words_file(settings))
    return ProcessEngine(str(model_folder(settings)), msgspec.structs.replace(options, decode=decode), metrics)


def transcriber(settings: Settings, log: Log, store: SqlStore, engine: Engine, metrics: Metrics) -> Transcriber:
    """The ear's service, which tells every desk when it is late or down."""
    return Transcriber(log, engine, ear_options(settings), meter=metrics, tell=teller(store))


def teller(store: SqlStore) -> Callable[[EarState], Awaitable[None]]:
    """Raises and lowers the flags every desk shows."""

    async def tell(state: EarState) -> None:
        now = datetime.now(UTC)
        await store.set_degraded("ear_down", state == "down", now)
        await store.set_degraded("ear_late", state == "late", now)

    return tell
