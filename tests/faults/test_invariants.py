"""Each invariant holds over a good run, and says so when the run is doctored: a check that can't fail proves nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from schemas.audio import frame_from
from schemas.calls import CallEnded, CallHeard, GapFound, MatterClosed, UtteranceHeard
from schemas.codec import decode, encode
from schemas.draft import DeadLettered, DraftUpdated, Matter
from schemas.topics import AUDIO, CALLS, DEAD, DRAFTS
from tests.faults import invariants_record as record
from tests.faults import invariants_sound as sound
from tests.faults.a_good_run import CALL, HANDOFF, TICKET, a_good_run, add, door, put_sound, tell
from tests.faults.kept import Kept, MatterKept
from tests.faults.person import Answer, Invoked
from tests.faults.replayed import drafts_differ, heard_again, understood_again, words_differ
from tests.faults.trial import INVARIANTS

Invariant = Callable[[Kept], Iterator[str]]
Doctor = Callable[[Kept], None]
DOCTORED: list[tuple[Invariant, Doctor]] = []
_made: list[Kept] = []


@pytest.fixture
async def good() -> Kept:
    if not _made:
        _made.append(await a_good_run())
    return copied(_made[0])


def copied(kept: Kept) -> Kept:
    fields = {name: copy.deepcopy(getattr(kept, name)) for name in kept.__struct_fields__}
    return Kept(**fields)


def breaks(invariant: Invariant) -> Callable[[Doctor], Doctor]:
    """Notes a way to doctor a run so that this invariant is broken."""

    def note(doctor: Doctor) -> Doctor:
        DOCTORED.append((invariant, doctor))
        return doctor

    return note


def change(kept: Kept, kind: type, topic: str = CALLS, at: int = 0, **fields: Any) -> None:
    """Rewrites the body of the record at that place among those of its kind."""
    found = [n for n, f in enumerate(kept.records[topic]) if f.event and isinstance(f.event.body, kind)][at]
    event = decode(kept.records[topic][found].value)
    value = encode(msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, **fields)))
    kept.records[topic][found] = msgspec.structs.replace(kept.records[topic][found], value=value)


def drop(kept: Kept, kind: type, at: int = 0) -> None:
    found = [n for n, f in enumerate(kept.records[CALLS]) if f.event and isinstance(f.event.body, kind)][at]
    del kept.records[CALLS][found]


def samples(kept: Kept) -> int:
    ended = next(e.body for e in kept.events(CALLS) if isinstance(e.body, CallEnded))
    return int(ended.samples["caller"])


@breaks(sound.no_frame_differs_from_its_repeat)
def another_frame_of_the_same_number(kept: Kept) -> None:
    put_sound(kept, "caller", 3, 1600, b"\xd5" * 800)


@breaks(sound.no_frame_differs_from_its_repeat)
def frames_out_of_order(kept: Kept) -> None:
    kept.records[AUDIO][4], kept.records[AUDIO][5] = kept.records[AUDIO][5], kept.records[AUDIO][4]


@breaks(sound.sound_and_gaps_cover_each_leg)
@breaks(sound.what_a_switch_sent_is_kept_once)
def a_frame_is_lost(kept: Kept) -> None:
    del kept.records[AUDIO][7]


@breaks(sound.sound_and_gaps_cover_each_leg)
def the_last_frame_is_lost(kept: Kept) -> None:
    last = max(n for n, f in enumerate(kept.records[AUDIO]) if f.key.endswith("caller"))
    del kept.records[AUDIO][last]


@breaks(sound.sound_and_gaps_cover_each_leg)
def a_gap_where_there_is_sound(kept: Kept) -> None:
    gap = GapFound(leg="caller", sample_pos=800, samples=800, cause="lost")
    tell(kept, gap, door(gap, 4))


@breaks(sound.what_a_switch_sent_is_kept_once)
def sound_is_written_again_under_another_number(kept: Kept) -> None:
    first = kept.records[AUDIO][0]
    frame = frame_from(first.key, first.head, first.value)
    put_sound(kept, "caller", 1000, samples(kept), frame.data)


@breaks(sound.what_a_switch_sent_is_kept_once)
def sound_of_another_call(kept: Kept) -> None:
    put_sound(kept, "caller", 1000, samples(kept), b"\x2a" * 160)


@breaks(sound.utterances_are_said_once)
def an_utterance_reaches_into_the_next(kept: Kept) -> None:
    change(kept, UtteranceHeard, last_sample=40_000)


@breaks(sound.utterances_are_said_once)
@breaks(sound.every_ended_call_is_heard_to_its_end)
def an_utterance_under_a_second_event(kept: Kept) -> None:
    body = next(e.body for e in kept.events(CALLS) if isinstance(e.body, UtteranceHeard))
    tell(kept, body, "another-event")


@breaks(sound.an_event_met_twice_is_the_same)
def a_repeat_says_other_words(kept: Kept) -> None:
    found = next(f for f in kept.records[CALLS] if f.event and isinstance(f.event.body, UtteranceHeard))
    add(kept, CALLS, found.value)
    change(kept, UtteranceHeard, at=-1, text="别的话")


@breaks(sound.every_ended_call_is_heard_to_its_end)
def nobody_says_that_all_is_heard(kept: Kept) -> None:
    drop(kept, CallHeard)


@breaks(sound.every_ended_call_is_heard_to_its_end)
def a_call_that_was_stopped_never_ends(kept: Kept) -> None:
    drop(kept, CallEnded)


@breaks(sound.every_ended_call_is_heard_to_its_end)
@breaks(record.the_record_holds_what_was_said)
def an_utterance_is_lost(kept: Kept) -> None:
    drop(kept, UtteranceHeard, 1)


@breaks(sound.order_of_a_call_is_kept)
def the_notice_before_the_start(kept: Kept) -> None:
    kept.records[CALLS][0], kept.records[CALLS][1] = kept.records[CALLS][1], kept.records[CALLS][0]


@breaks(sound.order_of_a_call_is_kept)
def the_end_before_the_notice(kept: Kept) -> None:
    notice = kept.records[CALLS].pop(1)
    kept.records[CALLS].append(notice)


@breaks(record.every_matter_of_an_ended_call_has_its_place)
def no_desk_knows_the_call(kept: Kept) -> None:
    kept.rows["calls"].clear()


@breaks(record.every_matter_of_an_ended_call_has_its_place)
def the_call_stands_as_live(kept: Kept) -> None:
    kept.rows["calls"][0]["state"] = "live"


@breaks(record.every_matter_of_an_ended_call_has_its_place)
def closed_without_a_ticket(kept: Kept) -> None:
    kept.rows["tickets"].clear()


@breaks(record.every_matter_of_an_ended_call_has_its_place)
def dismissed_by_nobody(kept: Kept) -> None:
    kept.matters = [MatterKept(call=CALL, id="m", closed="dismissed", ticket="")]


@breaks(record.every_matter_of_an_ended_call_has_its_place)
def the_matter_is_gone(kept: Kept) -> None:
    kept.matters.clear()


@breaks(record.a_ticket_is_handed_off_once)
def the_version_under_another_id(kept: Kept) -> None:
    kept.accepted.append(("another-id", kept.accepted[0][1]))


@breaks(record.a_ticket_is_handed_off_once)
def another_body_under_the_id(kept: Kept) -> None:
    kept.accepted.append((HANDOFF, json.dumps({"ticket": TICKET, "version": 1, "x": 1}).encode()))


@breaks(record.a_ticket_is_handed_off_once)
def two_rows_of_one_version(kept: Kept) -> None:
    kept.rows["handoffs"].append({**kept.rows["handoffs"][0], "id": "another-id"})


@breaks(record.a_ticket_is_handed_off_once)
def closed_by_two_commands(kept: Kept) -> None:
    body = next(e.body for e in kept.events(CALLS) if isinstance(e.body, MatterClosed))
    tell(kept, body, "another-event")


@breaks(record.every_hand_off_arrives)
def it_never_arrived(kept: Kept) -> None:
    kept.accepted.clear()


@breaks(record.every_hand_off_arrives)
def nothing_was_handed_off(kept: Kept) -> None:
    kept.rows["handoffs"].clear()


@breaks(record.a_command_has_one_answer)
def two_answers_to_one_command(kept: Kept) -> None:
    kept.history[0].answers.append(Answer(came="ok", status=200, outcome={"status": "ok", "ticket": "another"}))


@breaks(record.a_command_has_one_answer)
def ok_and_nothing_on_record(kept: Kept) -> None:
    kept.rows["decisions"].clear()


@breaks(record.a_command_has_one_answer)
def refused_and_done_all_the_same(kept: Kept) -> None:
    kept.history[0].answers = [Answer(came="fail", status=409, outcome={"status": "stale"})]


@breaks(record.one_of_two_wins)
def both_agents_win(kept: Kept) -> None:
    first = kept.history[0]
    again = Invoked(who="agent2", body={**first.body, "command_id": "another"}, answers=list(first.answers))
    kept.history.append(again)


@breaks(record.nothing_is_dispatched_unconfirmed)
def nobody_gave_the_command(kept: Kept) -> None:
    kept.history.clear()


@breaks(record.nothing_is_dispatched_unconfirmed)
def another_content_than_confirmed(kept: Kept) -> None:
    kept.rows["handoffs"][0]["content_hash"] = "d" * 64


@breaks(record.nothing_is_dispatched_unconfirmed)
def confirmed_after_it_went_out(kept: Kept) -> None:
    kept.rows["decisions"][0]["at"] = "2026-11-21T02:00:00.000Z"


@breaks(record.the_chain_is_whole)
def an_entry_is_changed(kept: Kept) -> None:
    kept.chain[1] = msgspec.structs.replace(kept.chain[1], actor="u2")


@breaks(record.the_chain_is_whole)
def an_entry_is_cut_out(kept: Kept) -> None:
    del kept.chain[1]


@breaks(record.the_chain_is_whole)
def the_end_is_cut_off(kept: Kept) -> None:
    del kept.chain[1:]


@breaks(record.what_was_decided_is_told_in_order)
def a_decision_is_not_told(kept: Kept) -> None:
    drop(kept, MatterClosed)


@breaks(record.what_was_decided_is_told_in_order)
def decisions_are_told_in_another_order(kept: Kept) -> None:
    earlier = kept.events(CALLS)[3].id
    kept.rows["outbox"].append({"seq": 2, "event": earlier, "key": CALL, "sent": True})


@breaks(record.the_record_holds_what_was_said)
def the_record_invents_words(kept: Kept) -> None:
    kept.rows["utterances"].append({"id": "invented"})


@breaks(record.only_what_is_indigestible_is_parked)
def a_good_call_is_parked(kept: Kept) -> None:
    tell(kept, DeadLettered(topic=CALLS, offset=1, stage="s", reason="r", data=b""), "dead-1", DEAD)
    kept.rows["calls"][0]["parked"] = True


@breaks(record.only_what_is_indigestible_is_parked)
def parked_without_alarm(kept: Kept) -> None:
    tell(kept, DeadLettered(topic=CALLS, offset=1, stage="s", reason="r", data=b""), "dead-1", DEAD)
    kept.poisoned = [CALL]


@breaks(record.only_what_is_indigestible_is_parked)
def poison_was_swallowed(kept: Kept) -> None:
    kept.poisoned = [CALL]


@breaks(record.readers_have_caught_up)
def a_stage_is_behind(kept: Kept) -> None:
    kept.done["stage.suggest", 0] -= 1


@breaks(record.readers_have_caught_up)
def the_record_is_behind(kept: Kept) -> None:
    kept.rows["checkpoints"][0]["position"] -= 1
    kept.rows["checkpoints"][1]["position"] -= 1


async def test_a_good_run_breaks_no_invariant(good: Kept) -> None:
    assert [f"{look.__name__}: {what}" for look in INVARIANTS for what in look(good)] == []
    assert list(words_differ(good, await heard_again(good))) == []
    assert list(drafts_differ(good, await understood_again(good))) == []
    assert kinds_of(good) >= {"call.started", "utterance.heard", "call.heard", "matter.closed", "draft.updated"}


@pytest.mark.parametrize(("invariant", "doctor"), DOCTORED, ids=lambda found: found.__name__)
async def test_an_invariant_sees_what_was_doctored(good: Kept, invariant: Invariant, doctor: Doctor) -> None:
    doctor(good)
    assert list(invariant(good))


def test_every_invariant_has_been_seen_to_fail() -> None:
    assert {invariant for invariant, _ in DOCTORED} == set(INVARIANTS)


async def test_other_words_than_one_ear_hears_are_seen(good: Kept) -> None:
    again = await heard_again(good)
    for doctor in (an_utterance_is_lost, lambda kept: change(kept, UtteranceHeard, text="别的话")):
        doctored = copied(good)
        doctor(doctored)
        assert list(words_differ(doctored, again))


async def test_other_drafts_than_one_house_makes_are_seen(good: Kept) -> None:
    again = await understood_again(good)
    doctored = copied(good)
    del doctored.records[DRAFTS][2]
    assert list(drafts_differ(doctored, again))
    another = {**again, DRAFTS: {**again[DRAFTS], "more": next(iter(again[DRAFTS].values()))}}
    assert list(drafts_differ(good, another))


async def test_what_earlier_tickets_say_in_a_draft_is_no_difference_and_anything_else_is(good: Kept) -> None:
    again = await understood_again(good)
    drafts = [e.body for e in good.events(DRAFTS) if isinstance(e.body, DraftUpdated)]
    at = next(n for n, body in enumerate(drafts) if any("lead_unit" in m.fields for m in body.matters))
    linked = tuple(map(_linked, drafts[at].matters))
    change(good, DraftUpdated, DRAFTS, at, matters=linked)
    assert list(drafts_differ(good, again)) == []
    change(good, DraftUpdated, DRAFTS, at, matters=tuple(replace(m, complete=not m.complete) for m in linked))
    assert len(list(drafts_differ(good, again))) == 1


def _linked(matter: Matter) -> Matter:
    reason = "同一地点同类诉求已有2件在办，最近工单X，建议关联为群体诉求"
    fields = {n: replace(v, note=reason) if n == "lead_unit" else v for n, v in matter.fields.items()}
    return replace(matter, fields=fields, dispatch=replace(matter.dispatch, step="duplicate", reason=reason))


def kinds_of(kept: Kept) -> set[str]:
    return {event.type for topic in (CALLS, DRAFTS) for event in kept.events(topic)}
