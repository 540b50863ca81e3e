"""A second ear for danger to life: learns from the pack how callers tell of it in words no list foresees.

It never raises an alarm. It makes the copilot ask: the agent sees the doubt, the words and the rule it resembles.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing import calm, emergency, person, phrases
from routing.calm import NOW, explained
from routing.classifier import Classifier, Options
from routing.emergency import Emergencies
from routing.fitted import Shelf, source_of
from routing.held_out import unseen_margins
from routing.person import standard, without_sex
from schemas.catalogue import CityPack, EmergencyRule

DANGER, ORDINARY = "danger", "ordinary"
FOLDS = 3  # parts the lessons are cut into, each judged by a model that never saw it
FALSE_SHARE = 0.04  # of ordinary sentences, look-alikes among them, may raise a doubt
MORE = 0.3  # needed over the threshold by few words, and by what sounds over, past, heard of or a manner of speaking
FEW = 10  # characters
LOST_SHARE = 0.01  # of the dangers told in a rule's words may be taken for none, judged by models that never saw them
NO_VETO = 12  # characters up to which words of a rule stand, whatever the model says: 着火了快来
OPTIONS = Options(min_count=1, high=2, balance=1.0, sense=0.5)  # few lessons: every n-gram counts
SENTENCE = 5  # characters from which on a part of a line is judged by itself
_OPENING = re.compile(
    r"^(?:(?:喂+|[诶欸哎唉嗯额呃哦噢啊]+[呀哟]?|那个|这个|然后|就是|反正|[你您]好[啊呀]?|[你您]们好|劳驾|同志|师傅|姑娘|小姐|先生|领导"
    r"|不好意思|打扰(?:一下|了)?|麻烦(?:[你您](?:了|一下)?|问一[下声])?[啊呀]?|请问|听得?[见到](?:不|吗|么|没)?|通了|对"
    r"|[是这]*(?:12345|一二三四五|热线|政府)(?:热线)?(?:吗|么|吧|不)?|怎么说呢|等一?下[啊哈]?|我(?:想|要)(?:说(?:的是|一下)?)?(?=，)"
    r"|我(?:跟|给|和|同)[你您]们?(?:说|讲|反映)(?:一下|个事)?[啊哈]?|我想(?:说的是|反映一下)|是这样的?[啊哈]?)[，,。、！!？?\s]*)+"
)  # what comes before the telling
_SENTENCES = re.compile(r"[。！？!?；;]+")

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
    """Judges one line of the caller at a time. Deterministic: the same pack gives the same judge."""

    def __init__(
        self, judge: Classifier, namer: Classifier, rules: Sequence[EmergencyRule], threshold: float, floor: float
    ) -> None:
        self.threshold = threshold  # margin over which a line raises a doubt
        self.floor = floor  # margin under which it tells of no danger, whatever its words
        self._judge = judge
        self._namer = namer
        self._rules = {rule.id: rule for rule in rules}

    @classmethod
    def fit(cls, pack: CityPack, false_share: float = FALSE_SHARE, shelf: Shelf | None = None) -> Danger:
        """Learns from the pack's tellings of danger against its ordinary matters, questions and look-alikes.

        The threshold lets `false_share` of ordinary sentences through, judged by models that never saw them; under the
        floor lies next to none of the dangers told in a rule's words. Raises ValueError for a pack that tells of fewer
        than two kinds of danger.
        """
        rules, told, shelf = told_of(pack), tellings(pack), shelf or Shelf()
        if len(rules) < 2:
            raise ValueError("the pack's emergencies.jsonl and perils.jsonl tell of fewer than two critical rules")
        texts = [text for text, _ in told]
        ordinary = cache(lambda: everyday(pack))

        def lessons() -> tuple[list[str], list[str]]:
            heard = [_plain(text) for text in (*texts, *ordinary())]
            return heard, [DANGER] * len(texts) + [ORDINARY] * len(ordinary())

        def limits() -> dict[str, float]:
            none, some = _held_out(*lessons())
            threshold, emergencies = _share(none, 1 - false_share), Emergencies(pack.emergencies)
            named = some[np.array([_fires(emergencies, text) for text in texts])]
            return {"threshold": threshold, "floor": min(threshold, _share(named, LOST_SHARE) if len(named) else -99.0)}

        key = (told, _said(pack), pack.emergencies, source_of(sys.modules[__name__], emergency, phrases, person, calm))
        return cls(
            shelf.learnt("danger", key, lessons, OPTIONS),
            shelf.classifier("danger-rule", texts, [rule for _, rule in told], OPTIONS),
            rules,
            **shelf.numbers("danger-limits", (*key, false_share), limits),
        )

    def margin(self, text: str) -> float:
        """How much a line sounds like danger, in the model's own unit: the most of its sentences and the whole."""
        return _margin(self._judge, text)

    def hear(self, text: str, margin: float | None = None, denied: bool = False) -> Doubt | None:
        """The doubt a line raises, if any. `denied`: its words of danger are explained away; then it needs more."""
        over = (self.margin(text) if margin is None else margin) - self.threshold
        if over <= 0 or (over <= MORE and (denied or len(text) <= FEW or explained(text))):
            return None
        return Doubt(self._rules[self._namer.top(text, 1)[0][0]], over)

    def sure_of_none(self, text: str, margin: float) -> bool:
        """Whether a rule's words in the line are to be passed over. Never of few words, nor of what is now."""
        return margin < self.floor and len(text) > NO_VETO and not NOW.search(text)


