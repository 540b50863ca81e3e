"""What stands beside words in the search for answers: the embedding of the settings, or nothing where none is here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from agents.build import build_stages
from agents.city import City
from agents.models.embedding import BGE, EmbeddingMissing, open_embedding
from agents.models.meaning import WindowMeaning, read_meaning
from agents.models.phrasing_local import LocalWriter
from agents.models.rerank import open_reader
from agents.phrasing import Budget, Writer
from agents.ports import Earlier
from agents.stage import Stage
from pipeline.run.phrasing_http import HttpWriter
from pipeline.settings import Settings
from routing.fitted import Shelf
from routing.passages import documents
from schemas.catalogue import CityPack

NONE, AUTO = "none", "auto"
_log = structlog.get_logger(__name__)


def meaning_of(
    name: str, models: Path, texts: Sequence[str], kept: Path | None, make: bool = True, threads: int = 1
) -> tuple[WindowMeaning | None, str]:
    """The meaning of the texts and the embedding's name; None and "none" where words alone must do. `auto` is
    bge-small-zh where it is here.

    Raises EmbeddingMissing where an embedding asked for by name is not here, ValueError for a name that is none.
    """
    if name == NONE:
        return None, NONE
    try:
        embedding = open_embedding(BGE if name == AUTO else name, models, threads)  # the one that was measured to help
    except EmbeddingMissing as error:
        if name != AUTO:
            raise
        _log.warning("answers are looked for by words alone", reason=str(error))
        return None, NONE
    return read_meaning(texts, embedding, kept, make), embedding.name


def kept_vectors(settings: Settings, pack: CityPack) -> Path:
    """The file with the vectors of a city's articles."""
    return settings.models / f"answers-{pack.manifest.name}.npz"


def article_meaning(settings: Settings, pack: CityPack, make: bool) -> tuple[WindowMeaning | None, str]:
    """The meaning of a city's articles. With `make` false only from kept vectors, and only where they are whole: an
    answer must not depend on how far somebody got with making them."""
    kept = kept_vectors(settings, pack)
    if not make and not kept.is_file():
        return None, NONE
    texts = [document.whole for document in documents(pack.articles)]
    meaning, name = meaning_of(settings.answers_embedding, settings.models, texts, kept, make)
    if meaning is not None and not meaning.whole:
        _log.warning("articles have changed since their vectors were made: hotline city vectors", file=str(kept))
        return None, NONE
    return meaning, name


def city_of(settings: Settings, pack: CityPack, live: bool = True) -> City:
    """What the stages know of the city; answers by meaning too where the vectors of its articles were made.

    Only a live house words answers: what is run again asks no endpoint.
    """
    meaning, _ = article_meaning(settings, pack, make=False)
    reader = open_reader(Path(settings.answers_reranker)) if settings.answers_reranker else None
    return City(pack, meaning, reader, writer_of(settings) if live else None, shelf_of(settings))


def shelf_of(settings: Settings) -> Shelf:
    """Where models learnt from a city's pack are kept."""
    return Shelf(settings.models / "fitted")


def writer_of(settings: Settings) -> Writer | None:
    """Who puts answers in plain words; None where nobody is asked, as by default. Raises ValueError for a bad address,
    Unphrased where a folder holds no model."""
    if not settings.phrasing:
        return None
    budget = Budget(seconds=settings.phrasing_timeout_s, tokens=settings.phrasing_tokens)
    if "://" not in settings.phrasing:
        return LocalWriter(Path(settings.phrasing), budget)
    return HttpWriter(settings.phrasing, settings.phrasing_model, settings.phrasing_key.get_secret_value(), budget)


def stages_again(settings: Settings, pack: CityPack, earlier: Earlier) -> list[Stage]:
    """The stages as they run live, for events that are run through them again."""
    return build_stages(pack, earlier=earlier, city=city_of(settings, pack, live=False))
