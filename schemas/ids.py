"""How things are named: every id derives from its cause, so that a replay names them the same."""

from __future__ import annotations

import hashlib
import uuid

ROOT = uuid.UUID("6f1c7a52-0d0e-5b7c-9a55-12345a12345a")  # namespace of all our uuid5 names


def call_id(door: str, source: str) -> str:
    """Id of a call from the door's name and the switch's own call id: a reconnect stays the same call."""
    return str(uuid.uuid5(ROOT, f"call\x1f{door}\x1f{source}"))


def output_id(cause: str, stage: str, n: int = 0) -> str:
    """Id of the n-th event a stage derives from `cause`."""
    return str(uuid.uuid5(ROOT, f"out\x1f{cause}\x1f{stage}\x1f{n}"))


def utterance_id(call: str, leg: str, first_sample: int, last_sample: int, model: str) -> str:
    """Id of an utterance: the same stretch of the same leg heard by the same model is the same utterance."""
    return str(uuid.uuid5(ROOT, f"utt\x1f{call}\x1f{leg}\x1f{first_sample}\x1f{last_sample}\x1f{model}"))


def matter_id(call: str, n: int) -> str:
    """Id of the n-th matter (from 0) of a call."""
    return str(uuid.uuid5(ROOT, f"matter\x1f{call}\x1f{n}"))


def handoff_id(ticket: str, version: int) -> str:
    """Id under which a version of a ticket is handed off: the receiver knows a repeat by it."""
    return str(uuid.uuid5(ROOT, f"{ticket}\x1f{version}\x1fhandoff"))


def content_hash(canonical: bytes) -> str:
    """SHA-256 (hex) over the canonical bytes of what a person confirms."""
    return hashlib.sha256(canonical).hexdigest()
