"""Whom the complaint is about: a firm, a site, a shop or a role, with the place that makes it one of many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import of_others
from agents.lines import evidence
from agents.reading import Reading
from routing.gazetteer import Gazetteer
from schemas.draft import Evidence, FieldValue

_SORTS = (
    "有限公司|劳务公司|小贷公司|电子公司|电信公司|宽带公司|快递公司|物流公司|传媒公司|养老公司|财富公司|机械公司|投资公司|燃气公司|供电公司|热力公司|小吃店|便利店|麻辣烫店|面馆|早餐店|装修公司|开发商|物业公司|物业|保险公司|贷款公司|培训机构|旅行社|健身房|游泳馆|美容院|理发店|洗车店|烧烤店|火锅店|水果店|"
    "奶茶店|汽修店|药店|超市|饭店|酒店|餐馆|酒吧|歌厅|网吧|棋牌室|幼儿园|托管班|诊所|养老院|驾校|中介|加油站|停车场|工地|项目部|施工队|"
    "化工厂|加工厂|造纸厂|电镀厂|养殖场|养猪场|采石场|搅拌站|面包房|生鲜店|配送站|售楼部|售楼处|置业|地产|房地产|健康管理中心|停车楼|车库|物流园|服务部|社区办公室|村支书|村主任|村委会|居委会|业委会|[一二三四五六七八九十](?:中|小)(?=[，。的有开里逼让食收老]|$)|驿站|会所|洗浴中心|教育中心|月子中心|维修点|公司|工厂|商场|窗口|店|厂"
)
_NAME = re.compile(rf"([\u4e00-\u9fa5A-Za-z]{{0,12}}?)({_SORTS})(?!里|路|街|费|卡|长|员工|人员宿舍|合同|证)")
_ROLES = re.compile(
    r"包工头|房东|二房东|老板|司机|楼上(?:那家|邻居|那户)|楼上|隔壁(?:那家|邻居)?|邻居|师傅|主播|商家|老师|教练|医生|保安|城管|工作人员"
)
# What stands before a name and is none of it.
_BREAK = re.compile(
    r"(?:另外|第二|一件事?|一桩事?|事情|那个|这个|那家|这家|一个|一家|有家|有个|个|家|的|在|是|有|找|跟|和|给|被|让|叫|问|去|到|说|对|向|从|把|了|着|过|我们|你们|他们|咱们|我|你|他|她|就|都|也|还|又|"
    r"不(?!动产)|没|要|想|请|操心|说道|报个信儿|因为|所以|但是|后来|现在|昨天|今天|前面|旁边|楼下|门口|附近|表扬|投诉|举报|反映|"
    r"感谢|咨询|建议|，|。|、| )"
)
_BESIDE = re.compile(r"门口|旁边|附近|边上|对面|后面|前面")
_VERBS = re.compile(r"(?:开|关|进|出|上|回|换|收|选|当|做|逛|住|租|订|欠|管|修|建|盖|拆|闹|吵)$")


def respondent(readings: Sequence[Reading], kind: str, gazetteer: Gazetteer, place: str | None) -> FieldValue | None:
    """The body or person complained of, reported or praised; others need none."""
    if kind in ("consult", "suggestion"):
        return None
    named_only = kind not in (
        "complaint",
        "report",
        "praise",
    )  # who asks for help complains of nobody, but of whom he names
    best: tuple[float, str, FieldValue] | None = None
    for reading in readings:
        line = reading.line
        if not line.caller:
            continue
        for mention in reading.places:
            code = mention.best
            if _BESIDE.match(line.text[mention.end :]):
                continue
            if gazetteer.places[code].level == "landmark" and gazetteer.places[code].name.endswith(
                (
                    "工地",
                    "医院",
                    "保健院",
                    "水厂",
                    "养殖场",
                    "化工厂",
                    "中学",
                    "小学",
                    "学校",
                    "幼儿园",
                    "敬老院",
                    "养老院",
                )
            ):
                name = gazetteer.places[code].name
                weight = 0.95 if not named_only else 0.4
                best = _better(best, weight, name, _value(name, 0.75, evidence(line, mention.start, mention.end)))
        for start, end, prefix, sort in reading.once(_bodies):
            if any(m.start < end and start < m.end for m in reading.places):
                start, prefix = start + len(prefix), ""
            if sort in ("店", "厂", "公司", "窗口") and not prefix:
                weight = 0.5
            else:
                weight = 0.8 + 0.12 * len(prefix)
            name = prefix + sort
            if named_only and len(prefix) < 2:
                continue
            if not prefix and sort == "物业" and place and gazetteer.places[place].level == "landmark":
                name, weight = gazetteer.places[place].name + "物业", 0.9 if of_others(line.text) else 1.0
            sure = min(0.85, 0.5 + 0.25 * weight)
            best = _better(best, weight, name, _value(name, sure, evidence(line, start, end)))
        if named_only or of_others(line.text):
            continue
        if role := reading.once(_role):
            best = _better(
                best,
                1.0 if role[0] == "包工头" else 0.6,
                role[0],
                _value(role[0], 0.6, evidence(line, role.start(), role.end())),
            )
    return best[2] if best else None


def _bodies(text: str) -> list[tuple[int, int, str, str]]:
    """Bodies named in a text: span, what stands before the sort, and the sort."""
    found = []
    for match in _NAME.finditer(text):
        prefix = _BREAK.split(match[1])[-1]
        prefix = "" if _VERBS.search(prefix) else prefix
        found.append((match.start(2) - len(prefix), match.end(), prefix, match[2]))
    return found


def _role(text: str) -> re.Match[str] | None:
    return _ROLES.search(text)


def _value(name: str, sure: float, words: Evidence) -> FieldValue:
    return FieldValue(value=name, label=name, confidence=sure, origin="rule", evidence=(words,))


def _better(
    best: tuple[float, str, FieldValue] | None, weight: float, name: str, value: FieldValue
) -> tuple[float, str, FieldValue]:
    return (weight, name, value) if best is None or weight > best[0] + 1e-9 else best
