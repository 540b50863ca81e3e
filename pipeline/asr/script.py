"""One way of writing for all that is heard: Simplified, full-width marks, no half characters; keys to compare by."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_MARKS = "，。？！、；："
_HALF = str.maketrans({",": "，", "?": "？", "!": "！", ";": "；", ":": "：", "｡": "。", "､": "、"})
_SPACE_BY_HAN = re.compile(rf"(?<=[{_HAN}{_MARKS}])\s+|\s+(?=[{_HAN}{_MARKS}])")
_MARK_BY_HAN = re.compile(rf"(?<=[{_HAN}])\s*[,?!;:｡､]|[,?!;:｡､]\s*(?=[{_HAN}])")
_STOP_BY_HAN = re.compile(rf"(?<=[{_HAN}])\.(?=[{_HAN}\s]|$)")
_MARK_RUN = re.compile(rf"([{_MARKS}…])[{_MARKS}]+")
_LEADING = re.compile(rf"^[\s{_MARKS}.,…]+")
_DIGITS = str.maketrans("0123456789幺〇", "零一二三四五六七八九一零")


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional → Simplified."""
    return str(_converter().convert(text)) if text else text


def tidy(text: str) -> str:
    """Text as the house writes it."""
    text = unicodedata.normalize("NFC", text).replace("\ufffd", "")
    text = simplified(text)
    text = _MARK_BY_HAN.sub(lambda mark: mark[0].strip().translate(_HALF), text)
    text = _STOP_BY_HAN.sub("。", text)
    text = _SPACE_BY_HAN.sub("", text)
    return _LEADING.sub("", _MARK_RUN.sub(r"\1", text)).strip()


def keyed(text: str) -> list[tuple[str, int]]:
    """(key, index) of every character that is said: two writings of the same sound have the same keys."""
    found = []
    for index, char in enumerate(text):
        plain = unicodedata.normalize("NFKC", char).lower().translate(_DIGITS)
        if plain[:1].isalnum():
            found.append((plain, index))
    return found
