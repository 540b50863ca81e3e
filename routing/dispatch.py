"""Where a matter should go: the decision order from life safety to abstention, with every reason in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from routing.city.index import CityIndex
from routing.duplicates import Duplicate
from routing.duty import Bench, Ruling, bench
from routing.returns import Returns
from schemas.audio import Leg
from schemas.catalogue import EmergencyRule, RefusalRule
from schemas.draft import Candidate, DispatchProposal, DispatchStep, Evidence

TOP = 3
WORTH = 0.02  # belief under which a rival is not worth a line
ABSTAIN = 0.25  # share of the best category under which no unit is proposed
WEIGHT = {"special": 1.0, "place": 0.95, "function": 0.92, "default": 0.7}  # how firmly a rule names its unit
BEATEN = 0.35  # what a line that lost against a stronger one still counts
RULE_NAMES = {"special": "特别规则", "place": "属地规则", "function": "职能规则", "default": "类别兜底"}


class Said(msgspec.Struct, frozen=True):
    """A line of the caller that belongs to the matter."""

    utterance: str
    leg: Leg
    text: str
    at_s: float


class Considered(msgspec.Struct, frozen=True):
    """A category with its share of belief, and the keywords that speak for it."""

    code: str
    share: float  # 0..1
    words: tuple[Evidence, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """All that a dispatch is decided from. Nothing of the caller's person is in it."""

    categories: tuple[Considered, ...]  # best first
    place: str | None  # code of the finest place known
    said: tuple[Said, ...]
    day: date  # of the call, in the city's zone
    alarm: EmergencyRule | None = None  # the gravest life-safety rule that fired
    refusal: RefusalRule | None = None
    duplicate: Duplicate | None = None
    firm: bool = False  # the category was set by a person
    returns: Returns | None = None  # what became of tickets sent before


def dispatch(index: CityIndex, case: Case) -> DispatchProposal:
    """The proposal for a matter; a person decides."""
    if case.refusal is not None and case.alarm is None:
        return DispatchProposal(
            step="not_accepted",
            channel=case.refusal.channel,
            reason=f"属于不予受理情形：{case.refusal.label}，请告知正确渠道",
        )
    if not case.categories:
        return _abstain("还听不出诉求内容", case)
    candidates, first, conflict, place_needed = _candidates(index, case)
    if not candidates or first is None:
        return _abstain("需要先问清事发区县" if place_needed else "派单目录没有适用的条目，请派单员判断", case)
    if case.categories[0].share < ABSTAIN and not case.firm:
        name = index.category(case.categories[0].code)
        about = f"（最接近“{name.name}”）" if name else ""
        proposal = _abstain(f"诉求分类把握不足{about}，请派单员判断", case)
        return msgspec.structs.replace(proposal, candidates=candidates)
    step: DispatchStep = first.line.rule
    reason = candidates[0].reasons[0]
    if case.duplicate is not None:
        step, reason = "duplicate", case.duplicate.sentence
    if case.alarm is not None:
        step = "life_safety"
        line = f"，请先转{case.alarm.line}" if case.alarm.line else ""
        reason = f"涉及生命财产安全（{case.alarm.label}）{line}，工单同时派出"
    link = case.duplicate.link if case.duplicate else None
    return DispatchProposal(step=step, candidates=candidates, conflict=conflict, reason=reason, earlier=link)


def _abstain(reason: str, case: Case) -> DispatchProposal:
    step: DispatchStep = "abstain"
    if case.alarm is not None:
        line = f"，请立即转{case.alarm.line}" if case.alarm.line else ""
        step, reason = "life_safety", f"涉及生命财产安全（{case.alarm.label}）{line}；{reason}"
    return DispatchProposal(step=step, abstained=True, reason=reason)


def _candidates(index: CityIndex, case: Case) -> tuple[tuple[Candidate, ...], Ruling | None, str, bool]:
    """Up to three units by their share of belief; the deciding ruling; the conflict in words; whether a place lacks."""
    texts = [s.text for s in case.said]
    total = sum(c.share for c in case.categories) or 1.0
    belief: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, Ruling, Considered, Bench]] = {}
    first: Ruling | None = None
    conflict, place_needed = "", False
    for n, considered in enumerate(case.categories):
        found = bench(index, considered.code, case.place, texts, case.day)
        if n == 0:
            first = found.rulings[0] if found.rulings else None
            conflict, place_needed = _conflict(found.rulings), found.place_needed
        for i, ruling in enumerate(found.rulings[:3]):
            part = considered.share / total * WEIGHT[ruling.line.rule] * (1.0 if i == 0 else BEATEN**i)
            belief[ruling.lead.code] += part
            if ruling.lead.code not in best or part > best[ruling.lead.code][0]:
                best[ruling.lead.code] = (part, ruling, considered, found)
    if first is None:
        return (), None, conflict, place_needed
    first = _received(case, first, best, conflict)
    # What the list decides for the likeliest category leads; belief orders the rest.
    order = sorted(belief, key=lambda u: (u != first.lead.code, -belief[u], u))[:TOP]
    order = [u for u in order if u == first.lead.code or belief[u] >= WORTH]
    made = tuple(_candidate(index, case, best[u], min(1.0, belief[u]), conflict, u == order[0]) for u in order)
    return made, first, conflict, place_needed


