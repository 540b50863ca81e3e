"""Deciding, for tests: a small city, people, and a call as it may stand when somebody decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console.decide_city import CategoryFact, CityFacts, PlaceFact, UnitFact
from console.decide_known import Known, KnownCall, KnownMatter
from console.decide_matter import effective, hash_of
from schemas.commands import Actor
from schemas.desk import SuggestionView
from schemas.draft import Candidate, Citation, DispatchProposal, FieldValue, Matter, SlaView, Suggestion

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
CITY = CityFacts(
    tenant="xiaocheng",
    zone="Asia/Shanghai",
    prefix="XC",
    version="2026.1",
    units={
        "u-urban": UnitFact(name="市城管局", takes_tickets=True),
        "u-ecology": UnitFact(name="市生态环境局", takes_tickets=True),
        "u-police": UnitFact(name="市公安局", takes_tickets=True),
        "u-court": UnitFact(name="市法院", takes_tickets=False),
    },
    categories={
        "c-12": CategoryFact(name="城市管理", path=("c-12",)),
        "c-1204": CategoryFact(name="噪音扰民", path=("c-12", "c-1204")),
        "c-120401": CategoryFact(name="施工噪声", path=("c-12", "c-1204", "c-120401")),
    },
    places={
        "p-01": PlaceFact(name="澄湖区", level="district", parent=None),
        "p-0101": PlaceFact(name="湖滨街道", level="street", parent="p-01"),
    },
)
AGENT = Actor(user="u1", login="wangmin", name="王敏", role="agent", extension="8001")
OTHER = Actor(user="u2", login="lilei", name="李雷", role="agent", extension="8002")
SUPERVISOR = Actor(user="u3", login="zhao", name="赵主任", role="supervisor")
ANALYST = Actor(user="u4", login="qian", name="钱析", role="analyst")
ADMIN = Actor(user="u5", login="root", name="孙管", role="admin")
SLA = SlaView(
    rule="r1",
    preset="demo",
    sign_due="2026-11-21T06:30:00.000Z",
    return_due="",
    reply_due="2026-11-26T02:30:00.000Z",
    text="5天",
)


def by_model(value: str, label: str = "") -> FieldValue:
    return FieldValue(value=value, label=label or value, confidence=0.8, origin="model", stage="understanding/1")


def candidate(unit: str, name: str, score: float = 0.9) -> Candidate:
    return Candidate(
        unit=unit, name=name, score=score, entry="d-1", entry_version=2, catalogue="2026.1", rule="function"
    )


FIELDS = {
    "kind": by_model("complaint", "投诉"),
    "category": by_model("c-120401", "施工噪声"),
    "title": by_model("湖滨街道夜间施工噪声"),
    "content": by_model("工地凌晨两点仍在施工，影响休息。"),
    "district": by_model("p-01", "澄湖区"),
    "calling_number": FieldValue(value="13900000001", label="13900000001", confidence=1.0, origin="call"),
}
PROPOSAL = DispatchProposal(
    step="function", candidates=(candidate("u-urban", "市城管局"), candidate("u-ecology", "市生态环境局", 0.4))
)


def matter(id_: str = "m0", n: int = 0, **changes: Any) -> Matter:
    given: dict[str, Any] = {"fields": FIELDS, "dispatch": PROPOSAL, "sla": SLA, "missing": (), "complete": True}
    return Matter(id=id_, n=n, **(given | changes))


def known_matter(
    machine: Matter | None = None, human: dict[str, FieldValue] | None = None, version: int = 3
) -> KnownMatter:
    proposed = machine or matter()
    stands = effective(proposed, human or {})
    return KnownMatter(
        matter=stands, machine=proposed.fields, human=human or {}, version=version, content_hash=hash_of(stands)
    )


def suggestion(
    id_: str = "s1", cited: bool = True, kind: Any = "answer", text: str = "夜间施工须有证明。"
) -> SuggestionView:
    source = Citation(article="a-1", version=2, title="建筑施工噪声管理", source="市城管局", start=0, end=9, quote=text)
    return SuggestionView(
        suggestion=Suggestion(
            id=id_,
            kind=kind,
            text=text,
            score=0.9,
            citation=source if cited else None,
            verified=cited,
            system="suggest/3",
        )
    )


def call(*matters: KnownMatter, agent: str = "u1", **changes: Any) -> KnownCall:
    given: dict[str, Any] = {
        "id": "call-1",
        "agent": agent,
        "agent_name": {"": "", "u1": "王敏", "u2": "李雷"}[agent],
        "ani": "13900000001",
        "assist": True,
        "matters": matters or (known_matter(),),
        "utterances": {"utt-1": "工地半夜还在干活", "utt-2": "还有路灯也坏了"},
        "suggestions": {"s1": suggestion(), "s2": suggestion("s2", cited=False)},
        "systems": ("understanding/1", "whisper-base-telephone"),
    }
    return KnownCall(**(given | changes))


def knowing(*matters: KnownMatter, serial: int = 12, agent: str = "u1", **changes: Any) -> Known:
    return Known(call=call(*matters, agent=agent, **changes), serial=serial)
