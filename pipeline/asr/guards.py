"""Guards between model and wire: no text from silence, no circles, no half characters, one script."""

from __future__ import annotations

import re

import msgspec

from pipeline.asr.readings import Reading
from pipeline.asr.repetition import collapse, fits
from pipeline.asr.script import tidy

# What the model writes over silence because its teachers were films with subtitles; nobody says it on the telephone.
_CREDITS = re.compile(
    r"字幕(by|志愿者|制作|由|组|提供)|中文字幕|请不吝点赞|点赞.{0,4}订阅|明镜与点点|(谢谢|感谢)(大家)?(观看|收看|收听)|"
    r"^(词曲|作曲|作词|编曲)|下期再见|优优独播|Amara\.?org|subtitles",
    re.IGNORECASE,
)
_CREDITS_ONLY_UP_TO = 30  # characters; a longer utterance that holds such a phrase is somebody's


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A reading after the guards."""

    text: str  # "" = nothing was said
    raw: str  # as read
    flags: tuple[str, ...] = ()  # guards that acted


def looks_wrong(reading: Reading, seconds: float, worst_logprob: float) -> bool:
    """Worth a second, careful reading: unsure, or more than a mouth can say in the time."""
    return bool(reading.text) and (reading.logprob < worst_logprob or not fits(reading.text, seconds))


def better(first: Reading, second: Reading, seconds: float) -> Reading:
    """Of two readings of one window, the one a mouth can have said; then the surer one."""
    return max(first, second, key=lambda reading: (fits(reading.text, seconds), reading.logprob))


def is_silence(reading: Reading, certainty: float) -> bool:
    """Whether the text is imagined: model or voice activity doubt that anyone spoke, and the model is unsure of it."""
    if reading.no_speech > 0.6 and reading.logprob < -0.8:
        return True
    if reading.no_speech > 0.9 and reading.logprob < -0.5:
        return True
    return certainty < 0.6 and (reading.logprob < -0.9 or (reading.no_speech > 0.4 and reading.logprob < -0.6))


def guarded(reading: Reading, seconds: float, certainty: float) -> Heard:
    """All guards, in the order they matter. `certainty` is the mean speech probability of the segment, 0 to 1."""
    if not reading.text:
        return Heard(text="", raw="")
    if is_silence(reading, certainty):
        return Heard(text="", raw=reading.text, flags=("silence",))
    text = tidy(reading.text)
    if len(text) <= _CREDITS_ONLY_UP_TO and _CREDITS.search(text):
        return Heard(text="", raw=reading.text, flags=("credits",))
    text, collapsed = collapse(text, seconds)
    if not any(char.isalnum() for char in text):
        return Heard(text="", raw=reading.text)
    return Heard(text=text, raw=reading.text, flags=("repetition",) if collapsed else ())
