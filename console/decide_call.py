"""Desk decisions on a call in progress: claim it, mend its text and fields, add or drop a matter, use a suggestion."""

from __future__ import annotations

import uuid
from datetime import datetime

import msgspec

from console.decide_city import CityFacts
from console.decide_effects import (
    AssistSet,
    CallAssigned,
    Decision,
    FieldSet,
    Line,
    MatterDone,
    MatterOpened,
    Refusal,
    SuggestionDecided,
    UtteranceMended,
)
from console.decide_fields import check, limit_of
from console.decide_known import Known, KnownCall, KnownMatter
from console.decide_label import by_machine
from console.decide_matter import effective, empty_matter, hash_of
from schemas import calls
from schemas.commands import (
    Actor,
    AddMatter,
    ClaimCall,
    CorrectUtterance,
    DecideSuggestion,
    DismissMatter,
    EditField,
    Outcome,
    SwitchAssist,
    TransferEmergency,
)
from schemas.draft import FIELDS, FieldValue, Suggestion
from schemas.ids import ROOT
from schemas.ticket import FIELD_LIMITS

MOST_MATTERS = 12  # per call
LONGEST_UTTERANCE = 2000  # characters
LONGEST_NOTE = 1000  # characters


def call_of(known: Known) -> KnownCall:
    if known.call is None:
        raise Refusal("no_such_call", "没有这通电话")
    return known.call


def own_call(known: Known, actor: Actor) -> KnownCall:
    """The call, when it is the actor's to change: its agent's, or a supervisor's."""
    call = call_of(known)
    if actor.role == "supervisor" or call.agent == actor.user:
        return call
    if not call.agent:
        raise Refusal("not_claimed", "请先接起这通电话，再作修改")
    raise Refusal("not_yours", f"这通电话由{call.agent_name or '其他坐席'}接听")


def open_matter(call: KnownCall, matter: str) -> KnownMatter:
    found = call.find(matter)
    if found is None:
        raise Refusal("no_such_matter", "这通电话没有这项诉求")
    if found.matter.closed:
        raise Refusal("closed", "该诉求已办结，不能再改")
    return found


def stale(command_id: str, held: KnownMatter, message: str) -> Decision:
    """The matter has changed since it was seen: what stands now goes back with the answer."""
    outcome = Outcome(
        command_id=command_id,
        status="stale",
        code="stale",
        message=message,
        matter=held.matter.id,
        version=held.version,
        content_hash=held.content_hash,
    )
    return Decision(outcome=outcome)


def needed(text: str, what: str, longest: int = LONGEST_NOTE) -> str:
    text = text.strip()
    if not text:
        raise Refusal("missing_text", f"请填写{what}")
    if len(text) > longest:
        raise Refusal("too_long", f"{what}最多 {longest} 字")
    return text


