"""The ear's school, text: what is no complaint: words in no order, explanations, numbers, names, short answers."""
# ruff: noqa: E501 (tables of phrases read better in long lines)

from __future__ import annotations

import numpy as np

from pipeline.asr.training.sentence import Sentence
from pipeline.asr.training.spoken import (
    SPELLED,
    amount,
    clock,
    day,
    landline,
    number,
    person,
    pick,
    said_mobile,
)  # fmt: skip
from pipeline.asr.training.words import GeneralWords

SHORT = (
    "喂", "喂，你好", "喂，您好", "你好", "对", "对对对", "是的", "好", "好的", "好的好的", "行", "行，谢谢", "嗯", "嗯嗯", "嗯，对", "没有", "有", "不是", "没错",
    "可以", "可以可以", "谢谢", "谢谢你", "谢谢您", "不客气", "再见", "好，再见", "知道了", "明白了", "我知道", "稍等", "您稍等", "等一下", "你说什么", "听不清",
    "喂，听得到吗", "能听见吗", "请讲", "您请说", "不用了", "不需要", "没有了", "就这些", "就这样", "什么", "啊", "哦", "哦，好的", "诶，对", "怎么办", "为什么",
    "多少钱", "什么时候", "在哪里", "几点", "不清楚", "不知道", "应该是吧", "差不多", "对，没错", "不对", "不对不对", "是我", "本人", "我就是", "是的，没错", "那好吧",
    "算了", "麻烦你了", "辛苦了", "好嘞", "成", "中", "没事", "没关系", "还没有", "来过了", "没人管", "一直没有", "很急", "快一点", "尽快", "当然", "肯定的", "真的",
)  # fmt: skip
VERBS = (
    "打开",
    "关闭",
    "我要听",
    "我想看",
    "导航到",
    "帮我找",
    "搜索",
    "播放",
    "转到",
    "我想去",
    "查一下",
    "给我讲讲",
    "你知道",
    "介绍一下",
    "买一张去",
    "调到",
)
ORGS = (
    "局",
    "委员会",
    "公司",
    "中心",
    "大学",
    "医院",
    "集团",
    "研究院",
    "银行",
    "商店",
    "餐厅",
    "火锅店",
    "便利店",
    "酒店",
    "超市",
    "公园",
    "小学",
    "派出所",
)
NEWS = (
    "据{p}{o}消息，{w}{w}和{w}的{w}有所{w}。", "记者从{p}{o}了解到，{t}起将{w}{w}。", "{p}的{w}{w}，{n}{w}比去年{w}了百分之{k}。",
    "{p}{o}的负责人{m}表示，{w}是{w}的{w}。", "虽然{w}{w}，但是{w}的{w}还要{w}。", "{t}，{p}发生了一起{w}{w}。", "{m}和{m}在{p}{w}了{w}。",
    "目前{w}的{w}已经达到{n}，{w}{w}。", "不仅{w}要{w}，而且{w}也{w}。", "如果{w}不{w}，{w}就会{w}。", "我们{w}了{n}个{w}，都{w}{w}。", "这部{w}的{w}是{w}，{w}于{t}。",
)  # fmt: skip


class General:
    """Draws sentences that no template of the hotline could make."""

    def __init__(self, words: GeneralWords) -> None:
        self._words = words

    def words(self, rng: np.random.Generator) -> Sentence:
        chosen = [self._words.word(rng) for _ in range(int(rng.integers(1, 9)))]
        if rng.random() < 0.35:
            cut = int(rng.integers(1, len(chosen) + 1))
            chosen.insert(cut, "，" if cut < len(chosen) else "。")
        return self._made("".join(chosen), "words")

    def prose(self, rng: np.random.Generator) -> Sentence:
        if rng.random() < 0.5:
            return self._made(self._words.definition(rng), "prose")
        return self._made(self._filled(rng, pick(rng, NEWS)), "prose")

    def short(self, rng: np.random.Generator) -> Sentence:
        text = pick(rng, SHORT)
        if rng.random() < 0.25:
            text += "，" + pick(rng, SHORT)
        return self._made(text + pick(rng, ("。", "。", "")), "short")

    def entity(self, rng: np.random.Generator) -> Sentence:
        draw = int(rng.integers(10))
        surname = pick(rng, tuple(SPELLED))
        text = (
            lambda: said_mobile(rng),
            lambda: pick(rng, ("我的电话是", "手机号是", "你记一下", "联系电话", "号码")) + said_mobile(rng) + "。",
            lambda: landline(rng),
            lambda: (
                pick(rng, ("我叫", "我是", "联系人", "我姓名叫"))
                + person(rng)
                + pick(rng, ("", "。", "，电话" + said_mobile(rng)))
            ),
            lambda: f"我姓{surname}，{SPELLED[surname]}{pick(rng, ('', '，叫' + person(rng)[1:]))}。",
            lambda: (
                self._words.place(rng)
                + pick(rng, ("", self._words.place(rng), self._words.word(rng) + pick(rng, ORGS)))
            ),
            lambda: amount(rng) + pick(rng, ("", "，" + amount(rng), "一个月", "一平米")),
            lambda: day(rng) + clock(rng),
            lambda: pick(rng, VERBS) + self._words.word(rng) + pick(rng, ("", self._words.word(rng), pick(rng, ORGS))),
            lambda: (
                number(int(rng.integers(1, 40)))
                + pick(rng, ("栋", "号楼", "幢"))
                + number(int(rng.integers(1, 8)))
                + "单元"
                + pick(
                    rng,
                    (
                        number(int(rng.integers(1, 33))) + "楼",
                        "".join(pick(rng, "一二三四五六") + "零" + pick(rng, "一二三四") + "室"),
                    ),
                )
            ),
        )[draw]()
        return self._made(text, "entity")

    def _filled(self, rng: np.random.Generator, template: str) -> str:
        out = template
        while "{" in out:
            slot = out[out.index("{") : out.index("}") + 1]
            value = {
                "{w}": lambda: self._words.word(rng), "{p}": lambda: self._words.place(rng), "{o}": lambda: pick(rng, ORGS),
                "{m}": lambda: person(rng), "{t}": lambda: day(rng), "{n}": lambda: number(int(rng.integers(2, 99_999))),
                "{k}": lambda: number(int(rng.integers(1, 100))),
            }[slot]()  # fmt: skip
            out = out.replace(slot, value, 1)
        return out

    @staticmethod
    def _made(text: str, kind: str) -> Sentence:
        return Sentence(text=text, kind=kind, key=f"{kind}:{text}")  # type: ignore[arg-type]
