"""What is said in the calls of the fault tests: words that follow from the call's id, and sound for a telephone.

The ear's process and the test, which share no memory, know by the id alone what a call says.
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from pipeline.asr.readings import Window
from pipeline.asr.scripted import ScriptedEngine
from pipeline.audio.g711 import encode
from tests.unit.pipeline.asr.voice import RATE, voice

MESSAGE_S = 0.02  # of sound per message of the switch
DITHER = 48  # amplitude of the line noise: every message differs from every other
EAR_RATE = 16_000  # Hz of a window's positions


class Turn(NamedTuple):
    """One leg speaks from one moment to another, seconds."""

    leg: str
    start_s: float
    end_s: float
    text: str


def _script(texts: list[str], closing: str) -> list[Turn]:
    """Caller and agent in turn, with pauses that end an utterance."""
    turns, at = [], 0.5
    for n, text in enumerate([*texts, closing]):
        leg = "caller" if n < len(texts) else "agent"
        turns.append(Turn(leg, at, at + 1.6, text))
        at += 2.6
    return turns


SCRIPTS = [
    _script(
        [
            "我要投诉，我们小区楼下的工地天天半夜施工，打桩吵得睡不着。",
            "我的电话是{phone}，我姓高。",
            "晚上十点以后不许再施工了。",
        ],
        "好的，我马上转给城管部门。",
    ),
    _script(
        ["你好，我们小区停水了，从昨天晚上开始一滴水都没有。", "我的电话是{phone}，我姓林。", "请你们尽快抢修。"],
        "好的，我转给供水公司抢修。",
    ),
    _script(
        ["我想反映一下，我们这条路的路灯坏了，七八盏都不亮。", "我的电话是{phone}，我姓许。", "希望尽快修好路灯。"],
        "好的，已经登记了。",
    ),
]


def phone_of(call: str) -> str:
    """A number of the call's own: no call is taken for the repeat of another."""
    return f"139{uuid.UUID(call).int % 10**8:08d}"


def script_of(call: str) -> list[Turn]:
    turns = SCRIPTS[uuid.UUID(call).int % len(SCRIPTS)]
    return [turn._replace(text=turn.text.replace("{phone}", phone_of(call))) for turn in turns]


def seconds_of(call: str) -> float:
    return script_of(call)[-1].end_s + 1.2


class SpokenEngine(ScriptedEngine):
    """Reads of each turn all words, once a window holds its middle; half of them before."""

    def text(self, window: Window) -> str:
        call, _, leg = window.stream.rpartition("/")
        said = []
        for turn in script_of(call):
            middle = (turn.start_s + turn.end_s) / 2 * EAR_RATE
            if turn.leg == leg and window.start <= middle < window.end:
                said.append(turn.text)
            elif turn.leg == leg and window.start <= turn.start_s * EAR_RATE < window.end:
                said.append(turn.text[: len(turn.text) // 2])
        return "".join(said)


@lru_cache(maxsize=64)
def messages_of(call: str) -> list[bytes]:
    """The call as its switch sends it: 20 ms of two legs, A-law, interleaved. No two messages of a leg are alike."""
    total, step = int(seconds_of(call) * RATE), int(MESSAGE_S * RATE)
    legs = {leg: np.zeros(total, np.int16) for leg in ("caller", "agent")}
    for n, turn in enumerate(script_of(call)):
        first, length = int(turn.start_s * RATE), turn.end_s - turn.start_s
        sound = voice(length, seed=n)
        legs[turn.leg][first : first + len(sound)] += sound
    dice = np.random.default_rng(uuid.UUID(call).int % 2**63)
    coded = [encode("PCMA", pcm + dice.integers(-DITHER, DITHER, total).astype(np.int16)) for pcm in legs.values()]
    both = np.stack([np.frombuffer(data, np.uint8) for data in coded], axis=1).tobytes()
    return [both[at : at + 2 * step] for at in range(0, len(both) // (2 * step) * 2 * step, 2 * step)]
