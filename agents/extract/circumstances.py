"""Round a matter: whether the caller called before, whether his name is to be kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import beside_the_matter
from agents.lines import evidence
from agents.reading import Reading
from schemas.draft import FieldValue

_AGAIN = re.compile(
    r"(?:之前|以前|上次|上回|前(?:两|几|些)天|上(?:上)?(?:个)?(?:周|礼拜|星期|月)[一二三四五六日天]?|大?上个月|前天|昨天|去年|前阵子|已经|都)"
    r"[^。]{0,8}(?:(?:打|来)(?:过)?(?:好?几|[一二两三四五六七八九])?[次回趟]?(?:过)?(?:电话|12345|热线)|打过(?!针|架|胎|疫苗|工)|反映过|反应过|投诉过|举报过|跟你们(?:讲|说|反映)过|报过(?!名|警|税|销|账|考))"
    r"|第(?:[二三四五六七八九两]|[0-9])[次回](?:来电|打|来|反映|投诉|跟你们)"
    r"|(?:打|反映|投诉|说)(?:了|过)(?:好?几|[二两三四五六七八九十无数]+)[次回遍](?!针|预)"
    r"|(?:之前|上次|上回)的?(?:那个)?工单|(?:你们|有)[^，。]{0,5}(?:姑娘|小伙子|同志|人)[^，。]{0,3}(?:记了|登记了|登记过|接的)"
)
_NOT_AGAIN = re.compile(
    r"(?:没(?:有)?|从来没|从没|不曾)(?:给你们)?(?:打过|反映过|投诉过)|第一次|头一(?:回|次|遭)|(?:报警|110|物业|客服|公司|供电|医院|派出所|法院|他们?)"
    r"[^，。]{0,4}(?:打过|反映过|打了)"
)
_HOTLINE = re.compile(r"你们|12345|热线|电话|工单|反映|反应|投诉|举报|[次回]")
_SECRET = re.compile(
    r"(?:不要|别|不能|不想|不希望|不愿意?|甭|勿)[^，。]{0,6}(?:告诉|透露|泄露|泄漏|说出去|公开|露)[^，。]{0,6}(?:名字|姓名|信息|身份|电话|号码|他们|对方|别人|我|$)"
    r"|(?:要|想|希望|请|麻烦|帮我|替我|给我|需要)(?:你们)?[^，。]{0,3}保(?:个)?密|匿名|不(?:想|愿意?)(?:留|说|报)(?:名|姓名|名字)"
    r"|(?:别|不要|千万别)(?:让|叫)[^，。]{0,8}知道[^，。]{0,4}(?:是)?我"
    r"|保密(?:吧|一下|处理)|^(?:[嗯呃啊，。]*)(?:要|需要|得)(?:的)?(?:保密)?(?:吧|的|啊)?[，。]*$"
)
_OPEN = re.compile(
    r"(?:不用|不需要|不必|无需|用不着|没必要)保密|(?:可以|随便|无所谓|尽管)[^，。]{0,4}(?:公开|给|提供|说)|不怕(?:他们?)?(?:知道|报复)|公开(?:就公开|吧|好了)|实名"
)
_ASKED = re.compile(r"保密|公开|(?:姓名|电话|信息)[^，。]{0,6}提供|匿名|实名")
_NO = re.compile(r"^[嗯呃啊哦，。 ]*(?:不用|不需要|没事|没关系|不必|不要紧)")
_YES = re.compile(r"^[嗯呃啊哦，。 ]*(?:要(?!紧)|需要|保密|是的|对|麻烦)")


def is_repeat(readings: Sequence[Reading]) -> FieldValue | None:
    """Whether the caller says that he has brought this to the hotline before."""
    for reading in readings:
        if reading.line.caller and (m := reading.once(_again)):
            words = evidence(reading.line, m.start(), m.end())
            return FieldValue(
                value="yes", label="是", confidence=0.85, origin="rule", evidence=(words,), note="来电人自述"
            )
    return None


def confidential(readings: Sequence[Reading]) -> FieldValue | None:
    """Whether the caller wants his name kept from those concerned; what he says last counts."""
    found: FieldValue | None = None
    asked = -99
    for reading in readings:
        line = reading.line
        if not line.caller:
            asked = line.at if reading.once(_asks) else asked
            continue
        near = 0 < line.at - asked <= 2
        yes = reading.once(_secret) or (_YES.match(line.text) if near else None)
        no = reading.once(_open) or (_NO.match(line.text) if near else None)
        if yes is None and no is None:
            continue
        match, value, label = (no, "no", "不保密") if no is not None else (yes, "yes", "保密")
        assert match is not None
        if not match[0].strip("，。"):
            continue
        words = evidence(line, match.start(), match.end())
        found = FieldValue(value=value, label=label, confidence=0.9, origin="rule", evidence=(words,))
        asked = -99
    return found


def _again(text: str) -> re.Match[str] | None:
    if _NOT_AGAIN.search(text) or beside_the_matter(text):
        return None
    match = _AGAIN.search(text)
    return match if match is not None and _HOTLINE.search(match[0] + text[match.end() :]) else None


def _asks(text: str) -> bool:
    return _ASKED.search(text) is not None


def _secret(text: str) -> re.Match[str] | None:
    return _SECRET.search(text)


def _open(text: str) -> re.Match[str] | None:
    return _OPEN.search(text)
