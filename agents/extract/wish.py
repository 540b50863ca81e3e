"""What the caller wants done or wants to know: the clauses of his lines that ask for it, his last word on it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import beside_the_matter
from agents.extract.narrative import Clause
from agents.extract.wish_words import ASKS, CLOSES, ORDERS, QUERY, SEEKS, TELL, TOLD, WONDERS
from agents.lines import evidence
from schemas.draft import FieldValue


def demand(kept: Sequence[Clause], kind: str) -> FieldValue | None:
    """What the caller asks to be done: his last word on it. Praise asks for nothing."""
    if kind == "praise":
        return None
    own = [
        k
        for k in kept
        if not CLOSES.search(k.text) and not CLOSES.search(k.line.text) and not beside_the_matter(k.text)
    ]
    strong = WONDERS if kind == "consult" else ASKS
    pattern, asked = strong, [k for k in own if strong.search(k.text)]
    if not asked:
        pattern = TELL if kind == "consult" else ORDERS
        asked = [k for k in own if pattern.search(k.text)]
    if not asked:
        pattern = QUERY if kind == "consult" else SEEKS
        asked = [k for k in own if (k.telling.asks if kind == "consult" else k.telling.wants)]
    if not asked:
        return None
    last = asked[-1]
    parts = [p for p in re.split(r"[，。]", last.text) if p]
    first = next((i for i, p in enumerate(parts) if pattern.search(p)), 0)
    if (found := pattern.search(parts[first])) and (told := TOLD.match(parts[first][: found.start()])):
        parts[first] = parts[first][told.end() :]
    text = "，".join(parts[first : first + 3])[:200]
    return FieldValue(
        value=text, label=text, confidence=0.65, origin="rule", evidence=(evidence(last.line, 0, len(last.line.text)),)
    )
