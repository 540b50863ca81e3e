"""Models fitted from lessons, kept on disk for the next process: what learnt once need not be learnt at every start.

A model lies under a digest of all that makes it: its lessons, its options, the code that fits it. So a shelf can be
thrown away at any time, and what is read from it is what fitting would give.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import msgspec
from numpy.typing import NDArray

from routing import classifier, classifier_fit, model_folder, ngrams, sound
from routing.classifier import Classifier, Options
from routing.senses.table import senses

T = TypeVar("T")

KEPT = 4  # of one name: packs of several cities, and the one before a change
_CODE = (classifier, classifier_fit, ngrams, sound)


class Shelf:
    """Gives a fitted model, from its folder where it lies there. Never fails for a folder it cannot use."""

    def __init__(self, folder: Path | None = None) -> None:
        """Without a folder everything is fitted anew."""
        self.folder = folder

    def classifier(
        self, name: str, texts: Sequence[str], labels: Sequence[str], options: Options | None = None
    ) -> Classifier:
        """The same as `Classifier.fit`. `name` in letters and dashes. Raises ValueError where that does."""
        options = options or Options()
        key = _key(texts, labels, options)

        def fit() -> Classifier:
            return Classifier.fit(texts, labels, options)

        return self._kept(name, key, fit, lambda model, place: model.save(place, small=False), Classifier.load)

    def learnt(
        self,
        name: str,
        key: Sequence[object],
        lessons: Callable[[], tuple[Sequence[str], Sequence[str]]],
        options: Options,
    ) -> Classifier:
        """The same where putting the lessons together takes long: only where nothing lies under `key` is it done.

        `key` says all they are made from.
        """

        def fit() -> Classifier:
            return Classifier.fit(*lessons(), options)

        whole = repr((list(key), msgspec.to_builtins(options), senses().digest if options.sense else ""))
        return self._kept(
            name, _digest(whole), fit, lambda model, place: model.save(place, small=False), Classifier.load
        )

    def numbers(self, name: str, key: Sequence[object], make: Callable[[], dict[str, float]]) -> dict[str, float]:
        """What `make` gives, for the same `key` made once; `key` of plain values that say all that matters for it."""

        def save(found: dict[str, float], place: Path) -> None:
            model_folder.write(place, "numbers", {"numbers": found}, {})

        def load(place: Path) -> dict[str, float]:
            return {k: float(v) for k, v in model_folder.read_head(place)["numbers"].items()}

        return self._kept(name, _digest(repr(list(key))), make, save, load)

    def arrays(
        self, name: str, key: Sequence[object], make: Callable[[], dict[str, NDArray[Any]]]
    ) -> dict[str, NDArray[Any]]:
        """The same for arrays of numbers."""

        def save(found: dict[str, NDArray[Any]], place: Path) -> None:
            model_folder.write(place, "arrays", {}, found, small=False)

        def load(place: Path) -> dict[str, NDArray[Any]]:
            model_folder.read_head(place)
            return model_folder.read_arrays(place)

        return self._kept(name, _digest(repr(list(key))), make, save, load)

    def _kept(
        self, name: str, key: str, make: Callable[[], T], save: Callable[[T, Path], None], load: Callable[[Path], T]
    ) -> T:
        if self.folder is None:
            return make()
        place = self.folder / f"{name}-{key}"
        with contextlib.suppress(ValueError, OSError, KeyError):
            found = load(place)
            os.utime(place)
            return found
        found = make()
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            _put(place, lambda folder: save(found, folder))
            _prune(self.folder, name)
        return found


def _put(place: Path, save: Callable[[Path], None]) -> None:
    """Whole or not at all; of two processes that put the same thing the first wins."""
    made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        save(made)
        made.chmod(0o755)
        if place.exists():
            shutil.rmtree(place)  # it could not be read
        made.rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _prune(folder: Path, name: str) -> None:
    """Throws away what was not used for longest."""
    of_name = [place for place in folder.iterdir() if place.name.rpartition("-")[0] == name]
    found = sorted(of_name, key=lambda place: -place.stat().st_mtime)
    for place in found[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)


def _key(texts: Sequence[str], labels: Sequence[str], options: Options) -> str:
    meaning = senses().digest if options.sense else ""
    return _digest(repr((list(texts), list(labels), msgspec.to_builtins(options), meaning)))


def _digest(said: str) -> str:
    return hashlib.blake2b((_code() + said).encode("utf-8", "replace"), digest_size=10).hexdigest()


def source_of(*modules: ModuleType) -> str:
    """Changes whenever the code of these modules does."""
    sources = [Path(module.__file__ or "").read_bytes() for module in modules]
    return hashlib.blake2b(b"\0".join(sources)).hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """Changes whenever fitting may give something else."""
    return source_of(*_CODE) + version("scikit-learn") + version("numpy")
