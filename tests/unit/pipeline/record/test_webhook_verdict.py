"""What a receiver's answer means: the table of docs/handoff.md, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.record.handoff_pace import GIVEN_UP_AFTER, LONGEST_PAUSE_S, next_try
from pipeline.record.webhook_verdict import LONGEST_WAIT_S, WORDS, Answer, judge, wait_of

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
DOC = (Path(__file__).parents[4] / "docs" / "handoff.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("status", "body", "outcome", "proof", "receipt"),
    [
        (200, b'{"receipt": "A-17"}', "delivered", "receipt", "A-17"),
        (201, b'{"ticket_no": 4711}', "delivered", "receipt", "4711"),
        (200, b"", "delivered", "accepted", ""),
        (204, b"", "delivered", "accepted", ""),
        (200, b"<html>ok</html>", "delivered", "accepted", ""),
        (200, b'{"receipt": true}', "delivered", "accepted", ""),
        (200, b'{"receipt": ""}', "delivered", "accepted", ""),
        (200, b"[" * 100_000, "delivered", "accepted", ""),
        (200, b'{"receipt": "\xff"}', "delivered", "accepted", ""),
        (409, b'{"receipt": "A-17"}', "delivered", "known", "A-17"),
        (409, b"", "refused", "", ""),
        (400, b"", "refused", "", ""),
        (401, b"", "refused", "", ""),
        (404, b"", "refused", "", ""),
        (422, b'{"receipt": "A-17"}', "refused", "", ""),
        (302, b"", "refused", "", ""),
        (408, b"", "later", "", ""),
        (429, b"", "later", "", ""),
        (500, b'{"receipt": "A-17"}', "later", "", ""),
        (503, b"", "later", "", ""),
    ],
)
def test_every_answer_has_its_meaning(status: int, body: bytes, outcome: str, proof: str, receipt: str) -> None:
    verdict = judge(Answer(status=status, body=body), NOW)
    assert (verdict.outcome, verdict.proof, verdict.receipt) == (outcome, proof, receipt)
    assert (verdict.reason is None) == (outcome == "delivered")


def test_no_answer_is_tried_again() -> None:
    assert judge(Answer(failure="timeout"), NOW).outcome == judge(Answer(failure="no_answer"), NOW).outcome == "later"


def test_an_answer_too_long_to_read_is_no_receipt() -> None:
    assert judge(Answer(status=200, body=b"", whole=False), NOW).proof == "accepted"


def test_a_refusal_keeps_the_receivers_words_short_and_printable() -> None:
    words = judge(Answer(status=400, body='{"message": "单位\\u0000\\n 不存在\\u202e"}'.encode()), NOW).said
    assert words == "单位 不存在"
    assert len(judge(Answer(status=400, body=b'{"detail": "' + b"x" * 5000 + b'"}'), NOW).said) == 200


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("5", 5),
        ("0", 0),
        ("999999999999", LONGEST_WAIT_S),
        ("Sat, 21 Nov 2026 02:31:00 GMT", 60),
        ("Sat, 21 Nov 2026 02:29:00 GMT", 0),
        ("-3", 0),
        ("soon", 0),
        ("", 0),
        ("²", 0),
    ],
)
def test_retry_after_is_heard_within_bounds(asked: str, seconds: float) -> None:
    assert wait_of(asked, NOW) == seconds


def test_pauses_grow_to_a_bound_and_are_spread_over_their_whole_length() -> None:
    longest = [next_try(NOW, NOW, tries, 0.999999999) for tries in range(1, 40)]
    pauses = [(at - NOW).total_seconds() for at in longest if at]
    assert [round(p) for p in pauses[:4]] == [2, 4, 8, 16] and round(pauses[-1]) == LONGEST_PAUSE_S
    assert next_try(NOW, NOW, 5, 0.0) == NOW
    assert next_try(NOW, NOW, 5, 0.25) == NOW + timedelta(seconds=8)


def test_what_the_receiver_asks_for_is_the_least() -> None:
    assert next_try(NOW, NOW, 1, 0.5, 30.0) == NOW + timedelta(seconds=30)
    assert next_try(NOW, NOW, 10, 0.5, 30.0) == NOW + timedelta(seconds=512)


def test_the_last_try_is_at_the_end_of_the_time_and_none_follows() -> None:
    end = NOW + GIVEN_UP_AFTER
    assert next_try(end - timedelta(seconds=10), NOW, 30, 0.9) == end
    assert next_try(end, NOW, 30, 0.9) is None


def test_every_reason_is_explained_in_the_contract() -> None:
    for reason in WORDS:
        assert f"`{reason}`" in DOC, reason
