"""Words of the city pack: what a city knows before the phone rings (places, units, duties, limits, articles)."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

PlaceLevel = Literal["district", "street", "community", "road", "landmark"]
MatterKind = Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
UnitKind = Literal["bureau", "utility", "district", "emergency", "outside"]
DutyRule = Literal["special", "place", "function", "default"]
LimitUnit = Literal["min", "h", "d", "wd"]
ClockStart = Literal["accepted", "dispatched", "signed"]
GuideKind = Literal["who", "materials", "steps", "place", "hours", "limit", "fee", "phone", "online"]
GUIDE_LABELS: dict[GuideKind, str] = {
    "who": "办理条件",
    "materials": "所需材料",
    "steps": "办理步骤",
    "place": "办理地点",
    "hours": "办理时间",
    "limit": "办理时限",
    "fee": "收费",
    "phone": "咨询电话",
    "online": "网上办理",
}
ScriptMoment = Literal[
    "opening", "notice", "confirm", "empathy", "hold", "emergency", "beyond_duty", "not_accepted", "closing", "survey"
]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every record of a pack. Unknown fields are refused: a typo in a pack must not pass silently."""


class Place(Entry, frozen=True, kw_only=True):
    """One named place. Roads, landmarks and communities hang under a street, streets under a district."""

    code: str  # unique in the pack, e.g. "p-010203"
    name: str  # official name, e.g. "澄湖区"
    level: PlaceLevel
    parent: str | None = None  # code of the place it lies in; only districts have none
    aliases: tuple[str, ...] = ()  # what callers say instead


class Unit(Entry, frozen=True, kw_only=True):
    """A body a ticket can be sent to: bureau, utility or district government; `outside` bodies only get told about."""

    code: str  # e.g. "u-housing"
    name: str  # e.g. "云岚市住房和城乡建设局"
    short: str  # e.g. "市住建局"
    kind: UnitKind
    phone: str = ""  # fictitious; shown to the agent
    district: str | None = None  # place code, for district governments
    aliases: tuple[str, ...] = ()
    remit: str = ""  # one sentence: what it answers for


class Category(Entry, frozen=True, kw_only=True):
    """A node of the three-level taxonomy of matters."""

    code: str  # e.g. "c-060201"
    name: str
    level: int  # 1..3
    parent: str | None = None
    keywords: tuple[str, ...] = ()  # words that speak for it (leaves)
    examples: tuple[str, ...] = ()  # how callers put it, in spoken Chinese (leaves; at least two)
    topic: str = ""  # key of the SLA table ("water", "heating", …); empty = none of its own
    leans: dict[MatterKind, float] = {}  # kinds its matters mostly are, with what that weighs beside what is said


class Telling(Entry, frozen=True, kw_only=True):
    """One way a caller puts a matter; the machine learns categories and kinds from it."""

    category: str  # code of a leaf
    kind: MatterKind
    text: str  # spoken Chinese


class DutyEntry(Entry, frozen=True, kw_only=True):
    """One line of the dispatch list (派单目录): who leads a category, where, under which words, since when."""

    id: str  # stable over versions, e.g. "d-0102"
    version: int  # rises with each change of this line
    category: str  # category code; a higher level covers all below it
    rule: DutyRule  # special rule before place (属地) before function (职能) before class default
    lead: str  # unit code; "@district" = government of the place's district
    co: tuple[str, ...] = ()  # co-units, same notation
    district: str | None = None  # place code this line is limited to
    any_words: tuple[str, ...] = ()  # the line needs one of them in the matter's words; empty = always
    not_words: tuple[str, ...] = ()  # none of them may occur
    basis: str = ""  # 三定 / 权责清单 reference
    note: str = ""
    valid_from: date
    valid_to: date | None = None  # exclusive; None = still valid


class SlaRule(Entry, frozen=True, kw_only=True):
    """One line of the SLA table; the most specific line wins (topic, then urgency, then kind)."""

    id: str
    kind: str | None = None
    urgency: str | None = None
    topic: str | None = None
    limit: int
    unit: LimitUnit
    clock_start: ClockStart
    sign_limit: int  # hours to sign for it (签收)
    return_limit: int  # working days in which "not my duty" may be said
    extension: int = 0  # most days of extension, in `unit` days
    contact_limit: int | None = None  # minutes in which the caller must have been phoned back; None = no such duty


