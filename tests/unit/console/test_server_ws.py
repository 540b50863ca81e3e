"""The live wire in the real app: tickets, Origin, rights, resume from the real store, and who is sent away when."""

from __future__ import annotations

import asyncio

import pytest

from console.sign_ins import token_hash
from schemas.desk import Partial
from tests.script import Script
from tests.unit.console.house import House, Socket

FOREIGN = [None, "null", "https://evil.example", "https://desk.example.evil", "http://desk.example"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_or_missing_origin_never_gets_a_socket(house: House, origin: str | None) -> None:
    socket = house.socket(origin)
    assert (await socket.next())["type"] == "websocket.close"  # before the accept: the handshake is answered 403


async def accepted(house: House, ticket: str) -> Socket:
    socket = house.socket()
    assert (await socket.next())["type"] == "websocket.accept"
    socket.send(t="auth", ticket=ticket)
    return socket


async def test_a_ticket_opens_one_socket_once(house: House) -> None:
    person = await house.person("wang")
    ticket = await person.ws_ticket()
    hello = await (await accepted(house, ticket)).frame()
    assert hello["user"] == person.actor.user and f"agent:{person.actor.user}" in hello["streams"]
    assert await (await accepted(house, ticket)).closed() == 4401


async def test_of_two_sockets_racing_with_one_ticket_one_wins(house: House) -> None:
    person = await house.person("wang")
    ticket = await person.ws_ticket()
    racers = [house.socket() for _ in range(5)]
    for racer in racers:
        assert (await racer.next())["type"] == "websocket.accept"
    for racer in racers:
        racer.send(t="auth", ticket=ticket)
    first = [await racer.next() for racer in racers]
    assert sorted(m["type"] for m in first) == ["websocket.close"] * 4 + ["websocket.send"]


async def test_a_ticket_31_s_old_is_refused_one_29_s_old_is_not(house: House) -> None:
    person = await house.person("wang")
    old = await person.ws_ticket()
    house.times.pass_(2)
    young = await person.ws_ticket()
    house.times.pass_(29)
    assert await (await accepted(house, old)).closed() == 4401
    assert (await (await accepted(house, young)).frame())["t"] == "hello"


async def test_a_ticket_given_to_another_origin_is_refused(house: House) -> None:
    person = await house.person("wang")
    house.desk.origins = frozenset({"https://desk.example", "https://other.example"})
    ticket = (await person.post("/api/ws-ticket", origin="https://other.example")).json()["ticket"]
    assert await (await accepted(house, ticket)).closed() == 4401


async def test_a_ticket_of_a_sign_in_that_ended_meanwhile_is_refused(house: House) -> None:
    person = await house.person("wang")
    ticket = await person.ws_ticket()
    await person.post("/api/logout")
    assert await (await accepted(house, ticket)).closed() == 4401


async def test_sign_out_closes_every_socket_of_that_sign_in_and_no_other(house: House) -> None:
    leaving, staying = await house.person("wang"), await house.person("li")
    sockets = [await house.desk_of(leaving), await house.desk_of(leaving)]
    other = await house.desk_of(staying)
    await leaving.post("/api/logout")
    assert [await socket.closed() for socket in sockets] == [4401, 4401]
    other.send(t="resume", stream="queue")
    assert (await other.frame())["t"] == "recovered"


async def test_rows_written_by_the_recorder_arrive_and_a_reconnect_resumes_where_it_was(house: House) -> None:
    person = await house.person("wang")
    script = Script(agent="wang")
    await house.record(*script.start())
    view = (await person.get(f"/api/calls/{script.call}")).json()
    desk = await house.desk_of(person)
    stream = f"call:{script.call}"
    desk.send(t="resume", stream=stream, epoch=view["epoch"], offset=view["offset"])
    assert (await desk.frame())["recovered"] is True
    await house.record(script.say("我家停水了"))
    said = await desk.frame()
    assert (said["kind"], said["data"]["text"], said["offset"]) == ("utterance", "我家停水了", view["offset"] + 1)
    await desk.hang_up()
    await house.record(script.say("已经三天了", start_s=4.0), script.say("您的地址", leg="agent", start_s=6.0))
    again = await house.desk_of(person)
    again.send(t="resume", stream=stream, epoch=said["epoch"], offset=said["offset"])
    assert (await again.frame())["recovered"] is True
    missed = [await again.frame(), await again.frame()]
    assert [m["data"]["text"] for m in missed] == ["已经三天了", "您的地址"]
    assert [m["offset"] for m in missed] == [said["offset"] + 1, said["offset"] + 2]


@pytest.mark.parametrize(
    ("epoch", "offset"),
    [("", 0), ("another", 1), (None, 10_000), (None, -1)],
    ids=["none", "epoch", "ahead", "negative"],
)
async def test_a_position_that_is_not_ours_gets_the_current_one(house: House, epoch: str | None, offset: int) -> None:
    person = await house.person("wang")
    await house.push("queue", n=3)
    current, newest = await house.store.position("queue")
    desk = await house.desk_of(person)
    desk.send(t="resume", stream="queue", epoch=current if epoch is None else epoch, offset=offset)
    told = await desk.frame()
    assert (told["recovered"], told["epoch"], told["offset"]) == (False, current, newest)


async def test_300_missed_rows_are_sent_301_are_not(house: House) -> None:
    person = await house.person("wang")
    await house.push("queue", n=301)
    epoch, _ = await house.store.position("queue")
    desk = await house.desk_of(person)
    desk.send(t="resume", stream="queue", epoch=epoch, offset=0)
    assert (await desk.frame())["recovered"] is False
    desk.send(t="resume", stream="queue", epoch=epoch, offset=1)
    assert (await desk.frame())["recovered"] is True
    assert [(await desk.frame())["offset"] for _ in range(300)] == list(range(2, 302))


async def test_streams_of_others_are_refused_and_never_heard(house: House) -> None:
    wang, li = await house.person("wang"), await house.person("li")
    analyst = await house.person("ana", "analyst")
    script = Script(agent="li")
    await house.record(*script.start())
    for person, streams in (
        (wang, (f"call:{script.call}", f"agent:{li.actor.user}", "floor", "call:", "nonsense", "call:none")),
        (analyst, (f"call:{script.call}", "queue", "floor")),
    ):
        desk = await house.desk_of(person)
        for stream in streams:
            desk.send(t="resume", stream=stream)
            assert await desk.frame() == {"t": "left", "stream": stream, "reason": "forbidden"}
        await house.record(script.say(f"只给李听 {person.actor.login}", start_s=float(len(person.actor.login))))
        desk.send(t="resume", stream=f"agent:{person.actor.user}")
        assert (await desk.frame())["t"] == "recovered"


async def test_a_call_claimed_by_another_agent_leaves_this_desk(house: House) -> None:
    wang, li = await house.person("wang"), await house.person("li")
    script = Script()
    await house.record(*script.start())
    view = (await wang.get(f"/api/calls/{script.call}")).json()
    desk = await house.desk_of(wang)
    desk.send(t="resume", stream=f"call:{script.call}", epoch=view["epoch"], offset=view["offset"])
    assert (await desk.frame())["recovered"] is True
    assert (await li.tell("claim_call", call=script.call)).status_code == 200
    assert await desk.frames_until("left")
    await house.record(script.say("只给李听"))
    desk.send(t="resume", stream="queue")
    assert (await desk.frame())["t"] == "recovered"


async def test_partials_reach_those_who_follow_the_call_only(house: House) -> None:
    wang = await house.person("wang")
    script = Script(agent="wang")
    await house.record(*script.start())
    following, idle = await house.desk_of(wang), await house.desk_of(wang)
    following.send(t="resume", stream=f"call:{script.call}")
    assert (await following.frame())["t"] == "recovered"
    house.feed.said.put_nowait(
        Partial(call=script.call, leg="caller", segment="s", rev=1, start_s=1.0, stable="我家", unstable="停")
    )
    said = await following.frame()
    assert (said["t"], said["stable"], said["unstable"]) == ("partial", "我家", "停")
    idle.send(t="resume", stream="queue")
    assert (await idle.frame())["t"] == "recovered"


async def test_one_stalled_browser_is_closed_4008_and_delays_nobody(house: House) -> None:
    wang = await house.person("wang")
    desks = [await house.desk_of(wang) for _ in range(4)]
    for desk in desks:
        desk.send(t="resume", stream="queue")
        assert (await desk.frame())["t"] == "recovered"
    stalled, *others = desks
    stalled.reading.clear()
    for n in range(300):
        await house.push("queue", data={"flags": [], "n": n})
        if n % 50 == 49:
            for other in others:
                assert [(await other.frame())["data"]["n"] for _ in range(50)] == list(range(n - 49, n + 1))
    assert await stalled.closed() == 4008
    assert house.desk.hub.slow_closes == 1


async def test_a_binary_message_closes_1003(house: House) -> None:
    desk = await house.desk_of(await house.person("wang"))
    desk._to_app.put_nowait({"type": "websocket.receive", "bytes": b"\x00\x01"})
    assert await desk.closed() == 1003


async def test_more_sockets_than_allowed_are_told_to_come_back(house: House) -> None:
    house.desk.options = type(house.desk.options)(origins=("https://desk.example",), max_sockets=2)
    wang = await house.person("wang")
    await house.desk_of(wang)
    await house.desk_of(wang)
    assert await house.socket().closed() == 4013


async def test_a_store_that_fails_for_a_moment_costs_the_desks_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.ports import Unavailable

    wang = await house.person("wang")
    desk = await house.desk_of(wang)
    desk.send(t="resume", stream="queue")
    assert (await desk.frame())["t"] == "recovered"
    real, failed = house.store.rows_after, asyncio.Event()

    async def away(*given):
        failed.set()
        monkeypatch.setattr(house.store, "rows_after", real)
        raise Unavailable("database: locked")

    monkeypatch.setattr(house.store, "rows_after", away)
    await house.push("queue")
    assert (await desk.frame())["kind"] == "degraded"
    assert failed.is_set()


async def test_drain_closes_1001(house: House) -> None:
    desk = await house.desk_of(await house.person("wang"))
    house.desk.hub.drain()
    assert await desk.closed() == 1001


@pytest.mark.parametrize(("change", "code"), [("role", 4403), ("account", 4401), ("elsewhere", 4401)])
async def test_what_another_console_did_to_a_sign_in_closes_its_sockets_here_within_5_s(
    house: House, monkeypatch: pytest.MonkeyPatch, change: str, code: int
) -> None:
    monkeypatch.setattr("console.server_ws.TICK_S", 0.01)
    wang = await house.person("wang")
    desk = await house.desk_of(wang)
    if change == "role":
        await house.account("wang", "analyst")
    elif change == "account":
        await house.account("wang", active=False)
    else:
        await house.store.close_session(token_hash(wang.token))
    house.times.pass_(5.0)
    assert await desk.closed() == code


async def test_a_socket_nobody_uses_any_more_ends_with_the_idle_sign_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server_ws.TICK_S", 0.01)
    wang = await house.person("wang")
    desk = await house.desk_of(wang)
    desk.send(t="resume", stream="queue")
    assert (await desk.frame())["t"] == "recovered"
    house.times.pass_(121 * 60)
    assert await desk.closed() in (4401, 1012)
