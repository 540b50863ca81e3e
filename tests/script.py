"""A call as events, one after the other, as door, ear and stages would write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import calls, draft, ids
from schemas.event import Body, Event
from schemas.topics import CALLS, DRAFTS, SUGGESTIONS

STARTED = datetime(2026, 11, 21, 1, 59, tzinfo=UTC)


def evidence(utterance: str, text: str) -> tuple[draft.Evidence, ...]:
    return (draft.Evidence(utterance=utterance, leg="caller", start=0, end=len(text), text=text, at_s=1.0),)


class Script:
    """Events of one call; `topic_of` says where each belongs."""

    def __init__(self, source: str = "source-1", agent: str | None = None, ani: str = "13800001111") -> None:
        self.call = ids.call_id("ws", source)
        self.matter = ids.matter_id(self.call, 0)
        self.at = STARTED
        self._n = 0
        self._agent = agent
        self._ani = ani

    def event(self, body: Body) -> Event:
        self._n += 1
        self.at += timedelta(seconds=1)
        return Event(
            id=ids.output_id(self.call, "script", self._n),
            tenant="yunlan",
            call=self.call,
            cause=None,
            at=self.at,
            body=body,
        )

    def start(self) -> list[Event]:
        started = calls.CallStarted(
            door="ws",
            switch="pbx",
            source="s",
            legs=("caller", "agent"),
            codec="PCMA",
            rate=8000,
            ani=self._ani,
            agent=self._agent,
        )
        return [self.event(started), self.event(calls.NoticeGiven())]

    def say(self, text: str, leg: Any = "caller", start_s: float = 1.0) -> Event:
        name = ids.utterance_id(self.call, leg, int(start_s * 8000), int(start_s * 8000) + 8000, "test-ear")
        return self.event(
            calls.UtteranceHeard(
                utterance=name,
                leg=leg,
                start_s=start_s,
                end_s=start_s + 1.0,
                first_sample=int(start_s * 8000),
                last_sample=int(start_s * 8000) + 8000,
                text=text,
                model="test-ear",
            )
        )

    def draft(self, heard: Event, revision: int, **fields: tuple[str, str]) -> Event:
        """The whole draft: field → (value, label), each with the utterance as evidence."""
        filled = {
            name: draft.FieldValue(
                value=value,
                label=label,
                confidence=0.9,
                origin="rule",
                stage="understanding",
                evidence=evidence(heard.body.utterance, heard.body.text),
            )
            for name, (value, label) in fields.items()
        }
        matter = draft.Matter(
            id=self.matter,
            n=0,
            fields=filled,
            dispatch=draft.DispatchProposal(step="abstain", abstained=True, reason="测试"),
        )
        return self.event(draft.DraftUpdated(revision=revision, matters=(matter,), stage_version="understanding 1"))

    def suggest(self, text: str, seq: int = 1) -> Event:
        offered = draft.Suggestion(
            id=ids.output_id(self.call, "suggest", seq),
            kind="answer",
            text=text,
            score=0.9,
            citation=draft.Citation(
                article="a-1", version=1, title="条例", source="市政府", start=0, end=2, quote="引文"
            ),
            verified=True,
            matter=self.matter,
            system="bm25 1",
        )
        return self.event(draft.SuggestionsOffered(seq=seq, suggestions=(offered,)))

    def end(self) -> list[Event]:
        return [self.event(calls.CallEnded(reason="stopped")), self.event(calls.CallHeard(utterances=1))]


def topic_of(event: Event) -> str:
    return {draft.DraftUpdated: DRAFTS, draft.SuggestionsOffered: SUGGESTIONS}.get(type(event.body), CALLS)
