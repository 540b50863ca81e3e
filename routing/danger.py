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
FOLDS = 3  # parts the ordinary sentences are cut into, each judged by a model that never saw it
OPTIONS = Options(min_count=1, high=2)  # some two hundred examples: every n-gram counts

# What any caller says between the matters; no pack lists it, and none of it tells of danger.
SMALL_TALK = (
    "喂", "喂你好", "你好", "嗯", "嗯嗯", "对", "对对对", "是的", "是啊", "好", "好的", "好好好", "行", "行吧",
    "可以", "没有了", "没有了谢谢", "没有了，谢谢你啊", "没有了，麻烦你们了", "没有别的了", "就这些", "就这个事",
    "好，麻烦你了", "麻烦你们快一点啊", "麻烦你们了，谢谢", "谢谢啊", "谢谢你，再见", "再见", "知道了",
    "知道了知道了", "我知道了，谢谢", "明白了", "我等你们电话", "那我等着了", "你们快点来啊", "你们赶紧派人来看看",
    "什么时候能解决", "大概要几天", "我说一下啊", "你听我说", "我跟你说", "是这样的", "怎么说呢", "我想一下",
    "等一下啊", "我找一下", "你稍等", "你说什么", "没听清，你再说一遍", "不是不是", "不对，我说错了", "我姓王",
    "我叫李明", "我的电话是一三八零零零零一二三四", "就是这个号码", "不用保密", "可以公开", "我不想留名字",
    "我住在三号楼二单元", "在小区门口那边", "就在那个路口", "昨天晚上", "上个礼拜", "好几天了", "一直这样",
    "我都打过好几次了", "没人管", "一直没人来", "能不能给个说法", "你们到底管不管", "我很生气", "太气人了",
    "反正就是不行", "我也没办法", "老人家了", "家里有老人孩子", "我跟孩子在家", "满意", "解决了", "还没有",
    "不太满意", "那好吧", "我自己去问问", "要带什么材料", "在哪里办", "多少钱", "几点上班",
)  # fmt: skip


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
        rules = told_of(pack)
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


def told_of(pack: CityPack) -> list[EmergencyRule]:
    """The rules of danger to life of which the pack gives examples; two of them are needed to learn from."""
    return [rule for rule in pack.emergencies if rule.urgency == "critical" and rule.examples]


def everyday(pack: CityPack) -> list[str]:
    """Sentences of callers in no danger: the pack's, on which no emergency rule fires, and small talk."""
    emergencies = Emergencies(pack.emergencies)
    texts = [text for category in pack.categories for text in category.examples]
    texts += [text for article in pack.articles for text in article.questions]
    texts += SMALL_TALK
    return [
        text
        for text in dict.fromkeys(texts)
        if not emergencies.alarms([emergencies.triggers(text)], [emergencies.companions(text)])
    ]


def _judge(danger: Sequence[str], ordinary: Sequence[str]) -> Classifier:
    return Classifier.fit([*danger, *ordinary], [DANGER] * len(danger) + [ORDINARY] * len(ordinary), OPTIONS)
