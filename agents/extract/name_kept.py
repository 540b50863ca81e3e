"""A second ear for whether a name is to be kept: what the agent asks of it, what the caller says to that or unasked."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.extract import learnt
from agents.extract.learnt import FOLDS, least_sure, over_all_but, plain, story_lines, together
from agents.lessons import Hide, lessons
from routing.classifier import Classifier, Options
from routing.fitted import Shelf, source_of
from routing.held_out import unseen_margins

Asked = Literal["hide", "show", "either", ""]
Kept = Literal["yes", "no", ""]

ASKS = Options(high=2, min_count=1, balance=1.0, c=1.0, sense=0.7)
SAYS = Options(high=2, min_count=2, balance=1.0, c=0.3, sense=0.5)
ANSWERS = Options(high=2, min_count=1, balance=1.0, c=0.5, sense=0.5)
FALSE_SHARE = 0.003  # of lines that tell their matter may sound like a wish for his name
FALSE_ASKS = 0.015  # of the agent's other lines may sound like a question about it
MISREAD = 0.1  # of the questions taken for one about hiding may be about showing, or the other way round
WRONG = 0.15  # of the answers understood may be misunderstood
LEAST = 5  # characters from which on a line says something unasked
ALONE = 9  # characters from which on an answer says by itself what it means
RULE = 1.2  # what the words of a rule add to what they say
_ANCHOR = re.compile(  # without such a word no line asks of it
    r"[密匿隐藏瞒遮露泄漏怕给让转抹]|实名|名义|名字|姓名|署名|留名|真名|公开|告诉|告知|知道|晓得|知晓|提供|透|屏蔽|身份|信息|资料|介意|担心|顾虑|忌讳"
    r"|本人|投诉人|谁|哪位|保护|[说写提](?:上)?(?:是)?[您你]|联系"
)
NONE, AGREE, REFUSE = "-", "agree", "refuse"


class Ask(msgspec.Struct, frozen=True):
    """A line of an agent, and whether it asks to hide the caller's name, to show it, which of both, or neither."""

    agent: str
    asks: str


class Leaning(NamedTuple):
    """How far a line goes each way: wants the name kept or shown, or says yes or no to what was asked."""

    yes: float
    no: float
    words: bool = True  # enough of them to say something by themselves


class NameKept:
    """Says what a line asks or tells of the name. Deterministic: the same lessons give the same ear."""

    def __init__(
        self,
        asks: Classifier,
        says: Classifier,
        answers: Classifier,
        asked: float,
        unasked: float,
        question: float,
        lead: float,
    ) -> None:
        self.question = question  # margin over which an agent asks
        self.lead = lead  # of hiding over showing, or the other way round, over which one knows which
        self.unasked = unasked  # margin over which a line speaks by itself
        self.asked = asked  # sum of both margins over which it answers
        self._asks, self._says, self._answers = asks, says, answers

    @classmethod
    def fit(
        cls, told: Sequence[Hide], asks: Sequence[Ask], story: Sequence[str], shelf: Shelf | None = None
    ) -> NameKept:
        """Learns from lessons, from agents' lines, and from `story`, lines that say nothing of it."""
        shelf, meant = shelf or Shelf(), {one.agent: one.asks for one in asks}
        questions, kinds = [plain(one.agent) for one in asks], [one.asks or NONE for one in asks]
        texts = [plain(one.text) for one in told]
        asked = [meant.get(one.agent, "") for one in told]
        said = [_by_itself(one, kind) for one, kind in zip(told, asked, strict=True)] + [NONE] * len(story)
        agreed = [_agreement(one.hide, kind) for one, kind in zip(told, asked, strict=True)]
        lines = texts + [plain(text) for text in story]

        def limits() -> dict[str, float]:
            return {
                **_question(questions, kinds),
                **_verdicts(told, asked, lines, said, agreed),
            }

        key = (questions, kinds, lines, said, agreed, source_of(sys.modules[__name__], learnt))
        found = shelf.numbers("name-kept-limits", key, limits)
        known = [i for i, label in enumerate(said) if label]
        answered = [i for i, label in enumerate(agreed) if label]
        return cls(
            shelf.classifier("name-asks", questions, kinds, ASKS),
            shelf.classifier("name-says", [lines[i] for i in known], [said[i] for i in known], SAYS),
            shelf.classifier("name-answers", [texts[i] for i in answered], [agreed[i] for i in answered], ANSWERS),
            **found,
        )

    @classmethod
    def taught(cls, shelf: Shelf | None = None) -> NameKept:
        """As the lessons of the house teach it."""
        told = hide_lessons()
        return cls.fit(told, lessons("asks", Ask), story_lines(), shelf)

    def asks(self, text: str) -> Asked:
        """What an agent's line asks of the name."""
        if not _ANCHOR.search(text):
            return ""
        margins = dict(zip(self._asks.labels, self._asks.margins(plain(text)).tolist(), strict=True))
        none = margins.pop(NONE)
        best = max(margins, key=lambda kind: margins[kind])
        if margins[best] - none <= self.question:
            return ""
        if abs(margins["hide"] - margins["show"]) <= self.lead:
            return "either"
        return best  # type: ignore[return-value]

    def says(self, text: str) -> Leaning:
        """How far a caller's line by itself wants the name kept, or shown."""
        text = plain(text)
        margins = self._says.margins(text).tolist()
        yes, no = (margins[self._says.labels.index(kept)] for kept in ("yes", "no"))
        return Leaning(yes, no, len(text) >= LEAST)

    def answers(self, text: str) -> Leaning:
        """How far it says yes or no to a question about it."""
        margins = self._answers.margins(plain(text)).tolist()
        return Leaning(margins[self._answers.labels.index(AGREE)], margins[self._answers.labels.index(REFUSE)])

    def verdict(self, said: Leaning, answered: Leaning | None, asked: Asked, rule: Kept) -> Kept:
        """What a line tells, `asked` so before; `rule` is what its words say by the rules."""
        yes, no, least = said.yes + RULE * (rule == "yes"), said.no + RULE * (rule == "no"), self.unasked
        if answered is not None and asked in ("hide", "show"):
            for_it, against = (answered.yes, answered.no) if asked == "hide" else (answered.no, answered.yes)
            yes, no, least = yes + for_it, no + against, self.asked
        elif asked:
            least = min(self.unasked, 0.0)
        elif not said.words and not rule:
            return ""
        if max(yes, no) <= least:
            return ""
        return "yes" if yes > no else "no"


