"""The matter as a ticket tells it: third person, no fillers, five elements with their words, nothing that was not said."""

from __future__ import annotations

from datetime import datetime

import pytest

from agents.build import build_stages
from agents.city import City
from agents.lines import Line
from agents.summary import answers
from agents.written import pieces, settled, spoken_to, written
from schemas.calls import FieldEdited
from schemas.draft import DraftUpdated, Matter
from schemas.ticket import FIELD_LIMITS
from tests.city import the_city
from tests.script import Script

NOW = datetime(2026, 11, 21, 10, 0)


@pytest.fixture(scope="module")
def city() -> City:
    return the_city()


async def heard(city: City, *lines: str) -> tuple[DraftUpdated, dict[str, str]]:
    """The last draft of a call, and its utterances. A line that begins with > is the agent's."""
    stage, script = build_stages(city.index.pack, city=city)[0], Script()
    said, newest = {}, None
    events = script.start()
    for n, text in enumerate(lines):
        event = script.say(text.lstrip(">"), "agent" if text[0] == ">" else "caller", 1.0 + 5 * n)
        said[event.body.utterance] = event.body.text
        events.append(event)
    for event in events:
        for output in await stage(event):
            newest = output.body if isinstance(output.body, DraftUpdated) else newest
    assert newest is not None
    return newest, said


def parts(matter: Matter) -> dict[str, str]:
    return {s.part: s.text for s in matter.summary}


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("我们家停水了", "其家中停水了"),
        ("你们赶紧派人来看一下行不行", "尽快派人来看一下"),
        ("熏得我家孩子一直咳嗽", "熏得其孩子一直咳嗽"),
        ("交了九千八上了六节课", "交了9800元上了六节课"),
        ("他还不肯赔", "对方还不肯赔"),
        ("我真的受不了了", ""),
        ("你们到底管不管啊", ""),
        ("我要投诉他们", ""),
        ("嗯对对对", ""),
        ("我叫周敏", ""),
        ("高兴的高", ""),
        ("麻烦您帮我登记一下", ""),
        ("对方一直不还钱", "对方一直不还钱"),
    ],
)
def test_a_clause_is_written_in_the_third_person(spoken: str, text: str) -> None:
    assert written(spoken) == text


def test_clauses_stand_where_they_were_said(city: City) -> None:
    text = "就是临江区瑞筑江岸工地天天晚上干到两三点我孩子睡不着觉"
    reading = city.reader.read(Line(0, "u", "caller", text, 0.0, True), NOW)
    found = pieces(reading)
    known = frozenset(code for place in reading.places for code, _ in place.places)
    assert [settled(p, reading, known, {}) for p in found][-1] == "其孩子睡不着觉"
    assert [text[p.start : p.end] for p in found][-1] == "我孩子睡不着觉"
    assert all(0 <= p.start < p.end <= len(text) for p in found)


def test_a_way_between_two_places_keeps_both(city: City) -> None:
    text = "从梧桐路到湖滨路这一段路灯全不亮"
    reading = city.reader.read(Line(0, "u", "caller", text, 0.0, True), NOW)
    known = frozenset(code for place in reading.places for code, _ in place.places)
    assert any("梧桐路到" in settled(p, reading, known, {}) for p in pieces(reading))


async def test_the_ticket_s_text_is_fit_to_send(city: City) -> None:
    draft, _ = await heard(
        city,
        ">您好云岚一二三四五",
        "喂你好那个我们家停水了从今天早上六点多就没水了",
        ">请问您在哪个小区",
        "嗯澄湖区梧桐苑小区三栋二单元五零一",
        ">好的我给您登记转岚水集团处理",
        "那你们赶紧催一下吧谢谢啊",
    )
    content = draft.matters[0].fields["content"].value
    assert content.startswith("来电人反映：澄湖区梧桐街道")
    assert content.endswith("。希望尽快催一下。")
    assert content.count("梧桐苑小区") == 1  # the address is said once
    for word in ("我", "你们", "喂", "嗯", "谢谢", "三栋"):
        assert word not in content
    assert "11月21日" in content  # 今天 is another day for whoever reads the ticket


