"""Voices: what is said when speech cannot be made."""

from __future__ import annotations


class VoiceError(ValueError):
    """A text, a voice or a voice file that cannot be spoken with; the message says which and why."""
