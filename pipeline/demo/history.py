"""Demo history: a year of made-up tickets before the demo's first call, each marked synthetic. Same seed, same year."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec

from console.decide_city import CityFacts, SlaAsk
from console.decide_states import state_of_new
from console.decide_time import iso
from pipeline.demo import history_people as said
from pipeline.demo.history_life import Life, live
from pipeline.demo.history_shape import Call, HotSpot, calls_of, second_of_day
from pipeline.store.history_load import MadeTicket, has_synthetic, load_made
from pipeline.store.people import user_id
from pipeline.store.sql_store import SqlStore
from routing.city.index import CityIndex
from schemas.catalogue import CityPack, DutyEntry, Unit
from schemas.draft import Candidate, DispatchProposal, FieldValue
from schemas.ids import ROOT
from schemas.ticket import KIND_NAMES, URGENCY_NAMES, Ticket

MARK = "演示数据：由程序生成，不是真实来电"  # label of every made-up ticket, in lists and exports
DAYS = 365
_STEPS = ("special", "place", "function", "default")  # order in which rules of the duty list speak


class Familiar(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has called before, so that his number brings up earlier tickets when it rings."""

    number: str  # calling number
    category: str = ""  # what about, a leaf's code; "" = whatever people call about
    place: str = ""  # where, code of a street; "" = anywhere
    times: int = 2  # tickets in the last months


async def seed_history(
    store: SqlStore,
    city: CityPack,
    until: datetime,
    seed: int = 12345,
    n: int = 20_000,
    familiar: Sequence[Familiar] = (),
) -> int:
    """Fills the year before the day of `until`; returns how many tickets it wrote, 0 when the year is there already."""
    if n <= 0 or await store.read(has_synthetic):
        return 0
    facts = store.house.facts
    made = await asyncio.to_thread(lambda: list(make_history(facts, CityIndex(city), until, seed, n, familiar)))
    await store.write(lambda tx: load_made(tx, made))
    return len(made)