def _received(
    case: Case, first: Ruling, best: Mapping[str, tuple[float, Ruling, Considered, Bench]], conflict: str
) -> Ruling:
    """首接负责: while two sides have a claim, the unit that already has this matter goes on leading it."""
    if case.duplicate is None or not conflict:
        return first
    held = best.get(case.duplicate.ticket.lead_unit)
    return held[1] if held is not None else first


def _conflict(rulings: Sequence[Ruling]) -> str:
    """属地 against 职能, when both speak and differ."""
    place = next((r for r in rulings if r.line.rule == "place"), None)
    function = next((r for r in rulings if r.line.rule == "function"), None)
    if place is None or function is None or place.lead.code == function.lead.code:
        return ""
    sides = f"属地为{place.lead.short}（{place.line.id}），职能为{function.lead.short}（{function.line.id}）"
    return f"属地与职能不一致：{sides}"


def _candidate(
    index: CityIndex,
    case: Case,
    ground: tuple[float, Ruling, Considered, Bench],
    score: float,
    conflict: str,
    leads: bool,
) -> Candidate:
    _, ruling, considered, _ = ground
    line = ruling.line
    return Candidate(
        unit=ruling.lead.code,
        name=ruling.lead.name,
        score=round(score, 3),
        entry=line.id,
        entry_version=line.version,
        catalogue=index.pack.manifest.version,
        rule=line.rule,
        words=(*_words(case.said, ruling.words), *considered.words)[:5],
        co_units=tuple(u.code for u in ruling.co),
        reasons=_reasons(index, case, ruling, considered, conflict if leads else ""),
        return_risk=_return_risk(case, ruling, considered, bool(conflict)),
    )


def _reasons(index: CityIndex, case: Case, ruling: Ruling, considered: Considered, conflict: str) -> tuple[str, ...]:
    line = ruling.line
    path = " > ".join(node.name for node in index.category_path(considered.code))
    reasons = [f"派单目录{line.id}第{line.version}版：{RULE_NAMES[line.rule]}，由{ruling.lead.short}主办"]
    reasons.append(f"诉求分类：{path}" + ("（人工确定）" if case.firm else f"（把握{considered.share:.0%}）"))
    if ruling.words:
        reasons.append("命中条目用语：" + "、".join(ruling.words[:4]))
    if case.place and (district := index.district(case.place)) and (line.lead == "@district" or line.district):
        reasons.append(f"事发地在{district.name}")
    if line.basis:
        reasons.append(f"依据：{line.basis}")
    if line.note:
        reasons.append(line.note)
    if conflict:
        reasons.append(conflict)
        if case.duplicate is not None and case.duplicate.ticket.lead_unit == ruling.lead.code:
            reasons.append(f"首接负责：{case.duplicate.ticket.ticket_no}已由{ruling.lead.short}受理")
    if case.returns is not None and (past := case.returns.sentence(ruling.lead.code, considered.code)):
        reasons.append(past)
    return tuple(reasons)


def _words(said: Sequence[Said], words: Sequence[str]) -> list[Evidence]:
    found = []
    for word in words:
        for s in said:
            if (at := s.text.find(word)) >= 0:
                found.append(
                    Evidence(utterance=s.utterance, leg=s.leg, start=at, end=at + len(word), text=word, at_s=s.at_s)
                )
                break
    return found


def _return_risk(case: Case, ruling: Ruling, considered: Considered, conflict: bool) -> float:
    """How likely it comes back: unsure category, a general line, two sides with a claim, no place, the past."""
    risk = 0.05 + 0.35 * (0.0 if case.firm else 1 - considered.share)
    risk += 0.2 * (ruling.line.rule == "default") + 0.15 * conflict + 0.1 * (case.place is None)
    risk -= 0.05 * (ruling.line.rule == "special")
    risk = max(0.02, min(0.95, risk))
    if case.returns is not None:
        risk = case.returns.risk(ruling.lead.code, considered.code, ruling.line.id, risk)
    return round(risk, 3)
