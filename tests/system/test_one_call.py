"""One call through the whole house: telephone audio in at the door, a ticket confirmed by a person out at the desk."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from console.passwords import hash_password
from pipeline.play.player import play
from pipeline.run.embedded import Embedded
from schemas.calls import CallEnded, MatterClosed, NoticeGiven, UtteranceHeard
from schemas.codec import decode
from schemas.ids import call_id
from schemas.topics import AUDIO, CALLS
from tests.system.world import TOKEN, heard, played, scripted_house, until

SOURCE = "one-call"
CALL = call_id("ws", SOURCE)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Embedded]:
    house = scripted_house(tmp_path, SOURCE)
    await house.store.ensure_user("agent1", "沈知秋", "agent", hash_password("right-horse"), "8026")
    embedded = Embedded(house)
    await embedded.start()
    yield embedded
    await embedded.stop()


@pytest.fixture
async def desk(running: Embedded) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=running.url, headers={"Origin": running.url}) as client:
        answer = await client.post("/api/login", json={"login": "agent1", "password": "right-horse"})
        assert answer.status_code == 200
        yield client


@pytest.mark.g02
async def test_a_call_becomes_a_ticket_only_when_a_person_confirms_it(
    running: Embedded, desk: httpx.AsyncClient
) -> None:
    summary = await play([played(SOURCE, agent="8026")], running.door_url, TOKEN, at_once=1, pace="fast")
    assert not summary.failed
    await heard(running.house, SOURCE)

    view = (await desk.get(f"/api/calls/{CALL}")).json()
    assert view["summary"]["agent_name"] == "沈知秋"
    matter = view["matters"][0]
    fields = matter["matter"]["fields"]
    assert fields["contact_phone"]["value"] == "13905880216", "the corrected number, not the first one said"
    assert fields["district"]["label"] == "澄湖区"
    assert fields["incident_place"]["evidence"], "a field shows the words it comes from"
    assert matter["matter"]["complete"] and matter["may_confirm"]
    lead = matter["matter"]["dispatch"]["candidates"][0]
    assert lead["entry"] and lead["entry_version"] and lead["catalogue"] and lead["reasons"]
    assert (await desk.get("/api/tickets")).json()["total"] == 0, "nothing leaves unconfirmed"

    command = {
        "type": "confirm_matter",
        "command_id": str(uuid.uuid4()),
        "call": CALL,
        "matter": matter["matter"]["id"],
        "version": matter["version"],
        "content_hash": matter["content_hash"],
        "handling_mode": "forward",
        "lead_unit": lead["unit"],
        "co_units": [],
    }
    stale = await desk.post(
        "/api/commands", json={**command, "command_id": str(uuid.uuid4()), "content_hash": "0" * 64}
    )
    assert stale.status_code == 409
    done = await desk.post("/api/commands", json=command)
    assert done.status_code == 200, done.text
    assert (await desk.post("/api/commands", json=command)).json() == done.json(), "a repeat has the same outcome"

    listed = (await desk.get("/api/tickets")).json()
    assert [row["ticket_no"] for row in listed["tickets"]] == [done.json()["ticket_no"]]
    ticket = (await desk.get(f"/api/tickets/{done.json()['ticket']}")).json()
    assert ticket["ticket"]["state"] == "dispatched"
    assert ticket["ticket"]["confirmed_hash"] == matter["content_hash"]
    assert ticket["history"] and ticket["utterances"], "its whole history and what was said"

    async def closed() -> list[MatterClosed]:
        records = await running.house.log.read_key(CALLS, CALL)
        return [e.body for r in records if isinstance((e := decode(r.value)).body, MatterClosed)]

    assert [body.outcome for body in await until(closed, "the decision in the call's stream")] == ["confirmed"]


@pytest.mark.g07
async def test_every_sample_sent_is_kept_and_every_second_heard_after_the_notice(running: Embedded) -> None:
    await play([played(SOURCE)], running.door_url, TOKEN, at_once=1, pace="fast")
    await heard(running.house, SOURCE)
    events = [decode(r.value).body for r in await running.house.log.read_key(CALLS, CALL)]
    kinds = [type(body) for body in events]
    assert kinds.index(NoticeGiven) < kinds.index(UtteranceHeard)
    ended = next(body for body in events if isinstance(body, CallEnded))
    for leg in ("caller", "agent"):
        kept = sum(len(r.value) for r in await running.house.log.read_key(AUDIO, f"{CALL}/{leg}", limit=100_000))
        assert kept == ended.samples[leg] > 500_000
    spans = sorted((b.leg, b.first_sample, b.last_sample) for b in events if isinstance(b, UtteranceHeard))
    for (leg, _, last), (next_leg, first, _) in pairwise(spans):
        assert leg != next_leg or last <= first, "utterances of a leg do not overlap"
