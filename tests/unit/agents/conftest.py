"""One city for all unit tests of the stages: building its indexes takes a second."""

from __future__ import annotations

import pytest

from agents.city import City
from routing.city.load import city_dir, load_city


@pytest.fixture(scope="session")
def city() -> City:
    return City(load_city(city_dir("yunlan")))
