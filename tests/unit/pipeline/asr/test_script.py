from __future__ import annotations

import pytest

from pipeline.asr.script import keyed, tidy


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("變成溫度設為兩度", "变成温度设为两度"),
        ("你好,我想 反映一下", "你好，我想反映一下"),
        ("停水了吗?是的.", "停水了吗？是的。"),
        ("，，然后呢", "然后呢"),
        ("好的。。。", "好的。"),
        ("半个字\ufffd没有了\ufffd", "半个字没有了"),
        ("我的 WiFi 坏了", "我的WiFi坏了"),
        ("请打 138 0013 8000", "请打138 0013 8000"),
        ("3.5 元", "3.5元"),
        ("hello, world", "hello, world"),
        ("他说:不行!", "他说：不行！"),
        ("", ""),
    ],
)
def test_all_is_written_one_way(read: str, written: str) -> None:
    assert tidy(read) == written


def test_writing_twice_changes_nothing() -> None:
    for text in ("你好,我 想問,煤氣洩漏怎麼辦?", "3.5 元。。", "A B, C"):
        assert tidy(tidy(text)) == tidy(text)


def test_two_writings_of_the_same_sound_have_the_same_keys() -> None:
    assert [k for k, _ in keyed("电话是138，幺零")] == [k for k, _ in keyed("电话是 一三八 一零")]
    assert [k for k, _ in keyed("ＷｉＦｉ坏了。")] == [k for k, _ in keyed("wifi 坏了")]
    assert keyed("，好") == [("好", 1)]
