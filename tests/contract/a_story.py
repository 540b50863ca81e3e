"""Three calls told at once by ear and stages, people acting in between, cut into transactions in any way."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from agents.build import build_stages
from benchmarks.stages.material import call_events
from pipeline.run.opening import open_city
from pipeline.settings import Settings
from pipeline.store.batch import newest_only
from pipeline.store.recording import record_events
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import metadata, push
from schemas import Event
from schemas import calls as c
from schemas.codec import decode
from schemas.commands import AddMatter, AnyCommand, ClaimCall, CorrectUtterance, DecideSuggestion, EditField
from schemas.draft import DraftUpdated, SuggestionsOffered
from schemas.ids import matter_id
from tests.contract import a_call
from tests.contract.a_call import T0
from tests.unit.console.deciding import CITY


@functools.cache
def stories() -> tuple[Event, ...]:
    """Three calls at the same time: each event, and what the stages make of it."""

    async def made() -> tuple[Event, ...]:
        understand, suggest = build_stages(open_city(Settings()))
        calls = [call_events(n, agent="8001" if n else None) for n in (0, 2, 5)]
        lost = c.GapFound(leg="caller", sample_pos=24_000, samples=3200, cause="lost")
        calls[2].insert(5, a_call.event(lost, 30, calls[2][0].call))
        calls[1].insert(6, a_call.event(c.AssistSwitched(on=False, by="caller"), 30, calls[1][0].call))
        told: list[Event] = []
        for k in range(max(map(len, calls))):
            for happened in (events[k] for events in calls if k < len(events)):
                told.append(happened)
                for proposed in await understand(happened):
                    told += [proposed, *(await suggest(proposed) if isinstance(proposed.body, DraftUpdated) else ())]
        return tuple(told)

    return asyncio.run(made())


def decisions(told: Sequence[Event], n: int) -> list[AnyCommand]:
    """What a person does after so much was told; some of it is refused, always for the same reason."""
    id_ = f"command-{n:04}"
    call = told[n % len(told)].call
    offers = [e.body for e in told if isinstance(e.body, SuggestionsOffered) and e.call == call and e.body.suggestions]
    words = [e.body for e in told if isinstance(e.body, c.UtteranceHeard) and e.call == call]
    first = matter_id(call, 0)
    done: list[AnyCommand] = [
        ClaimCall(command_id=f"{id_}-claim", call=call),
        EditField(
            command_id=f"{id_}-edit", call=call, matter=first, field=("title", "content")[n % 2], value=f"人写{n}"
        ),
    ]
    if offers:
        what = offers[-1].suggestions[0].id
        done.append(DecideSuggestion(command_id=f"{id_}-take", call=call, suggestion=what, outcome="rejected"))
    if words:
        done.append(
            CorrectUtterance(command_id=f"{id_}-mend", call=call, utterance=words[-1].utterance, text=f"更正{n}")
        )
    if n % 3 == 0:
        done.append(AddMatter(command_id=f"{id_}-add", call=call))
    return done


class Cut:
    """One way to record the story: where people act, where transactions end, what comes again."""

    def __init__(self, acts: Sequence[int], ends: Sequence[int], again: Sequence[int]) -> None:
        told = stories()
        self.acts = sorted({1 + a % (len(told) - 1) for a in acts})
        self.ends = sorted({1 + e % (len(told) - 1) for e in ends} | set(self.acts) | {len(told)})
        self.again = {a % len(told) for a in again}

    def parts(self) -> Iterator[tuple[int, list[Event]]]:
        """(position in the story, events) of each transaction; a repeat comes a few events later."""
        told, begin = stories(), 0
        for end in self.ends:
            some = list(told[begin:end])
            some += [told[k - 7] for k in range(begin, end) if k in self.again and k >= 7]
            yield end, some
            begin = end


async def lived(where: Any, cut: Cut, into: Callable[[list[Event]], list[list[Event]]]) -> dict[str, Any]:
    """Every table, and every stream as a desk would add it up; `into`: transactions made of a part."""
    store = SqlStore(where, CITY, key=b"k" * 32)
    agent = await store.ensure_user("wang", "王敏", "agent", "hash", "8001")
    for end, part in cut.parts():
        echoes = [decode(w.data) for w in await store.waiting_events()]
        for some in into([*part, *echoes]):
            await store.write(lambda tx, some=some: record_events(tx, some))
        for command in decisions(stories()[:end], end) if end in cut.acts else ():
            await store.execute(agent, command, T0 + timedelta(minutes=2, seconds=end))
    held = {t.name: await store.read(lambda connection, t=t: rows(connection, t)) for t in metadata.sorted_tables}
    desks = await store.read(added_up)
    await store.close()
    return held | {"desks": desks}


def rows(connection: Connection, of: Any) -> list[dict[str, Any]]:
    return sorted((dict(row._mapping) for row in connection.execute(select(of))), key=repr)


def added_up(connection: Connection) -> dict[str, dict[str, Any]]:
    """Stream → what its follower has in the end: the newest of what is replaced, all of what adds up, in order."""
    desks: dict[str, dict[str, Any]] = {}
    for row in connection.execute(select(push).order_by(push.c.row_no)):
        desk = desks.setdefault(row.stream, {})
        if row.kind in ("draft", "suggestions"):
            desk[row.kind] = row.data
        elif row.kind in ("utterance", "call"):
            desk.setdefault(row.kind, {})[decode_id(row.data)] = row.data
        else:
            desk.setdefault(row.kind, []).append(row.data)
    return desks


def decode_id(data: str) -> str:
    return str(msgspec.json.decode(data)["id"])


def each(part: list[Event]) -> list[list[Event]]:
    return [[e] for e in part]


def each_kept(part: list[Event]) -> list[list[Event]]:
    return [[e] for e in newest_only(part)]


def in_one(part: list[Event]) -> list[list[Event]]:
    return [part]


def without_versions(held: dict[str, Any]) -> dict[str, Any]:
    """What doesn't tell how many drafts there were on the way: each gives changed content another version."""
    machine = {name: held[name] for name in ("calls", "utterances", "drafts", "field_edits", "suggestions", "alerts")}
    bare = [{k: v for k, v in row.items() if k != "version"} for row in held["matters"]]
    return machine | {"gaps": held["gaps"], "matters": bare}
