"""The likeliest words for what was heard: a search over words that sound like it or that the model nearly wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pipeline.asr.wording.counts import HAN
from pipeline.asr.wording.lexicon import EDGE, LONGEST, Lexicon
from pipeline.asr.wording.spelling import Heard
from routing.sound import blurred_tune, syllable, tune

_WORDS_WEIGHT = 0.35  # of the lexicon against the ear
_SAME_SOUND = 0.25  # cost of another character with the same syllable
_OTHER_SOUND = 1.0  # and of one with another syllable
_WORST = 6.0  # cost no character exceeds, and from which on the model's own alternatives are not looked at
_AFTER = 0.2  # share of the ear's cost after a word's first other character: what the model expected there
# hung on the character it wrote, not on this one
_KEPT = 10  # partial sentences kept per place

Choice = tuple[str, float]  # word, cost of hearing it here


class Rewording:
    """Chooses words for readings. Characters stand where they stood: none is added or lost."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._alike: defaultdict[str, list[str]] = defaultdict(list)
        self._nearly: defaultdict[str, list[str]] = defaultdict(list)
        self._beginnings: set[str] = set()
        for word in lexicon.words:
            if word == EDGE:
                continue
            self._alike[tune(word)].append(word)
            if len(word) > 1:
                self._nearly[blurred_tune(word)].append(word)
            self._beginnings.update(word[:n] for n in range(1, len(word) + 1))

    def best(self, heard: Heard) -> str:
        """The text with its Chinese characters as the likeliest words; everything else as it was."""
        out, done = [], 0
        for run in HAN.finditer(heard.text):
            out += [heard.text[done : run.start()], self._run(heard, run.start(), run.end())]
            done = run.end()
        return "".join([*out, heard.text[done:]])

    def _run(self, heard: Heard, begin: int, end: int) -> str:
        # per place: last word → (score, text so far)
        reached: list[dict[str, tuple[float, str]]] = [{} for _ in range(begin, end + 1)]
        reached[0] = {EDGE: (0.0, "")}
        for at in range(begin, end):
            best = sorted(reached[at - begin].items(), key=lambda item: -item[1][0])[:_KEPT]
            for word, cost in self._choices(heard, at, end):
                there = reached[at - begin + len(word)]
                for before, (score, text) in best:
                    reaches = score + _WORDS_WEIGHT * self._lexicon.logprob(before, word) - cost
                    if word not in there or reaches > there[word][0]:
                        there[word] = (reaches, text + word)
        ends = [
            (score + _WORDS_WEIGHT * self._lexicon.logprob(last, EDGE), text)
            for last, (score, text) in reached[-1].items()
        ]
        return max(ends)[1]

    def _choices(self, heard: Heard, at: int, end: int) -> Iterator[Choice]:
        """Words that may begin at a place: what was written, what sounds like it, what the model nearly wrote."""
        wrote = heard.text[at : min(end, at + LONGEST)]
        sounds, blurred = tune(wrote), blurred_tune(wrote)
        walked = [""]
        for size in range(1, len(wrote) + 1):
            place = at + size - 1
            walked = self._walk(heard, place, walked) if walked else []
            alike, nearly = self._alike.get(sounds[:size], ()), self._nearly.get(blurred[:size], ())
            found = {*alike, *nearly, *(word for word in walked if word in self._lexicon.words)}
            if size == 1:
                found.add(wrote[0])
            for word in found:
                yield word, self._cost(heard, at, word)

    def _walk(self, heard: Heard, place: int, walked: list[str]) -> list[str]:
        signs = {sign for sign, cost in heard.near(place).items() if cost < _WORST} | {heard.text[place]}
        return [text + sign for text in walked for sign in signs if text + sign in self._beginnings]

    def _cost(self, heard: Heard, at: int, word: str) -> float:
        cost, share = 0.0, 1.0
        for place, sign in enumerate(word, start=at):
            wrote = heard.text[place]
            if sign != wrote:
                cost += _SAME_SOUND if syllable(sign) == syllable(wrote) else _OTHER_SOUND
                cost += share * min(_WORST, heard.cost(place, sign))
                share = _AFTER
        return cost
