"""The ear's school, text: words and definitions of general Mandarin, so that the ear must listen and not guess."""

from __future__ import annotations

import contextlib
import io
import re
from functools import cached_property

import numpy as np

HAN = re.compile(r"[一-鿿]+")
HAN_PROSE = re.compile(r"[一-鿿，。、；：？！]+")


class GeneralWords:
    """Words by their frequency, real place names, and short explanatory prose, all from installed dictionaries."""

    @cached_property
    def _jieba(self) -> tuple[list[str], np.ndarray]:
        from pathlib import Path

        import jieba

        words, counts = [], []
        source = Path(jieba.__file__).with_name("dict.txt")
        for line in source.read_text("utf-8").splitlines():
            word, count, *_ = line.split(" ")
            if HAN.fullmatch(word) and int(count) >= 3 and len(word) <= 6:
                words.append(word)
                counts.append(int(count))
        weights = np.asarray(counts, np.float64) ** 0.5
        return words, np.cumsum(weights / weights.sum())

    @cached_property
    def definitions(self) -> list[str]:
        """Sentences of 8 to 40 characters out of a dictionary's explanations."""
        with contextlib.redirect_stdout(io.StringIO()):
            from jionlp.dictionary import dictionary_loader
        found: list[str] = []
        for entries in dictionary_loader.chinese_word_dictionary_loader().values():
            text = entries if isinstance(entries, str) else "。".join(entries)
            for part in re.split(r"[0-9.()（）\s]+", text):
                clean = part.replace(";", "，").replace("；", "，").replace("、", "，").strip("，。：")
                if 8 <= len(clean) <= 40 and HAN_PROSE.fullmatch(clean):
                    found.append(clean + "。")
        return sorted(set(found))

    @cached_property
    def places(self) -> list[str]:
        """Names of real provinces, cities, counties, towns and communities."""
        with contextlib.redirect_stdout(io.StringIO()):
            from jionlp.dictionary import dictionary_loader
        names: set[str] = set()

        def walk(node: object) -> None:
            if isinstance(node, dict):
                for key, value in node.items():
                    if HAN.fullmatch(str(key)) and 2 <= len(str(key)) <= 8:
                        names.add(str(key))
                    walk(value)
            elif isinstance(node, (list, tuple)):
                for value in node:
                    if isinstance(value, str) and HAN.fullmatch(value) and 2 <= len(value) <= 8:
                        names.add(value)

        walk(dictionary_loader.china_location_loader(detail=True))
        return sorted(names)

    def word(self, rng: np.random.Generator) -> str:
        words, cumulated = self._jieba
        return words[min(int(np.searchsorted(cumulated, rng.random())), len(words) - 1)]

    def definition(self, rng: np.random.Generator) -> str:
        return self.definitions[int(rng.integers(len(self.definitions)))]

    def place(self, rng: np.random.Generator) -> str:
        return self.places[int(rng.integers(len(self.places)))]
