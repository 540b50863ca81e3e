"""The phrases of labelled addresses (which names were districts, which roads): what a tagger remembers of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from routing.address_bio import Labelled, phrases

LONGEST = 10  # words of a phrase looked up
MOSTLY, RARELY = 0.8, 0.3  # shares of a name's uses from which a kind is usual, below which it is odd


class PhraseLexicon:
    """Marks where known phrases stand. While learning, an address is not told of itself: its own count is taken off."""

    def __init__(self, counts: dict[str, dict[str, int]]) -> None:
        """`counts`: phrase → kind → how often."""
        self.counts = counts

    @classmethod
    def of(cls, data: Iterable[Labelled]) -> PhraseLexicon:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for words, labels in data:
            for (name, kind), n in _named(words, labels).items():
                counts[name][kind] += n
        return cls({name: dict(sorted(kinds.items())) for name, kinds in sorted(counts.items())})

    def signs(self, words: Sequence[str], labels: Sequence[str] | None = None) -> list[list[str]]:
        """Signs of every word; with `labels`, as if this address had never been seen."""
        own = _named(words, labels) if labels is not None else Counter()
        found: list[set[str]] = [set() for _ in words]
        longest: list[tuple[int, str]] = [(0, "")] * len(words)
        for start in range(len(words)):
            for end in range(start + 2, min(len(words), start + LONGEST) + 1):
                name = "".join(words[start:end])
                if (kinds := self.counts.get(name)) is None:
                    continue
                if own:
                    kinds = {kind: left for kind, n in kinds.items() if (left := n - own[name, kind]) > 0}
                if kinds:
                    _mark(found, start, end, kinds)
                    usual = max(kinds, key=lambda kind: (kinds[kind], kind))
                    for at in range(start, end):
                        if end - start > longest[at][0]:
                            place = "B" if at == start else "E" if at == end - 1 else "I"
                            longest[at] = (end - start, f"{place}{usual}{min(end - start, 5)}")
        return [[*sorted(own_signs), f"zM{best}"] for own_signs, (_, best) in zip(found, longest, strict=True)]


def _mark(found: list[set[str]], start: int, end: int, kinds: dict[str, int]) -> None:
    total = sum(kinds.values())
    for kind, n in kinds.items():
        weight = "+" if n > 1 and n >= MOSTLY * total else "-" if n < RARELY * total else ""
        found[start].add(f"zB{kind}{weight}")
        found[end - 1].add(f"zE{kind}{weight}")
        for at in range(start + 1, end - 1):
            found[at].add(f"zI{kind}")
        if end < len(found):
            found[end].add(f"zA{kind}")


def _named(words: Sequence[str], labels: Sequence[str]) -> Counter[tuple[str, str]]:
    return Counter(("".join(words[start:end]), kind) for start, end, kind in phrases(labels))
