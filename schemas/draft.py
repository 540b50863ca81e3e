"""What the machine believes of a call so far: one draft per matter, each field with its evidence."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.audio import Leg
from schemas.catalogue import GuidePart
from schemas.event import Body, registered

Origin = Literal["rule", "model", "human", "call"]
Kind = Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
Urgency = Literal["normal", "urgent", "critical"]
DispatchStep = Literal[
    "life_safety", "not_accepted", "duplicate", "special", "place", "function", "default", "abstain", "direct"
]

FIELDS: dict[str, str] = {  # every field of a draft that a person can see and edit → its Chinese name
    "kind": "诉求类型",
    "category": "诉求分类",
    "title": "标题",
    "content": "诉求内容",
    "caller_name": "姓名",
    "gender": "性别",
    "calling_number": "来电号码",
    "contact_phone": "联系电话",
    "district": "区县",
    "street": "街道",
    "community": "社区",
    "incident_place": "事发地点",
    "event_time": "发生时间",
    "cause": "起因",
    "course": "经过",
    "respondent": "被诉对象",
    "amount": "涉及金额",
    "urgency": "紧急程度",
    "is_group": "群体诉求",
    "households": "涉及户数",
    "is_repeat": "重复来电",
    "confidential": "信息保密",
    "vulnerable_group": "特殊人群",
    "emotion": "来电情绪",
    "demand": "诉求目的",
    "handling_mode": "办理方式",
    "lead_unit": "主办单位",
    "co_units": "协办单位",
    "answer": "答复内容",
}
Trend = Literal["steady", "rising", "easing"]  # of a caller's displeasure
EMOTIONS: dict[str, str] = {
    "calm": "平静",
    "anxious": "着急",
    "upset": "不满",
    "angry": "激动",
    "sad": "难过",
    "pleased": "满意",
}
PARTS: dict[str, str] = {  # what a sentence of a summary tells → its Chinese name
    "caller": "姓名",
    "time": "时间",
    "place": "地址",
    "cause": "起因",
    "course": "经过",
    "wish": "诉求",
    "told": "已告知",
    "promised": "已答应",
    "danger": "险情",
    "feeling": "情绪",
    "open": "待确认",
}


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words that speak for a value. The span counts characters of the utterance's text as it stands."""

    utterance: str
    leg: Leg
    start: int
    end: int
    text: str
    at_s: float  # seconds since leg start


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another value that was considered."""

    value: str
    label: str
    score: float  # 0..1


class FieldValue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A field: value, how sure, why, and from whom. A human value is locked."""

    value: str  # canonical: code, ISO time, digits
    label: str  # as shown
    confidence: float  # 0..1; 1.0 for a human
    origin: Origin
    stage: str = ""  # which stage proposed it
    evidence: tuple[Evidence, ...] = ()
    choices: tuple[Choice, ...] = ()  # best first, without the value itself
    note: str = ""  # e.g. "按读音匹配：城湖路 → 澄湖路"


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A unit proposed to lead, with the entry of the duty list that names it."""

    unit: str
    name: str
    score: float  # 0..1
    entry: str  # duty entry id
    entry_version: int
    catalogue: str  # pack version
    rule: str  # special | place | function | default
    words: tuple[Evidence, ...] = ()  # matched words
    co_units: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()  # Chinese sentences for people
    return_risk: float = 0.0  # 0..1


class EarlierLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An earlier ticket that seems to be on the same matter, and what a person could do with it."""

    ticket_no: str
    relation: Literal["own", "others"]  # of the same caller | of others, at the same place
    how: Literal["urge", "append", "again", "group"]  # 催办 | 追加 | 重新办理 | 关联
    count: int  # tickets of that relation
    score: float  # 0..1: how alike
    alike: tuple[str, ...] = ()  # Chinese words for what is alike


class DispatchProposal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the matter should go: up to three candidates, or an abstention that says why."""

    step: DispatchStep  # step of the decision order that decided
    candidates: tuple[Candidate, ...] = ()
    abstained: bool = False
    conflict: str = ""  # place against function, in words
    channel: str = ""  # what to tell the caller when not accepted
    reason: str = ""
    earlier: EarlierLink | None = None  # also where another step decides


class SlaView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Limits if dispatched now; UTC ISO times."""

    rule: str
    preset: str
    sign_due: str
    return_due: str
    reply_due: str
    text: str  # e.g. "5个工作日"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Words of an utterance a sentence rests on, characters [start, end)."""

    utterance: str
    start: int
    end: int


