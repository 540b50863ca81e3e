"""Whom a complaint is about by the words of bodies and roles that rules know."""

from __future__ import annotations

import re

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
    r"(?:要求|希望|督促|[天年月]前|会儿|昨儿|星期[一二三四五六日天]|另外|第二|一件事?|一桩事?|事情|那个|这个|那家|这家|一个|一家|有家|有个|个|家|的|在|是|有|找|跟|和|给|被|让|叫|问|去|到|说|对|向|从|把|了|着|过|我们|你们|他们|咱们|我|你|他|她|就|都|也|还|又|"
    r"不(?!动产)|没|要|想|请|操心|说道|报个信儿|因为|所以|但是|后来|现在|昨天|今天|前面|旁边|楼下|门口|附近|表扬|投诉|举报|反映|"
    r"感谢|咨询|建议|，|。|、| )"
)
_VERBS = re.compile(r"(?:开|关|进|出|上|回|换|收|选|当|做|逛|住|租|订|欠|管|修|建|盖|拆|闹|吵)$")


def bodies(text: str) -> list[tuple[int, int, str, str]]:
    """Bodies named in a text: span, what stands before the sort, and the sort."""
    found = []
    for match in _NAME.finditer(text):
        prefix = _BREAK.split(match[1])[-1]
        prefix = "" if _VERBS.search(prefix) else prefix
        found.append((match.start(2) - len(prefix), match.end(), prefix, match[2]))
    return found


def role(text: str) -> re.Match[str] | None:
    """The first role named in a text."""
    return _ROLES.search(text)
