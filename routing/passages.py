"""Finds the articles that answer a caller, and in each the sentences that do: word for word, with their place."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.city.index import is_valid
from routing.retrieval import Document, Meaning, Reader, Search
from routing.retrieval_grams import bigrams
from schemas.catalogue import Article

K1, B = 1.4, 0.6
ASKED, TITLED = 2, 2  # how often an article's own questions and title count beside its body
QUOTE = 180  # longest quotation, characters
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
BELIEF = 2.0  # what a certain category adds to the score its articles are ordered by
POOL = 16  # articles put in order


class Passage(msgspec.Struct, frozen=True):
    """A stretch of an article's body that answers best."""

    article: Article
    start: int
    end: int
    quote: str
    score: float  # 0..1


class Ranked(msgspec.Struct, frozen=True):
    """One document for a question."""

    at: int
    score: float  # BM25
    covered: float  # 0..1: weight of the question's words found in it


class _Sentence(msgspec.Struct, frozen=True):
    """A sentence of a body, with the weight of each bigram in it."""

    start: int
    end: int
    text: str
    grams: dict[str, float]


class Bm25:
    """BM25 over character bigrams of short Chinese texts. Deterministic."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [bigrams(t) for t in texts]
        self._size = len(texts)
        length = np.array([sum(c.values()) for c in counts], dtype=np.float32)
        norm = K1 * (1 - B + B * length / max(1.0, float(length.mean()) if len(counts) else 1.0))
        posts: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for i, count in enumerate(counts):
            for gram, times in count.items():
                posts[gram].append((i, times))
        self._idf = {g: math.log(1 + (self._size - len(p) + 0.5) / (len(p) + 0.5)) for g, p in posts.items()}
        self._rare = math.log(1 + (self._size + 0.5) / 0.5)  # weight of a word no text has
        self._posts: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        for gram, post in posts.items():
            at = np.array([i for i, _ in post], dtype=np.int32)
            n = np.array([k for _, k in post], dtype=np.float32)
            self._posts[gram] = at, (self._idf[gram] * n * (K1 + 1) / (n + norm[at])).astype(np.float32)

    def weight(self, gram: str) -> float:
        """How telling a bigram is."""
        return self._idf.get(gram, self._rare)

    def rank(self, question: Mapping[str, float], n: int = 10) -> list[Ranked]:
        """The best documents for weighted bigrams of a question, best first."""
        total = sum(weight * min(self.weight(gram), 4.0) for gram, weight in question.items())
        told = [(*post, w, w * min(self._idf[g], 4.0)) for g, w in question.items() if (post := self._posts.get(g))]
        if not told:
            return []
        at = np.concatenate([where for where, _, _, _ in told])
        lengths = [len(where) for where, _, _, _ in told]
        worth = np.concatenate([score for _, score, _, _ in told]) * np.repeat([w for _, _, w, _ in told], lengths)
        scores = np.bincount(at, worth, self._size)
        covered = np.bincount(at, np.repeat([c for _, _, _, c in told], lengths), self._size)
        order = np.argsort(-scores, kind="stable")[:n]
        return [Ranked(int(i), float(scores[i]), float(covered[i] / (total or 1.0))) for i in order if scores[i] > 0]


class Library:
    """The articles of a city, ready to be asked. Deterministic: the same talk has the same answers, in one order."""

    def __init__(
        self, articles: Sequence[Article], meaning: Meaning | None = None, reader: Reader | None = None
    ) -> None:
        self._articles = tuple(articles)
        self._search = Search(documents(articles), meaning, reader)
        self.helped = tuple(helper.name for helper in (meaning, reader) if helper is not None)  # beside words
        self._whole = Bm25(
            [
                " ".join((a.body, *(a.title,) * TITLED, *(q for q in a.questions for _ in range(ASKED))))
                for a in articles
            ]
        )
        asked = [(i, q) for i, a in enumerate(articles) for q in (a.title, *a.questions)]
        self._owner = [i for i, _ in asked]
        self._questions = Bm25([q for _, q in asked])
        self._sentences: dict[str, list[_Sentence]] = {}  # body → its sentences, taken apart when first asked about

    def answers(
        self,
        asked: str,
        about: str,
        categories: Mapping[str, float],
        day: date,
        n: int = 2,
        places: Collection[str] = (),
    ) -> list[Passage]:
        """Passages that answer `asked` in a matter `about`, of articles in force on `day` at `places`, best first.

        `categories` are beliefs (code → 0..1) and only shift the order: an article answers by its words. An article
        that holds for one place only is left out unless the matter is known to lie there.
        """
        query: Counter[str] = Counter()
        for text, weight in ((asked, 3), (about, 1)):
            for gram in bigrams(text):
                query[gram] += weight
        sure = self._sureness({g: float(w) for g, w in query.items()}, categories)
        order = []
        for found in self._search.rank(asked if about in asked else f"{asked}\n{about}", POOL, query):
            article = self._articles[found.at]
            if is_valid(article, day) and (not article.region or article.region in places):
                belief = max((b for c, b in categories.items() if c in article.categories), default=0.0)
                order.append((-found.score - BELIEF * belief, article.id, found.at))
        return [
            self._passage(self._articles[at], asked, about, min(1.0, sure.get(at, 0.0)))
            for _, _, at in sorted(order)[:n]
        ]

    def _sureness(self, plain: Mapping[str, float], categories: Mapping[str, float]) -> dict[int, float]:
        """How much of the question each article covers, with its category: what decides whether anything is shown."""
        scores: dict[int, float] = defaultdict(float)
        whole = self._whole.rank(plain, 12)
        for r in whole:
            scores[r.at] += 0.35 * r.covered + 0.25 * r.score / whole[0].score
        near: dict[int, float] = {}
        for r in self._questions.rank(plain, 24):
            owner = self._owner[r.at]
            near[owner] = max(near.get(owner, 0.0), r.covered)
        for i, likeness in near.items():
            scores[i] += 0.7 * likeness
        for i in scores:
            own = self._articles[i].categories
            scores[i] += 0.3 * max((b for c, b in categories.items() if c in own), default=0.0)
        return scores

    def _passage(self, article: Article, asked: str, about: str, score: float) -> Passage:
        start, end = self._span(article.body, asked, about)
        return Passage(article, start, end, article.body[start:end], round(score, 3))

    def _span(self, body: str, asked: str, about: str) -> tuple[int, int]:
        """The run of whole sentences that answers most in fewest characters."""
        sentences = self._sentences.get(body)
        if sentences is None:
            sentences = self._sentences[body] = self._taken_apart(body)
        if not sentences:
            return 0, len(body)
        main, side = bigrams(asked), bigrams(about)
        worth = []
        for sentence in sentences:
            grams = sentence.grams
            gain = sum(
                grams[g] * ((2.0 if g in main else 0.0) + (0.5 if g in side else 0.0))
                for g in grams
                if g in main or g in side
            )
            worth.append(gain + _answers(asked, sentence.text))
        best, chosen = -1.0, (sentences[0].start, sentences[0].end)
        for i in range(len(sentences)):
            for j in range(i, len(sentences)):
                start, end = sentences[i].start, sentences[j].end
                if end - start > QUOTE and j > i:
                    break
                gain = sum(worth[i : j + 1]) / math.sqrt(40 + end - start)
                if gain > best:
                    best, chosen = gain, (start, end)
        return chosen

    def _taken_apart(self, body: str) -> list[_Sentence]:
        found = []
        for m in _SENTENCE.finditer(body):
            if m[0].strip():
                start = m.start() + len(m[0]) - len(m[0].lstrip())
                text = body[start : m.end()]
                found.append(_Sentence(start, m.end(), text, {g: self._whole.weight(g) for g in bigrams(text)}))
        return found


def documents(articles: Sequence[Article]) -> list[Document]:
    """What of each article is looked through: its title, the questions it answers, its body."""
    return [Document("\n".join((*a.questions, a.body)), a.title) for a in articles]


_WANTS = (
    (re.compile(r"多少钱|收费|价格|几块|费用|能报多少|比例|标准"), re.compile(r"\d|元|百分之|免费|不收费|比例"), 6.0),
    (re.compile(r"什么时候|几点|几天|多久|多长时间|哪天|周末|开门"),
     re.compile(r"\d|工作日|[年月日天点时]|当天|即时"), 6.0),
    (re.compile(r"哪里|哪儿|在哪|找谁|去哪|地址|地方"),
     re.compile(r"窗口|大厅|路|街|中心|大队|服务站|办理点|社区|岚办通|线上"), 6.0),
    (re.compile(r"电话|怎么联系"), re.compile(r"0588|电话|12345"), 6.0),
    (re.compile(r"材料|带什么|手续|证件|要什么"), re.compile(r"身份证|材料|复印件|证明|带|户口"), 6.0),
    (re.compile(r"条件|资格|能不能|可以吗|符合"), re.compile(r"可以|不能|条件|应当|须|满|以上"), 4.0),
    (re.compile(r"怎么(?:办|申请|弄|领|报|查|预约)|流程|步骤"),
     re.compile(r"先|再|提交|登录|申请|办理|岚办通|窗口"), 4.0),
)  # fmt: skip


def _answers(asked: str, sentence: str) -> float:
    """What is asked for decides which sentence answers: 多少钱 wants a figure, 带什么 a list."""
    return sum(bonus for want, has, bonus in _WANTS if want.search(asked) and has.search(sentence))
