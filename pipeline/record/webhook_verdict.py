"""Hand-off, after the receiver answered: what the answer means. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

LONGEST_WORDS = 200  # characters kept of what a receiver says
LONGEST_WAIT_S = 3600.0  # a receiver may ask for more patience, but not for more than this

Reason = Literal["refused", "redirected", "busy", "server_error", "timeout", "no_answer", "altered", "unconfirmed"]
WORDS: dict[str, str] = {  # reason → for people
    "refused": "对方拒收",
    "redirected": "对方要求转往别处，未跟随",
    "busy": "对方繁忙",
    "server_error": "对方系统出错",
    "timeout": "对方未在时限内应答",
    "no_answer": "无法连接对方系统",
    "altered": "待送内容与生成时不一致，未发送",
    "unconfirmed": "没有对应的人工确认，未发送",
}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back of one try; `status` 0 = nothing did."""

    status: int = 0
    body: bytes = b""
    whole: bool = True  # False: the body is longer than we read
    retry_after: str = ""
    failure: Reason | None = None  # why nothing came back


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Delivered, refused for good, or to be tried later."""

    outcome: Literal["delivered", "refused", "later"]
    reason: Reason | None = None
    proof: Literal["", "receipt", "known", "accepted"] = ""
    receipt: str = ""
    said: str = ""  # the receiver's words
    wait_s: float = 0.0  # the least the receiver asks us to wait


def judge(answer: Answer, now: datetime) -> Verdict:
    """The table of docs/handoff.md."""
    if answer.failure is not None:
        return Verdict(outcome="later", reason=answer.failure)
    status, found = answer.status, _words(answer)
    receipt = found.get("receipt") or found.get("ticket_no") or ""
    if 200 <= status < 300:
        return Verdict(outcome="delivered", proof="receipt" if receipt else "accepted", receipt=receipt)
    if status == 409 and receipt:
        return Verdict(outcome="delivered", proof="known", receipt=receipt)
    if status in (408, 429):
        return Verdict(outcome="later", reason="busy", wait_s=wait_of(answer.retry_after, now))
    if status >= 500:
        return Verdict(outcome="later", reason="server_error", wait_s=wait_of(answer.retry_after, now))
    said = found.get("reason") or found.get("message") or found.get("detail") or ""
    return Verdict(outcome="refused", reason="redirected" if 300 <= status < 400 else "refused", said=said)


def wait_of(retry_after: str, now: datetime) -> float:
    """Seconds a `Retry-After` asks for (seconds or a date), within bounds; 0 when it says nothing we understand."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return 0.0
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return max(0.0, min(seconds, LONGEST_WAIT_S))


def _words(answer: Answer) -> dict[str, str]:
    """The short words and numbers of a JSON answer, made fit to show; nothing of any other answer."""
    if not answer.whole:
        return {}
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    plain = {k: str(v) for k, v in found.items() if isinstance(v, str | int) and not isinstance(v, bool)}
    shown = {k: " ".join("".join(c if c.isprintable() else " " for c in v).split()) for k, v in plain.items()}
    return {k: v[:LONGEST_WORDS] for k, v in shown.items()}
