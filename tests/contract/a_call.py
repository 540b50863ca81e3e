"""A call for store tests: its events as door, ear and stages would write them, ids derived from their place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from schemas import Body, Event
from schemas import calls as c
from schemas.draft import (
    Candidate,
    Citation,
    DispatchProposal,
    DraftUpdated,
    FieldValue,
    Matter,
    Risk,
    SlaView,
    Suggestion,
    SuggestionsOffered,
)
from schemas.ids import matter_id, output_id

T0 = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
CALL = "call-0001"


def event(body: Body, at_s: float = 0.0, call: str = CALL, n: int = 0) -> Event:
    return Event(
        id=output_id(f"{call}{body.TYPE}{at_s}{n}", "test"),
        tenant="xiaocheng",
        call=call,
        cause=None,
        at=T0 + timedelta(seconds=at_s),
        body=body,
    )


def started(agent: str | None = "8001", call: str = CALL, ani: str = "13900000001") -> Event:
    body = c.CallStarted(
        door="ws", switch="sw", source="s", legs=("caller", "agent"), codec="PCMA", rate=8000, ani=ani, agent=agent
    )
    return event(body, 0, call)


def notice(call: str = CALL) -> Event:
    return event(c.NoticeGiven(), 1, call)


def heard(n: int, text: str, call: str = CALL) -> Event:
    body = c.UtteranceHeard(
        utterance=f"{call}-utt-{n}",
        leg="caller",
        start_s=float(n),
        end_s=n + 0.9,
        first_sample=n * 8000,
        last_sample=n * 8000 + 7200,
        text=text,
        model="whisper-base-telephone",
    )
    return event(body, 2 + n, call, n)


def ended(call: str = CALL) -> Event:
    return event(c.CallEnded(reason="stopped"), 60, call)


def value(text: str, label: str = "") -> FieldValue:
    return FieldValue(value=text, label=label or text, confidence=0.8, origin="model", stage="understanding/1")


def a_matter(call: str = CALL, n: int = 0, unit: str = "u-urban", **fields: str) -> Matter:
    given = {"kind": "complaint", "category": "c-120401", "title": "夜间施工噪声", "content": "凌晨仍在施工"} | fields
    return Matter(
        id=matter_id(call, n),
        n=n,
        fields={k: value(v) for k, v in given.items() if v},
        dispatch=DispatchProposal(
            step="function",
            candidates=(
                Candidate(
                    unit=unit,
                    name="市城管局",
                    score=0.9,
                    entry="d-1",
                    entry_version=2,
                    catalogue="2026.1",
                    rule="function",
                ),
            ),
        ),
        sla=SlaView(rule="r", preset="p", sign_due="", return_due="", reply_due="2026-11-26T02:00:00.000Z", text="5天"),
        complete=True,
    )


def draft(revision: int, *matters: Matter, call: str = CALL, risks: Sequence[Risk] = ()) -> Event:
    body = DraftUpdated(
        revision=revision,
        matters=matters or (a_matter(call),),
        risks=tuple(risks),
        stage_version="understanding/1",
        snapshot=b"state",
    )
    return event(body, 10 + revision, call)


def offered(seq: int, *ids: str, call: str = CALL, basis: str = "") -> Event:
    source = Citation(article="a-1", version=2, title="施工噪声管理", source="市城管局", start=0, end=3, quote="须证明")
    given = tuple(
        Suggestion(id=i, kind="answer", text=f"答复{i}", score=0.9, citation=source, system="suggest/3", basis=basis)
        for i in ids
    )
    return event(SuggestionsOffered(seq=seq, suggestions=given), 20 + seq, call)


def whole_call(call: str = CALL, agent: str | None = "8001", ani: str = "13900000001") -> list[Event]:
    """Everything up to a draft that waits for its confirmation."""
    return [
        started(agent, call, ani),
        notice(call),
        heard(1, "工地半夜还在干活", call),
        heard(2, "还有路灯也坏了", call),
        draft(2, call=call),
        offered(1, f"{call}-s1", f"{call}-s2", call=call, basis=f"{call}-utt-1"),
        ended(call),
    ]
