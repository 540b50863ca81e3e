"""Invariants of decisions and record, over what a run has left behind. Each gives what is wrong, a line each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from pipeline.store import audit
from schemas.calls import CallEnded, CallHeard, MatterClosed, UtteranceHeard
from schemas.draft import DeadLettered
from schemas.topics import ALERTS, CALLS, DEAD, DRAFTS, LANES, SUGGESTIONS
from tests.faults.kept import GROUPS, Kept

RECORDED = (CALLS, DRAFTS, SUGGESTIONS, ALERTS, DEAD)


def every_matter_of_an_ended_call_has_its_place(kept: Kept) -> Iterator[str]:
    """I4: a ticket, a person's "no ticket", or it waits at the desk; a parked call shows that it is parked."""
    rows = {row["id"]: row for row in kept.rows["calls"]}
    tickets = {row["id"] for row in kept.rows["tickets"]}
    dismissed = {json.loads(row["body"])["matter"] for row in kept.rows["decisions"] if row["type"] == "dismiss_matter"}
    of_call = defaultdict(list)
    for matter in kept.matters:
        of_call[matter.call].append(matter)
    for call in kept.calls:
        bodies = [event.body for event in kept.stream(call)]
        if not any(isinstance(body, CallEnded) for body in bodies):
            continue
        if call not in rows:
            yield f"{call}: ended, and no desk knows it"
            continue
        if any(isinstance(body, CallHeard) for body in bodies) and rows[call]["state"] != "heard":
            yield f"{call}: heard, and recorded as {rows[call]['state']}"
        if not of_call[call]:
            yield f"{call}: has no matter, not even an empty form"
        for matter in of_call[call]:
            if matter.closed == "dismissed" and matter.id not in dismissed:
                yield f"{call}: matter {matter.id} was dismissed by nobody"
            if matter.closed and matter.closed != "dismissed" and matter.ticket not in tickets:
                yield f"{call}: matter {matter.id} is {matter.closed} without a ticket"


def a_ticket_is_handed_off_once(kept: Kept) -> Iterator[str]:
    """I5: at most one hand-off per ticket and version; the receiver met each under one id with one body."""
    made = {row["id"]: row for row in kept.rows["handoffs"]}
    versions = [(row["ticket"], row["version"]) for row in kept.rows["handoffs"]]
    if len(set(versions)) != len(versions):
        yield "two hand-offs of one version of a ticket"
    bodies: dict[str, bytes] = {}
    of_version: dict[tuple[str, int], str] = {}
    for id_, body in kept.accepted:
        if bodies.setdefault(id_, body) != body:
            yield f"hand-off {id_} arrived with two bodies"
        told = json.loads(body)
        if of_version.setdefault((told["ticket"], told["version"]), id_) != id_:
            yield f"ticket {told['ticket']} version {told['version']} arrived under two ids"
        if id_ not in made:
            yield f"hand-off {id_} arrived, and nobody made it"
    closings = defaultdict(set)
    for event in kept.once(CALLS).values():
        if isinstance(event.body, MatterClosed):
            closings[event.body.matter].add(event.id)
    yield from (f"matter {matter} is closed {len(ids)} times" for matter, ids in closings.items() if len(ids) > 1)


def every_hand_off_arrives(kept: Kept) -> Iterator[str]:
    """Each dispatched ticket has its hand-off, and the receiver has it."""
    made = {row["ticket"] for row in kept.rows["handoffs"]}
    arrived = {id_ for id_, _ in kept.accepted}
    for row in kept.rows["tickets"]:
        if row["state"] == "dispatched" and row["id"] not in made:
            yield f"ticket {row['ticket_no']} is dispatched, and nothing was handed off"
    for row in kept.rows["handoffs"]:
        if row["state"] != "delivered" or row["id"] not in arrived:
            yield f"hand-off {row['id']} is {row['state']}; at the receiver: {row['id'] in arrived}"


def a_command_has_one_answer(kept: Kept) -> Iterator[str]:
    """I6: all answers to one id are the same; `ok` has its decision on record, anything else has none."""
    decided = {row["command"] for row in kept.rows["decisions"]}
    for given in kept.history:
        definite = [a for a in given.answers if a.came != "unknown"]
        told = {json.dumps(a.outcome, sort_keys=True) for a in definite}
        if len(told) > 1:
            yield f"{given.body['type']} {given.id}: {len(told)} different answers"
        if not definite:
            continue
        if definite[0].came == "ok" and given.id not in decided:
            yield f"{given.body['type']} {given.id}: answered ok, and nothing is on record"
        if definite[0].came == "fail" and given.id in decided:
            yield f"{given.body['type']} {given.id}: answered {definite[0].status}, and it was done all the same"


