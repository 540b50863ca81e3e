"""`hotline doctor`: looks at model, devices, disk, store, log, clock and city pack, and says what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from pipeline.run.opening import LOG, look_at_log, open_city, open_store
from pipeline.settings import Settings
from routing.city.check import check_city

LEAST_DISK = 2 << 30  # bytes
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this is wrong


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at."""

    what: str
    state: Literal["ok", "warning", "error"]
    says: str
    cure: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which to mend it. Changes nothing, but that the store is migrated if it exists."""
    looks: tuple[tuple[str, Callable[[Settings], Finding]], ...] = (
        ("clock", _clock),
        ("disk", _disk),
        ("city pack", _city),
        ("speech model", _model),
        ("device", _device),
        ("store", _store),
        ("log", _log),
        ("page", _page),
        ("switches", _switches),
    )
    return [_safely(what, look, settings) for what, look in looks]


def _safely(what: str, look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except Exception as error:
        return Finding(what=what, state="error", says=f"{type(error).__name__}: {str(error).splitlines()[0][:200]}")


def _clock(settings: Settings) -> Finding:
    now = datetime.now(UTC)
    if now < EARLIEST:
        return Finding(
            what="clock", state="error", says=f"{now.isoformat()}", cure="set the clock (NTP): limits run on it"
        )
    return Finding(what="clock", state="ok", says=f"{now.isoformat(timespec='seconds')}")


def _disk(settings: Settings) -> Finding:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return Finding(what="disk", state="error", says=f"{folder} can't be written", cure="set HOTLINE_HOME")
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:.1f} GB free where {settings.home} lies"
    if free < LEAST_DISK:
        return Finding(what="disk", state="warning", says=says, cure="make room: a full disk refuses new calls")
    return Finding(what="disk", state="ok", says=says)


def _city(settings: Settings) -> Finding:
    pack = open_city(settings)
    today = datetime.now(UTC).astimezone(ZoneInfo(pack.manifest.zone)).date()
    errors = [finding for finding in check_city(pack, today) if finding.severity == "error"]
    if errors:
        return Finding(
            what="city pack", state="error", says=f"{len(errors)} errors in {settings.city}", cure="hotline city check"
        )
    return Finding(what="city pack", state="ok", says=f"{pack.manifest.title} {pack.manifest.version}")


def _model(settings: Settings) -> Finding:
    if not settings.asr_enabled:
        return Finding(what="speech model", state="warning", says="the ear is off (HOTLINE_ASR_ENABLED)")
    if Path(settings.asr_model).is_dir():
        return Finding(what="speech model", state="ok", says=f"folder {settings.asr_model}")
    from pipeline.asr.models.registry import verify

    faults = verify(settings.asr_model, settings.models)
    if faults:
        return Finding(
            what="speech model", state="error", says=faults[0], cure=f"hotline models fetch {settings.asr_model}"
        )
    return Finding(what="speech model", state="ok", says=f"{settings.asr_model} is whole")


def _device(settings: Settings) -> Finding:
    from pipeline.asr.device import describe

    return Finding(what="device", state="ok", says=describe(settings.asr_device, settings.asr_compute))


def _store(settings: Settings) -> Finding:
    if settings.database_url.startswith("sqlite") and not (settings.home / "store.db").exists():
        return Finding(what="store", state="ok", says="not made yet: the first start makes it")

    async def look() -> str:
        store = open_store(settings)
        try:
            verdict = await store.verify_audit()
            return "" if verdict.whole else f"audit chain, entry {verdict.bad_seq}: {verdict.reason}"
        finally:
            await store.close()

    fault = asyncio.run(look())
    if fault:
        return Finding(what="store", state="error", says=fault, cure="keep the file as it is and call the auditor")
    return Finding(what="store", state="ok", says="tables up to date, audit chain whole")


def _log(settings: Settings) -> Finding:
    if not (settings.home / LOG / "events.db").exists():
        return Finding(what="log", state="ok", says="not made yet: the first start makes it")
    look_at_log(settings)
    size = sum(file.stat().st_size for file in (settings.home / LOG).iterdir())
    return Finding(what="log", state="ok", says=f"{size / 1e6:.0f} MB")


def _page(settings: Settings) -> Finding:
    from console.desk import WEB_DIST

    if not (WEB_DIST / "index.html").exists():
        return Finding(what="page", state="error", says="the browser app is not built", cure="make setup")
    return Finding(what="page", state="ok", says="built")


def _switches(settings: Settings) -> Finding:
    names = settings.switch_tokens()
    if not names:
        return Finding(
            what="switches", state="warning", says="no switch may fork media", cure="set HOTLINE_SWITCHES=name=token"
        )
    return Finding(what="switches", state="ok", says=", ".join(names))
