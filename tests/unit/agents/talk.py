"""A call as a test tells it: one line per utterance, caller and agent by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agents.build import build_stages
from agents.city import City
from agents.lines import line
from agents.reading import Reading
from agents.state import Utterance
from schemas import Event, calls
from schemas.draft import DraftUpdated, Matter

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday, noon in the city


def readings(city: City, *lines: str) -> list[Reading]:
    """Readings of "来电：…" and "坐席：…" lines."""
    found = []
    for at, told in enumerate(lines):
        who, _, text = told.partition("：")
        leg = {"来电": "caller", "坐席": "agent", "混音": "mixed"}[who]
        utterance = Utterance(f"u{at}", leg, text, float(at * 4), True)  # type: ignore[arg-type]
        found.append(city.reader.read(line(at, utterance), NOON.astimezone(city.index.zone)))
    return found


def stream(*lines: str, ani: str = "", call: str = "call", told: bool = True) -> list[Event]:
    """The call's events; a line "event" is none, so pass bodies through `after`."""
    made: list[Event] = []

    def add(body: object, seconds: float) -> None:
        at = NOON + timedelta(seconds=seconds)
        made.append(Event(id=f"{call}-{len(made)}", tenant="yunlan", call=call, cause=None, at=at, body=body))

    add(
        calls.CallStarted(
            door="ws", switch="s", source=call, legs=("caller", "agent"), codec="PCMA", rate=8000, ani=ani
        ),
        0,
    )
    if told:
        add(calls.NoticeGiven(), 1)
    for n, told_line in enumerate(lines):
        who, _, text = told_line.partition("：")
        leg = {"来电": "caller", "坐席": "agent"}[who]
        add(
            calls.UtteranceHeard(
                utterance=f"{call}-u{n}",
                leg=leg,  # type: ignore[arg-type]
                start_s=2.0 + 4 * n,
                end_s=5.0 + 4 * n,
                first_sample=n,
                last_sample=n + 1,
                text=text,
            ),
            5.0 + 4 * n,
        )
    return made


def event(n: int, body: object, call: str = "call") -> Event:
    """One more event of the call."""
    return Event(
        id=f"{call}-x{n}", tenant="yunlan", call=call, cause=None, at=NOON + timedelta(minutes=5 + n), body=body
    )


async def draft(city: City, events: list[Event]) -> DraftUpdated:
    """The draft after the last of the events."""
    understanding = build_stages(city.index.pack, city=city)[0]
    last: DraftUpdated | None = None
    for each in events:
        for output in await understanding(each):
            if isinstance(output.body, DraftUpdated):
                last = output.body
    assert last is not None
    return last


async def matter(city: City, *lines: str, ani: str = "") -> Matter:
    """The only matter of a call."""
    (only,) = (await draft(city, stream(*lines, ani=ani))).matters
    return only
