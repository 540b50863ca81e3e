"""Sign-in, the password: argon2id hashes, and the same work whether the account exists or not."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MAX_LENGTH = 256  # characters; longer ones are refused before any work

# OWASP's least for argon2id: 19 MiB, two rounds, one lane. argon2-cffi's own choice takes eight times as much of a
# processor, so that a thousand agents who begin their shift within a minute would keep four of them busy.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_hex(16))  # what an unknown login is compared with


def hash_password(password: str) -> str:
    """Password → what the store keeps. Raises ValueError when it is empty or too long."""
    if not 0 < len(password) <= MAX_LENGTH:
        raise ValueError(f"a password has 1 to {MAX_LENGTH} characters, this one has {len(password)}")
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Takes as long for an unknown account (None) as for a known one. Blocks about 30 ms: call it off the loop."""
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None