def one_of_two_wins(kept: Kept) -> Iterator[str]:
    """I6: a matter is confirmed by one command, a waiting call claimed by one person."""
    for kind, name in (("confirm_matter", "matter"), ("claim_call", "call")):
        winners = defaultdict(set)
        for given in kept.history:
            if given.body["type"] == kind and given.final is not None and given.final.came == "ok":
                winners[given.body[name]].add(given.who if kind == "claim_call" else given.id)
        yield from (f"{kind} of {what}: {len(ids)} winners" for what, ids in winners.items() if len(ids) > 1)


def nothing_is_dispatched_unconfirmed(kept: Kept) -> Iterator[str]:
    """I7: before each ticket and hand-off, a person gave a command for exactly that content."""
    confirmed = {
        given.id: given.body.get("content_hash") for given in kept.history if given.body["type"] == "confirm_matter"
    }
    decided = {row["command"]: row for row in kept.rows["decisions"]}
    for row in kept.rows["tickets"]:
        body = json.loads(row["body"])
        if body["confirmed_hash"] not in confirmed.values():
            yield f"ticket {row['ticket_no']}: nobody confirmed its content"
    for row in kept.rows["handoffs"]:
        decision = decided.get(row["command"])
        if confirmed.get(row["command"]) != row["content_hash"]:
            yield f"hand-off {row['id']}: its command confirmed another content"
        if decision is None or decision["content_hash"] != row["content_hash"] or decision["at"] > row["made_at"]:
            yield f"hand-off {row['id']}: no decision for its content stands before it"


def the_chain_is_whole(kept: Kept) -> Iterator[str]:
    """I8: no entry changed, cut out or moved; every decision has its own."""
    verdict = audit.verify(kept.chain)
    if not verdict.whole:
        yield verdict.reason
    chained = {entry.command for entry in kept.chain}
    for row in kept.rows["decisions"]:
        if row["command"] not in chained:
            yield f"decision {row['command']} has no entry in the chain"


def what_was_decided_is_told_in_order(kept: Kept) -> Iterator[str]:
    """Every row of the outbox is in `calls`, those of a call in the order of the decisions."""
    first = {event_id: n for n, event_id in enumerate(kept.once(CALLS))}
    last: dict[str, int] = {}
    for row in sorted(kept.rows["outbox"], key=lambda row: row["seq"]):
        if row["event"] not in first or not row["sent"]:
            yield f"outbox {row['seq']} of {row['key']} was not told"
            continue
        if first[row["event"]] < last.get(row["key"], -1):
            yield f"outbox {row['seq']} of {row['key']} was told too early"
        last[row["key"]] = first[row["event"]]


def the_record_holds_what_was_said(kept: Kept) -> Iterator[str]:
    """Every utterance in the log is on record once, and no other."""
    told = {e.body.utterance for e in kept.events(CALLS) if isinstance(e.body, UtteranceHeard)}
    recorded = {row["id"] for row in kept.rows["utterances"]}
    yield from (f"utterance {id_} is not on record" for id_ in told - recorded)
    yield from (f"utterance {id_} is on record, and nobody said it" for id_ in recorded - told)


def only_what_is_indigestible_is_parked(kept: Kept) -> Iterator[str]:
    """A dead letter belongs to a call the test poisoned; where the desk knows that call, it shows it."""
    rows = {row["id"]: row for row in kept.rows["calls"]}
    parked = {e.call for e in kept.events(DEAD) if isinstance(e.body, DeadLettered)}
    for call in parked:
        if call not in kept.poisoned:
            reasons = {e.body.reason for e in kept.events(DEAD) if e.call == call and isinstance(e.body, DeadLettered)}
            yield f"{call} is parked: {reasons}"
        if call in rows and not rows[call]["parked"]:
            yield f"{call} is parked, and no desk shows it"
    yield from (f"{call} was poisoned, and nothing is parked" for call in set(kept.poisoned) - parked)


def readers_have_caught_up(kept: Kept) -> Iterator[str]:
    """I13: in quiet, every reader is at the end of what it reads."""
    recorded = {(row["reader"], row["topic"]): row["position"] for row in kept.rows["checkpoints"]}
    for lane in range(LANES):
        for reader, topic in GROUPS.items():
            if (behind := kept.ends.get((topic, lane), 0) - kept.done.get((reader, lane), 0)) > 0:
                yield f"{reader} is {behind} records behind in {topic}, lane {lane}"
        for topic in RECORDED:
            end = kept.ends.get((topic, lane), 0)
            if (behind := end - recorded.get((f"recorder/{lane}", topic), 0)) > 0:
                yield f"the record is {behind} records behind in {topic}, lane {lane}"
