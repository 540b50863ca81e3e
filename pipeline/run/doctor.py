"""`hotline doctor`: looks at model, devices, disk, store, log or Kafka, clock and city pack, and says what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from pipeline.log.onlooker import Onlooker
from pipeline.record.recorder import GROUP as RECORDER
from pipeline.run.opening import LOG, open_city
from pipeline.settings import Settings
from pipeline.store.looking import Look, look
from routing.city.check import check_city
from schemas.topics import CALLS, DRAFTS

LEAST_DISK = 2 << 30  # bytes
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this is wrong
SKEW_S = 2.0  # two clocks further apart than this are a warning
LATE_S, STUCK_S = 10.0, 60.0  # age of the oldest event not yet done that is a warning, that is an error
STAGES = (("stage.understanding", CALLS), ("stage.suggest", DRAFTS))  # group and what it reads; a test compares


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at."""

    what: str
    state: Literal["ok", "warning", "error"]
    says: str
    cure: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which to mend it. Changes nothing."""
    looks: list[tuple[str, Callable[[Settings], Finding]]] = [
        ("clock", _clock),
        ("disk", _disk),
        ("city pack", _city),
        ("speech model", _model),
        ("device", _device),
        ("store", _store),
        ("decisions", _decisions),
        ("page", _page),
        ("switches", _switches),
    ]
    if not settings.kafka:
        return [safely(what, each, settings) for what, each in (*looks, ("log", _log), ("pace", _pace))]
    from pipeline.run.doctor_kafka import examine_kafka

    return [*(safely(what, each, settings) for what, each in looks), *examine_kafka(settings)]


CURES = {  # where the look itself failed
    "clock": "bring the database back: its clock could not be read",
    "city pack": "hotline city check says what is wrong where",
    "store": "bring the database back (HOTLINE_DATABASE); until then desks show what they have and take no decisions",
    "decisions": "bring the database back (HOTLINE_DATABASE)",
    "pace": "mend store and log first",
    "ear": "mend the brokers first",
}


def safely(what: str, examine_one: Callable[[Settings], Finding], settings: Settings) -> Finding:
    """The finding, or that it could not be had and why."""
    try:
        return examine_one(settings)
    except Exception as error:
        first = (str(error).splitlines() or [""])[0][:200]
        cure = CURES.get(what, "the message names what is missing; mend it and look again")
        return Finding(what=what, state="error", says=f"{type(error).__name__}: {first}", cure=cure)


def _clock(settings: Settings) -> Finding:
    now = datetime.now(UTC)
    cure = "set the clock (NTP): limits run on it"
    if now < EARLIEST:
        return Finding(what="clock", state="error", says=f"{now.isoformat()}", cure=cure)
    ahead = 0.0 if settings.database_url.startswith("sqlite") else look(settings.database_url).ahead_s
    if abs(ahead) > SKEW_S:
        says = f"the database's clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
        return Finding(what="clock", state="warning", says=says, cure="let both follow the same time servers (NTP)")
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


def _seen(settings: Settings) -> Look | None:
    """The store; None while there is none. Raises Unavailable."""
    if settings.database_url.startswith("sqlite") and not (settings.home / "store.db").exists():
        return None
    return look(settings.database_url)


def _store(settings: Settings) -> Finding:
    seen = _seen(settings)
    if seen is None:
        return Finding(what="store", state="ok", says="not made yet: the first start makes it")
    if seen.revision != seen.head:
        says = f"tables are of form {seen.revision or 'none'}, this version works with {seen.head}"
        return Finding(what="store", state="error", says=says, cure="hotline db migrate, after a backup")
    for tenant, verdict in seen.verdicts.items():
        if not verdict.whole:
            says = f"audit chain of {tenant}, entry {verdict.bad_seq}: {verdict.reason}"
            return Finding(
                what="store", state="error", says=says, cure="keep the database as it is and call the auditor"
            )
    entries = sum(verdict.entries for verdict in seen.verdicts.values())
    return Finding(what="store", state="ok", says=f"tables up to date, audit chain whole ({entries} entries)")


def _decisions(settings: Settings) -> Finding:
    seen = _seen(settings)
    waits = seen.outbox_s if seen else 0.0
    if waits > LATE_S:
        state: Literal["warning", "error"] = "error" if waits > STUCK_S else "warning"
        says = f"the oldest decision has waited {waits:.0f} s to be published"
        cure = "see that the relay runs (hotline worker relay); decisions are safe in the store and go out in order"
        return Finding(what="decisions", state=state, says=says, cure=cure)
    letters = f", {seen.dead} dead letters ever (hotline dead list)" if seen and seen.dead else ""
    return Finding(what="decisions", state="ok", says=f"all published{letters}")


def _log(settings: Settings) -> Finding:
    if not (settings.home / LOG / "events.db").exists():
        return Finding(what="log", state="ok", says="not made yet: the first start makes it")
    Onlooker(settings.home / LOG)
    size = sum(file.stat().st_size for file in (settings.home / LOG).iterdir())
    return Finding(what="log", state="ok", says=f"{size / 1e6:.0f} MB")


def _pace(settings: Settings) -> Finding:
    if not (settings.home / LOG / "events.db").exists():
        return Finding(what="pace", state="ok", says="nothing to read yet")
    seen = _seen(settings)
    recorded = seen.readers.get(RECORDER, {}) if seen else {}

    async def ages() -> dict[str, float]:
        log = Onlooker(settings.home / LOG)
        try:
            oldest = {f"{group} on {topic}": await log.oldest_unread(group, topic) for group, topic in STAGES}
            oldest[f"recorder on {CALLS}"] = await log.oldest_unread(RECORDER, CALLS, recorded.get(CALLS, 0))
        finally:
            await log.close()
        return {who: time.time() - at if at else 0.0 for who, at in oldest.items()}

    cure = "is hotline serve running? its log names a part that fails; hotline dead list shows what was parked"
    return pace("pace", asyncio.run(ages()), cure)


def pace(what: str, ages: dict[str, float], cure: str) -> Finding:
    """How old the oldest event is that waits for each reader (seconds), as one finding."""
    late = {who: age for who, age in ages.items() if age > LATE_S}
    if not late:
        return Finding(what=what, state="ok", says=f"nothing waits longer than {max(ages.values(), default=0.0):.1f} s")
    state: Literal["warning", "error"] = "error" if max(late.values()) > STUCK_S else "warning"
    says = "; ".join(f"{who}: the oldest event has waited {age:.0f} s" for who, age in sorted(late.items()))
    return Finding(what=what, state=state, says=says, cure=cure)


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
