"""The search for answers finds by words, by window and by meaning, always in the same order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.retrieval import Document, Search
from routing.retrieval_grams import phrases, shared_run, windows
from routing.retrieval_posts import Scores
from tests.city import the_city

TEXTS = (
    "老年卡办理：年满六十周岁的老人持身份证到社区服务站办理老年卡，当场领取，不收费。",
    "居住证办理：在本市居住满半年的外来人员，持身份证和租房合同到派出所办理居住证。",
    "养犬登记：携带犬只免疫证明、身份证到派出所窗口办理养犬登记证，五个工作日内领取。",
)


def search() -> Search:
    return Search([Document(text) for text in TEXTS])


@pytest.mark.parametrize(
    ("question", "at"),
    [
        ("老年卡怎么办理", 0),
        ("外来人员办居住证要带什么", 1),
        ("我家的狗在哪里登记养犬", 2),
        ("犬只免疫证明有什么用", 2),
    ],
)
def test_the_text_that_answers_comes_first(question: str, at: int) -> None:
    assert search().rank(question)[0].at == at


def test_what_shares_no_word_is_not_found() -> None:
    assert search().rank("地铁几点收班") == [] or all("地铁" not in TEXTS[f.at] for f in search().rank("地铁几点收班"))
    assert search().rank("ABC") == []
    assert search().rank("") == []
    assert Search([]).rank("老年卡") == []


def test_a_long_text_is_found_by_its_one_window_and_not_buried_by_length() -> None:
    long = (
        "本市推进各项工作，加强领导，落实责任，做好保障。" * 60
        + "犬只走失的，可以到流浪犬收容中心认领。"
        + "各单位要高度重视。" * 60
    )
    found = Search([Document("养犬要登记。" * 3), Document(long), Document("公交线路调整。")]).rank(
        "犬只走失到哪里认领"
    )
    assert found[0].at == 1


def test_the_title_counts_once_more() -> None:
    body = "持身份证到窗口办理，当场领取。"
    found = Search([Document(body, "居住证"), Document(body, "老年卡")]).rank("老年卡带身份证办理")
    assert found[0].at == 1


def test_meaning_moves_the_order_and_silence_of_it_changes_nothing() -> None:
    class Toward:
        name = "told"

        def __init__(self, at: int | None) -> None:
            self.at = at

        def nearness(self, question: str) -> Scores | None:
            if self.at is None:
                return None
            near = np.full(3, 0.1)
            near[self.at] = 0.9
            return near

    alike = [Document(text) for text in ("身份证到派出所办理甲。", "身份证到派出所办理乙。", "身份证到派出所办理丙。")]
    question = "身份证到派出所"
    plain = Search(alike).rank(question)
    assert [found.at for found in plain] == [0, 1, 2]
    assert Search(alike, Toward(None)).rank(question) == plain
    for at in range(3):
        assert Search(alike, Toward(at)).rank(question)[0].at == at


@given(st.text(max_size=80))
def test_any_question_gets_the_same_answer_twice_without_error(question: str) -> None:
    one, two = search(), search()
    assert one.rank(question) == two.rank(question)
    assert [f.score for f in one.rank(question)] == sorted((f.score for f in one.rank(question)), reverse=True)


@given(st.text(alphabet="甲乙丙丁。！\n ，", max_size=1200), st.integers(50, 300))
def test_windows_hold_every_sentence_and_none_is_longer_than_asked(text: str, size: int) -> None:
    found = windows(text, size)
    assert all(len(window) <= size for window in found) or not text.strip()
    for word in text.replace("！", "。").replace("\n", "。").split("。"):
        if word.strip() and len(word) < size:
            assert any(word in window for window in found)


def test_phrases_leave_question_words_out_and_runs_are_counted() -> None:
    assert phrases("请问老年卡怎么办理？", 60) == ["老年卡", "办理"]
    assert shared_run("老年卡办理", "到社区办理老年卡") == 3
    assert shared_run("", "甲") == 0


def test_the_demo_city_answers_its_own_questions_left_out_one_by_one() -> None:
    """Each article's first listed question, asked of articles that list the others only: n = all that list two."""
    articles = [a for a in the_city().index.pack.articles if a.valid_to is None]
    documents = [Document("\n".join((*a.questions[1:], a.body)), a.title) for a in articles]
    asked = [(a.questions[0], at) for at, a in enumerate(articles) if len(a.questions) > 1]
    found = Search(documents)
    right = sum(found.rank(question)[0].at == at for question, at in asked)
    assert len(asked) > 100
    assert right / len(asked) >= 0.65
