"""The one place where the stages are put together, for production and tests alike."""

from __future__ import annotations

from agents.city import City
from agents.ports import Earlier, History, NoEarlier, NoHistory
from agents.stage import Stage
from agents.suggest import Suggest
from agents.trends import Trends
from agents.understanding import Understanding
from routing.city.index import CityIndex
from routing.trend_rules import TrendRules
from schemas.catalogue import CityPack


def build_stages(
    pack: CityPack, history: History | None = None, earlier: Earlier | None = None, city: City | None = None
) -> list[Stage]:
    """All stages of one city, in the order of their hops. Give `city` to share its indexes with others."""
    city = city or City(pack)
    history = history or NoHistory()
    return [Understanding(city, history, earlier or NoEarlier()), Suggest(city, history)]


def build_trends(index: CityIndex, rules: TrendRules | None = None, memory: bytes = b"") -> Trends:
    """The watch over trends. It spans calls, so it is fed from the record and not from a lane of the log."""
    return Trends(index, rules, memory)
