"""How well the ear hears: character error rate, as the field counts it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from pipeline.asr.engine import Engine
from pipeline.asr.file import transcribe_files
from pipeline.asr.options import EarOptions
from pipeline.asr.script import simplified

ROUNDS = 1000  # resamples of the bootstrap
SPOKEN = "零一二三四五六七八九"
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
_OFF = re.compile(r"[\W_]+")


class Cer(msgspec.Struct, frozen=True, kw_only=True):
    """Pooled character error rate with a bootstrap interval over recordings."""

    cer: float  # edits ÷ reference characters
    low: float  # 95 % interval
    high: float
    recordings: int
    characters: int  # of the references
    digits_right: float | None = (
        None  # share of reference digit strings (≥ 3) that came out exactly; None = there are none
    )


def spoken(text: str) -> str:
    """The form both sides are compared in: Simplified, lower case, numbers as spoken, 幺 → 一, no punctuation.

    A short number is read as a number (20 → 二十), a long one digit by digit (138… → 一三八…), as people do.
    """
    text = simplified(unicodedata.normalize("NFKC", text)).lower()
    text = _NUMBER.sub(lambda match: _read(match[0]), text)
    return _OFF.sub("", text.replace("幺", "一").replace("〇", "零").replace("两", "二"))


def edits(reference: str, heard: str) -> int:
    """Insertions, deletions and substitutions that make one of the other."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(reference, start=1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != got))
    return row[-1]


def score(pairs: Sequence[tuple[str, str]], seed: int = 12345) -> Cer:
    """(reference, heard) texts → pooled CER. Raises ValueError when there is no reference character."""
    forms = [(spoken(reference), spoken(heard)) for reference, heard in pairs]
    wrong = np.array([edits(reference, heard) for reference, heard in forms], dtype=np.float64)
    size = np.array([len(reference) for reference, _ in forms], dtype=np.float64)
    if not size.sum():
        raise ValueError("no reference text to compare with")
    draws = np.random.default_rng(seed).integers(len(forms), size=(ROUNDS, len(forms)))
    rates = wrong[draws].sum(axis=1) / np.maximum(size[draws].sum(axis=1), 1)
    strings = [(run, heard) for reference, heard in forms for run in re.findall(f"[{SPOKEN}]{{3,}}", reference)]
    return Cer(
        cer=round(float(wrong.sum() / size.sum()), 4),
        low=round(float(np.percentile(rates, 2.5)), 4),
        high=round(float(np.percentile(rates, 97.5)), 4),
        recordings=len(forms),
        characters=int(size.sum()),
        digits_right=round(sum(run in heard for run, heard in strings) / len(strings), 4) if strings else None,
    )


async def score_folder(folder: Path, engine: Engine, options: EarOptions, *, stream: bool = False) -> Cer:
    """CER over every NAME.wav with its NAME.txt. Raises ValueError when there is none."""
    references = texts_of(folder)
    heard = dict.fromkeys((str(path) for path in references), "")
    async for segment in transcribe_files(list(references), engine, options, stream=stream):
        if not segment.partial:
            heard[segment.file] = heard.get(segment.file, "") + segment.text
    return score([(text, heard[str(path)]) for path, text in references.items()])


def texts_of(folder: Path) -> dict[Path, str]:
    """Recording → its reference text, for every NAME.wav with a NAME.txt. Raises ValueError when there is none."""
    found = {
        path: path.with_suffix(".txt").read_text(encoding="utf-8")
        for path in sorted(folder.glob("*.wav"))
        if path.with_suffix(".txt").exists()
    }
    if not found:
        raise ValueError(f"{folder}: no NAME.wav with its text in NAME.txt")
    return found


def _read(number: str) -> str:
    percent = number.endswith("%")
    whole, point, rest = number.rstrip("%").partition(".")
    words = _digits(whole) if len(whole) > 4 or (len(whole) > 1 and whole[0] == "0") else _number(int(whole))
    if point:
        words += "点" + _digits(rest)
    return "百分之" + words if percent else words


def _digits(number: str) -> str:
    return "".join(SPOKEN[int(digit)] for digit in number)


def _number(value: int) -> str:
    """0…9999 as spoken."""
    if value < 10:
        return SPOKEN[value]
    words, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, size)
        if digit:
            words += ("零" if gap else "") + SPOKEN[digit] + name
            gap = False
        elif words:
            gap = True
    return words.removeprefix("一") if words.startswith("一十") else words
