"""The second ear for danger to life: hears what no word list foresees, keeps still in small talk, never alarms."""

from __future__ import annotations

import msgspec
import pytest

from routing.city.load import city_dir, load_city
from routing.danger import Danger, everyday

PACK = load_city(city_dir("yunlan"))
LESSONS = {peril.text for peril in PACK.perils}


@pytest.fixture(scope="module")
def danger() -> Danger:
    return Danger.fit(PACK)


def test_a_danger_told_in_the_packs_own_words_is_heard_and_named(danger: Danger):
    doubt = danger.hear("我们楼下着火了，烟都冒到五楼了")
    assert doubt is not None and doubt.rule.id == "e-fire" and doubt.margin > 0


@pytest.mark.parametrize("text", [
    "有个小孩掉进河里了，人看不见了",
    "厨房的气阀坏了，满屋子都是味道，一直往外喷",
    "我老公拿着刀在外面砸门，我躲在屋里",
    "楼道里全是烟，我们下不去了",
])  # fmt: skip
def test_a_danger_told_in_other_words_is_heard(danger: Danger, text: str):
    assert text not in {example for rule in PACK.emergencies for example in rule.examples}
    assert danger.hear(text) is not None


@pytest.mark.parametrize("text", [
    "俺爹在炕上直哼哼，半拉身子都不听使唤咧",
    "喂，那个，我想说的是，我家小子爬到阳台外头去了，脚底下啥也没有",
    "隔壁那股子煤气味熏得人直晕，屋里老太太喊也不应声",
    "水已经漫到炕沿了，俺娘瘫着，抱不动，外头全是水",
    "他把门从外头锁死了，手里拎着斧头，我跟闺女躲床底下呢",
    "麻烦转告我闺女，爸爸对不住她，桥上风大，我这就走了",
])  # fmt: skip
def test_it_is_told_by_its_signs_by_people_of_all_sorts(danger: Danger, text: str):
    assert text not in LESSONS and danger.hear(text) is not None


@pytest.mark.parametrize("text", [
    "前年隔壁单元着过一回火，早修好了，我问问墙面谁来刷",
    "物业费涨得我血压都上来了，简直要人命",
    "听同事说他老家有人让电打了，我们这边的线能不能也查一查",
    "那位救我妈的司机师傅姓何，我妈出院了，想给他送面锦旗",
    "社区下个月办急救培训，教怎么救噎着的小孩，在哪报名",
    "我家车摔坏了后视镜，保险公司说要你们出个证明",
])  # fmt: skip
def test_what_only_sounds_like_it_raises_no_doubt(danger: Danger, text: str):
    assert text not in LESSONS and danger.hear(text) is None


def test_words_of_a_rule_are_passed_over_only_where_all_else_tells_of_none(danger: Danger):
    calm, grave = "我想问一下，拿刀削水果的小摊要不要办健康证，在哪里办理", "他拿刀堵在门口，我跟孩子不敢出去"
    assert danger.sure_of_none(calm, danger.margin(calm))
    assert not danger.sure_of_none(grave, danger.margin(grave))
    assert not danger.sure_of_none("着火了快来", -9.0)  # few words stand, whatever the model says
    assert not danger.sure_of_none("我想问一下在哪里办理这个，救命啊快来人", -9.0)


@pytest.mark.parametrize("text", [
    "", "嗯", "好的谢谢", "我想问一下", "电话是一三八零五八八一二三四", "我住在梧桐苑三号楼",
    "我想问一下公积金怎么提取", "老年卡在哪里办", "你们上次说三天给回复",
])  # fmt: skip
def test_small_talk_and_plain_questions_raise_no_doubt(danger: Danger, text: str):
    assert danger.hear(text) is None


@pytest.fixture(scope="module")
def strict() -> Danger:
    return Danger.fit(PACK, false_share=0.005)


def test_the_share_of_ordinary_sentences_it_doubts_is_a_setting(danger: Danger, strict: Danger):
    ordinary = everyday(PACK)
    assert strict.threshold > danger.threshold
    assert sum(danger.hear(text) is not None for text in ordinary) <= 0.04 * len(ordinary)


def test_the_same_pack_gives_the_same_judge(danger: Danger, strict: Danger):
    one, other = danger.hear("我们楼下着火了，火很大"), strict.hear("我们楼下着火了，火很大")
    assert one is not None and other is not None and one.rule == other.rule
    assert one.margin + danger.threshold == pytest.approx(other.margin + strict.threshold, abs=1e-6)


def test_a_pack_without_examples_is_refused():
    bare = tuple(msgspec.structs.replace(rule, examples=()) for rule in PACK.emergencies)
    with pytest.raises(ValueError, match="two critical rules"):
        Danger.fit(msgspec.structs.replace(PACK, emergencies=bare, perils=()))
