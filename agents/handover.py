"""The running note for whoever takes a call over, another agent or the supervisor: what stands and what is open."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.draft import Evidence, Feeling, Matter, Risk, Sentence, Span
from schemas.ticket import KIND_NAMES

LONGEST = 160  # characters of a sentence
MOST = 24  # sentences
_CARRIED = ("told", "promised")


def handover(matters: Sequence[Matter], dangers: Sequence[Risk], feeling: Feeling | None) -> tuple[Sentence, ...]:
    """The note. Dangers first, then each matter with its wish and what was answered, the feeling, what is still open.

    Each sentence carries the words it rests on; one that names what is lacking rests on none and is not sure.
    """
    made = [_danger(r) for r in dangers]
    who = next((s for m in matters for s in m.summary if s.part == "caller"), None)
    if who is not None:
        made.append(Sentence(part="caller", text=f"来电人：{who.text}", spans=who.spans, sure=who.sure))
    for matter in matters:
        made += _matter(matter, len(matters) > 1)
    if feeling is not None and feeling.peaks and feeling.text != "情绪平稳":
        made.append(Sentence(part="feeling", text=f"情绪：{feeling.text}", spans=_spans(feeling.peaks)))
    return tuple(made[:MOST])


def _danger(risk: Risk) -> Sentence:
    text = risk.label + (f"，应转{risk.line}" if risk.line else "")
    sure = risk.urgency != "warning"
    return Sentence(
        part="danger", text=text if sure else f"{text}（待确认）", spans=_spans(risk.evidence[:2]), sure=sure
    )


def _spans(words: Sequence[Evidence]) -> tuple[Span, ...]:
    return tuple(Span(utterance=e.utterance, start=e.start, end=e.end) for e in words)


def _matter(matter: Matter, several: bool) -> list[Sentence]:
    parts = {s.part: s for s in matter.summary if s.part not in _CARRIED}
    story = parts.get("cause") or parts.get("course")
    if story is None and "wish" not in parts:
        return []
    head = f"诉求{matter.n + 1}" if several else "诉求"
    kind = matter.fields.get("kind")
    head += f"（{KIND_NAMES[kind.value]}）" if kind is not None and kind.value in KIND_NAMES else ""
    place = parts.get("place")
    told = "，".join(s.text for s in (place, story) if s is not None)
    spans = tuple(span for s in (place, story) if s is not None for span in s.spans)
    closed = "，已办结" if matter.closed else ""
    sure = place is None or place.sure
    made = [Sentence(part="cause", text=_short(f"{head}：{told}{closed}"), spans=spans, sure=sure)]
    if "wish" in parts:
        made.append(Sentence(part="wish", text=_short(f"要求：{parts['wish'].text}"), spans=parts["wish"].spans))
    for sentence in matter.summary:
        if sentence.part in _CARRIED:
            word = "已答应" if sentence.part == "promised" else "已告知"
            made.append(Sentence(part=sentence.part, text=_short(f"{word}：{sentence.text}"), spans=sentence.spans))
    if "open" in parts and not matter.closed:
        ask = f"；可问：{matter.question}" if matter.question else ""
        made.append(Sentence(part="open", text=_short(f"待办：{parts['open'].text}{ask}"), sure=False))
    return made


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
