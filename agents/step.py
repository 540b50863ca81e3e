"""Where bytes become calls and failures become records: the only place a stage's failure is caught."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec

from agents.stage import Poison, Stage, Transient
from schemas import Event
from schemas.codec import BadEvent, decode
from schemas.draft import DeadLettered
from schemas.ids import output_id

BACKOFF_S = (0.05, 0.15, 0.4, 1.0)  # seconds before each retry of a Transient: 1.6 s in all
REASON_CHARS = 200  # longest reason kept; reasons name places and types, never what was said


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record was read."""

    topic: str
    offset: int
    lane: int = 0
    key: str = ""  # call id of the record's key, for bytes that tell no call themselves

    @property
    def place(self) -> str:
        """The same for no other record of the house."""
        return f"{self.topic}/{self.offset}" if not self.lane else f"{self.topic}/{self.lane}/{self.offset}"


async def step(
    stage: Stage, record: bytes, source: Source, sleep: Callable[[float], Awaitable[None]]
) -> Sequence[Event]:
    """Runs one record through a stage. Gives the stage's outputs, or one DeadLettered. Raises nothing but a cancel."""
    try:
        event = decode(record)
    except BadEvent as error:
        return (_parked(stage, record, source, None, f"bad event: {error}"),)
    except Exception as error:
        return (_parked(stage, record, source, None, f"undecodable: {type(error).__name__}"),)
    waits = iter(BACKOFF_S)
    while True:
        try:
            return await stage(event)
        except Poison as error:
            return (_parked(stage, record, source, event, f"poison: {error}"),)
        except Transient as error:
            wait = next(waits, None)
            if wait is None:
                return (_parked(stage, record, source, event, f"no answer after {len(BACKOFF_S)} retries: {error}"),)
            await sleep(wait)
        except Exception as error:
            # The message of a foreign exception may quote a caller: the type and place must do.
            return (_parked(stage, record, source, event, f"{type(error).__name__} in {_place(error)}"),)


def _place(error: BaseException) -> str:
    trace, where = error.__traceback__, "?"
    while trace is not None:
        where = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where


def _parked(stage: Stage, record: bytes, source: Source, event: Event | None, reason: str) -> Event:
    head = event or _head(record, source)
    cause = event.id if event else source.place
    return Event(
        id=output_id(cause, f"{stage.name}/dead"),
        tenant=head.tenant,
        call=head.call,
        cause=event.id if event else None,
        at=head.at,
        body=DeadLettered(
            topic=source.topic, offset=source.offset, stage=stage.name, reason=reason[:REASON_CHARS], data=record
        ),
    )


def _head(record: bytes, source: Source) -> Event:
    """As much of the envelope as the bytes give away."""
    raw: object = None
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        raw = msgspec.json.decode(record)
    known = raw if isinstance(raw, dict) else {}
    at = datetime(1970, 1, 1, tzinfo=UTC)
    with contextlib.suppress(msgspec.ValidationError, ValueError, OverflowError):
        at = msgspec.convert(known.get("at"), datetime).astimezone(UTC)
    tenant, call = known.get("tenant"), known.get("call")
    return Event(
        id="",
        tenant=tenant if isinstance(tenant, str) else "",
        call=call if isinstance(call, str) else source.key,
        cause=None,
        at=at,
        body=None,
    )