def told_of(pack: CityPack) -> list[EmergencyRule]:
    """The rules of danger to life of which the pack gives tellings; two of them are needed to learn from."""
    told = {peril.rule for peril in pack.perils}
    return [rule for rule in pack.emergencies if rule.urgency == "critical" and (rule.examples or rule.id in told)]


def tellings(pack: CityPack) -> list[tuple[str, str]]:
    """Every telling of danger to life in the pack, with its rule."""
    rules = told_of(pack)
    known = {rule.id for rule in rules}
    told = [(text, rule.id) for rule in rules for text in rule.examples]
    return told + [(peril.text, peril.rule) for peril in pack.perils if peril.rule in known]


def everyday(pack: CityPack) -> list[str]:
    """Sentences of callers in no danger: the pack's, on which no emergency rule fires, small talk, and look-alikes."""
    emergencies = Emergencies(pack.emergencies)
    told = {text for text, _ in tellings(pack)}
    plain, alike = _said(pack)
    texts = [text for text in dict.fromkeys((*plain, *SMALL_TALK)) if text not in told]
    return [*(text for text in texts if not _fires(emergencies, text)), *alike]


def _said(pack: CityPack) -> tuple[list[str], list[str]]:
    """What the pack's callers say of any matter, and what only sounds like danger."""
    texts = [text for category in pack.categories for text in category.examples]
    texts += [text for article in pack.articles for text in article.questions]
    texts += [telling.text for telling in pack.tellings]
    return texts, [peril.text for peril in pack.perils if not peril.rule]


def _fires(emergencies: Emergencies, text: str) -> bool:
    return bool(emergencies.alarms([emergencies.triggers(text)], [emergencies.companions(text)]))


def _plain(text: str) -> str:
    """What the judge reads: who is in danger, and in which dialect it is told, makes it neither more nor less."""
    return without_sex(standard(text))


def _margin(judge: Classifier, text: str) -> float:
    column = judge.labels.index(DANGER)
    text = _plain(_OPENING.sub("", text) or text)
    parts = [part for part in _SENTENCES.split(text) if len(part) >= SENTENCE]
    if len(parts) < 2:
        return float(judge.margins(text)[column])
    projected = [judge.project(part) for part in parts]
    alone = max(float(judge.join([part])[column]) for part in projected)
    return max(alone, float(judge.join(projected)[column]))


def _held_out(texts: Sequence[str], named: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Margins of the ordinary and of the dangerous sentences, each from a model that never saw it; dangers first."""
    dangers = named.count(DANGER)
    fold = np.concatenate([np.arange(dangers), np.arange(len(texts) - dangers)]) % FOLDS
    names, margins = unseen_margins(texts, named, fold, OPTIONS)
    column = margins[:, names.index(DANGER)]
    return column[dangers:], column[:dangers]


def _share(margins: NDArray[np.float32], share: float) -> float:
    return float(np.sort(margins)[min(len(margins) - 1, int(len(margins) * share))])
