"""The demo city, built once for all tests of a process: its indexes take some seconds."""

from __future__ import annotations

import functools
from pathlib import Path

from agents.city import City
from routing.city.load import city_dir, load_city
from routing.fitted import Shelf


@functools.cache
def the_city() -> City:
    """Shared: nobody changes it."""
    return City(load_city(city_dir("yunlan")), shelf=Shelf(Path(".cache/models/fitted")))
