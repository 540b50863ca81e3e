"""The second ear for danger to life: hears what no word list foresees, keeps still in small talk, never alarms."""

from __future__ import annotations

import msgspec
import pytest

from routing.city.load import city_dir, load_city
from routing.danger import Danger, everyday

PACK = load_city(city_dir("yunlan"))


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
