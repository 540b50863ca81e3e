"""On a call in progress: who may change it, what locks, and what a suggestion may become."""

from __future__ import annotations

from typing import Any

import pytest

from console.decide import RULES, decide
from console.decide_city import initials
from console.decide_effects import CallAssigned, FieldSet, MatterDone, MatterOpened, SuggestionDecided
from console.decide_fields import is_phone
from console.decide_known import Known
from console.decide_matter import effective
from schemas import commands
from schemas.commands import (
    AddMatter,
    ClaimCall,
    CorrectUtterance,
    DecideSuggestion,
    DismissMatter,
    EditField,
    SwitchAssist,
    TransferEmergency,
)
from schemas.draft import FieldValue
from tests.unit.console.deciding import (
    ADMIN,
    AGENT,
    ANALYST,
    CITY,
    NOW,
    OTHER,
    SUPERVISOR,
    by_model,
    knowing,
    known_matter,
    matter,
    suggestion,
)

ID = "cmd-0001"


def edit(field: str, value: str, label: str = "") -> EditField:
    return EditField(command_id=ID, call="call-1", matter="m0", field=field, value=value, label=label)


def use(**changes: Any) -> DecideSuggestion:
    given: dict[str, Any] = {
        "command_id": ID,
        "call": "call-1",
        "suggestion": "s1",
        "outcome": "accepted",
        "matter": "m0",
    }
    return DecideSuggestion(**(given | changes))


def test_every_command_has_its_rule_and_nobody_else_may_give_it() -> None:
    assert set(RULES) == set(commands.AnyCommand.__args__)
    for kind, (rule, roles) in RULES.items():
        looks = {"analyst", "admin"} - ({"analyst"} if kind is commands.AcknowledgeEpisode else set())
        assert roles and not roles & looks, rule


def test_a_waiting_call_has_one_winner() -> None:
    claim = ClaimCall(command_id=ID, call="call-1")
    won = decide(claim, AGENT, knowing(agent=""), CITY, NOW)
    assert won.changes == (CallAssigned(agent="u1", agent_name="王敏"),)
    assert won.events[0].TYPE == "call.agent_assigned"
    lost = decide(claim, OTHER, knowing(agent="u1"), CITY, NOW)
    assert (lost.outcome.status, lost.outcome.code) == ("refused", "taken")
    again = decide(claim, AGENT, knowing(agent="u1"), CITY, NOW)
    assert again.outcome.status == "ok" and not again.changes
    assert decide(claim, SUPERVISOR, knowing(agent="u1"), CITY, NOW).changes


def test_a_call_must_be_taken_before_it_is_changed() -> None:
    assert decide(edit("title", "x"), AGENT, knowing(agent=""), CITY, NOW).outcome.code == "not_claimed"
    assert decide(edit("title", "x"), OTHER, knowing(), CITY, NOW).outcome.code == "not_yours"
    assert decide(edit("title", "x"), AGENT, Known(), CITY, NOW).outcome.code == "no_such_call"


def test_an_edit_locks_the_field_and_gives_the_matter_its_next_version() -> None:
    decision = decide(edit("contact_phone", "139 0000 0002"), AGENT, knowing(), CITY, NOW)
    change = decision.changes[0]
    assert isinstance(change, FieldSet)
    assert (change.value.value, change.value.origin, change.version) == ("13900000002", "human", 4)
    assert decision.outcome.content_hash == change.content_hash != known_matter().content_hash
    assert (decision.events[0].field, decision.events[0].value) == ("contact_phone", "13900000002")


def test_a_machine_proposal_never_covers_a_human_answer_not_even_an_empty_one() -> None:
    human = {
        "title": FieldValue(value="人写的", label="人写的", confidence=1, origin="human"),
        "district": FieldValue(value="", label="", confidence=1, origin="human"),
    }
    stands = effective(matter(fields={"title": by_model("机器写的"), "district": by_model("p-01")}), human)
    assert stands.fields["title"].value == "人写的" and stands.fields["district"].value == ""


