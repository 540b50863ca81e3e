"""Local agreement on characters: what two readings of a growing segment agree on is stable and never taken back."""

from __future__ import annotations

from itertools import takewhile

from pipeline.asr.script import keyed


class Agreement:
    """The text of one open segment. Promise: `stable` only ever grows at its end."""

    def __init__(self) -> None:
        self.stable = ""
        self.unstable = ""
        self._agreed: list[str] = []  # keys of `stable`
        self._expected: list[str] = []  # keys the reading before put after them

    @property
    def text(self) -> str:
        """All that is shown."""
        return self.stable + self.unstable

    @property
    def agreed(self) -> list[str]:
        """Keys of the stable text."""
        return self._agreed

    def update(self, reading: str) -> bool:
        """Takes a newer reading of the same segment; says whether what is shown changed."""
        before = (self.stable, self.unstable)
        keys = keyed(reading)
        done = self._covered([key for key, _ in keys])
        rest = [key for key, _ in keys[done:]]
        pairs = zip(self._expected, rest, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        start = keys[done - 1][1] + 1 if done else 0
        end = keys[done + same - 1][1] + 1 if same else start
        self.stable += reading[start:end] if same else ""
        self.unstable = reading[end:]
        self._agreed += rest[:same]
        self._expected = rest[same:]
        return before != (self.stable, self.unstable)

    def _covered(self, keys: list[str]) -> int:
        """How many keys of a reading the stable text answers for: its best match among the reading's beginnings."""
        agreed = self._agreed
        if keys[: len(agreed)] == agreed:
            return len(agreed)
        costs = list(range(len(keys) + 1))
        for row, mine in enumerate(agreed, start=1):
            above, costs[0] = costs[0], row
            for n, theirs in enumerate(keys, start=1):
                costs[n], above = min(costs[n] + 1, costs[n - 1] + 1, above + (mine != theirs)), costs[n]
        return min(range(len(costs)), key=lambda n: (costs[n], abs(n - len(agreed))))


def reconcile(final: str, looped: bool, heard: Agreement) -> tuple[str, bool]:
    """The final text against what was shown as stable; True when the shown text was kept.

    A final that breaks off within the stable text, or that went round in circles and says something else, is the worse
    witness of the two.
    """
    agreed = heard.agreed
    keys = [key for key, _ in keyed(final)]
    broken_off = len(keys) < len(agreed) and agreed[: len(keys)] == keys
    astray = looped and keys[: len(agreed)] != agreed
    if agreed and (broken_off or astray):
        return heard.text, True
    return final, False