class SlaPreset(Entry, frozen=True, kw_only=True):
    """A named set of limits; the pack's manifest names the one in force."""

    name: str
    title: str
    source: str
    rules: tuple[SlaRule, ...]


class CalendarDay(Entry, frozen=True, kw_only=True):
    """A day that differs from the plain week: a holiday, or a Saturday or Sunday worked instead (调休)."""

    day: date
    working: bool
    name: str


class GuidePart(Entry, frozen=True, kw_only=True):
    """One part of how a thing is done: what to bring, where to go. Each item stands word for word in the body."""

    kind: GuideKind
    items: tuple[str, ...]


class Article(Entry, frozen=True, kw_only=True):
    """A knowledge article an answer may be grounded on."""

    id: str  # e.g. "a-0031"
    version: int
    title: str
    body: str  # plain text, paragraphs separated by a blank line
    source: str  # issuing body and document, fictitious in the demo city
    unit: str  # code of the unit that owns it
    categories: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()  # how callers ask for it
    valid_from: date
    valid_to: date | None = None
    owner: str = ""  # who answers for its truth (a post, not a person)
    region: str = ""  # code of the place it holds for; empty = the whole city
    guide: tuple[GuidePart, ...] = ()  # of a thing to be done at a counter, in the order a caller needs it


class Script(Entry, frozen=True, kw_only=True):
    """A sentence the agent may say at a moment of the call."""

    id: str
    moment: ScriptMoment
    text: str


class EmergencyRule(Entry, frozen=True, kw_only=True):
    """Words that raise the urgency.

    Fires when one of `any_words` occurs, and one of `with_words` if there are any; or where one of `patterns` matches.
    """

    id: str
    urgency: Literal["critical", "urgent"]
    label: str  # shown on the banner, e.g. "燃气泄漏"
    any_words: tuple[str, ...] = ()
    with_words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()  # regular expressions over a caller's line: who and what together
    unless: tuple[str, ...] = ()  # phrases that explain the word away, e.g. "火锅"
    line: str = ""  # emergency line to transfer to: "110", "119", "120", "122" or a utility's number
    advice: str = ""  # what the agent tells the caller at once
    examples: tuple[str, ...] = ()  # how callers say it; the danger model learns from them what no word list foresees
    category: str = ""  # leaf such a matter belongs to, where the caller's words would lead astray


class Peril(Entry, frozen=True, kw_only=True):
    """One way callers tell of danger to life, or of none in words that sound like it; the danger model learns both."""

    rule: str = ""  # id of the emergency rule it falls under; "" = nobody is in danger
    text: str  # spoken Chinese


class RefusalRule(Entry, frozen=True, kw_only=True):
    """A kind of matter the hotline does not accept, and the channel the caller is told."""

    id: str
    label: str
    any_words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    channel: str  # what the agent tells the caller


class Manifest(Entry, frozen=True, kw_only=True):
    """Head of a pack."""

    name: str  # folder name, e.g. "yunlan"
    title: str  # "云岚市"
    version: str  # of the pack, e.g. "2026.2"
    zone: str  # IANA time zone
    fictitious: bool
    sla_preset: str
    area_code: str  # telephone area code


class CityPack(Entry, frozen=True, kw_only=True):
    """A whole pack, loaded and checked."""

    manifest: Manifest
    places: tuple[Place, ...]
    units: tuple[Unit, ...]
    categories: tuple[Category, ...]
    duties: tuple[DutyEntry, ...]
    sla: tuple[SlaPreset, ...]
    calendar: tuple[CalendarDay, ...]
    articles: tuple[Article, ...]
    scripts: tuple[Script, ...]
    emergencies: tuple[EmergencyRule, ...]
    refusals: tuple[RefusalRule, ...]
    tellings: tuple[Telling, ...] = ()
    perils: tuple[Peril, ...] = ()