def test_names_of_codes_come_from_the_city() -> None:
    def label(field: str, value: str) -> str:
        change = decide(edit(field, value), AGENT, knowing(), CITY, NOW).changes[0]
        assert isinstance(change, FieldSet)
        return f"{change.value.value} {change.value.label}"

    assert label("category", "c-1204") == "c-1204 噪音扰民"
    assert label("district", "澄湖区") == "p-01 澄湖区"
    assert label("kind", "report") == "report 举报"
    assert label("lead_unit", "u-police") == "u-police 市公安局"
    assert label("street", "新街") == "新街 新街"  # streets grow faster than gazetteers


@pytest.mark.g04
def test_prose_a_person_mends_still_names_the_machine_and_plain_values_do_not() -> None:
    def stage(field: str, value: str) -> str:
        change = decide(edit(field, value), AGENT, knowing(), CITY, NOW).changes[0]
        assert isinstance(change, FieldSet)
        return change.value.stage

    assert stage("content", "工地凌晨三点仍在施工，影响休息。") == "understanding/1"
    assert stage("district", "澄湖区") == ""
    assert stage("content", "") == ""


def test_a_person_mends_what_was_heard() -> None:
    decision = decide(
        CorrectUtterance(command_id=ID, call="call-1", utterance="utt-1", text="工地半夜还在施工"),
        AGENT,
        knowing(),
        CITY,
        NOW,
    )
    assert decision.events[0].text == "工地半夜还在施工"
    assert (decision.lines[0].before, decision.lines[0].after) == ("工地半夜还在干活", "工地半夜还在施工")
    wrong = CorrectUtterance(command_id=ID, call="call-1", utterance="utt-9", text="x")
    assert decide(wrong, AGENT, knowing(), CITY, NOW).outcome.code == "no_such_utterance"


def test_one_more_matter_takes_its_utterances_along() -> None:
    decision = decide(AddMatter(command_id=ID, call="call-1", utterances=("utt-2",)), AGENT, knowing(), CITY, NOW)
    change = decision.changes[0]
    assert isinstance(change, MatterOpened)
    assert (change.matter.n, change.matter.utterances) == (1, ("utt-2",))
    assert decision.outcome.matter == change.matter.id == decision.events[0].matter
    assert change.matter.fields["calling_number"].value == "13900000001"
    many = [known_matter(matter(f"m{n}", n)) for n in range(12)]
    assert decide(AddMatter(command_id=ID, call="call-1"), AGENT, knowing(*many), CITY, NOW).outcome.code == "too_many"


@pytest.mark.g02
def test_no_ticket_is_a_persons_word_too_and_needs_a_reason() -> None:
    silent = DismissMatter(command_id=ID, call="call-1", matter="m0", reason=" ")
    assert decide(silent, AGENT, knowing(), CITY, NOW).outcome.code == "missing_text"
    said = DismissMatter(command_id=ID, call="call-1", matter="m0", reason="诉求人挂断，无内容")
    change = decide(said, AGENT, knowing(), CITY, NOW).changes[0]
    assert isinstance(change, MatterDone) and change.final.closed == "dismissed" and not change.ticket


@pytest.mark.g03
def test_a_cited_suggestion_goes_into_the_answer_with_its_source() -> None:
    decision = decide(use(ms=1800), AGENT, knowing(), CITY, NOW)
    decided, field = decision.changes
    assert isinstance(decided, SuggestionDecided) and (decided.outcome, decided.ms) == ("accepted", 1800)
    assert isinstance(field, FieldSet) and field.field == "answer"
    assert field.value.stage == "suggest/3" and "建筑施工噪声管理" in field.value.note


@pytest.mark.g03
@pytest.mark.parametrize("into", ["m0", ""])
def test_a_suggestion_without_a_source_is_not_taken_over_in_one_key(into: str) -> None:
    decision = decide(use(suggestion="s2", matter=into), AGENT, knowing(), CITY, NOW)
    assert (decision.outcome.status, decision.outcome.code) == ("refused", "unverified")
    assert not decision.changes and decision.action == "refused"


