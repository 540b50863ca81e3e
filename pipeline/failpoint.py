"""Failpoints: where a process of any part kills itself because a test asks for it. Inert unless the variable is set.

`HOTLINE_FAILPOINT=stages.after_append:3` ends the process by SIGKILL the third time it comes to that place.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "HOTLINE_FAILPOINT"
_place, _, _times = os.environ.get(VARIABLE, "").partition(":")
_left = int(_times or 1)


def passing(place: str) -> None:
    """The process comes to a place where it might be killed."""
    global _left
    if place == _place:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
