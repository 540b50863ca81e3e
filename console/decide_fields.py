"""Desk decisions, one field: what a person may write into it, and how it is kept."""

from __future__ import annotations

import re
import unicodedata

from console.decide_city import CityFacts
from console.decide_effects import Refusal
from schemas.draft import EMOTIONS, FIELDS
from schemas.ticket import FIELD_LIMIT, FIELD_LIMITS, KIND_NAMES, URGENCY_NAMES

MODE_NAMES = {"direct": "直接答复", "forward": "转办", "told": "告知"}
_PHONE = re.compile(
    r"1[3-9]\d{9}"  # mobile
    r"|0\d{2,3}-?[2-9]\d{6,7}(?:-\d{1,6})?"  # landline with area code, perhaps an extension
    r"|[2-9]\d{6,7}"  # landline of the city
    r"|[48]00-?\d{3}-?\d{4}"
    r"|(?:00|\+)\d{7,15}"  # abroad
    r"|1\d{2,4}|9[56]\d{3,6}"  # service numbers
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")  # also the marks that reorder text
_PLACES = ("district", "street", "community")


def is_phone(value: str) -> bool:
    """Whether a number can be dialled as written."""
    return _PHONE.fullmatch(value) is not None


def limit_of(field: str) -> int:
    """Most characters a field takes."""
    return FIELD_LIMITS.get(field, FIELD_LIMIT)


def clean(field: str, value: str) -> str:
    """One written form: no blanks at the ends, line breaks only in long fields. Refuses control characters."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(value):
        raise Refusal("bad_value", f"「{FIELDS[field]}」含有不可见的控制字符")
    if field not in FIELD_LIMITS or field == "title":
        value = " ".join(value.split("\n"))
    return value


def check(field: str, value: str, label: str, city: CityFacts) -> tuple[str, str]:
    """(value, label) as kept. Raises Refusal naming the field and what is wrong. "" clears a field."""
    if field not in FIELDS:
        raise Refusal("unknown_field", f"没有名为 {field[:40]!r} 的字段")
    value = clean(field, value)
    label = clean(field, label)
    name = FIELDS[field]
    if not value:
        return "", ""
    longest = limit_of(field)
    if max(len(value), len(label)) > longest:
        raise Refusal("too_long", f"「{name}」最多 {longest} 字，现有 {max(len(value), len(label))} 字")
    match field:
        case "kind":
            return value, _named(KIND_NAMES, value, name)
        case "urgency":
            return value, _named(URGENCY_NAMES, value, name)
        case "emotion":
            return value, _named(EMOTIONS, value, name)
        case "handling_mode":
            return value, _named(MODE_NAMES, value, name)
        case "category":
            if value not in city.categories:
                raise Refusal("bad_value", f"「{name}」：没有编码为 {value} 的分类")
            return value, label or city.categories[value].name
        case "lead_unit":
            return value, label or unit_name(value, city)
        case "co_units":
            codes = [code for code in re.split(r"[,，、\s]+", value) if code]
            return ",".join(codes), label or "、".join(unit_name(code, city) for code in codes)
        case "contact_phone" | "calling_number":
            number = re.sub(r"[\s()（）]", "", unicodedata.normalize("NFKC", value)).replace("—", "-")
            if not is_phone(number):
                raise Refusal("bad_phone", f"「{name}」不是可拨打的电话号码：{value}")
            return number, number
        case _ if field in _PLACES:
            return _place(field, value, label, city)
    return value, label or value


def unit_name(code: str, city: CityFacts) -> str:
    """Short name of a unit a ticket can be sent to, or a Refusal."""
    unit = city.units.get(code)
    if unit is None:
        raise Refusal("unknown_unit", f"派单目录中没有编码为 {code} 的单位")
    if not unit.takes_tickets:
        raise Refusal("outside_unit", f"{unit.name}不接收工单，只能告知诉求人")
    return unit.name


def _named(names: dict[str, str], value: str, field: str) -> str:
    if value not in names:
        raise Refusal("bad_value", f"「{field}」只能是：{'、'.join(names.values())}")
    return names[value]


def _place(field: str, value: str, label: str, city: CityFacts) -> tuple[str, str]:
    code = city.place_code(value, field)
    if code is not None:
        return code, label or city.places[code].name
    if field == "district":
        raise Refusal("bad_value", f"「{FIELDS[field]}」：没有名为 {value} 的区县")
    return value, label or value
