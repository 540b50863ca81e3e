"""Golden calls: a script in (who says what when), the outcome the stages reach out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agents.stage import Stage
from schemas import Event, calls
from schemas.draft import AlertRaised, DraftUpdated, SuggestionsOffered
from schemas.ids import utterance_id

CALLS = Path(__file__).parent / "calls"


def script_names() -> list[str]:
    return sorted(p.stem for p in CALLS.glob("*.jsonl"))


def events(path: Path) -> list[Event]:
    """The events of the call's stream as door and ear would write them."""
    head, *lines = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    at, call = datetime.fromisoformat(head["at"]), head["call"]
    made: list[Event] = []

    def add(body: Any, seconds: float) -> None:
        made.append(
            Event(
                id=f"{call}-{len(made)}",
                tenant="yunlan",
                call=call,
                cause=None,
                at=at + timedelta(seconds=seconds),
                body=body,
            )
        )

    started = calls.CallStarted(
        door="ws", switch="test", source=call, legs=("caller", "agent"), codec="PCMA", rate=8000, ani=head["ani"]
    )
    add(started, 0)
    add(calls.NoticeGiven(), 0.5)
    for line in lines:
        start, end = line["start"], line["start"] + 0.25 * len(line["text"])
        first, last = int(start * 8000), int(end * 8000)
        add(
            calls.UtteranceHeard(
                utterance=utterance_id(call, line["leg"], first, last, "script"),
                leg=line["leg"],
                start_s=start,
                end_s=end,
                first_sample=first,
                last_sample=last,
                text=line["text"],
                model="script",
            ),
            end,
        )
    add(calls.CallEnded(reason="stopped"), lines[-1]["start"] + 10)
    return made


async def play(stages: Sequence[Stage], stream: Sequence[Event]) -> list[Event]:
    """All outputs of understanding and suggest over a call, in order."""
    understanding, suggest = stages
    outputs: list[Event] = []
    for event in stream:
        for output in await understanding(event):
            outputs.append(output)
            if output.type == DraftUpdated.TYPE:
                outputs += await suggest(output)
    return outputs


def outcome(outputs: Sequence[Event]) -> dict[str, Any]:
    """What a reviewer wants to see of a call."""
    draft = next(o.body for o in reversed(outputs) if isinstance(o.body, DraftUpdated))
    offers = [s for o in outputs if isinstance(o.body, SuggestionsOffered) for s in o.body.suggestions]
    return {
        "matters": [
            {
                "fields": {n: f.value if n not in _SHOWN else f.label for n, f in sorted(m.fields.items())},
                "step": m.dispatch.step,
                "entry": m.dispatch.candidates[0].entry if m.dispatch.candidates else "",
                "conflict": m.dispatch.conflict,
                "limit": m.sla.text if m.sla else "",
                "missing": list(m.missing),
                "complete": m.complete,
            }
            for m in draft.matters
        ],
        "risks": [f"{r.urgency} {r.label}" for r in draft.risks],
        "alerts": [o.body.label for o in outputs if isinstance(o.body, AlertRaised)],
        "cited": list(dict.fromkeys(s.citation.article for s in offers if s.kind == "answer" and s.citation)),
    }


_SHOWN = frozenset(("category", "district", "street", "community", "lead_unit", "co_units"))
