"""One city for all unit tests of the stages: building its indexes takes a second."""

from __future__ import annotations

import pytest

from agents.city import City
from tests.city import the_city


@pytest.fixture(scope="session")
def city() -> City:
    return the_city()
