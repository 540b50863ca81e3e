"""Both Chinese scripts as one: what is written in Traditional characters is read as if written in Simplified ones."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in Simplified characters; what is Simplified already, or not Chinese, stays as it is."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if clean.isascii() else str(_converter().convert(clean))
