"""Days that follow the moon or a decree (国庆, 腊月, 正月初五), asked of jionlp with its voice turned off."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from datetime import datetime
from functools import lru_cache
from types import ModuleType

_FEAST = re.compile(r"国庆|五一|春节|元旦|中秋|端午|清明|过年|元宵|劳动节|[正腊冬]月|初")
_PLAIN = re.compile(r"期间|那天|前$|后$")


@lru_cache(maxsize=1)
def _library() -> ModuleType:
    """jionlp greets on import and logs what it cannot parse: words of a caller have no place in a log."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import jionlp
    return jionlp


def feast(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Bounds of a feast or a month of the moon; None for anything else."""
    if not _FEAST.search(words):
        return None
    words = _PLAIN.sub("", words).replace("过年", "春节")
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
