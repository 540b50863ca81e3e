"""Reasons, codes and their page are one."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from pipeline.ingest.refusal import CODES, Reason, Refused
from schemas.audio import GapCause

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "door.md").read_text(encoding="utf-8")


def test_every_reason_has_a_code_and_a_line_in_the_docs() -> None:
    assert set(CODES) == set(get_args(Reason))
    for reason, code in CODES.items():
        assert f"| `{reason}` | {code} |" in PAGE


def test_every_cause_of_a_gap_has_a_line_in_the_docs() -> None:
    for cause in get_args(GapCause):
        assert f"| `{cause}` |" in PAGE


def test_a_refusal_carries_its_code() -> None:
    refused = Refused("taken", "another source feeds this call")
    assert (refused.code, str(refused)) == (4409, "another source feeds this call")
