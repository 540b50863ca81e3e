"""The ear's school, text: every kind of sentence behind one door."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.asr.training.citywords import CityWords
from pipeline.asr.training.complaints import Complaints
from pipeline.asr.training.general import General
from pipeline.asr.training.words import GeneralWords


class Grammar:
    """Draws sentences; the same generator state gives the same sentence."""

    def __init__(self, general: General, complaints: Complaints | None) -> None:
        self.words, self.prose, self.short, self.entity = general.words, general.prose, general.short, general.entity
        if complaints is not None:
            self.hotline, self.agent = complaints.hotline, complaints.agent

    @classmethod
    def load(cls, city: Path | None) -> Grammar:
        general = General(GeneralWords())
        if city is None:
            return cls(general, None)
        manifest = city / "manifest.json"
        title = json.loads(manifest.read_text("utf-8"))["title"] if manifest.is_file() else "市民"
        return cls(general, Complaints(CityWords.load(city), title, general))
