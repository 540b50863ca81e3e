"""One matter as a draft: each field family asked in turn, a person's answers laid over, then dispatch and gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from agents.caller import Caller
from agents.city import City
from agents.extract import kind as kinds
from agents.extract import narrative
from agents.extract.address import Address
from agents.extract.amount import amount
from agents.extract.answering import of_the_matter
from agents.extract.circumstances import is_repeat
from agents.extract.crowd import households, is_group
from agents.extract.persons import vulnerable_group
from agents.extract.respondent import respondent
from agents.extract.topic import category, expected
from agents.extract.when import event_time
from agents.extract.wish import demand
from agents.feeling import emotion
from agents.hints import hinted
from agents.lines import evidence
from agents.matters import Split
from agents.required import missing, question
from agents.risks import alarms
from agents.state import CallState, Lock
from agents.summary import facts, summary, worded
from routing.dispatch import Case, Said, dispatch
from routing.duplicates import EarlierTicket, find_duplicate
from routing.sla import NoLimit, due
from schemas.catalogue import EmergencyRule, RefusalRule
from schemas.draft import DispatchProposal, Evidence, FieldValue, Matter, SlaView
from schemas.ticket import URGENCY_NAMES

SAID = 300  # characters of the caller's words that are held against earlier tickets
HANDLING = {"direct": "直办", "forward": "转办", "told": "告知"}


def matter(
    split: Split,
    caller: Caller,
    place: Address,
    state: CallState,
    city: City,
    earlier: Sequence[EarlierTicket],
    version: str,
) -> Matter:
    """The draft of one matter: by these arguments alone, of `state` its beginning and what persons did to it."""
    now = state.started.astimezone(city.index.zone)
    locks = state.locks.get(split.id, {})
    fields: dict[str, FieldValue | None] = dict(caller.fields)
    _circumstances(fields, split, now, city)
    for name in ("district", "street", "community", "incident_place"):
        fields[name] = getattr(place, name)
    found = alarms(split.readings, city.emergencies)
    dangers = [(a.rule, evidence(r.line, a.hit.start, a.hit.end)) for a, r in found]
    chosen, considered = category(split.readings, dangers, city, locks.get("category"))
    refusal = _refusal(split, city)
    if refusal is not None and chosen is not None and chosen.origin == "model" and not chosen.evidence:
        chosen, considered = None, ()  # the city's categories hold no such matter; one was only guessed
    fields["category"] = chosen
    prior = (
        {"help": 2.0}
        if any(a.rule.urgency == "critical" for a, _ in found)
        else expected(chosen.value, city, chosen.confidence)
        if chosen
        else {}
    )
    fields["kind"] = kinds.kind(split.readings, prior, chosen is not None, city.ear)
    kind = _value("kind", fields, locks)
    danger = next((a.rule.label for a, _ in found if a.rule.urgency == "critical"), "")
    kept = _story(fields, split, kind, place, chosen, danger, locks, city)
    fields["amount"] = amount(split.readings)
    fields["urgency"] = _urgency(dangers, bool(kept))
    case = Case(
        categories=considered,
        place=_place_code(place, locks),
        said=tuple(
            Said(r.line.id, r.line.leg, r.line.text, r.line.start_s)  # type: ignore[arg-type]
            for r in split.readings
            if r.line.caller
        ),
        day=now.date(),
        alarm=next((a.rule for a, _ in found if a.rule.urgency == "critical"), None),
        refusal=refusal,
        duplicate=find_duplicate(
            earlier,
            frozenset(p for p in (state.ani, _value("contact_phone", fields, locks)) if p),
            _value("category", fields, locks),
            _places(place, city),
            state.started,
            text="，".join(r.line.text for r in split.readings if r.line.caller)[:SAID],
            kin=_kin(_value("category", fields, locks), city),
            street=street.code if (street := city.index.place_above(place.place, "street")) else "",
        ),
        firm="category" in locks and bool(locks["category"].value),
        returns=city.returns,
    )
    proposal = (
        dispatch(city.index, case)
        if split.readings or case.firm
        else DispatchProposal(step="abstain", abstained=True, reason="还没有听到诉求")
    )
    if "title" not in fields and kept:
        text = f"反映{refusal.label}" if refusal else kept[0].text[:24]
        fields["title"] = FieldValue(value=text, label=text, confidence=0.4, origin="rule")
    _handle(fields, kind, proposal, city)
    done = hinted(_laid_over(fields, locks, version), fields, locks, state.utterances)
    kind, code, handling = (done[f].value if f in done else "" for f in ("kind", "category", "handling_mode"))
    told = facts(of_the_matter(split.readings), place, city.gazetteer, done.get("event_time"))
    done |= {n: replace(done[n], value=t, label=t) for n, t in worded(done, told).items() if n not in locks and t}
    lacking = missing(done, kind, code, proposal, handling)
    return Matter(
        id=split.id,
        n=split.n,
        fields=done,
        dispatch=proposal,
        sla=_sla(city, kind, done, state),
        missing=lacking,
        question="" if handling == "told" else question(done, lacking, kind, code, caller.asked),
        complete=not lacking,
        closed=state.closed.get(split.id, ""),
        utterances=tuple(r.line.id for r in split.readings),
        summary=summary(done, told, split.readings, lacking),
    )


def _circumstances(fields: dict[str, FieldValue | None], split: Split, now: datetime, city: City) -> None:
    fields["vulnerable_group"] = vulnerable_group(split.readings)
    fields["is_group"] = is_group(split.readings)
    fields["households"] = homes = households(split.readings)
    if homes is not None and fields["is_group"] is None and float(homes.value) >= 5:
        fields["is_group"] = replace(homes, value="yes", label="是", note="由涉及户数推得")
    fields["is_repeat"] = is_repeat(split.readings, city.earlier_calls)
    fields["emotion"] = emotion(split.readings)
    fields["event_time"] = event_time(split.readings, now)


def _story(
    fields: dict[str, FieldValue | None],
    split: Split,
    kind: str,
    place: Address,
    chosen: FieldValue | None,
    danger: str,
    locks: Mapping[str, Lock],
    city: City,
) -> list[narrative.Clause]:
    kept = narrative.clauses(of_the_matter(split.readings), place.misheard)
    code = _value("category", {"category": chosen}, locks)
    hits = {r.line.id: city.categories.words_for(code, r.category.hits) for r in split.readings if r.category}
    fields["content"] = narrative.content(kept)
    fields["cause"] = narrative.cause(kept, [float(len(hits.get(k.line.id, ()))) for k in kept])
    fields["course"] = narrative.course(kept)
    fields["demand"] = demand(kept, kind, city.wishes, place.misheard)
    fields["respondent"] = respondent(split.readings, kind, city.gazetteer, place.place, city.respondents)
    node = city.index.category(code)
    if kept and node is not None:
        gist = danger or narrative.gist(kept, hits, node.name)
        whom = locks["respondent"].label or locks["respondent"].value if "respondent" in locks else ""
        whom = whom or (fields["respondent"].label if fields["respondent"] else "")
        text = narrative.title(kind, place.name, gist, node.name, whom, fields["content"])
        words_said = chosen.evidence if chosen else ()
        fields["title"] = FieldValue(value=text, label=text, confidence=0.7, origin="rule", evidence=words_said[:3])
    return kept


def _urgency(found: Sequence[tuple[EmergencyRule, Evidence]], heard: bool) -> FieldValue | None:
    if found:
        rule, words = found[0]
        note = "、".join(dict.fromkeys(r.label for r, _ in found))
        return FieldValue(
            value=rule.urgency,
            label=URGENCY_NAMES[rule.urgency],
            confidence=0.95,
            origin="rule",
            evidence=(words,),
            note=note,
        )
    if not heard:
        return None
    return FieldValue(value="normal", label=URGENCY_NAMES["normal"], confidence=0.8, origin="rule")


def _refusal(split: Split, city: City) -> RefusalRule | None:
    """A refusal needs to be what the call is about: its words fall where the matter is told."""
    for reading in split.readings:
        for rule_id, _ in reading.refusals:
            return city.refusals.rules[rule_id]
    return None


def _handle(fields: dict[str, FieldValue | None], kind: str, proposal: DispatchProposal, city: City) -> None:
    told = proposal.step == "not_accepted"
    sent = bool(proposal.candidates) and not proposal.abstained
    handling = "told" if told else "direct" if kind == "consult" or (kind == "praise" and not sent) else "forward"
    if not kind and not told:
        return
    fields["handling_mode"] = FieldValue(
        value=handling, label=HANDLING[handling], confidence=0.7, origin="rule", note=proposal.reason if told else ""
    )
    if not sent:
        return
    first = proposal.candidates[0]
    fields["lead_unit"] = FieldValue(
        value=first.unit,
        label=first.name,
        confidence=first.score,
        origin="rule",
        evidence=first.words,
        note=proposal.reason,
    )
    if first.co_units:
        names = "、".join(u.name for c in first.co_units if (u := city.index.unit(c)) is not None)
        fields["co_units"] = FieldValue(
            value=",".join(first.co_units), label=names, confidence=first.score, origin="rule"
        )


def _laid_over(
    fields: Mapping[str, FieldValue | None], locks: Mapping[str, Lock], version: str
) -> dict[str, FieldValue]:
    """The machine's fields under the person's: what a person set or cleared stands."""
    done = {name: replace(value, stage=version) for name, value in fields.items() if value is not None}
    for name, lock in locks.items():
        if lock.value:
            done[name] = FieldValue(
                value=lock.value,
                label=lock.label or lock.value,
                confidence=1.0,
                origin="human",
                note=f"人工填写：{lock.by}",
            )
        else:
            done[name] = FieldValue(value="", label="", confidence=1.0, origin="human", note=f"人工清空：{lock.by}")
    return done


def _value(name: str, fields: Mapping[str, FieldValue | None], locks: Mapping[str, Lock]) -> str:
    if name in locks:
        return locks[name].value
    value = fields.get(name)
    return value.value if value else ""


def _place_code(place: Address, locks: Mapping[str, Lock]) -> str | None:
    for level in ("community", "street", "district"):
        if level in locks and locks[level].value:
            return locks[level].value
    return place.place


def _places(place: Address, city: City) -> frozenset[str]:
    """The codes and names by which a place goes, too coarse ones left out."""
    if place.place is None:
        return frozenset()
    line = [c for c in city.gazetteer.line(place.place) if city.gazetteer.places[c].level != "district"]
    return frozenset(line) | frozenset(
        city.gazetteer.places[c].name for c in line if city.gazetteer.places[c].level != "street"
    )


def _kin(code: str, city: City) -> frozenset[str]:
    """The categories of the same class."""
    path = city.index.category_path(code)
    return frozenset(c.code for c in city.index.subcategories(path[1].code)) if len(path) > 1 else frozenset()


def _sla(city: City, kind: str, done: Mapping[str, FieldValue], state: CallState) -> SlaView | None:
    if not kind or "category" not in done:
        return None
    urgency = done["urgency"].value if "urgency" in done else "normal"
    try:
        limits = due(city.index, kind, urgency, city.index.topic(done["category"].value), state.started)
    except NoLimit:
        return None
    return SlaView(
        rule=limits.rule_id,
        preset=limits.preset,
        sign_due=limits.sign_due.isoformat(),
        return_due=limits.return_due.isoformat(),
        reply_due=limits.reply_due.isoformat(),
        text=limits.text,
    )
