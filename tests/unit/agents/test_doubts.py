"""Danger told in words no rule knows: a question for the agent, never an alarm."""

from __future__ import annotations

import pytest

from agents.build import build_stages
from agents.city import City
from schemas.draft import AlertRaised
from tests.unit.agents.talk import draft, stream

TOLD = "来电：楼道里全是烟，我们下不去了"
CHAT = (
    "来电：就是在三号楼这边",
    "坐席：好的",
    "来电：我姓王",
    "来电：你们快点",
    "来电：好",
    "来电：行",
    "来电：谢谢你啊",
)


async def alerts(city: City, *lines: str) -> list[AlertRaised]:
    understanding = build_stages(city.index.pack, city=city)[0]
    made = [out.body for event in stream(*lines) for out in await understanding(event)]
    return [body for body in made if isinstance(body, AlertRaised)]


async def test_a_doubt_stands_in_the_draft_with_the_words_it_rests_on(city: City) -> None:
    (doubt,) = (await draft(city, stream(TOLD))).risks
    assert doubt.urgency == "warning" and doubt.label.startswith("疑似")
    assert doubt.rule.startswith("doubt/") and doubt.line == ""
    assert doubt.evidence[0].text in TOLD


async def test_a_doubt_alarms_nobody_and_leaves_the_urgency_alone(city: City) -> None:
    assert await alerts(city, TOLD) == []
    fields = (await draft(city, stream(TOLD))).matters[0].fields
    assert "urgency" not in fields or fields["urgency"].value != "critical"


async def test_a_doubt_fades_when_the_caller_speaks_of_other_things(city: City) -> None:
    assert (await draft(city, stream(TOLD, *CHAT[:2]))).risks
    assert (await draft(city, stream(TOLD, *CHAT))).risks == ()


async def test_words_of_a_rule_take_the_place_of_the_doubt(city: City) -> None:
    after = await draft(city, stream(TOLD, "来电：着火了着火了我们楼下着火了"))
    assert [risk.urgency for risk in after.risks] == ["critical"]
    assert len(await alerts(city, TOLD, "来电：着火了着火了我们楼下着火了")) == 1


@pytest.mark.parametrize(
    "line", ["坐席：楼道里全是烟，我们下不去了", "来电：嗯", "来电：我想问一下公积金怎么提取", "来电：没有煤气味"]
)
async def test_the_agents_own_words_and_small_talk_raise_none(city: City, line: str) -> None:
    assert (await draft(city, stream(line))).risks == ()
