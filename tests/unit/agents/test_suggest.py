"""What is offered to the agent, and above all what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from agents.build import build_stages
from agents.city import City
from agents.suggest import Suggest
from schemas import Event, calls
from schemas.draft import DraftUpdated, Suggestion, SuggestionsOffered
from schemas.ids import matter_id
from tests.unit.agents.talk import event, stream


async def offers(city: City, events: list[Event]) -> list[SuggestionsOffered]:
    understanding, suggest = build_stages(city.index.pack, city=city)
    found = []
    for each in events:
        for output in await understanding(each):
            if isinstance(output.body, DraftUpdated):
                found += [o.body for o in await suggest(output)]
    return found


async def newest(city: City, events: list[Event]) -> tuple[Suggestion, ...]:
    found = await offers(city, events)
    return found[-1].suggestions if found else ()


@pytest.mark.g03
async def test_a_question_is_answered_from_the_article_word_for_word(city: City) -> None:
    (answer, *_) = await newest(city, stream("来电：我想问一下老年卡怎么办理要带什么材料"))
    assert answer.kind == "answer" and answer.citation is not None and answer.verified
    article = next(a for a in city.index.pack.articles if a.id == answer.citation.article)
    assert "c-050806" in article.categories
    assert article.body[answer.citation.start : answer.citation.end] == answer.text == answer.citation.quote
    assert (answer.citation.version, answer.citation.source) == (article.version, article.source)
    assert answer.system.startswith("suggest/") and answer.basis == "call-u0"


async def test_never_more_than_three_and_best_first(city: City) -> None:
    lines = ("来电：我问一下公司三个月没发工资了怎么办", "坐席：嗯", "来电：我真的受不了了要带什么材料去投诉")
    for offered in await offers(city, stream(*lines)):
        assert len(offered.suggestions) <= 3


async def test_small_talk_is_left_alone(city: City) -> None:
    found = await offers(city, stream("坐席：您好", "来电：喂你好", "来电：听得到吗"))
    assert all(s.kind == "script" for offered in found for s in offered.suggestions)


async def test_the_same_words_are_offered_once_and_keep_their_id(city: City) -> None:
    lines = ("来电：我想问一下老年卡怎么办理要带什么材料", "坐席：好的您稍等", "坐席：我查一下")
    found = await offers(city, stream(*lines))
    ids = [[s.id for s in offered.suggestions if s.kind == "answer"] for offered in found]
    assert sum(bool(i) for i in ids) == 1
    assert [o.seq for o in found] == sorted({o.seq for o in found})


async def test_danger_brings_the_emergency_advice_first_and_no_article(city: City) -> None:
    first, *rest = await newest(city, stream("来电：家里好大的煤气味怎么办啊"))
    assert first.kind == "script" and "门窗" in first.text and first.score == 1.0
    assert all(s.kind != "answer" for s in rest)


async def test_a_refused_matter_brings_the_channel(city: City) -> None:
    first, *_ = await newest(city, stream("来电：法院判了两年了对方不给钱执行法官不理我"))
    assert first.kind == "script" and "0588-6164001" in first.text


async def test_the_next_question_asks_what_is_missing_and_not_what_was_asked(city: City) -> None:
    asked = await newest(city, stream("来电：我们小区停水了"))
    assert any(s.kind == "question" and "哪个区" in s.text for s in asked)
    later = await newest(city, stream("来电：我们小区停水了", "坐席：请问您在哪个区哪个小区"))
    assert all("哪个区" not in s.text for s in later)


@pytest.mark.g08
async def test_with_the_assistant_off_what_was_offered_expires_and_nothing_follows(city: City) -> None:
    events = stream("来电：我想问一下老年卡怎么办理", "来电：在哪里办")
    off = event(1, calls.AssistSwitched(on=False, by="caller"))
    found = await offers(city, [*events[:3], off, events[3]])
    assert found[-1].suggestions == () and found[-2].suggestions != ()


async def test_an_article_out_of_force_is_not_cited(city: City) -> None:
    draft = [
        o
        for e in stream("来电：我想问一下老年卡怎么办理")
        for o in await build_stages(city.index.pack, city=city)[0](e)
    ][-1]
    old = msgspec.structs.replace(draft, at=datetime(2019, 1, 1, tzinfo=UTC))
    (output,) = await Suggest(city)(old)
    assert all(s.kind != "answer" for s in output.body.suggestions)


async def test_a_closed_matter_gets_no_suggestions(city: City) -> None:
    closed = event(1, calls.MatterClosed(matter=matter_id("call", 0), outcome="answered", by="u1"))
    assert await newest(city, [*stream("来电：我想问一下老年卡怎么办理"), closed]) == ()


async def test_what_is_not_from_a_source_is_never_marked_verified(city: City) -> None:
    for offered in await offers(city, stream("来电：我想问一下老年卡怎么办理", "来电：我们小区还停水了")):
        for s in offered.suggestions:
            assert s.verified == (s.citation is not None)


async def test_a_thing_to_be_done_is_guided_through_part_by_part_each_word_from_the_article(city: City) -> None:
    (steps, *_) = await newest(city, stream("来电：我想咨询一下身份证丢了怎么补办要带什么材料"))
    assert steps.kind == "steps" and steps.citation is not None and steps.verified
    article = next(a for a in city.index.pack.articles if a.id == steps.citation.article)
    assert {"materials", "place", "limit"} <= {part.kind for part in steps.parts}
    assert article.body[steps.citation.start : steps.citation.end] == steps.citation.quote
    for part in steps.parts:
        assert all(item in steps.text and item in steps.citation.quote for item in part.items)


async def test_a_question_that_wants_nothing_done_gets_the_sentence_and_not_the_guide(city: City) -> None:
    found = await newest(city, stream("来电：我想咨询一下港澳通行证能不能加急三天拿到"))
    assert all(s.kind != "steps" for s in found)


async def test_an_article_of_one_place_answers_only_there(city: City) -> None:
    from routing.passages import Library

    day = datetime(2026, 11, 20, tzinfo=UTC).date()
    local = next(p.code for p in city.index.pack.places if p.level == "district")
    article = next(a for a in city.index.pack.articles if a.id == "a-0070")
    library = Library([msgspec.structs.replace(article, region=local)])
    assert library.answers("老年卡怎么办", "", {}, day) == []
    assert library.answers("老年卡怎么办", "", {}, day, places=("elsewhere",)) == []
    assert [p.article.id for p in library.answers("老年卡怎么办", "", {}, day, places=(local,))] == ["a-0070"]
