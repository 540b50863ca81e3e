"""Days that follow the moon, the sun or a decree (国庆, 正月初五, 立秋), asked of jionlp with its voice turned off."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from datetime import datetime, timedelta
from functools import lru_cache
from types import ModuleType

FEAST = (
    r"(?:(?:去年|今年|前年)?的?(?:国庆(?!路|街|小区|北|南|村|里)(?:长假)?|五一(?!路|小|广|社|村|大)|"
    r"春节|元旦|中秋|端午|清明(?!路|街|湖)|过(?:完)?年(?!龄|轻|纪|来|费)|元宵|劳动节|重阳|除夕|年三十|"
    r"大年(?:三十|初[一二三四五六七八九])"
    r"|小年(?!轻|级)|七夕|腊八|六一(?:儿童)?(?=节|那|前|后|放)|圣诞|教师节|十一(?=长假|黄金周|放假|"
    r"期间|那会)|(?<![0-9一二两三四五六七八九十几半多来个数])年[前后]"
    r"|八月十五(?!号|日)|正月十五|正月初[一二三四五六七八九十]"
    r"|立春|惊蛰|春分|谷雨|立夏|小满|芒种|夏至|小暑|大暑|立秋|处暑|白露|秋分|寒露|霜降|立冬|冬至)"
    r"(?:节|放假)?(?:期间|那天|那几天|那会儿|前后|前|后|当天)?)"
)
_FEAST = re.compile(
    r"国庆|五一|春节|元旦|中秋|端午|清明|过完?年|元宵|劳动节|[正腊冬]月|初|重阳|除夕|三十|小年|七夕|"
    r"腊八|六一|圣诞|教师节|十一|年[前后]|八月十五"
)
_PLAIN = re.compile(r"(?:期间|那天|那几天|那会儿|当天|放假|长假|前后|前|后)+$")
_SUN = {
    "立春": (2, 4), "惊蛰": (3, 5), "春分": (3, 20), "谷雨": (4, 20), "立夏": (5, 5), "小满": (5, 21), "芒种": (6, 6),
    "夏至": (6, 21), "小暑": (7, 7), "大暑": (7, 23),
    "立秋": (8, 7), "处暑": (8, 23), "白露": (9, 7), "秋分": (9, 23),
    "寒露": (10, 8), "霜降": (10, 23), "立冬": (11, 7), "冬至": (12, 22),
}  # fmt: skip
_NAMES = (
    ("过完年", "春节"), ("过年", "春节"), ("大年三十", "除夕"),
    ("年三十", "除夕"), ("大年", "正月"), ("八月十五", "中秋"),
    ("正月十五", "元宵节"), ("小年", "腊月二十三"), ("腊八", "腊月初八"), ("六一", "儿童节"), ("十一", "国庆"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _library() -> ModuleType:
    """jionlp greets on import and logs what it cannot parse: words of a caller have no place in a log."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import jionlp
    return jionlp


def feast(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Bounds of a feast or a month of the moon; None for anything else."""
    if (day := next((at for name, at in _SUN.items() if name in words), None)) is not None:
        year = now.year - (1 if "去年" in words else 2 if "前年" in words else 0)
        begins = datetime(year, *day)
        begins = begins if begins <= now else begins.replace(year=begins.year - 1)
        return begins, begins + timedelta(days=1)
    if not _FEAST.search(words):
        return None
    if words in ("年前", "年后"):
        spring = feast("春节", now)
        if spring is None:
            return None
        gap = timedelta(days=15)
        return (spring[0] - gap, spring[0]) if words == "年前" else (spring[1], min(spring[1] + gap, now))
    words = _PLAIN.sub("", words)
    for said, name in _NAMES:
        words = words.replace(said, name)
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = _library().parse_time(words, time_base=[now.year, now.month, now.day, now.hour, now.minute, 0])
        begins, ends = (datetime.fromisoformat(t) for t in found["time"])
    except Exception:  # the library raises whatever comes; an unknown feast is no feast
        return None
    finally:
        logging.disable(level)
    if begins > now:  # 国庆, said in March, was last year's
        with contextlib.suppress(ValueError):
            begins, ends = begins.replace(year=begins.year - 1), ends.replace(year=ends.year - 1)
    return begins, ends
