"""Made-up calls: numbers as callers say them: telephone digits in groups, sums of money, households."""

from __future__ import annotations

from random import Random

ROWS = {"yao": "零幺二三四五六七八九", "yi": "零一二三四五六七八九", "plain": "0123456789"}
_UNITS = ("", "十", "百", "千")


def phone(rng: Random) -> str:
    """A mobile number; none of them is given out to anybody: 1380588 and so on are made up."""
    return rng.choice(("138", "139", "135", "136", "158", "187", "177", "133", "199")) + "".join(
        str(rng.randrange(10)) for _ in range(8)
    )


def digits(number: str, row: str) -> str:
    """Digits said one by one."""
    return "".join(ROWS[row][int(c)] for c in number)


def phone_slots(number: str, local: str, row: str, rng: Random) -> dict[str, str]:
    """Every way to group a number, with wrong groups for corrections."""
    wrong_middle, wrong_tail = _other(number[3:7], rng), _other(number[7:], rng)
    cuts = {
        "p3": number[:3], "p4": number[3:7], "q4": number[7:], "w4": wrong_middle, "wq4": wrong_tail,
        "drop": number[:-1], "lastd": number[-1], "f4": number[:4], "g4": number[4:8], "h3": number[8:],
        "a3": number[:3], "b2": number[3:5], "c2": number[5:7], "d2": number[7:9], "e2": number[9:], "local": local,
    }  # fmt: skip
    return {name: digits(cut, row) for name, cut in cuts.items()}


def _other(group: str, rng: Random) -> str:
    at = rng.randrange(len(group))
    wrong = str((int(group[at]) + rng.randrange(1, 9)) % 10)
    return group[:at] + wrong + group[at + 1 :]


def counted(value: int) -> str:
    """八千五百六十, 一万二千."""
    if value >= 10000:
        head, rest = divmod(value, 10000)
        return counted(head) + "万" + (("零" if rest < 1000 else "") + counted(rest) if rest else "")
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + _UNITS[place]
            zero = False
        else:
            zero = True
    return text.removeprefix("一") if text.startswith("一十") else text


def amount(rng: Random) -> tuple[str, str]:
    """A sum: its figure and how it is said."""
    value = rng.choice((rng.randrange(2, 20) * 100, rng.randrange(10, 99) * 100, rng.randrange(10, 90) * 1000))
    said = counted(value)
    ways = [f"{said}块钱", f"{said}块", f"{value}块", f"{said}元"]
    if value % 1000 and value < 10000 and value > 1000 and value % 100 == 0:
        ways.append(f"{said.removesuffix('百')}块钱")  # 八千五块钱
    if said.startswith("二") and value >= 200:
        ways.append("两" + said[1:] + "块")
    return str(value), rng.choice(ways)


def homes(rng: Random) -> tuple[str, str]:
    """A number of households: figure and words."""
    value = rng.choice((rng.randrange(2, 10) * 10, rng.randrange(12, 60), rng.choice((100, 120, 200, 300))))
    word = rng.choice(("户", "户人家", "家住户", "家"))
    if value % 10 == 0 and value < 100 and rng.random() < 0.6:
        return str(value), counted(value) + rng.choice(("多", "来", "几")) + word
    return str(value), (counted(value) if rng.random() < 0.7 else str(value)) + word
