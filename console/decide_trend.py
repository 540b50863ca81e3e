"""Desk decisions on an episode (苗头): a supervisor or analyst has seen it and says what becomes of it."""

from __future__ import annotations

from datetime import datetime

from console.decide_city import CityFacts
from console.decide_effects import Decision, EpisodeSeen, Refusal
from console.decide_known import Known
from schemas.commands import AcknowledgeEpisode, Actor, Outcome

LONGEST_NOTE = 500  # characters


def acknowledge(command: AcknowledgeEpisode, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """Only what was looked at is acknowledged: when it has become graver meanwhile, it is shown again first."""
    episode = known.episode
    if episode is None:
        raise Refusal("no_such_episode", "没有这条苗头预警")
    note = command.note.strip()
    if len(note) > LONGEST_NOTE:
        raise Refusal("bad_value", f"处置说明最多{LONGEST_NOTE}字")
    if command.severity != episode.severity:
        outcome = Outcome(
            command_id=command.command_id,
            status="stale",
            code="stale",
            message="预警级别已变化，请看过最新内容后再确认",
            version=episode.revision,
        )
        return Decision(outcome=outcome)
    if episode.seen_severity == episode.severity and not note:
        raise Refusal("wrong_state", f"{episode.seen_by}已确认")
    return Decision(
        outcome=Outcome(command_id=command.command_id, status="ok", version=episode.revision),
        changes=(EpisodeSeen(episode=episode.id, severity=episode.severity, by_name=actor.name, note=note),),
        action="acknowledge_episode",
        object=f"episode:{episode.id}",
        version=episode.revision,
        reason=note,
    )
