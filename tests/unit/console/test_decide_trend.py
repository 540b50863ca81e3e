"""An episode is acknowledged by whom it concerns, as it was shown, and once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from console.decide import decide
from console.decide_effects import EpisodeSeen
from console.decide_known import Known
from schemas.commands import AcknowledgeEpisode
from schemas.trends import EpisodeView
from tests.unit.console.deciding import AGENT, ANALYST, CITY, NOW, SUPERVISOR

EPISODE = EpisodeView(
    id="e1", revision=4, scope="place", severity="hot", kind="c-1204", kind_name="噪音扰民", district="p-01",
    street="p-0101", place="湖滨小区", where="澄湖区湖滨街道湖滨小区", title="热点：噪音扰民", reason="", window="24h", callers=6,
    count=7, expected=0.2, opened_at="", last_at="", risen_at="", closed=False,
)  # fmt: skip


def acknowledge(actor: Any = ANALYST, episode: EpisodeView | None = EPISODE, **changes: Any) -> Any:
    given = {"command_id": "cmd-0001", "episode": "e1", "severity": "hot"} | changes
    return decide(AcknowledgeEpisode(**given), actor, Known(episode=episode), CITY, NOW)


@pytest.mark.parametrize("actor", [ANALYST, SUPERVISOR])
def test_supervisor_and_analyst_acknowledge_and_it_is_audited(actor: Any) -> None:
    made = acknowledge(actor, note=" 已转办 ")
    assert made.changes == (EpisodeSeen(episode="e1", severity="hot", by_name=actor.name, note="已转办"),)
    assert (made.action, made.object, made.outcome.status) == ("acknowledge_episode", "episode:e1", "ok")


def test_agents_may_not_and_what_is_not_there_can_not() -> None:
    assert acknowledge(AGENT).outcome.code == "forbidden"
    assert acknowledge(episode=None).outcome.code == "no_such_episode"
    assert acknowledge(note="长" * 501).outcome.code == "bad_value"


def test_a_graver_episode_is_shown_first_and_the_same_one_not_acknowledged_twice() -> None:
    assert acknowledge(severity="ordinary").outcome.status == "stale"
    seen = msgspec.structs.replace(EPISODE, seen_by="赵主任", seen_severity="hot")
    assert acknowledge(episode=seen).outcome.code == "wrong_state"
    assert acknowledge(episode=seen, note="已到现场").outcome.status == "ok"
    risen = msgspec.structs.replace(EPISODE, seen_by="赵主任", seen_severity="ordinary")
    assert acknowledge(episode=risen).outcome.status == "ok"
