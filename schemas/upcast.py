"""Older event versions to today's: one function per step, never removed while old logs exist."""

from __future__ import annotations

from collections.abc import Callable

STEPS: dict[tuple[str, int], Callable[[bytes], tuple[int, bytes]]] = {}  # (type, version) → (newer version, its body)


def upcast(kind: str, version: int, raw: bytes) -> tuple[str, int, bytes]:
    """Lifts a body through all known steps; unknown types and versions come back as they are."""
    while (step := STEPS.get((kind, version))) is not None:
        newer, raw = step(raw)
        if newer <= version:
            raise ValueError(f"upcast of {kind} version {version} does not rise")
        version = newer
    return kind, version, raw
