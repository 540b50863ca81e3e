"""A second ear for danger to life: learns from the pack how callers tell of it in words no list foresees.

It never raises an alarm. It makes the copilot ask: the agent sees the doubt, the words and the rule it resembles.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from routing.classifier import Classifier, Options
from routing.emergency import Emergencies
from schemas.catalogue import CityPack, EmergencyRule

DANGER, ORDINARY = "danger", "ordinary"
FOLDS = 5  # parts the ordinary sentences are cut into, each judged by a model that never saw it
OPTIONS = Options(min_count=1, high=2)  # some two hundred examples: every n-gram counts


class Doubt(msgspec.Struct, frozen=True):
    """A sentence that may tell of danger to life."""

    rule: EmergencyRule  # the rule whose examples it resembles most
    margin: float  # how far over the threshold, in the model's own unit


class Danger:
    """Judges one sentence of the caller at a time. Deterministic: the same pack gives the same judge."""

    def __init__(self, judge: Classifier, namer: Classifier, rules: Sequence[EmergencyRule], threshold: float) -> None:
        self.threshold = threshold
        self._judge = judge
        self._namer = namer
        self._rules = {rule.id: rule for rule in rules}
        self._column = judge.labels.index(DANGER)

    @classmethod
    def fit(cls, pack: CityPack, false_share: float = 0.03) -> Danger:
        """Learns from the critical rules' examples against the pack's ordinary matters and questions.

        The threshold lets `false_share` of ordinary sentences through, judged by models that never saw them. Raises
        ValueError for a pack without examples of two kinds of danger.
        """
        rules = [rule for rule in pack.emergencies if rule.urgency == "critical" and rule.examples]
        told = [(text, rule.id) for rule in rules for text in rule.examples]
        if len(rules) < 2:
            raise ValueError("the pack's emergencies.jsonl gives examples of fewer than two critical rules")
        texts = [text for text, _ in told]
        ordinary = everyday(pack)
        held_out: list[float] = []
        for fold in range(FOLDS):
            seen = [text for i, text in enumerate(ordinary) if i % FOLDS != fold]
            judge = _judge(texts, seen)
            column = judge.labels.index(DANGER)
            held_out += [float(judge.margins(text)[column]) for text in ordinary[fold::FOLDS]]
        threshold = sorted(held_out)[min(len(held_out) - 1, int(len(held_out) * (1 - false_share)))]
        namer = Classifier.fit(texts, [rule for _, rule in told], OPTIONS)
        return cls(_judge(texts, ordinary), namer, rules, threshold)

    def hear(self, text: str) -> Doubt | None:
        """The doubt a sentence raises, if any."""
        margin = float(self._judge.margins(text)[self._column]) - self.threshold
        if margin <= 0:
            return None
        return Doubt(self._rules[self._namer.top(text, 1)[0][0]], margin)


def everyday(pack: CityPack) -> list[str]:
    """Sentences of callers in no danger: the pack's examples and questions on which no emergency rule fires."""
    emergencies = Emergencies(pack.emergencies)
    texts = [text for category in pack.categories for text in category.examples]
    texts += [text for article in pack.articles for text in article.questions]
    return [
        text
        for text in dict.fromkeys(texts)
        if not emergencies.alarms([emergencies.triggers(text)], [emergencies.companions(text)])
    ]


def _judge(danger: Sequence[str], ordinary: Sequence[str]) -> Classifier:
    return Classifier.fit([*danger, *ordinary], [DANGER] * len(danger) + [ORDINARY] * len(ordinary), OPTIONS)
