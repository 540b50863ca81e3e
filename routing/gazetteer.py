"""Place names in running speech: found as written, else by sound. A mention keeps every place it could mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import ahocorasick
import msgspec

from routing.sound import blurred_tune, blurred_tunes, tune, tunes
from schemas.catalogue import Place

EXACT, SAME_SOUND, NEAR_SOUND, ONE_OFF = 1.0, 0.85, 0.7, 0.6
HOMOPHONE = 0.55  # another place that sounds like the one written
GENERIC = frozenset("区县镇乡街道路巷村社苑园城里站场桥湾")  # endings that say little about which place is meant
# An alias of two characters is also an everyday word; it counts as a place only beside one of these.
BEFORE = ("在", "住", "到", "去", "从", "是", "位于", "就", "我们", "这边", "属于", "往", "咱", "来")
AFTER = (
    "那边",
    "这边",
    "那里",
    "这里",
    "那块",
    "这块",
    "附近",
    "门口",
    "一带",
    "那一片",
    "街道",
    "的",
    "片区",
    "那儿",
    "这儿",
)
# … and never before one of these: a shop or a bank that carries the name.
NOT_AFTER = ("书店", "银行", "保险", "证券", "品牌", "牌", "人寿", "集团", "烟", "酒")
GAP = "\x00"  # stands for the one syllable that may differ
ORDER = {"district": 0, "street": 1, "community": 2, "road": 2, "landmark": 3}


class Mention(msgspec.Struct, frozen=True):
    """Words of an utterance that name a place."""

    start: int
    end: int
    text: str
    places: tuple[tuple[str, float], ...]  # (place code, likeness 0..1), best first
    by_sound: bool

    @property
    def best(self) -> str:
        return self.places[0][0]


class _Clues:
    """Parts of names in a tune: where one sounds, its name may stand around it."""

    def __init__(self) -> None:
        self._parts: dict[str, set[tuple[int, int]]] = defaultdict(set)  # part → (its place in a name, length of that)
        self._automaton = ahocorasick.Automaton()

    def add(self, part: str, at: int, length: int) -> None:
        self._parts[part].add((at, length))

    def ready(self) -> _Clues:
        """After the last `add`."""
        for part, names in self._parts.items():
            self._automaton.add_word(part, (len(part), tuple(names)))
        if self._parts:
            self._automaton.make_automaton()
        return self

    def spans(self, sounds: str) -> Iterator[tuple[int, int]]:
        """[start, end) of every stretch that may sound like a name."""
        if not self._parts:
            return
        for last, (size, names) in self._automaton.iter(sounds):
            for at, length in names:
                start = last + 1 - size - at
                if start >= 0 and start + length <= len(sounds):
                    yield start, start + length


class Gazetteer:
    """Knows every place of a city by name, alias and sound. Pure: the same text gives the same mentions."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places: dict[str, Place] = {p.code: p for p in places}
        self._names: dict[str, list[str]] = defaultdict(list)
        for place in self.places.values():
            for name in dict.fromkeys((place.name, *place.aliases)):
                self._names[name].append(place.code)
        self._sounds: dict[str, set[str]] = defaultdict(set)
        self._blurs: dict[str, set[str]] = defaultdict(set)
        self._gaps: dict[str, set[str]] = defaultdict(set)
        clues, blurred_clues = _Clues(), _Clues()
        self._words = ahocorasick.Automaton()
        for name in self._names:
            self._words.add_word(name, name)
            for sounds in tunes(name):
                self._sounds[sounds].add(name)
                if len(name) >= 3:
                    clues.add(sounds, 0, len(name))
                if len(name) >= 4:  # where one syllable differs, one half of the name is as it should be
                    clues.add(sounds[: len(name) // 2], 0, len(name))
                    clues.add(sounds[len(name) // 2 :], len(name) // 2, len(name))
                    for i in range(len(name)):
                        self._gaps[sounds[:i] + GAP + sounds[i + 1 :]].add(name)
            if len(name) >= 3:
                for sounds in blurred_tunes(name):
                    self._blurs[sounds].add(name)
                    blurred_clues.add(sounds, 0, len(name))
        self._words.make_automaton()
        self._clues, self._blurred_clues = clues.ready(), blurred_clues.ready()
        self._lines: dict[str, tuple[str, ...]] = {c: self._line(c) for c in self.places}

    def _line(self, code: str) -> tuple[str, ...]:
        line, at = [code], self.places[code].parent
        while at is not None:
            line.append(at)
            at = self.places[at].parent
        return tuple(line)

    def line(self, code: str) -> tuple[str, ...]:
        """The place and all it lies in, innermost first."""
        return self._lines[code]

    def above(self, code: str, level: str) -> Place | None:
        """The place of that level which `code` is or lies in."""
        return next((self.places[c] for c in self._lines[code] if self.places[c].level == level), None)

    def find(self, text: str) -> tuple[Mention, ...]:
        """All mentions, in order, not overlapping."""
        found = self._written(text)
        taken = [False] * len(text)
        for mention in found:
            taken[mention.start : mention.end] = [True] * (mention.end - mention.start)
        found += self._heard(text, taken)
        return tuple(sorted(found, key=lambda m: m.start))

    def _written(self, text: str) -> list[Mention]:
        hits = [(end + 1 - len(name), end + 1, name) for end, name in self._words.iter(text)]
        hits.sort(key=lambda h: (h[0] - h[1], h[0]))
        kept: list[Mention] = []
        taken = [False] * len(text)
        for start, end, name in hits:
            if any(taken[start:end]) or not self._stands(text, start, end, name):
                continue
            taken[start:end] = [True] * (end - start)
            kept.append(Mention(start, end, name, self._candidates(name), False))
        return kept

    def _stands(self, text: str, start: int, end: int, name: str) -> bool:
        """A short alias needs company that makes it a place; a full name stands alone."""
        if len(name) > 2 or any(self.places[c].name == name for c in self._names[name]):
            return True
        before, after = text[:start], text[end:]
        if after.startswith(NOT_AFTER):
            return False
        alone = not before.strip("，。 嗯啊呃") and not after.strip("，。 啊呀吧的")
        return alone or before.endswith(BEFORE) or after.startswith(AFTER)

    def _candidates(self, name: str) -> tuple[tuple[str, float], ...]:
        exact = sorted(self._names[name], key=lambda c: ORDER[self.places[c].level])
        alike = {n for s in tunes(name) for n in self._sounds[s] if n != name}
        others = sorted({c for n in alike for c in self._names[n]} - set(exact))
        return tuple((c, EXACT) for c in exact) + tuple((c, HOMOPHONE) for c in others)

    def _heard(self, text: str, taken: list[bool]) -> list[Mention]:
        sounds, blurs = tune(text), blurred_tune(text)
        hits: list[tuple[float, int, int, str]] = []
        for start, end in sorted({*self._clues.spans(sounds), *self._blurred_clues.spans(blurs)}):
            if any(taken[start:end]) or not "\u4e00" <= text[end - 1] <= "\u9fff":
                continue
            for name, likeness in self._alike(sounds[start:end], blurs[start:end]):
                if self._shares(text[start:end], name, likeness):
                    hits.append((likeness, start, end, name))
        hits.sort(key=lambda h: (-(h[2] - h[1]), -h[0], h[1], h[3]))
        found: list[Mention] = []
        while hits:
            _, start, end, _ = hits[0]
            same = sorted({(-h[0], h[3]) for h in hits if h[1:3] == (start, end)})
            codes: dict[str, float] = {}
            for minus, name in same:
                for code in self._names[name]:
                    codes.setdefault(code, -minus)
            found.append(Mention(start, end, text[start:end], tuple(codes.items()), True))
            hits = [h for h in hits if h[2] <= start or h[1] >= end]
        return found

    def _alike(self, sounds: str, blurs: str) -> list[tuple[str, float]]:
        if names := self._sounds.get(sounds):
            return [(n, SAME_SOUND) for n in sorted(names)]
        if names := self._blurs.get(blurs):
            return [(n, NEAR_SOUND) for n in sorted(names)]
        if len(sounds) >= 4:
            for i in range(len(sounds)):
                if names := self._gaps.get(sounds[:i] + GAP + sounds[i + 1 :]):
                    return [(n, ONE_OFF) for n in sorted(names)]
        return []

    @staticmethod
    def _shares(heard: str, name: str, likeness: float) -> bool:
        """Sound alone is not enough: some written character must agree, a telling one when sound is only near."""
        common = sum(a == b for a, b in zip(heard, name, strict=True))
        telling = sum(a == b and a not in GENERIC for a, b in zip(heard, name, strict=True))
        if likeness == SAME_SOUND:
            return common > 0
        if likeness == NEAR_SOUND:
            return telling > 0 or (common > 0 and len(name) >= 4)
        return telling >= 2 and heard[-1] == name[-1]
