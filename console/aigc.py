"""On everything that leaves the desk: the label saying that a machine had a hand in it, for people and for programs."""

from __future__ import annotations

import hashlib

import msgspec

SYSTEM = "12345热线智能辅助"


class _Label(msgspec.Struct, frozen=True):
    Label: str  # "1" = generated
    ContentProducer: str
    ProduceID: str
    ReservedCode1: str
    ContentPropagator: str
    PropagateID: str
    ReservedCode2: str


class _Implicit(msgspec.Struct, frozen=True):
    AIGC: _Label


def explicit_label(version: str, made: str, by: str) -> str:
    """The sentence for people: system, version, time, and who takes it away."""
    return f"人工智能生成、人工确认的内容 | 系统：{SYSTEM} {version} | 导出时间：{made} | 导出人：{by}"


def implicit_label(producer: str, version: str, content: str) -> str:
    """The label for programs, as JSON. `content` names what is labelled; the id derives from it."""
    produced = hashlib.sha256(content.encode()).hexdigest()[:32]
    label = _Label(
        Label="1",
        ContentProducer=producer,
        ProduceID=produced,
        ReservedCode1=f"hotline-copilot/{version}",
        ContentPropagator=producer,
        PropagateID=produced,
        ReservedCode2="",
    )
    return msgspec.json.encode(_Implicit(AIGC=label)).decode()
