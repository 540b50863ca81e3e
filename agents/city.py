"""All a stage needs to know of the city, built once from its pack."""

from __future__ import annotations

from agents.extract.earlier_calls import EarlierCalls
from agents.extract.kind import Ear
from agents.extract.name_kept import NameKept
from agents.extract.respondent_ear import RespondentEar
from agents.extract.wish_learning import wishes_learnt
from agents.lessons import told_with_kinds
from agents.phrasing import Writer
from agents.reader import Reader
from routing import retrieval
from routing.category import Categories
from routing.city.index import CityIndex
from routing.danger import Danger, told_of
from routing.emergency import Emergencies
from routing.fitted import Shelf
from routing.gazetteer import Gazetteer
from routing.kinds import Kinds
from routing.passages import Library
from routing.refusal import Refusals
from routing.returns import Returns
from schemas.catalogue import CityPack


class City:
    """One city's knowledge, shared by all calls. Building it takes some seconds, asking it microseconds."""

    def __init__(
        self,
        pack: CityPack,
        meaning: retrieval.Meaning | None = None,
        reader: retrieval.Reader | None = None,
        writer: Writer | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        """`meaning` of the pack's articles (`routing.passages.documents`) and a `reader` of the best of them; without
        either, answers go by words alone. Without a `writer` no word is generated. What is learnt is kept on the
        `shelf`."""
        self.index = CityIndex(pack)
        self.gazetteer = Gazetteer(pack.places)
        self.categories = Categories(self.index, shelf)
        kinds = Kinds.fit(pack.tellings, shelf, told_with_kinds())
        self.ear = Ear(kinds) if kinds is not None else None
        self.respondents = RespondentEar.fit(shelf)
        self.wishes = wishes_learnt(shelf)
        self.earlier_calls = EarlierCalls.taught(shelf)
        self.name_kept = NameKept.taught(shelf)
        self.emergencies = Emergencies(pack.emergencies)
        self.refusals = Refusals(pack.refusals)
        self.returns: Returns | None = None  # set by whoever holds the record
        self.library = Library(pack.articles, meaning, reader)
        self.writer = writer
        self.danger = Danger.fit(pack, shelf=shelf) if len(told_of(pack)) > 1 else None
        self.reader = Reader(self.gazetteer, self.categories, self.emergencies, self.refusals, self.danger)
