"""How words sound: toneless syllables, and syllables with the mergers that dialects and telephone bands bring."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("f", "h"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_READINGS = {"露": "lou", "长": "chang"}  # of characters callers and models swap: 泄露 for 泄漏, 常江路 for 长江路


@lru_cache(maxsize=32768)
def syllable(char: str) -> str:
    """Toneless reading of one character; anything that is no Chinese character reads as itself."""
    return _READINGS.get(char) or lazy_pinyin(char, style=Style.NORMAL, errors="default")[0]


_NOTES: dict[str, str] = {}  # syllable → the private character that stands for it in a tune


def _note(sound: str) -> str:
    if len(sound) == 1:
        return sound
    return _NOTES.setdefault(sound, chr(0xE000 + len(_NOTES)))


@lru_cache(maxsize=32768)
def _note_of(char: str) -> str:
    return _note(syllable(char))


@lru_cache(maxsize=32768)
def _blurred_note_of(char: str) -> str:
    return _note(blurred(syllable(char)))


def _one_by_one(text: str) -> list[str]:
    """What has no reading stands for itself, character by character."""
    return list(text)


@lru_cache(maxsize=1024)  # a text is listened to by many, one after the other
def tune(text: str) -> str:
    """How a text sounds, as a string of the same length: equal slices sound alike, positions stay those of the text."""
    return "".join(map(_note_of, text))


def blurred_tune(text: str) -> str:
    """The same with the mergers of `blurred`."""
    return "".join(map(_blurred_note_of, text))


def tunes(name: str) -> set[str]:
    """Tunes of a name: character by character, and as a whole (长江路 reads chang there, not zhang)."""
    whole = lazy_pinyin(name, style=Style.NORMAL, errors=_one_by_one)  # type: ignore[arg-type]  # it may return a list
    return {tune(name), "".join(map(_note, whole))} if len(whole) == len(name) else {tune(name)}


def blurred_tunes(name: str) -> set[str]:
    """The same with the mergers of `blurred`."""
    whole = lazy_pinyin(name, style=Style.NORMAL, errors=_one_by_one)  # type: ignore[arg-type]  # it may return a list
    return {blurred_tune(name)} | ({"".join(_note(blurred(w)) for w in whole)} if len(whole) == len(name) else set())


@lru_cache(maxsize=4096)
def blurred(sound: str) -> str:
    """The syllable with zh/z, ch/c, sh/s, n/l, r/l, f/h and the nasal endings merged."""
    for long, short in _INITIALS:
        if sound.startswith(long) and len(sound) > len(long):
            sound = short + sound[len(long) :]
            break
    for long, short in _FINALS:
        if sound.endswith(long):
            return sound[: -len(long)] + short
    return sound
