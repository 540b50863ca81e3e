"""The ear's models: what is said when a model cannot be had."""

from __future__ import annotations


class ModelMissing(ValueError):
    """A model that is not here and could not be fetched; the message says what was tried and what to do."""


class SourceFailed(Exception):
    """One source did not give a file; the next one is tried."""
