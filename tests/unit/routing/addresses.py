"""Labelled addresses of the demo city, made up from its parts."""

from __future__ import annotations

from routing.address_bio import Labelled, words


def labelled(*parts: tuple[str, str]) -> Labelled:
    """An address of parts: what is written, and its kind."""
    text: list[str] = []
    labels: list[str] = []
    for written, kind in parts:
        for at, (_, word) in enumerate(words(written)):
            text.append(word)
            labels.append("O" if kind == "O" else f"{'I' if at else 'B'}-{kind}")
    return tuple(text), tuple(labels)


PLACES = [("澄湖区", "梧桐路"), ("临江区", "官渡路"), ("古塔区", "西关大街"), ("望岳区", "学宫路")]
DATA = [
    labelled((district, "district"), (road, "road"), (f"{number}号", "roadno"))
    for district, _ in PLACES
    for _, road in PLACES
    for number in (3, 15, 208)
]