async def test_every_sentence_rests_on_words_that_were_said(city: City) -> None:
    draft, said = await heard(
        city,
        "我们小区停水了望岳区云杉小区的",
        "昨天晚上八点多就停了",
        ">好的给您登记还有别的问题吗",
        "还有一个事啊我们楼下那家烧烤店油烟特别大窗户都不敢开",
        "对天天晚上冒烟熏得我家孩子一直咳嗽",
    )
    assert len(draft.matters) == 2
    for sentence in (*draft.note, *(s for m in draft.matters for s in m.summary)):
        assert sentence.spans or sentence.part == "open"
        for span in sentence.spans:
            assert said[span.utterance][span.start : span.end]


async def test_a_place_taken_back_is_not_told(city: City) -> None:
    draft, _ = await heard(
        city,
        "我举报一下白鹭湾小区有人违建在楼顶盖了个阳光房",
        "不对不对我说错了不是白鹭湾小区是听涛雅居的三号楼",
    )
    content = draft.matters[0].fields["content"].value
    assert "白鹭湾" not in content and "听涛雅居" in content and "阳光房" in content


async def test_what_nobody_confirmed_is_shown_as_open(city: City) -> None:
    draft, _ = await heard(city, "我们这边路灯不亮了好多天了")
    assert "事发地点" in parts(draft.matters[0])["open"]
    assert any(s.part == "open" and not s.sure for s in draft.note)


def test_questions_and_greetings_of_the_agent_tell_nothing(city: City) -> None:
    def of(text: str) -> list[tuple[str, str]]:
        reading = city.reader.read(Line(0, "u", "agent", text, 0.0, False), NOW)
        return [(s.part, s.text) for s in answers(reading)]

    assert of("您好一二三四五热线很高兴为您服务") == []
    assert of("请问您的联系电话是多少") == []
    assert of("好的张先生我马上登记") == [("promised", "马上登记")]
    assert of("三个工作日内会给您回复") == [("promised", "三个工作日内会给来电人回复")]
    assert [part for part, _ in of("您可以带上身份证到社区办理")] == ["told"]


def test_the_agent_s_clauses_stand_where_they_were_said() -> None:
    text = "好的，我给您登记，请保持电话畅通"
    assert [(text[a:b], said) for a, b, said in spoken_to(text)][1:] == [
        ("我给您登记", "给来电人登记"),
        ("请保持电话畅通", "请保持电话畅通"),
    ]


def test_a_condition_stands_with_what_follows_from_it() -> None:
    assert [said for _, _, said in spoken_to("如果需要法律援助，请拨打幺二三四八")] == [
        "如果需要法律援助，请拨打幺二三四八"
    ]


async def test_what_is_begun_and_said_anew_is_said_once(city: City) -> None:
    draft, _ = await heard(city, "云杉小区停水了，我已经，我已经打了物业电话没有用")
    assert draft.matters[0].fields["content"].value.count("已经") == 1


async def test_a_person_s_content_stands(city: City) -> None:
    stage, script = build_stages(city.index.pack, city=city)[0], Script()
    for event in [*script.start(), script.say("云杉小区停水了")]:
        await stage(event)
    edited = script.event(FieldEdited(matter=script.matter, field="content", value="人写的内容", by="王"))
    draft = (await stage(edited))[0].body
    assert draft.matters[0].fields["content"].value == "人写的内容"


async def test_long_stories_stay_within_the_ticket(city: City) -> None:
    lines = [f"第{n}次去物业反映电梯的时候经理{'甲乙丙丁戊己庚辛'[n % 8]}说要等维修基金第{n}批审批" for n in range(200)]
    draft, _ = await heard(city, "云杉小区电梯坏了没人修", *lines)
    fields = draft.matters[0].fields
    for name in ("content", "cause", "course", "title"):
        if name in fields:
            assert len(fields[name].value) <= FIELD_LIMITS[name]
    assert len(draft.note) <= 24 and all(len(s.text) <= 160 for s in draft.note)
