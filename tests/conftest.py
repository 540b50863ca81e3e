"""All tests: properties are judged by their truth, never by the speed of the machine that tries them."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