class Sentence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence of a summary, and where it was said. One of part "open" names what was not said: no spans."""

    part: str  # of PARTS
    text: str
    spans: tuple[Span, ...] = ()
    sure: bool = True  # False: heard, but not confirmed


class Feeling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the caller feels by his words, over the call so far. Decides nothing."""

    now: str  # of EMOTIONS
    trend: Trend = "steady"
    course: tuple[float, ...] = ()  # -1 very upset … 1 very pleased, oldest first, at most 40
    peaks: tuple[Evidence, ...] = ()  # strongest first
    text: str = ""  # for people


class Matter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing the caller wants, as one draft."""

    id: str
    n: int  # 0, 1, …: order in the call
    fields: dict[str, FieldValue]
    dispatch: DispatchProposal
    sla: SlaView | None = None
    missing: tuple[str, ...] = ()  # required fields still empty, most useful first
    question: str = ""  # what the agent could ask next
    complete: bool = False  # all required fields filled
    closed: str = ""  # outcome, once a person decided
    utterances: tuple[str, ...] = ()  # ids that belong to it
    summary: tuple[Sentence, ...] = ()  # the matter in its five elements, wish, and what the caller was told


class Risk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reason for the banner. A warning is a doubt: something for the agent to ask about, no alarm."""

    rule: str
    urgency: Literal["critical", "urgent", "warning"]
    label: str
    line: str = ""  # emergency line to transfer to
    advice: str = ""
    evidence: tuple[Evidence, ...] = ()


@registered
class DraftUpdated(Body, frozen=True, kw_only=True):
    """The whole draft of a call after one more event of its stream."""

    TYPE = "draft.updated"
    revision: int  # events folded so far; a lower revision never replaces a higher
    matters: tuple[Matter, ...]
    risks: tuple[Risk, ...] = ()
    assist: bool = True  # False: AI is off for this call
    ended: bool = False
    stage_version: str = ""  # of the understanding chain
    snapshot: bytes = b""  # the fold's state, for a restart
    recent: tuple[Evidence, ...] = ()  # newest utterances, whole, oldest first: what the next stage answers to
    note: tuple[Sentence, ...] = ()  # for whoever takes the call over
    feeling: Feeling | None = None


class Citation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an answer stands."""

    article: str
    version: int
    title: str
    source: str
    start: int  # characters of the article's body
    end: int
    quote: str


class Suggestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the agent could say. Without a citation it is 未经核实 and not insertable with one key."""

    id: str
    kind: Literal["answer", "steps", "question", "script"]
    text: str
    score: float  # 0..1
    citation: Citation | None = None
    verified: bool = False  # stands word for word in its source
    parts: tuple[GuidePart, ...] = ()  # of steps: the same words, part by part
    generated: bool = False  # a model put the words together: each sentence is borne out by what is cited
    matter: str = ""
    system: str = ""  # what produced it: name and version
    basis: str = ""  # utterance id it answers
    trigger: tuple[Evidence, ...] = ()


@registered
class SuggestionsOffered(Body, frozen=True, kw_only=True):
    """The suggestions worth showing now; replaces earlier undecided ones, which expire."""

    TYPE = "suggestions.offered"
    seq: int  # rises within the call
    suggestions: tuple[Suggestion, ...]


@registered
class AlertRaised(Body, frozen=True, kw_only=True):
    """Something a person must see at once."""

    TYPE = "alert.raised"
    alert: str
    level: Literal["critical", "urgent", "warning"]
    label: str
    detail: str = ""
    line: str = ""
    advice: str = ""
    evidence: tuple[Evidence, ...] = ()


@registered
class DeadLettered(Body, frozen=True, kw_only=True):
    """Bytes a stage could not digest, parked with the reason."""

    TYPE = "dead.lettered"
    topic: str
    offset: int
    stage: str
    reason: str
    data: bytes  # as read


@registered
class DeadSettled(Body, frozen=True, kw_only=True):
    """A person has dealt with a dead letter. The letter itself stays as it is."""

    TYPE = "dead.settled"
    letter: str  # id of the dead.lettered
    how: Literal["repaired", "replayed", "discarded"]
    by: str  # who, as the operator's account is called
    why: str = ""
    events: tuple[str, ...] = ()  # ids of what was put into the stream for it, in order
