"""Signatures are those of the public Standard Webhooks convention, and keys are taken or refused by name."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from pipeline.record.webhook_sign import headers, parse_keys, signature

KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # base64 of the convention's own example, 24 bytes
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def test_the_published_example_comes_out() -> None:
    (key,) = parse_keys(f"whsec_{KEY}")
    assert signature(ID, AT, BODY, (key,)) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_an_hmac_over_id_time_and_body() -> None:
    key = b"k" * 24
    by_hand = base64.b64encode(hmac.new(key, b"an-id.1795228200.{}", hashlib.sha256).digest()).decode()
    sent = headers("an-id", datetime(2026, 11, 21, 2, 30, tzinfo=UTC), b"{}", (key,))
    assert sent == {
        "webhook-id": "an-id",
        "webhook-timestamp": "1795228200",
        "webhook-signature": f"v1,{by_hand}",
    }


def test_while_keys_change_over_either_of_them_verifies() -> None:
    new, old = parse_keys(f"{'n' * 24}, {'o' * 24}")
    both = signature(ID, AT, BODY, (new, old)).split()
    assert both == [signature(ID, AT, BODY, (new,)), signature(ID, AT, BODY, (old,))]


def test_one_changed_byte_changes_the_signature() -> None:
    keys = (b"k" * 24,)
    assert len({signature(*given, keys) for given in ((ID, AT, BODY), (ID + "x", AT, BODY), (ID, AT + 1, BODY))}) == 3
    assert signature(ID, AT, BODY + b" ", keys) != signature(ID, AT, BODY, keys)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("secret-word", "key 1 .* 11 bytes"),
        (f"{'n' * 24},secret-word", "key 2"),
        ("whsec_secret-word!", "no base64"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "23 bytes"),
        (",".join("abc"[n] * 24 for n in range(3)), "3 keys"),
    ],
)
def test_a_key_that_will_not_do_is_named_and_not_shown(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        parse_keys(text)
    assert "secret-word" not in str(caught.value)


def test_no_key_is_no_keys() -> None:
    assert parse_keys("") == ()