def claim(command: ClaimCall, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = call_of(known)
    outcome = Outcome(command_id=command.command_id, status="ok")
    if call.agent == actor.user:
        return Decision(outcome=outcome, action="claim", object=f"call:{call.id}")
    if call.agent and actor.role != "supervisor":
        raise Refusal("taken", f"{call.agent_name or '其他坐席'}已接起这通电话")
    text = f"{actor.name}接起来电" if not call.agent else f"{actor.name}从{call.agent_name}处接过来电"
    return Decision(
        outcome=outcome,
        changes=(CallAssigned(agent=actor.user, agent_name=actor.name),),
        events=(calls.AgentAssigned(agent=actor.user, by=actor.user),),
        lines=(Line(action="claimed", text=text, call=call.id, before=call.agent, after=actor.user),),
        action="claim",
        object=f"call:{call.id}",
    )


def set_field(
    matter: KnownMatter, field: str, value: FieldValue, call: str, actor: Actor, action: str = "field_edited"
) -> tuple[FieldSet, calls.FieldEdited, Line]:
    """A person's answer in one field: the change, the fact and the line of history."""
    now_stands = effective(matter.matter, {field: value})
    before = matter.matter.fields.get(field)
    shown = value.label or value.value
    change = FieldSet(
        matter=matter.matter.id,
        n=matter.matter.n,
        field=field,
        value=value,
        proposed=before.value if before is not None and before.origin in ("rule", "model") else "",
        version=matter.version + 1,
        content_hash=hash_of(now_stands),
    )
    fact = calls.FieldEdited(matter=matter.matter.id, field=field, value=value.value, label=value.label, by=actor.user)
    line = Line(
        action=action,
        text=f"{FIELDS[field]}改为「{shown}」" if shown else f"清空{FIELDS[field]}",
        before=(before.label or before.value) if before else "",
        after=shown,
        call=call,
        matter=matter.matter.id,
    )
    return change, fact, line


def edit(command: EditField, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = own_call(known, actor)
    matter = open_matter(call, command.matter)
    value, label = check(command.field, command.value, command.label, city)
    before = matter.matter.fields.get(command.field)
    # prose a person mends stays partly the machine's, and keeps naming it
    helped = command.field in FIELD_LIMITS and before is not None and by_machine(before)
    stage = (before.stage or "model") if value and helped and before is not None else ""
    answer = FieldValue(value=value, label=label, confidence=1.0, origin="human", stage=stage)
    change, fact, line = set_field(matter, command.field, answer, call.id, actor)
    return Decision(
        outcome=Outcome(
            command_id=command.command_id,
            status="ok",
            matter=matter.matter.id,
            version=change.version,
            content_hash=change.content_hash,
        ),
        changes=(change,),
        events=(fact,),
        lines=(line,),
        action="edit_field",
        object=f"matter:{matter.matter.id}",
        version=change.version,
        content_hash=change.content_hash,
    )


def correct(command: CorrectUtterance, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = own_call(known, actor)
    if command.utterance not in call.utterances:
        raise Refusal("no_such_utterance", "这通电话没有这句话")
    text = needed(command.text, "更正后的文字", LONGEST_UTTERANCE)
    before = call.utterances[command.utterance]
    return Decision(
        outcome=Outcome(command_id=command.command_id, status="ok"),
        changes=(UtteranceMended(utterance=command.utterance, text=text, by_name=actor.name),),
        events=(calls.UtteranceCorrected(utterance=command.utterance, text=text, by=actor.user),),
        lines=(Line(action="utterance_corrected", text="更正转写文字", before=before, after=text, call=call.id),),
        action="correct_utterance",
        object=f"utterance:{command.utterance}",
    )


def add(command: AddMatter, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = own_call(known, actor)
    if len(call.matters) >= MOST_MATTERS:
        raise Refusal("too_many", f"一通电话最多 {MOST_MATTERS} 项诉求")
    unknown = [u for u in command.utterances if u not in call.utterances]
    if unknown:
        raise Refusal("no_such_utterance", f"这通电话没有这句话：{unknown[0][:40]}")
    id_ = str(uuid.uuid5(ROOT, f"matter\x1f{call.id}\x1f{command.command_id}"))
    n = max((m.matter.n for m in call.matters), default=-1) + 1
    matter = empty_matter(id_, n, call.ani, tuple(dict.fromkeys(command.utterances)))
    digest = hash_of(matter)
    return Decision(
        outcome=Outcome(command_id=command.command_id, status="ok", matter=id_, version=1, content_hash=digest),
        changes=(MatterOpened(matter=matter, version=1, content_hash=digest),),
        events=(calls.MatterAdded(matter=id_, by=actor.user, utterances=matter.utterances),),
        lines=(Line(action="matter_added", text=f"新增第 {n + 1} 项诉求", call=call.id, matter=id_),),
        action="add_matter",
        object=f"matter:{id_}",
        version=1,
        content_hash=digest,
    )


def dismiss(command: DismissMatter, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = own_call(known, actor)
    matter = open_matter(call, command.matter)
    reason = needed(command.reason, "不建单的原因")
    final = msgspec.structs.replace(matter.matter, closed="dismissed")
    version = matter.version + 1
    return Decision(
        outcome=Outcome(
            command_id=command.command_id,
            status="ok",
            matter=final.id,
            version=version,
            content_hash=matter.content_hash,
        ),
        changes=(MatterDone(final=final, version=version, content_hash=matter.content_hash),),
        events=(calls.MatterClosed(matter=final.id, outcome="dismissed", by=actor.user),),
        lines=(Line(action="dismissed", text="不建单", reason=reason, call=call.id, matter=final.id),),
        action="dismiss_matter",
        object=f"matter:{final.id}",
        version=version,
        content_hash=matter.content_hash,
        reason=reason,
    )


def use_suggestion(command: DecideSuggestion, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = own_call(known, actor)
    view = call.suggestions.get(command.suggestion)
    if view is None:
        raise Refusal("no_such_suggestion", "没有这条建议")
    if view.outcome == "expired":
        raise Refusal("expired", "对话已往前走，这条建议已过期")
    if view.outcome != "shown":
        raise Refusal("already_decided", "这条建议已处理过")
    offered = view.suggestion
    if command.ms < 0:
        raise Refusal("bad_value", "用时不能为负")
    text = _used_text(command, offered)
    changes: list[FieldSet | SuggestionDecided] = [
        SuggestionDecided(
            suggestion=offered.id, outcome=command.outcome, text=text, reason=command.reason.strip(), ms=command.ms
        )
    ]
    events, lines = [], []
    outcome = Outcome(command_id=command.command_id, status="ok")
    did = {"accepted": "采纳", "edited": "修改后采纳", "rejected": "不采纳"}[command.outcome]
    lines.append(
        Line(
            action="suggestion_" + command.outcome,
            text=f"{did}建议",
            after=text,
            reason=command.reason.strip(),
            call=call.id,
            matter=command.matter,
        )
    )
    if command.matter and text:
        matter = open_matter(call, command.matter)
        answer = _answer(matter, text, offered)
        change, fact, line = set_field(matter, "answer", answer, call.id, actor)
        changes.append(change)
        events.append(fact)
        lines.append(line)
        outcome = msgspec.structs.replace(
            outcome, matter=command.matter, version=change.version, content_hash=change.content_hash
        )
    return Decision(
        outcome=outcome,
        changes=tuple(changes),
        events=tuple(events),
        lines=tuple(lines),
        action="suggestion_" + command.outcome,
        object=f"suggestion:{offered.id}",
        reason=command.reason.strip(),
    )


def _used_text(command: DecideSuggestion, offered: Suggestion) -> str:
    """What the agent used; refuses to take over in one key what no source speaks for (G03)."""
    if command.outcome == "rejected":
        return ""
    text = command.text.strip() or (offered.text if command.outcome == "accepted" else "")
    text = needed(text, "修改后的文字", limit_of("answer"))
    if command.outcome == "accepted":
        if text != offered.text.strip():
            raise Refusal("not_as_shown", "文字已改动，请按「修改后采纳」提交")
        if offered.citation is None and (command.matter or offered.kind in ("answer", "steps")):
            raise Refusal("unverified", "这条建议未经核实，没有出处，不能一键采纳；请核对并修改后再用")
    return text


def _answer(matter: KnownMatter, text: str, offered: Suggestion) -> FieldValue:
    """The answer field with the text added; keeps naming the machine that helped to write it."""
    held = matter.matter.fields.get("answer")
    before = held.value if held is not None and (held.origin == "human" or "answer" in matter.human) else ""
    whole = before if text in before else f"{before}\n{text}".strip()
    if len(whole) > limit_of("answer"):
        raise Refusal("too_long", f"「{FIELDS['answer']}」最多 {limit_of('answer')} 字")
    source = f"依据《{offered.citation.title}》第{offered.citation.version}版" if offered.citation else ""
    return FieldValue(
        value=whole, label=whole, confidence=1.0, origin="human", stage=offered.system or "suggest", note=source
    )


def switch_assist(command: SwitchAssist, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    call = own_call(known, actor)
    reason = command.reason.strip()[:LONGEST_NOTE]
    return Decision(
        outcome=Outcome(command_id=command.command_id, status="ok"),
        changes=(AssistSet(on=command.on),),
        events=(calls.AssistSwitched(on=command.on, by=actor.user, reason=reason),),
        lines=(
            Line(
                action="assist_switched",
                text="开启智能辅助" if command.on else "关闭智能辅助",
                reason=reason,
                call=call.id,
            ),
        ),
        action="assist_on" if command.on else "assist_off",
        object=f"call:{call.id}",
        reason=reason,
    )


def transfer(command: TransferEmergency, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """Any agent, any call, known or not: a life comes before ownership, models and tickets."""
    line = needed(command.line, "紧急线路号码", 20)
    if not line.replace("-", "").isdigit():
        raise Refusal("bad_value", f"紧急线路号码不对：{line}")
    note = command.note.strip()[:LONGEST_NOTE]
    heard = (calls.CallControlled(control="transfer", detail=line),) if known.call else ()
    return Decision(
        outcome=Outcome(command_id=command.command_id, status="ok"),
        events=heard,
        lines=(
            Line(action="emergency_transferred", text=f"一键转接 {line}", after=line, reason=note, call=command.call),
        ),
        action="transfer_emergency",
        object=f"call:{command.call}",
        reason=note,
    )
