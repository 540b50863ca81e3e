"""Passwords as they are kept."""

from __future__ import annotations

import pytest

from console.passwords import hash_password, verify_password


def test_a_hash_opens_for_its_password_only() -> None:
    kept = hash_password("right-horse")
    assert kept.startswith("$argon2id$") and "right-horse" not in kept
    assert verify_password(kept, "right-horse")
    assert not verify_password(kept, "wrong-horse")


def test_nobody_has_no_password() -> None:
    assert not verify_password(None, "anything")


def test_a_broken_hash_opens_for_nothing() -> None:
    assert not verify_password("not a hash", "anything")


@pytest.mark.parametrize("password", ["", "x" * 257])
def test_an_empty_or_endless_password_is_not_kept(password: str) -> None:
    with pytest.raises(ValueError, match="1 to 256"):
        hash_password(password)
