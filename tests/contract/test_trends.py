"""What every store keeps of trends: tickets in their order, each episode once, whoever watches and however often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from agents.build import build_trends
from agents.trends import Trends
from console.ports import EpisodeQuery
from pipeline.record.trends import TrendRecorder
from pipeline.store import trend_rows
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import audit
from pipeline.store.tables_trends import trend_episodes, trend_tickets
from routing.trend_rules import TrendRules
from schemas.commands import AcknowledgeEpisode, CreateTicket
from tests.city import the_city
from tests.contract.test_store import NOW, Desk, desk, store

__all__ = ["desk", "store"]  # fixtures
INDEX = the_city().index
STREET = next(p for p in INDEX.pack.places if p.level == "street")
PLACE = next(p for p in INDEX.children(STREET.code) if p.level == "landmark")
LEAF = next(c for c in INDEX.leaves())


def make(rules: TrendRules | None = None) -> Callable[[bytes], Trends]:
    return lambda memory: build_trends(INDEX, rules, memory)


async def ticket(desk: Desk, n: int, place: str = PLACE.name, hours: float = 0.0, **changes: str) -> str:
    """A ticket made by hand, n hours after the first."""
    fields = {
        "kind": "complaint",
        "category": LEAF.code,
        "title": f"第{n}件",
        "content": "停水了一直没来",
        "street": STREET.code,
        "incident_place": place,
        "contact_phone": f"1380000{n:04d}",
        "answer": "已告知",
    } | changes
    command = CreateTicket(command_id=f"cmd-make-{n}-{place}", fields=fields, handling_mode="direct")
    at = NOW + timedelta(hours=hours or n / 10)
    outcome = await desk.store.execute(desk.agent, command, at)
    assert outcome.status == "ok", outcome.message
    return outcome.ticket


async def seen(desk: Desk, **query: Any) -> Any:
    return await desk.store.episodes(desk.analyst, EpisodeQuery(**query))


async def watched(store: SqlStore, rules: TrendRules | None = None) -> TrendRecorder:
    """A watch that has met all there is, and was killed then."""
    recorder = TrendRecorder(store, make(rules))
    while await recorder.drain():
        pass
    return recorder


@pytest.fixture(autouse=True)
def the_demo_city(store: SqlStore) -> None:
    """Tickets of the demo city, under whose places they lie."""
    from pipeline.run.opening import facts_of

    store.house = msgspec.structs.replace(store.house, facts=facts_of(INDEX))


async def test_three_callers_make_an_episode_with_its_tickets(desk: Desk) -> None:
    made = [await ticket(desk, n) for n in range(2)]
    await watched(desk.store)
    assert (await seen(desk)).episodes == ()
    made.append(await ticket(desk, 2))
    await watched(desk.store)
    page = await seen(desk)
    (episode,) = page.episodes
    assert (page.open, page.unseen, episode.callers, episode.count, episode.place) == (1, 1, 3, 3, PLACE.code)
    assert PLACE.name in episode.where and "3位不同来电人" in episode.reason and not episode.synthetic
    detail = await desk.store.episode(desk.analyst, episode.id)
    assert detail is not None and {t.id for t in detail.tickets} == set(made)
    assert all("0000" not in t.title for t in detail.tickets)
    assert (await desk.store.episodes(desk.agent, EpisodeQuery())).episodes == (), "not the agents' page"
    assert await desk.store.episode(desk.agent, episode.id) is None


async def test_a_watch_killed_and_begun_anew_tells_nothing_twice(desk: Desk) -> None:
    for n in range(4):
        await ticket(desk, n)
    await watched(desk.store)
    once = await rows(desk.store)
    await watched(desk.store)  # without memory: all is folded again
    assert await rows(desk.store) == once
    first = await watched(desk.store)
    await first._keep()
    await ticket(desk, 4)
    await watched(desk.store)  # with memory: only the new one
    episodes, tickets = await rows(desk.store)
    assert len(episodes) == 1 and len(tickets) == 5 and episodes[0].revision == once[0][0].revision + 1


async def test_two_who_watch_at_once_write_the_same(desk: Desk) -> None:
    one, two = TrendRecorder(desk.store, make()), TrendRecorder(desk.store, make())
    for n in range(6):
        await ticket(desk, n)
        await asyncio.gather(one.drain(), two.drain())
    episodes, tickets = await rows(desk.store)
    assert len(episodes) == 1 and len(tickets) == 6


async def test_other_rules_make_a_new_memory_and_say_nothing_of_what_was_told(desk: Desk) -> None:
    for n in range(4):
        await ticket(desk, n)
    await (await watched(desk.store))._keep()
    (before, _) = await rows(desk.store)
    await watched(desk.store, TrendRules(class_level=3))
    assert (await rows(desk.store))[0] == before
    for n in range(4, 8):
        await ticket(desk, n, place=next(p for p in INDEX.children(STREET.code) if p.level == "road").name, hours=100)
    await watched(desk.store, TrendRules(class_level=3))
    assert len((await rows(desk.store))[0]) == 2


async def test_numbers_of_the_feed_follow_the_commits_without_holes(desk: Desk) -> None:
    await asyncio.gather(*(ticket(desk, n) for n in range(8)))
    fed = await desk.store.read(lambda c: trend_rows.fed(c, 0, 100))
    assert [f.no for f in fed] == list(range(1, 9))
    assert await desk.store.read(lambda c: trend_rows.before(c, 30)) == 0


async def test_a_person_acknowledges_what_was_shown_and_it_is_on_record(desk: Desk) -> None:
    for n in range(3):
        await ticket(desk, n)
    await watched(desk.store)
    (episode,) = (await seen(desk)).episodes
    asked = {"episode": episode.id, "severity": episode.severity}
    assert (await desk.tell(desk.agent, AcknowledgeEpisode, **asked)).code == "forbidden"
    assert (
        await desk.tell(desk.analyst, AcknowledgeEpisode, **(asked | {"episode": "none"}))
    ).code == "no_such_episode"
    assert (await desk.tell(desk.analyst, AcknowledgeEpisode, **(asked | {"severity": "urgent"}))).status == "stale"
    assert (await desk.tell(desk.analyst, AcknowledgeEpisode, note="已转市水务局", **asked)).status == "ok"
    page = await seen(desk)
    assert (page.unseen, page.episodes[0].seen_by, page.episodes[0].note) == (0, desk.analyst.name, "已转市水务局")
    assert (await desk.tell(desk.supervisor, AcknowledgeEpisode, **asked)).code == "wrong_state"
    entry = await desk.store.read(lambda c: c.execute(select(audit).order_by(audit.c.seq.desc())).first())
    assert entry is not None
    assert (entry.action, entry.object, entry.actor) == (
        "acknowledge_episode",
        f"episode:{episode.id}",
        desk.analyst.user,
    )
    for n in range(3, 5):
        await ticket(desk, n, urgency="critical")
    await watched(desk.store)
    page = await seen(desk)
    assert (page.unseen, page.episodes[0].severity, page.episodes[0].seen_severity) == (1, "urgent", "hot")


async def rows(store: SqlStore) -> tuple[list[Any], list[Any]]:
    def look(connection: Any) -> tuple[list[Any], list[Any]]:
        return (
            connection.execute(select(trend_episodes).order_by(trend_episodes.c.id)).all(),
            connection.execute(select(trend_tickets).order_by(trend_tickets.c.ticket)).all(),
        )

    return await store.read(look)
