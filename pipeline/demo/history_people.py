"""Demo history, who called and what they said: made-up names and numbers, words from the city's own examples."""

from __future__ import annotations

import random

import msgspec

from routing.city.index import CityIndex
from schemas.catalogue import Category, Place

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    *("敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "秀兰"),
    *("桂英", "建国", "建华", "玉兰", "志强", "秀英", "海燕", "雪梅", "文博", "子涵", "欣怡", "浩然", "晓东", "春梅"),
    *("国庆", "红梅", "立新", "淑珍", "永昌", "思远", "嘉怡", "俊杰"),
)
AGENTS = ("周岚", "何云舒", "许青禾", "郑望", "宋知夏", "林亦", "唐小满", "冯岳")
SUPERVISOR = "陆清源"
_NUMBERS = ("130", "132", "135", "137", "139", "150", "152", "158", "177", "186", "189", "199")
_DEMANDS = {
    "consult": ("想了解具体政策和办理流程", "想知道去哪里办、要带什么材料", "咨询办理条件和时限"),
    "help": ("希望尽快派人处理", "希望相关部门帮忙协调解决", "希望尽快恢复正常"),
    "complaint": ("要求相关单位调查处理并回复", "要求尽快整改", "要求给出明确的解决时间"),
    "report": ("要求查处并保密", "希望执法部门到现场查看"),
    "suggestion": ("建议有关部门研究采纳", "建议纳入明年计划"),
    "praise": ("希望对工作人员提出表扬",),
}
_ANSWERS = {
    "consult": "已按知识库现行政策当场解释，诉求人表示清楚",
    "help": "已电话联系并告知处理办法，诉求人表示认可",
    "complaint": "已解释相关规定和投诉渠道，诉求人表示理解",
    "report": "已告知受理范围和举报渠道",
    "suggestion": "已记录建议并感谢诉求人",
    "praise": "已记录表扬并转告相关单位",
}
_CUES = (
    ("report", ("举报",)),
    ("praise", ("表扬", "感谢", "点赞")),
    ("suggestion", ("建议", "能不能增加", "希望增设")),
    ("consult", ("想问", "请问", "咨询", "怎么办理", "怎么申请", "要带什么", "是什么条件", "多少钱", "能不能")),
)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who calls, once or more often."""

    name: str
    gender: str
    number: str
    district: str  # place code


def callers(city: CityIndex, n: int, dice: random.Random) -> list[Caller]:
    """People of the city. Their numbers have 0000 where a real one names its exchange."""
    districts = city.children(None)
    weights = [len(city.children(d.code)) + 1 for d in districts]
    found = []
    for _ in range(n):
        found.append(
            Caller(
                name=dice.choice(_FAMILY) + dice.choice(_GIVEN),
                gender=dice.choice(("男", "女")),
                number=f"{dice.choice(_NUMBERS)}0000{dice.randrange(10_000):04d}",
                district=dice.choices(districts, weights)[0].code,
            )
        )
    return found


def kind_of(example: str, dice: random.Random) -> str:
    """What somebody wants who speaks so."""
    for kind, cues in _CUES:
        if any(cue in example for cue in cues):
            return kind
    return dice.choices(("help", "complaint", "consult", "suggestion"), (46, 36, 12, 6))[0]


def place_of(city: CityIndex, street: Place | None, dice: random.Random) -> Place | None:
    """Somewhere in the street: a community, road or landmark."""
    inside = city.children(street.code) if street else ()
    return dice.choice(inside) if inside else None


def title_of(place: Place | None, category: Category, kind: str) -> str:
    word = {"consult": "咨询", "praise": "表扬", "suggestion": "建议"}.get(kind, "问题")
    where = place.name if place and kind not in ("consult",) else ""
    return f"{where}{category.name}{word}"[:60]


def content_of(example: str, where: str, kind: str, dice: random.Random) -> str:
    """The matter as an agent writes it down."""
    demand = dice.choice(_DEMANDS[kind])
    verb = "来电咨询" if kind == "consult" else "来电反映"
    at = f"地点：{where}。" if where else ""
    return f"诉求人{verb}：{example.rstrip('。！？')}。{at}诉求：{demand}。"


def demand_of(content: str) -> str:
    return content.rpartition("诉求：")[2].rstrip("。")


def answer_of(kind: str) -> str:
    return _ANSWERS[kind]
