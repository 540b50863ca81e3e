"""From texts to a lexicon: words and pairs of words are counted and joined with a general dictionary."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from pipeline.asr.wording.lexicon import EDGE, LONGEST, Lexicon

HAN = re.compile(r"[一-鿿]+")
_LEAST = 10  # times the dictionary's texts held a word; rarer ones are mostly names and noise
_LONGEST_GENERAL = 5  # characters; longer entries are phrases of the dictionary's own texts
_CITY_SHARE = 0.4  # of the probability of single words
_NAME_COUNT = 3  # times a name counts as met: callers say names that no text holds


def lexicon_of(texts: Iterable[str], names: Iterable[str], revision: str = "") -> Lexicon:
    """Counts what `texts` hold; `names` (places, bodies) stay whole. Mandarin as such comes from jieba's dictionary."""
    cutter = _cutter()
    known = [name for name in dict.fromkeys(names) if HAN.fullmatch(name) and 2 <= len(name) <= LONGEST]
    for name in known:
        cutter.add_word(name)
    single: Counter[str] = Counter()
    follow: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for run in HAN.findall(text):
            words = [EDGE, *cutter.cut(run, HMM=False), EDGE]
            single.update(words[1:])
            for before, word in pairwise(words):
                follow[before][word] += 1
    for name in known:
        single[name] += _NAME_COUNT
    return Lexicon(
        revision=revision,
        words=_probabilities(single, _general(cutter)),
        follow={before: dict(pairs) for before, pairs in follow.items()},
        met={before: pairs.total() for before, pairs in follow.items()},
    )


def _cutter() -> Any:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    cutter = jieba.Tokenizer()
    # not `initialize`: that trusts a cache in the machine's shared folder for temporary files
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    return cutter


def _general(cutter: Any) -> dict[str, int]:
    return {
        word: count
        for word, count in cutter.FREQ.items()
        if count >= _LEAST and len(word) <= _LONGEST_GENERAL and HAN.fullmatch(word)
    }


def _probabilities(city: Counter[str], general: dict[str, int]) -> dict[str, float]:
    met, common = max(1, city.total()), max(1, sum(general.values()))
    return {
        word: _CITY_SHARE * city[word] / met + (1 - _CITY_SHARE) * (general.get(word, 0) + 0.5) / common
        for word in {*general, *city}
    }
