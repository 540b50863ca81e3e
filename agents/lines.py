"""An utterance as the extractors see it: who says it, and how its words become evidence."""

from __future__ import annotations

import re

import msgspec

from agents.state import Utterance
from schemas.draft import Evidence

# On a line where both speak, these are the agent's words.
AGENT_TALK = re.compile(
    r"12345|一二三四五|很高兴为您|请问(?:您|有什么|怎么称呼)|感谢您的来电|工号|为您(?:登记|转|记录|查)|您(?:贵姓|反映的|说的是|的联系电话)|"
    r"请您(?:稍等|留|保持)|给您(?:登记|记录|转)"
)
AFFIRM = re.compile(
    r"^[嗯啊哦呃，。 ]*(?:对(?!了|不|方|面|象|于)|是的|是啊|是呀|没错|没问题|就是(?:这个|的|它|那)?[，。 ]|"
    r"正确|嗯嗯|可以|行[，。 ]?$|"
    r"是(?:[，。 ]|$)|好的|没有错|就这个)"
)
DENY = re.compile(r"^[嗯啊哦呃，。 ]*(?:不是|不对|错了|不不|没有啊|哪里|你听错|搞错|弄错|记错)")


class Line(msgspec.Struct, frozen=True):
    """One utterance in its place in the call."""

    at: int  # index among all utterances of the call
    id: str
    leg: str
    text: str
    start_s: float  # seconds since leg start
    caller: bool  # the caller speaks

    @property
    def affirms(self) -> bool:
        return self.caller and AFFIRM.match(self.text) is not None

    @property
    def denies(self) -> bool:
        return self.caller and DENY.match(self.text) is not None


def line(at: int, utterance: Utterance) -> Line:
    """The utterance as a line."""
    caller = utterance.leg == "caller" or (utterance.leg == "mixed" and AGENT_TALK.search(utterance.text) is None)
    return Line(at, utterance.id, utterance.leg, utterance.text, utterance.start_s, caller)


def evidence(of: Line, start: int, end: int) -> Evidence:
    """The characters [start, end) of a line as evidence."""
    return Evidence(
        utterance=of.id,
        leg=of.leg,  # type: ignore[arg-type]
        start=start,
        end=end,
        text=of.text[start:end],
        at_s=of.start_s,
    )
