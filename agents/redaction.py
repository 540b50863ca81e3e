"""What may leave the process: words without numbers, names and addresses that point to a person."""

from __future__ import annotations

import re

from agents.extract.surnames import SURNAMES
from agents.numerals import DIGITS

_SPOKEN = "".join(sorted(set(DIGITS)))
_SURNAME = f"(?:{'|'.join(sorted(SURNAMES, key=len, reverse=True))})"
_PLATE = "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新]"
_FIGURE = rf"(?:[0-9０-９{_SPOKEN}][\s\-—–_.,，、]?)"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "〔邮箱〕"),
    (re.compile(r"(?:https?://|www\.)\S+"), "〔网址〕"),
    (re.compile(r"[A-Z]{1,2}\d{6}[（(][0-9A][)）]"), "〔证件号〕"),
    (re.compile(rf"{_PLATE}[A-Z][·.\s]?[A-Z0-9]{{5,6}}"), "〔车牌〕"),
    (re.compile(rf"{_FIGURE}{{6,}}[0-9xX{_SPOKEN}]?"), "〔号码〕"),
    (re.compile(r"\d+\s*(?:号楼|栋|幢|单元|座)(?:\s*\d+\s*(?:号楼|栋|幢|单元|室|号|楼|层))*"), "〔门牌〕"),
    (re.compile(r"[\u4e00-\u9fff]{2,8}(?:路|街|巷|弄|道|村|里)[\d一二三四五六七八九十百]+号?(?:之\d+)?"), "〔地址〕"),
    (re.compile(r"[\u4e00-\u9fff]{2,8}(?:小区|花园|家园|公寓|新村|社区|大厦|苑)"), "〔地址〕"),
    (re.compile(rf"(?:我叫|名字叫|姓名是?|本人|我是){_SURNAME}[\u4e00-\u9fff]{{1,2}}"), "〔姓名〕"),
    (re.compile(rf"(?:我姓|免贵姓|姓){_SURNAME}"), "〔姓名〕"),
    (re.compile(rf"{_SURNAME}(?:先生|女士|小姐|师傅|阿姨|大爷|大妈|老师|经理|医生)"), "〔姓名〕"),
)  # fmt: skip


def redacted(text: str, also: tuple[str, ...] = ()) -> str:
    """The text with every number of six digits and more, spoken or written, names, plates and addresses blanked.

    `also` are values known to be personal, such as the caller's name and place as understood: blanked wherever they
    stand. It blanks too much rather than too little: whoever reads it needs the question, not the person.
    """
    for value in sorted({v for v in also if len(v) > 1}, key=len, reverse=True):
        text = text.replace(value, "〔略〕")
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