def hide_lessons() -> list[Hide]:
    """Told at length, and in the plain words of most calls."""
    return [*lessons("hide", Hide), *lessons("hide_plain", Hide)]


def _by_itself(one: Hide, asked: str) -> str:
    """What it teaches of lines by themselves: a short answer nothing, its meaning lies in the question."""
    return (one.hide or NONE) if not asked or asked == "either" or len(one.text) >= ALONE else ""


def _agreement(hide: str, asked: str) -> str:
    if asked not in ("hide", "show"):
        return ""
    return (AGREE if (hide == "yes") == (asked == "hide") else REFUSE) if hide else NONE


def _question(questions: Sequence[str], kinds: Sequence[str]) -> dict[str, float]:
    names, margins = unseen_margins(questions, kinds, np.arange(len(questions)) // 2 % FOLDS, ASKS)
    none = names.index(NONE)
    ahead = np.delete(margins, none, axis=1).max(axis=1) - margins[:, none]
    ahead[[_ANCHOR.search(question) is None for question in questions]] = -np.inf
    least = max(0.0, over_all_but(ahead[np.array(kinds) == NONE], FALSE_ASKS))
    hide, show = margins[:, names.index("hide")], margins[:, names.index("show")]
    leads = [
        (abs(float(h - s)), ("hide" if h > s else "show") == kind)
        for h, s, kind, far in zip(hide, show, kinds, ahead, strict=True)
        if kind in ("hide", "show") and far > least
    ]
    return {"question": least, "lead": least_sure(leads, MISREAD)}


def _verdicts(
    told: Sequence[Hide], asked: Sequence[str], lines: Sequence[str], said: Sequence[str], agreed: Sequence[str]
) -> dict[str, float]:
    fold = _folds(told, len(lines))
    names, says = unseen_margins(lines, said, fold, SAYS)
    yes, no = names.index("yes"), names.index("no")
    more, answers = unseen_margins(lines[: len(told)], agreed, fold[: len(told)], ANSWERS)
    agree, refuse = more.index(AGREE), more.index(REFUSE)
    found = []
    for i, (one, kind) in enumerate(zip(told, asked, strict=True)):
        if kind in ("hide", "show"):
            for_it, against = (agree, refuse) if kind == "hide" else (refuse, agree)
            keeps, shows = float(says[i, yes] + answers[i, for_it]), float(says[i, no] + answers[i, against])
            found.append((max(keeps, shows), one.hide == ("yes" if keeps > shows else "no")))
    story = says[len(told) :][:, [yes, no]].max(axis=1)
    return {"unasked": over_all_but(story, FALSE_SHARE), "asked": least_sure(found, WRONG)}


def _folds(told: Sequence[Hide], rows: int) -> NDArray[np.int64]:
    """Answers to one question stay together."""
    seen: dict[str, int] = {}
    fold = together(rows, 5)
    for i, one in enumerate(told):
        if one.agent:
            fold[i] = seen.setdefault(one.agent, len(seen)) // 2 % FOLDS
    return fold
