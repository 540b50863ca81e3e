"""Made-up calls: a whole talk about one, two or three matters, put together from one pool of words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from pipeline.calls import times
from pipeline.calls.figures import amount, homes, phone, phone_slots
from pipeline.calls.made import MadeCall, Reference, Script, Split
from pipeline.calls.people import name_slots
from pipeline.calls.places import Places, Spot
from pipeline.calls.style import Style
from pipeline.calls.words import Family, Words, words

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # calls are dated from here on
SPAN_DAYS = 240
FIRST = ("hello",)


class Talker:
    """Makes up one call at a time; the same seed and number make the same call."""

    def __init__(self, places: Places, split: Split, zone: ZoneInfo, area_code: str) -> None:
        self._places, self._split, self._zone, self._area = places, split, zone, area_code
        self._pool: Words = words(split)

    def call(self, seed: int, n: int) -> MadeCall:
        """Call number `n`."""
        rng = Random(f"{self._split}/{seed}/{n}")
        return _Call(self, rng, f"made-{self._split}-{seed}-{n:05d}").whole()


class _Call:
    """One call while it is being put together."""

    def __init__(self, talker: Talker, rng: Random, name: str) -> None:
        self.rng, self.name, self.split = rng, name, talker._split
        self.pool, self.places, self.area = talker._pool, talker._places, talker._area
        self.style = Style.draw(rng)
        at = BEGIN + timedelta(days=rng.randrange(SPAN_DAYS), minutes=rng.randrange(11 * 60))
        self.at = at.astimezone(talker._zone)
        self.now = self.at.replace(tzinfo=None)
        self.script = Script()
        self.ani = phone(rng)
        self.matters: list[dict[str, str]] = []
        self.told: list[dict[str, int]] = []
        self.name_told: dict[str, str] = {}

    def whole(self) -> MadeCall:
        """The call with its reference."""
        talk, rng = self.pool.talk, self.rng
        self.agent(rng.choice(talk.agent_open))
        for n, family in enumerate(self._families()):
            self._matter(n, family)
        self._person()
        self.agent(rng.choice(talk.noted))
        self.caller(rng.choice(talk.bye))
        self.agent(rng.choice(talk.agent_bye))
        return MadeCall(
            name=self.name,
            file=f"{self.name}.wav",
            turns=tuple(self.script.turns),
            reference=Reference(matters=tuple(self.matters), told=tuple(self.told)),
            calling_number=self.ani,
            at=self.at.isoformat(),
        )

    def agent(self, text: str) -> int:
        return self.script.say("agent", self.style.plain(text))

    def caller(self, text: str, lead: str = "") -> int:
        return self.script.say("caller", self.style.plain(lead) + self.style.dress(text, self.pool.talk, self.rng))

    def _families(self) -> list[Family]:
        rng = self.rng
        draw = rng.random()
        many = 1 if draw < 0.75 else 2 if draw < 0.93 else 3
        chosen: list[Family] = []
        while len(chosen) < many:
            family = rng.choice(self.pool.families)
            if all(family.category[:4] != c.category[:4] for c in chosen) and (family.kind != "praise" or many == 1):
                chosen.append(family)
        return chosen

    def _matter(self, n: int, family: Family) -> None:
        rng, talk = self.rng, self.pool.talk
        slots, wanted, told = self._slots(family, n)
        self.matters.append(wanted)
        self.told.append(told)
        said: set[str] = set()

        def tell(line: str, lead: str = "") -> int:
            turn = self.caller(line.format_map(slots), lead)
            for slot in ("place", "since", "amount", "body", "door"):
                if "{" + slot + "}" in line:
                    said.add(slot)
                    told[slot] = turn
            if "每" in line or "准时" in line:
                said.add("often")
            return turn

        if n == 0:
            lead = rng.choice(talk.hello) + (rng.choice(talk.restarts) if rng.random() < 0.15 else "")
        else:
            lead = rng.choice(talk.another)
            if rng.random() < 0.5:
                self.agent(rng.choice(talk.ask_more))
        told["kind"] = told["category"] = tell(rng.choice(family.open), lead)
        if rng.random() < 0.5:
            self.agent(rng.choice(talk.reassure))
        for line in rng.sample(family.more, rng.randrange(1, len(family.more) + 1)):
            tell(line)
        if rng.random() < 0.25:
            self.caller(rng.choice(talk.aside) + "。")
        self._when(slots, said, told, family)
        if family.where != "none":
            self._where(family, slots, said, told, n)
        self._many_and_again(family, wanted, told, n)
        if family.want:
            line = rng.choice(family.want)
            told["demand"] = self.caller(line + "。")
            wanted["demand"] = line
        if rng.random() < 0.2:
            self.caller(rng.choice(talk.tempers) + "。")
        self._settle(family, slots, said, wanted, told)

    def _slots(self, family: Family, n: int) -> tuple[dict[str, str], dict[str, str], dict[str, int]]:
        rng = self.rng
        spot = self.places.draw(family.where, self.style.row, rng)
        self.spot: Spot = spot
        self.sum, said_sum = amount(rng)
        self.since = times.began(self.now, self.split, rng)
        slots = {
            **spot.slots, "amount": said_sum, "since": self.since[0], "body": rng.choice(family.body or ("",)),
        }  # fmt: skip
        if family.where == "village":
            slots["place"] = rng.choice((spot.village, spot.slots["street"] + spot.village))
        return slots, {"kind": family.kind, "category": family.category}, {}

    def _when(self, slots: dict[str, str], said: set[str], told: dict[str, int], family: Family) -> None:
        rng = self.rng
        if said & {"since", "often"} or family.kind in ("consult", "suggestion", "praise") or rng.random() < 0.4:
            return
        self.agent(rng.choice(self.pool.talk.ask_time))
        if rng.random() < 0.6:
            turn = self.caller(rng.choice(("{since}。", "从{since}开始的。", "{since}吧。")).format_map(slots))
        else:
            self.since = times.lasting(self.now, self.split, rng)
            turn = self.caller(rng.choice(("有{0}了。", "{0}了吧。", "得有{0}了。")).format(self.since[0]))
        said.add("since")
        told["since"] = turn

    def _where(self, family: Family, slots: dict[str, str], said: set[str], told: dict[str, int], n: int) -> None:
        rng, talk = self.rng, self.pool.talk
        if "place" in said and rng.random() < 0.35:
            return
        ways = {
            "home": talk.place_home, "road": talk.place_road, "village": talk.place_village
        }.get(family.where, talk.place_spot)  # fmt: skip
        fit = [w for w in ways if all(slots[s] for s in _slots_of(w))]
        self.agent(rng.choice(talk.ask_place))
        way = rng.choice(fit)
        turn = self._way(way, slots)
        said |= _slots_of([line for line in way if line.startswith("C:")])
        said.add("place")
        told["place"] = turn

    def _way(self, way: Sequence[str], slots: dict[str, str]) -> int:
        turn = self.script.last
        for line in way:
            text = line[2:].format_map(slots)
            turn = self.agent(text) if line.startswith("A:") else self.caller(text)
        return turn

    def _many_and_again(self, family: Family, wanted: dict[str, str], told: dict[str, int], n: int) -> None:
        rng, talk = self.rng, self.pool.talk
        draw = rng.random()
        wanted["households"] = ""
        if family.where in ("home", "road", "village") and family.kind != "suggestion" and draw < 0.2:
            wanted["households"], said = homes(rng)
            told["households"] = self.caller(rng.choice(talk.homes).format(homes=said))
            wanted["is_group"] = "yes"
        elif family.where == "home" and draw < 0.3:
            told["is_group"] = self.caller(rng.choice(talk.vague_many))
            wanted["is_group"] = "yes"
        if n:
            return
        wanted["is_repeat"] = ""
        draw = rng.random()
        if draw < 0.2 and family.kind in ("help", "complaint", "report"):
            line = rng.choice(talk.again).format(before=times.before(rng, self.split))
            told["is_repeat"] = self.caller(line)
            wanted["is_repeat"] = "yes"
        elif draw < 0.27:
            self.caller(rng.choice(talk.first))

    def _settle(
        self, family: Family, slots: dict[str, str], said: set[str], wanted: dict[str, str], told: dict[str, int]
    ) -> None:
        if family.where != "none" and "place" in said:
            wanted.update(self.places.codes(self.spot))
            wanted["incident_place"] = self.places.address(self.spot, said)
            for name in ("district", "street", "community", "incident_place"):
                if name in wanted:
                    told[name] = max(told["place"], told.get("door", 0))
        wanted["amount"] = self.sum if "amount" in said else ""
        if "body" in said:
            wanted["respondent"] = slots["body"]
            told["respondent"] = told["body"]
        if "since" in said and "often" not in said:
            wanted["event_time"] = times.iso(self.since)
            told["event_time"] = told["since"]
        for slot in ("place", "door", "body", "since"):
            told.pop(slot, None)

    def _person(self) -> None:
        rng, talk, first, told = self.rng, self.pool.talk, self.matters[0], self.told[0]
        if rng.random() < 0.85:
            self.agent(rng.choice(talk.ask_name))
            slots = name_slots(self.pool, rng)
            way = rng.choice(talk.name)
            told["caller_name"] = self._way(way, slots)
            whole = any("{full}" in line for line in way if line.startswith("C:"))
            first["caller_name"] = slots["full"] if whole else slots["surname"] + slots["title"]
            if any("{title}" in line for line in way):
                first["gender"], told["gender"] = slots["sex"], told["caller_name"]
        else:
            first["caller_name"] = ""
        first["contact_phone"] = self.ani
        if rng.random() < 0.9:
            self.agent(rng.choice(talk.ask_phone))
            number = phone(rng)
            local = "6" + "".join(str(rng.randrange(10)) for _ in range(6))
            way = rng.choice(talk.phone)
            told["contact_phone"] = self._way(way, phone_slots(number, local, self.style.row, rng))
            if "{local}" in "".join(way):
                first["contact_phone"] = self.area + local
            elif _slots_of(way):
                first["contact_phone"] = number
        first["confidential"] = ""
        draw = rng.random()
        if draw < 0.25:
            self.agent(rng.choice(talk.ask_secret))
            answer = rng.choice(talk.secret_yes if draw < 0.15 else talk.secret_no)
            told["confidential"] = self.caller(answer[2:])
            first["confidential"] = "yes" if draw < 0.15 else "no"


def _slots_of(way: Sequence[str]) -> set[str]:
    found = set()
    for line in way:
        for part in line.split("{")[1:]:
            found.add(part.split("}")[0])
    return found