def make_history(
    facts: CityFacts, city: CityIndex, until: datetime, seed: int, n: int, familiar: Sequence[Familiar] = ()
) -> Iterator[MadeTicket]:
    """The tickets in their order, ending the day before `until`."""
    dice = random.Random(seed)
    end = until.astimezone(city.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = (end - timedelta(days=DAYS)).date()
    people = said.callers(city, max(50, n * 2 // 3), dice)
    often = dice.sample(people, max(5, len(people) // 200))
    coming: list[tuple[datetime, Call, said.Caller]] = []

    def comes(call: Call, caller: said.Caller) -> None:
        midnight = datetime.combine(call.day, datetime.min.time(), city.zone)
        coming.append((midnight + timedelta(seconds=second_of_day(call.category.name, dice)), call, caller))

    for call in calls_of(city, first, DAYS, n, dice):
        comes(call, dice.choice(often if dice.random() < 0.06 else people))
    for known in familiar:
        caller = msgspec.structs.replace(said.callers(city, 1, dice)[0], number=known.number)
        for _ in range(known.times):
            comes(_earlier_call(city, known, end.date() - timedelta(days=dice.randrange(3, 120)), dice), caller)
    coming.sort(key=lambda c: c[0])
    serial, day = 0, None
    for at, call, caller in coming:
        serial = serial + 1 if at.date() == day else 1
        day = at.date()
        number = f"{facts.prefix}{day:%Y%m%d}-{serial:06d}"
        yield _ticket(facts, city, call, at, caller, number, until, dice)


def _earlier_call(city: CityIndex, known: Familiar, day: date, dice: random.Random) -> Call:
    category = city.category(known.category) or dice.choice(city.leaves())
    district = city.district(known.place)
    if district is None:
        return Call(day=day, category=category, hot=None)
    here = HotSpot(category=category.code, district=district.code, street=known.place, first=day, days=1, share=0.0)
    return Call(day=day, category=category, hot=here)


def _ticket(
    facts: CityFacts,
    city: CityIndex,
    call: Call,
    at: datetime,
    caller: said.Caller,
    number: str,
    until: datetime,
    dice: random.Random,
) -> MadeTicket:
    examples = call.category.examples or (call.category.name,)
    example = dice.choice(examples)
    kind = said.kind_of(example, dice)
    district = call.hot.district if call.hot else caller.district
    streets = [p for p in city.children(district) if p.level == "street"]
    street = city.place(call.hot.street) if call.hot else (dice.choice(streets) if streets else None)
    place = said.place_of(city, street, dice)
    where = "".join(p.name for p in (city.place(district), street, place) if p)
    urgency = dice.choices(("normal", "urgent", "critical"), (93, 6, 1))[0]
    mode = _mode(kind, urgency, dice)
    proposal, candidates = _proposal(city, call.category.code, district, example, at, dice)
    lead = candidates[0] if candidates else None
    changed = bool(mode == "forward" and len(candidates) > 1 and dice.random() < 0.085)
    if changed:
        lead = dice.choice(candidates[1:])
    if mode == "forward" and lead is None:
        lead = next((u for u in (city.government(district),) if u), None)
        mode = mode if lead else "direct"
    words = {
        "kind": (kind, KIND_NAMES[kind]),
        "category": (call.category.code, call.category.name),
        "title": (t := said.title_of(place, call.category, kind), t),
        "content": (c := said.content_of(example, where, kind, dice), c),
        "demand": (d := said.demand_of(c), d),
        "caller_name": (caller.name, caller.name),
        "gender": (caller.gender, caller.gender),
        "calling_number": (caller.number, caller.number),
        "contact_phone": (caller.number, caller.number),
        "district": (district, p.name if (p := city.place(district)) else ""),
        "street": (street.code, street.name) if street else ("", ""),
        "incident_place": (where, where),
        "urgency": (urgency, URGENCY_NAMES[urgency]),
        "handling_mode": (mode, {"direct": "直接答复", "forward": "转办", "told": "告知"}[mode]),
        "lead_unit": (lead.code, lead.short) if lead and mode == "forward" else ("", ""),
        "answer": (a := said.answer_of(kind), a) if mode != "forward" else ("", ""),
    }
    fields = {
        name: FieldValue(value=v, label=label, confidence=1.0, origin="human")
        for name, (v, label) in words.items()
        if v
    }
    agent = dice.choice(said.AGENTS)
    sla = facts.sla
    unit = lead.code if lead and mode == "forward" else ""
    ask = SlaAsk(kind=kind, urgency=urgency, category=call.category.code, unit=unit, at=at)
    ticket = Ticket(
        id=str(uuid.uuid5(ROOT, f"synthetic\x1f{city.pack.manifest.name}\x1f{number}")),
        ticket_no=number,
        tenant=facts.tenant,
        call=None,
        matter="",
        version=1,
        state=state_of_new(mode, None),  # type: ignore[arg-type]
        handling_mode=mode,  # type: ignore[arg-type]
        fields=fields,
        lead_unit=unit,
        lead_unit_name=lead.short if lead and unit else "",
        proposal=proposal if mode == "forward" else None,
        sla=sla(ask) if sla and unit else None,
        confirmed_by=user_id(f"synthetic:{agent}"),
        confirmed_hash="",
        created_at=iso(at),
        updated_at=iso(at),
        machine={"lead_unit": candidates[0].code} if changed else {},
        label=MARK,
        synthetic=True,
    )
    routing = "" if mode != "forward" or not candidates else "changed" if changed else "agreed"
    others = [u for u in candidates if u.code != unit]
    life: Life = live(ticket, agent, at, until, others, routing, dice)
    return MadeTicket(ticket=life.ticket, confirmed_by_name=agent, routing=life.routing, history=life.history)


def _mode(kind: str, urgency: str, dice: random.Random) -> str:
    """How the desk handled it: most questions are answered at once, most troubles go to a unit."""
    if urgency != "normal":
        return "forward"
    direct = {"consult": 0.88, "help": 0.3, "complaint": 0.2, "report": 0.12, "suggestion": 0.35, "praise": 0.7}[kind]
    roll = dice.random()
    if roll < direct:
        return "direct"
    return "told" if roll > 0.985 else "forward"


def _proposal(
    city: CityIndex, category: str, district: str, example: str, at: datetime, dice: random.Random
) -> tuple[DispatchProposal, list[Unit]]:
    """What the duty list of that day says, best first, as the machine would have shown it."""
    if dice.random() < 0.03:
        return DispatchProposal(step="abstain", abstained=True, reason="依据不足，请派单员判断"), []
    lines = [
        line
        for line in city.duty_lines_for(category, at.date())
        if line.district in (None, district)
        and (not line.any_words or any(w in example for w in line.any_words))
        and not any(w in example for w in line.not_words)
    ]
    lines.sort(key=lambda line: (-len(line.category), _STEPS.index(line.rule)))
    found: dict[str, tuple[Unit, DutyEntry, float]] = {}
    for line in lines:
        for notation, score in ((line.lead, 0.93), *((co, 0.55) for co in line.co)):
            unit = city.resolve(notation, district)
            if unit is not None and unit.kind not in ("outside", "emergency") and unit.code not in found:
                found[unit.code] = (unit, line, score * 0.9 ** len(found) - dice.random() * 0.05)
    best = sorted(list(found.values())[:3], key=lambda f: -f[2])
    candidates = tuple(
        Candidate(
            unit=unit.code,
            name=unit.short,
            score=round(score, 3),
            entry=line.id,
            entry_version=line.version,
            catalogue=city.pack.manifest.version,
            rule=line.rule,
            reasons=(
                f"派单目录 {line.id} 第 {line.version} 版：{line.basis}" if line.basis else f"派单目录 {line.id}",
            ),
            return_risk=round(dice.random() * 0.2, 3),
        )
        for unit, line, score in best
    )
    if not candidates:
        return DispatchProposal(step="abstain", abstained=True, reason="派单目录没有对应条目"), []
    return DispatchProposal(step=best[0][1].rule, candidates=candidates), [unit for unit, _, _ in best]


def describe(made: MadeTicket) -> bytes:
    """A made-up ticket as bytes: the same for the same seed."""
    return msgspec.json.encode(made, order="deterministic")