@pytest.mark.g03
def test_a_person_may_rewrite_what_has_no_source_and_may_ask_a_proposed_question() -> None:
    mended = decide(use(suggestion="s2", outcome="edited", text="核实过的答复"), AGENT, knowing(), CITY, NOW)
    assert mended.outcome.status == "ok" and mended.events[0].value == "核实过的答复"
    asking = knowing(suggestions={"q": suggestion("q", cited=False, kind="question", text="在哪条路上？")})
    assert decide(use(suggestion="q", matter=""), AGENT, asking, CITY, NOW).outcome.status == "ok"
    assert decide(use(suggestion="q"), AGENT, asking, CITY, NOW).outcome.code == "unverified"


def test_accepting_other_words_than_were_shown_is_no_acceptance() -> None:
    assert decide(use(text="另外的话"), AGENT, knowing(), CITY, NOW).outcome.code == "not_as_shown"


def test_a_second_suggestion_is_added_below_the_first() -> None:
    held = known_matter(human={"answer": FieldValue(value="先说的", label="先说的", confidence=1, origin="human")})
    field = decide(use(), AGENT, knowing(held), CITY, NOW).changes[1]
    assert isinstance(field, FieldSet) and field.value.value == "先说的\n夜间施工须有证明。"


@pytest.mark.parametrize(("state", "code"), [("expired", "expired"), ("rejected", "already_decided")])
def test_a_suggestion_is_decided_once_and_in_time(state: Any, code: str) -> None:
    import msgspec

    past = msgspec.structs.replace(suggestion(), outcome=state)
    assert decide(use(), AGENT, knowing(suggestions={"s1": past}), CITY, NOW).outcome.code == code


@pytest.mark.g08
def test_the_assistant_is_switched_off_by_a_person() -> None:
    decision = decide(
        SwitchAssist(command_id=ID, call="call-1", on=False, reason="诉求人要求"), AGENT, knowing(), CITY, NOW
    )
    assert decision.events[0].TYPE == "call.assist_switched" and decision.events[0].on is False


def test_an_emergency_is_transferred_without_ticket_model_or_even_a_known_call() -> None:
    command = TransferEmergency(command_id=ID, call="call-9", line="119", note="燃气泄漏")
    for known in (Known(), knowing(agent="u2"), knowing(agent="")):
        decision = decide(command, AGENT, known, CITY, NOW)
        assert decision.outcome.status == "ok"
        assert decision.lines[0].text == "一键转接 119" and decision.action == "transfer_emergency"
    assert (
        decide(TransferEmergency(command_id=ID, call="c", line="rm -rf"), AGENT, Known(), CITY, NOW).outcome.code
        == "bad_value"
    )


@pytest.mark.parametrize("who", [ANALYST, ADMIN])
def test_those_who_do_not_speak_with_callers_decide_nothing(who: Any) -> None:
    for command in (edit("title", "x"), use(), ClaimCall(command_id=ID, call="call-1")):
        assert decide(command, who, knowing(), CITY, NOW).outcome.code == "forbidden"


@pytest.mark.parametrize(
    "number",
    ["13900000001", "0588-6161001", "05886161001-802", "400-800-1234", "12345", "95598", "+85223456789", "6161001"],
)
def test_numbers_that_can_be_dialled(number: str) -> None:
    assert is_phone(number)


@pytest.mark.parametrize("number", ["1390000000", "139000000011", "12", "abc", "0", "1390000000x"])
def test_numbers_that_can_not(number: str) -> None:
    assert not is_phone(number)


@pytest.mark.parametrize(("name", "prefix"), [("yunlan", "YL"), ("beijing", "BJ"), ("xian", "X"), ("guangzhou", "GZ")])
def test_ticket_numbers_begin_with_the_citys_initials(name: str, prefix: str) -> None:
    assert initials(name) == prefix
