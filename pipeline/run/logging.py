"""Log lines: JSON on the error stream, UTC, ids and sizes only. What was said, names and numbers never come here."""

from __future__ import annotations

import logging
import sys

import structlog


def quiet_logging(level: str = "INFO") -> None:
    """Sets up logging of this process. Libraries speak only from WARNING on."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # looked up at each line: the stream of the moment of set-up may be closed by then
        logger_factory=lambda *args: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s")
