"""What stands beside words in the search for answers: the embedding of the settings, or nothing where none is here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from agents.models.embedding import EmbeddingMissing, open_embedding
from agents.models.meaning import WindowMeaning, read_meaning

NONE, AUTO = "none", "auto"
_log = structlog.get_logger(__name__)


def meaning_of(
    name: str, models: Path, texts: Sequence[str], kept: Path | None, make: bool = True
) -> tuple[WindowMeaning | None, str]:
    """The meaning of the texts and the embedding's name; None and "none" where words alone must do.

    Raises EmbeddingMissing where an embedding asked for by name is not here, ValueError for a name that is none.
    """
    if name == NONE:
        return None, NONE
    try:
        embedding = open_embedding(name, models)
    except EmbeddingMissing as error:
        if name != AUTO:
            raise
        _log.warning("answers are looked for by words alone", reason=str(error))
        return None, NONE
    return read_meaning(texts, embedding, kept, make), embedding.name
