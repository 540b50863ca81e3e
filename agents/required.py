"""What a matter still lacks, and how the agent might ask for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.reading import Reading
from schemas.draft import DispatchProposal, FieldValue

BASE = ("kind", "category", "title", "content", "urgency")
PLACED = frozenset(("help", "complaint", "report"))  # kinds whose matter lies somewhere
# First-level categories whose matters are settled by who and what rather than where.
PLACELESS = ("c-01", "c-0202", "c-0301", "c-0505", "c-0507", "c-08", "c-0506", "c-060105", "c-0704")
_COARSE = re.compile(r"(?<![小社])区$|县$|街道$|镇$|乡$")
FINE = frozenset(("incident_place",))
USEFUL = ("incident_place", "event_time", "respondent", "caller_name", "demand")  # asked for when nothing is missing
_ASKED = {
    "incident_place": re.compile(r"地址|位置|哪(?:个|条|里|一)|什么(?:地方|路|小区)|几(?:栋|号|单元)"),
    "event_time": re.compile(r"什么时候(?:开始|发生)|多久|几点|持续|哪天"),
    "caller_name": re.compile(r"贵姓|怎么称呼|姓名|尊姓"),
    "contact_phone": re.compile(r"电话|号码|联系方式"),
    "respondent": re.compile(r"(?:公司|单位|店|工地|商家).{0,6}(?:叫什么|名字|名称)|哪家"),
    "demand": re.compile(r"希望|诉求|怎么解决|要求"),
    "amount": re.compile(r"多少钱|金额|几个月"),
    "kind": re.compile(r"咨询|投诉|什么(?:事|问题)|帮您"),
    "category": re.compile(r"具体|什么(?:情况|问题)"),
}
_QUESTIONS = {
    "kind": "请问您今天来电，是想咨询政策、请求帮助，还是投诉反映问题呢？",
    "category": "请您再具体说一说遇到的是什么情况，好吗？",
    "content": "请您说一说遇到的是什么情况，好吗？",
    "incident_place": "请问这件事发生在哪个区、哪条路或者哪个小区？",
    "contact_phone": "为了方便回复您，请问您的联系电话是多少？",
    "event_time": "请问这种情况是从什么时候开始的？",
    "caller_name": "请问您贵姓，怎么称呼您？",
    "respondent": "请问对方单位或者店铺叫什么名字？",
    "amount": "请问一共涉及多少钱？",
    "demand": "请问您希望怎样解决呢？",
}


def required(kind: str, category: str, handling: str) -> tuple[str, ...]:
    """Fields a person needs before he can confirm, most useful first."""
    if handling == "told":
        return ("kind", "title", "content")
    if kind in ("consult", "praise") or handling == "direct":
        return BASE
    fields = list(BASE)
    if kind in PLACED and not category.startswith(PLACELESS):
        fields.insert(2, "incident_place")
    return (*fields, "contact_phone", "lead_unit")


def missing(
    fields: Mapping[str, FieldValue], kind: str, category: str, dispatch: DispatchProposal, handling: str
) -> tuple[str, ...]:
    """Required fields still empty."""
    wanted = required(kind, category, handling)
    if dispatch.step == "not_accepted" and handling == "told" and dispatch.channel:
        wanted = tuple(f for f in wanted if f != "kind")
    return tuple(f for f in wanted if f not in fields or not fields[f].value)


def question(
    fields: Mapping[str, FieldValue], lacking: Sequence[str], kind: str, category: str, asked: frozenset[str]
) -> str:
    """The next question worth asking; none of the fields that were `asked` for already."""
    wanted = [*lacking]
    if kind not in ("consult", "praise"):
        place = fields.get("incident_place")
        if place is not None and place.origin == "rule" and "community" not in fields and _coarse(place.value):
            wanted.append("incident_place")
        if category.startswith("c-0801"):
            wanted += ["amount", "respondent"]
        wanted += [
            f for f in USEFUL if f not in FINE and not (f == "respondent" and kind not in ("complaint", "report"))
        ]
    for field in dict.fromkeys(wanted):
        have = field in fields and bool(fields[field].value)
        if field not in _QUESTIONS or (have and field != "incident_place"):
            continue
        if field in asked:
            continue
        if field == "incident_place" and have:
            return f"请问是{fields[field].label}的哪个小区或哪条路，具体到门牌或楼栋？"
        return _QUESTIONS[field]
    return ""


def asked_for(readings: Sequence[Reading]) -> frozenset[str]:
    """The fields the agent has asked for in a call."""
    return frozenset(field for r in readings if not r.line.caller for field in r.once(_asked))


def _asked(text: str) -> tuple[str, ...]:
    return tuple(field for field, words in _ASKED.items() if words.search(text))


def _coarse(place: str) -> bool:
    """Only a district or a street is known."""
    return _COARSE.search(place) is not None
