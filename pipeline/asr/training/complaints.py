"""The ear's school, text: what callers say and what agents answer, composed from phrases and the city's own words."""
# ruff: noqa: E501 (tables of phrases read better in long lines)

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.asr.training import phrases
from pipeline.asr.training.citywords import CityWords
from pipeline.asr.training.general import General
from pipeline.asr.training.sentence import Sentence
from pipeline.asr.training.spoken import SURNAMES, amount, clock, day, digits, mobile, number, pick, said_mobile


class Complaints:
    """Draws sentences of the hotline; the combination of phrases is the key that splits training from test."""

    def __init__(self, city: CityWords, city_name: str, general: General) -> None:
        self._city, self._name, self._general = city, city_name, general

    def hotline(self, rng: np.random.Generator) -> Sentence:
        draw = rng.random()
        if draw < 0.10:
            return self._address_in_pieces(rng)
        if draw < 0.20:
            return self._corrected_number(rng)
        if draw < 0.26:
            return self._sentence(rng, "hotline", [self._pick(rng, "praise", phrases.PRAISE), "。"])
        parts: list[tuple[str, str] | str] = []
        size = rng.random()
        if size > 0.55:
            parts.append(self._pick(rng, "hello", phrases.HELLO))
        if size > 0.35:
            parts.append(self._pick(rng, "intent", phrases.INTENT))
        parts.extend(self._hesitation(rng))
        if rng.random() < 0.5:
            parts.append(self._pick(rng, "where", phrases.WHERE))
        if rng.random() < 0.4:
            parts.append(self._pick(rng, "since", phrases.SINCE))
        parts.extend(self._hesitation(rng))
        parts.append(self._problem(rng))
        if rng.random() < 0.4:
            parts += ["，", self._pick(rng, "feeling", phrases.FEELING)]
        if rng.random() < 0.35:
            parts += ["，", self._pick(rng, "ask", phrases.ASK)]
        parts.append(pick(rng, ("。", "。", "。", "？", "")))
        return self._sentence(rng, "hotline", parts)

    def agent(self, rng: np.random.Generator) -> Sentence:
        draw = rng.random()
        if draw < 0.3 and self._city.spoken:
            index = int(rng.integers(len(self._city.spoken)))
            return Sentence(self._city.spoken[index], "agent", f"spoken{index}")
        table = (("open", phrases.AGENT_OPEN), ("ask", phrases.AGENT_ASK), ("close", phrases.AGENT_CLOSE))
        name, lines = table[int(rng.integers(3))]
        parts: list[tuple[str, str] | str] = [self._pick(rng, name, lines)]
        if rng.random() < 0.4:
            parts.insert(0, pick(rng, ("好的，", "嗯，好的，", "是的，", "明白了，", "好，", "您好，", "不好意思，")))
        return self._sentence(rng, "agent", parts)

    def _problem(self, rng: np.random.Generator) -> tuple[str, str]:
        city = self._city
        if city.examples and rng.random() < 0.55:
            index = int(rng.integers(len(city.examples)))
            text = city.examples[index][1].rstrip("。？！")
            return f"ex{index}", text
        key, text = self._pick(rng, "problem", phrases.PROBLEMS)
        if city.keywords and rng.random() < 0.25:
            index = int(rng.integers(len(city.keywords)))
            return f"{key}+kw{index}", text + "，" + city.keywords[index][1]
        return key, text

    def _hesitation(self, rng: np.random.Generator) -> list[tuple[str, str] | str]:
        return [pick(rng, phrases.FILLER)] if rng.random() < 0.22 else []

    def _corrected_number(self, rng: np.random.Generator) -> Sentence:
        right = mobile(rng)
        at = int(rng.integers(3, len(right) - 2))
        wrong = str((int(right[at]) + int(rng.integers(1, 9))) % 10)
        tail = digits(right[at - 1 : at + 1], True)
        said = pick(rng, ("我的电话是", "号码是", "手机", "你记一下，", "")) + said_mobile(
            rng, right[:at] + wrong + right[at + 1 :]
        )
        fix = pick(rng, phrases.CORRECT)
        again = pick(rng, (
            f"是{tail}，不是{digits(right[at - 1] + wrong, True)}", f"后面是{digits(right[-4:], True)}", f"应该是{said_mobile(rng, right)}",
        ))  # fmt: skip
        return Sentence(f"{said}，{fix}{again}。", "hotline", f"fix:{fix}:{at}:{right[-4:]}")

    def _address_in_pieces(self, rng: np.random.Generator) -> Sentence:
        first, second = self._city.place_name(rng), self._city.address(rng)
        middle = pick(
            rng,
            (
                "，就是，",
                "，嗯，",
                "，那个，",
                "，",
                "，对，",
                "，旁边，",
                "，靠近",
                "，具体是",
                "，" + pick(rng, phrases.CORRECT),
            ),
        )
        start = pick(rng, ("在", "我在", "地址是", "", "就在", "住在"))
        return Sentence(f"{start}{first}{middle}{second}。", "hotline", f"pieces:{first}:{second}")

    def _pick(self, rng: np.random.Generator, name: str, table: tuple[str, ...]) -> tuple[str, str]:
        index = int(rng.integers(len(table)))
        return f"{name}{index}", self._filled(rng, table[index])

    def _filled(self, rng: np.random.Generator, template: str) -> str:
        slots: dict[str, Callable[[], str]] = {
            "{a}": lambda: self._city.address(rng), "{t}": lambda: day(rng), "{c}": lambda: clock(rng), "{m}": lambda: amount(rng),
            "{n}": lambda: number(int(rng.integers(2, 40))).replace("二", "两", 1) if rng.random() < 0.2 else number(int(rng.integers(3, 40))),
            "{u}": lambda: self._city.unit(rng), "{s}": lambda: pick(rng, SURNAMES), "{v}": lambda: self._name,
            "{d}": lambda: digits(str(rng.integers(100, 9999))), "{x}": lambda: said_mobile(rng), "{w}": lambda: pick(rng, phrases.LINES),
            "{p}": lambda: pick(rng, phrases.PROBLEMS).split("，")[0].replace("{n}", "三").replace("{m}", "两千块钱"),
        }  # fmt: skip
        out = template
        for slot, value in slots.items():
            while slot in out:
                out = out.replace(slot, value(), 1)
        return out

    @staticmethod
    def _sentence(rng: np.random.Generator, kind: str, parts: list[tuple[str, str] | str]) -> Sentence:
        """The matter alone is the key where there is one: no dressing of a held-out matter is ever trained on."""
        text = "".join(part if isinstance(part, str) else part[1] for part in parts)
        names = [part[0] for part in parts if not isinstance(part, str)]
        key = next((name for name in names if name.startswith(("ex", "problem", "praise"))), "|".join(names))
        for double in ("，，", "。。", "，。"):
            text = text.replace(double, double[-1])
        return Sentence(text, kind, key)  # type: ignore[arg-type]
