"""Reasons for the banner: emergency rules over all the caller said in this call."""

from __future__ import annotations

from collections.abc import Sequence

from agents.lines import evidence
from agents.reading import Reading
from routing.danger import Doubt
from routing.emergency import Alarm, Emergencies
from schemas.draft import Risk

GRAVITY = {"critical": 0, "urgent": 1}
FRESH = 6  # newest lines of the caller in which a doubt stands; then it fades


def alarms(readings: Sequence[Reading], emergencies: Emergencies) -> list[tuple[Alarm, Reading]]:
    """Rules that fire, gravest first, each with the reading whose words set it off."""
    caller = [r for r in readings if r.line.caller]
    if not any(r.triggers for r in caller):
        return []
    found = emergencies.alarms([r.triggers for r in caller], [r.companions for r in caller])
    return sorted(((a, caller[a.text]) for a in found), key=lambda f: (GRAVITY[f[0].rule.urgency], f[0].text))


def risks(found: Sequence[tuple[Alarm, Reading]]) -> tuple[Risk, ...]:
    """The alarms as the desk shows them, one per label."""
    made: dict[str, Risk] = {}
    for alarm, reading in found:
        rule = alarm.rule
        if any(m.line == rule.line and m.evidence[0].utterance == reading.line.id for m in made.values()):
            continue  # the same words, the same line to call: one banner
        words = evidence(reading.line, alarm.hit.start, alarm.hit.end)
        made.setdefault(
            rule.label,
            Risk(
                rule=rule.id,
                urgency=rule.urgency,
                label=rule.label,
                line=rule.line,
                advice=rule.advice,
                evidence=(words,),
            ),
        )
    return tuple(made.values())


def doubts(readings: Sequence[Reading], found: Sequence[tuple[Alarm, Reading]]) -> tuple[Risk, ...]:
    """What sounds like danger to life but in no rule's words: the strongest of late, for the agent to ask about.

    Beside an alarm there is none: the agent has been told to act.
    """
    if any(alarm.rule.urgency == "critical" for alarm, _ in found):
        return ()
    caller = [r for r in readings if r.line.caller][-FRESH:]
    open_ = [(r.doubt, r) for r in caller if r.doubt]
    if not open_:
        return ()
    doubt, reading = max(open_, key=_strength)
    return (
        Risk(
            rule=f"doubt/{doubt.rule.id}",
            urgency="warning",
            label=f"疑似{doubt.rule.label}",
            advice="请向来电人确认是否有人身危险",
            evidence=(evidence(reading.line, 0, len(reading.line.text)),),
        ),
    )


def _strength(pair: tuple[Doubt, Reading]) -> float:
    return pair[0].margin
