"""What a caller says of himself in passing stands aside; dialect words reach the rules where they stand."""

from __future__ import annotations

import pytest

from routing.person import CLAIMS, of_himself, standard


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我今年七十三岁了小区停水", "我今年七十三岁了"),
        ("我是外地来的，公交卡丢了", "我是外地来的"),
        ("路灯坏了我坐轮椅的看不见路", "我坐轮椅的"),
        ("我是回族的", "我是回族的"),
        ("我一个女的在家有人敲门", "我一个女的在家"),
        ("我户口不在这里", "我户口不在这里"),
    ],
)
def test_a_caller_speaks_of_himself(text: str, words: str) -> None:
    assert [text[a:b] for a, b in of_himself(text)] == [words]


@pytest.mark.parametrize(
    "text",
    [
        "老年卡怎么办理",
        "残疾证丢了",
        "楼上住着老人",
        "户口迁移要什么材料",
        "我们小区停水",
        "我家孩子今年上小学",
        "有个外地人在卖假药",
    ],
)
def test_a_matter_is_no_word_of_himself(text: str) -> None:
    assert of_himself(text) == ()


def test_who_asks_for_his_due_makes_it_the_matter() -> None:
    assert CLAIMS.search("我是残疾人能申请补贴吗")
    assert not CLAIMS.search("我是残疾人我们小区停水了")


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("到而今也没得通知", "到现在也没有通知"),
        ("俺们这里冇得水", "我们这里没有水"),
        ("这次没得到答复", "这次没得到答复"),
    ],
)
def test_dialect_words_keep_their_place(spoken: str, text: str) -> None:
    assert standard(spoken) == text
    assert len(standard(spoken)) == len(spoken)
