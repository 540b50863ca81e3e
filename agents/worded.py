"""Suggestions, where generated phrasing is on: the cited passages in plain words, below the passages themselves."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from agents.phrasing import Writer, phrase
from schemas.draft import DraftUpdated, Suggestion
from schemas.ids import output_id

PERSONAL = ("caller_name", "contact_phone", "calling_number", "incident_place", "community", "respondent")
ANSWERS = frozenset(("answer", "steps"))


class Worded:
    """Asks the writer once per answer on offer; what it says stands below the passages, marked as generated."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._last: dict[str, tuple[str, Suggestion | None]] = {}  # call → what was on offer, what was written for it

    async def beside(self, call: str, draft: DraftUpdated, offered: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
        """The suggestions, with a generated one after the passages it rests on."""
        cited = [s for s in offered if s.kind in ANSWERS and s.citation is not None]
        if not cited:
            return tuple(offered)
        key = " ".join(s.id for s in cited)
        if self._last.get(call, ("", None))[0] != key:
            self._last[call] = key, await self._written(draft, cited)
        made = self._last[call][1]
        if made is None:
            return tuple(offered)
        at = max(offered.index(s) for s in cited) + 1
        return (*offered[:at], made, *offered[at:])

    def forget(self, call: str) -> None:
        """Drops what is remembered of a call."""
        self._last.pop(call, None)

    async def _written(self, draft: DraftUpdated, cited: Sequence[Suggestion]) -> Suggestion | None:
        asked = next((said.text for said in draft.recent if said.utterance == cited[0].basis), "")
        fields = [m.fields[name] for m in draft.matters for name in PERSONAL if name in m.fields]
        personal = tuple(value for field in fields for value in (field.value, field.label))
        quotes = [s.citation.quote for s in cited if s.citation is not None]
        found = await phrase(self._writer, asked or cited[0].text[:60], quotes, personal)
        if found is None:
            return None
        source = cited[found.passage]
        return msgspec.structs.replace(
            source,
            id=output_id(source.id, f"worded/{found.text}"),
            kind="answer",
            text=found.text,
            verified=False,
            generated=True,
            parts=(),
            system=f"phrasing/1.0 {self._writer.name}",
        )
