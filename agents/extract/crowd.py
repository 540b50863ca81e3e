"""How many a matter touches: whether the caller speaks for many, and how many homes he counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import beside_the_matter
from agents.lines import evidence
from agents.numerals import number, plain
from agents.reading import Reading
from schemas.draft import FieldValue

_N = r"[0-9]+|[一二两三四五六七八九十百千]+|好几十|几十|十几|上百|好几百|几百|几千|十来|上千"
_HOMES = re.compile(
    rf"({_N})(多|来|几)?(?:户(?!口|型|外|籍)(?:人家|居民|业主|家庭)?|家(?:住户|人家|业主|居民|(?!店|公司|单位|饭|医院|银行|人|里|长|庭|具|超市|企业|商|工厂)))"
)
_COUNTLESS = {"好几十": 30, "几十": 30, "十几": 12, "十来": 10, "上百": 100, "几百": 300, "好几百": 400, "几千": 3000,
              "上千": 1000}  # fmt: skip
_NEEDED = re.compile(r"(?:要|需要|得有|至少|满|够)(?:多少|几|[^，。]{0,4}$)")
_STOREYS = re.compile(r"[层梯栋幢]$")  # 七层十四家 tells how big a house is
_GROUP = re.compile(
    r"(?:几|数|好几|上(?=百|千)|[一二三四五六七八九两]?十|[一二三四五六七八九两]?百|[0-9]{2,})(?:[几多来])?(?:户(?!口|型|籍|外|头)|家住户|家人家|家居民|家业主|家(?![店公单饭医银人里长庭具超企商工通网药诊幼学培机酒宾旅餐中快物房平])|个?家长|名?业主|个?工人|个工友|位居民|户人家|个村民|号人|口人)"
    r"|[一二三四五六七八九]?十[一二三四五六七八九几]?(?:多)?个人"
    r"|(?:我们|咱们)(?:整个|全|这)?(?:小区|村|楼|栋楼|单元|班|厂|楼道|院子)(?:的)?(?:里)?(?:人|好多|居民|业主|家长|村民|住户|工人|都|大家)"
    r"|整(?:栋楼|个小区|个村|条街|个单元)|左邻右舍|家家户户|户户都|街坊(?:邻居|四邻)|四邻|楼上楼下[^，。]{0,3}[都全也]|大伙儿?[^，。]{0,3}[都全也]|(?:邻居|乡亲|村民|业主|老人|住户)们?[都全]|好些(?:人|户|家)|(?<!那)上下楼都|不(?:光|止|只|单|仅|是)(?:是)?(?:我|俺|咱)(?:们)?(?:一|自)?(?:家|个|户|己)|全(?:小区|村|楼)|大家都|好多(?:人|家|户|业主|居民|家长)|业主们|居民们|家长们|工友们|联名|集体(?!土地|地|户|经济|资产|所有|企业|宿舍|房|林|山)"
)


def households(readings: Sequence[Reading]) -> FieldValue | None:
    """How many homes the caller says are touched; his last word on it."""
    found: FieldValue | None = None
    for reading in readings:
        if reading.line.caller and (m := reading.once(_homes)):
            start, end, many, about = m
            words = evidence(reading.line, start, end)
            label = f"{'约' if about else ''}{plain(many)}户"
            found = FieldValue(value=plain(many), label=label, confidence=0.85, origin="rule", evidence=(words,))
    return found


def is_group(readings: Sequence[Reading]) -> FieldValue | None:
    """Whether the caller speaks for many."""
    for reading in readings:
        if reading.line.caller and (m := reading.once(_many)):
            words = evidence(reading.line, m.start(), m.end())
            return FieldValue(value="yes", label="是", confidence=0.8, origin="rule", evidence=(words,))
    return None


def _homes(text: str) -> tuple[int, int, float, bool] | None:
    if beside_the_matter(text):
        return None
    for match in _HOMES.finditer(text):
        many = _COUNTLESS.get(match[1]) or number(match[1])
        if (
            not many
            or many < 2
            or _STOREYS.search(text[: match.start()])
            or _NEEDED.search(text[: match.start()] + match[1])
        ):
            continue
        return match.start(), match.end(), float(many), bool(match[2]) or match[1] in _COUNTLESS
    return None


def _many(text: str) -> re.Match[str] | None:
    return _GROUP.search(text)
