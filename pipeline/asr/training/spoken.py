"""The ear's school, text: numbers, telephone numbers, times, amounts and names as callers say them."""
# ruff: noqa: E501 (tables of phrases read better in long lines)

from __future__ import annotations

import itertools

import numpy as np

DIGITS = "零一二三四五六七八九"
PHONE_DIGITS = "零幺二三四五六七八九"
MOBILE_HEADS = ("13", "15", "17", "18", "19", "16", "14")
SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂香玉萍红玲芬燕彬鹏飞宇浩凯欣怡雪梅琳晨阳建国志文华德海峰波辉斌鑫博瑞雨婷佳慧颖倩琪思远天乐春生长福贵荣良庆祥林松柏云龙凤珍珠莲翠菊清秋月冬晓东旭升振兴家豪子轩梓涵一诺"
SPELLED = {
    "张": "弓长张", "李": "木子李", "陈": "耳东陈", "章": "立早章", "吴": "口天吴", "黄": "草头黄", "王": "三横王", "刘": "文刀刘",
    "徐": "双人徐", "杨": "木易杨", "林": "双木林", "胡": "古月胡", "许": "言午许", "何": "人可何", "江": "三点水的江", "赵": "走之赵",
}  # fmt: skip


def pick(rng: np.random.Generator, items: object) -> str:
    seq = items if isinstance(items, (str, list, tuple)) else tuple(items)  # type: ignore[arg-type]
    return str(seq[int(rng.integers(len(seq)))])


def number(value: int) -> str:
    """350 → 三百五十, 10050 → 一万零五十; 2 before 百/千/万 is 两."""
    if value < 0:
        raise ValueError(f"number {value}: negative numbers are not spoken here")
    if value == 0:
        return "零"
    out, zero = "", False
    for size, name in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        count, value = divmod(value, size)
        if not count:
            zero = zero or bool(out)
            continue
        if zero and out:
            out += "零"
        zero = False
        if size == 10_000 and count >= 10:
            out += number(count) + name
        else:
            digit = "两" if count == 2 and size >= 100 else DIGITS[count]
            out += digit + name
    return out[1:] if out.startswith("一十") else out


def digits(text: str, phone: bool = True) -> str:
    table = PHONE_DIGITS if phone else DIGITS
    return "".join(table[int(char)] for char in text)


def mobile(rng: np.random.Generator) -> str:
    """Eleven digits of a mobile number."""
    return pick(rng, MOBILE_HEADS) + "".join(str(rng.integers(10)) for _ in range(9))


def said_mobile(rng: np.random.Generator, value: str | None = None, groups: bool | None = None) -> str:
    """A mobile number as it is said: in one go, or in groups with pauses; 幺 in three of four."""
    value = value or mobile(rng)
    phone = rng.random() < 0.75
    if groups is None:
        groups = rng.random() < 0.5
    if not groups:
        return digits(value, phone)
    cuts = ((3, 7), (3, 5, 8), (4, 8), (3, 6, 9))[int(rng.integers(4))]
    edges = (0, *cuts, len(value))
    return "，".join(digits(value[a:b], phone) for a, b in itertools.pairwise(edges))


def landline(rng: np.random.Generator) -> str:
    return digits(
        "0588" * int(rng.random() < 0.3) + str(rng.integers(2, 9)) + "".join(str(rng.integers(10)) for _ in range(6))
    )


def person(rng: np.random.Generator) -> str:
    return pick(rng, SURNAMES) + "".join(pick(rng, GIVEN) for _ in range(1 + int(rng.random() < 0.7)))


def amount(rng: np.random.Generator) -> str:
    draw = rng.random()
    if draw < 0.35:
        return number(int(rng.integers(2, 60)) * 100) + pick(rng, ("块", "块钱", "元", "多块"))
    if draw < 0.6:
        return number(int(rng.integers(1, 40)) * 1000) + pick(rng, ("块钱", "元", "块", "多"))
    if draw < 0.75:
        return number(int(rng.integers(1, 100))) + pick(rng, ("块", "块钱", "元"))
    if draw < 0.9:
        return (
            pick(rng, "一两三四五六七八九")
            + "万"
            + pick(rng, ("", "多", "块", "元"))
            + ("钱" if rng.random() < 0.1 else "")
        )
    return number(int(rng.integers(1, 300))) + "块" + pick(rng, "一二三四五六七八九") + pick(rng, ("", "毛"))


def clock(rng: np.random.Generator) -> str:
    part, low, high = (
        ("早上", 5, 10), ("上午", 8, 12), ("中午", 11, 13), ("下午", 1, 6), ("晚上", 6, 12), ("凌晨", 1, 5), ("夜里", 10, 12), ("", 1, 13),
    )[int(rng.integers(8))]  # fmt: skip
    hour = int(rng.integers(low, high))
    said = "两" if hour == 2 else number(hour)
    return part + said + "点" + pick(rng, ("", "", "半", "多", "左右", "一刻", "钟", "十分", "二十", "四十"))


def day(rng: np.random.Generator) -> str:
    draw = rng.random()
    if draw < 0.45:
        return pick(rng, (
            "昨天", "今天", "前天", "大前天", "昨天晚上", "今天早上", "今天上午", "前天夜里", "上个星期", "上周", "这个月初", "上个月", "去年年底",
            "从上周开始", "最近这几天", "国庆节之前", "春节的时候", "大概三天前", "半个月之前", "这两天", "刚才", "今年开春", "昨儿晚上",
        ))  # fmt: skip
    if draw < 0.7:
        return pick(rng, ("上周", "这周", "周", "星期", "礼拜")) + pick(rng, "一二三四五六")
    return number(int(rng.integers(1, 13))) + "月" + number(int(rng.integers(1, 31))) + pick(rng, ("号", "号", "日"))
