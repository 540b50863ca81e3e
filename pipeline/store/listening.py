"""Store, PostgreSQL only: who waits in one process is woken by the commit of another."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

CHANNEL = "hotline"
LOOK_S = 1.0  # how soon the thread notices that it should end
AGAIN_S = 2.0  # before a lost connection is tried again; meanwhile waiters look for themselves
_log = structlog.get_logger("store")


def tell(connection: Connection, row: int, outbox: bool) -> None:
    """Part of a transaction: at its commit every listener hears the newest row, and whether the outbox has news."""
    if connection.dialect.name == "postgresql" and (row or outbox):
        connection.execute(select(func.pg_notify(CHANNEL, f"{row} {int(outbox)}")))


class Listener:
    """Calls `heard(newest row or 0, outbox has news)` in a thread of its own. What it misses, nobody may rely on."""

    def __init__(self, url: str, heard: Callable[[int, bool], None]) -> None:
        self._where = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listen", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._stop.set()
        self._thread.join(LOOK_S * 5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._where, autocommit=True) as connection:
                    connection.execute(f"listen {CHANNEL}")
                    while not self._stop.is_set():
                        for notice in connection.notifies(timeout=LOOK_S):
                            row, _, outbox = notice.payload.partition(" ")
                            with contextlib.suppress(ValueError):  # not ours
                                self._heard(int(row), outbox == "1")
            except psycopg.Error as error:
                _log.warning("store_listens_not", reason=type(error).__name__)
                self._stop.wait(AGAIN_S)
