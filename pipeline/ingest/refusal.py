"""Why a door says no: one closed set of reasons, each with its answer on the wire."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "origin",  # a browser knocked
    "credential",
    "calls",  # as many calls as this door takes
    "log_full",
    "draining",  # the door is closing
    "no_start",  # no start message in time, or another message first
    "bad_text",  # TEXT that is no JSON object
    "too_big",  # a message larger than the door takes
    "bad_start",  # a start message with a field missing or wrong
    "codec",  # codec, rate or legs not served
    "malformed",  # too many messages that end within a sample
    "taken",  # another source feeds this call
    "taken_over",  # another source has come for a call this one left silent
    "ended",  # the call is over
    "silent",  # nothing came for too long
    "limit",  # the call is longer than the door allows
    "stopped",  # all is said: the end of an ordinary call
]

CODES: dict[Reason, int] = {  # HTTP status before the upgrade (< 1000), close code after it
    "origin": 403,
    "credential": 401,
    "calls": 503,
    "log_full": 1013,
    "draining": 1001,
    "no_start": 1008,
    "bad_text": 1007,
    "too_big": 1009,
    "bad_start": 1007,
    "codec": 1003,
    "malformed": 1007,
    "taken": 4409,
    "taken_over": 4409,
    "ended": 4409,
    "silent": 1000,
    "limit": 1008,
    "stopped": 1000,
}


class Refused(Exception):
    """The source is turned away; carries the reason's name and a sentence for who must mend it."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text

    @property
    def code(self) -> int:
        return CODES[self.reason]

    @property
    def wire_text(self) -> str:
        """At most 123 bytes, as a close frame demands."""
        return self.text.encode()[:120].decode(errors="ignore")
