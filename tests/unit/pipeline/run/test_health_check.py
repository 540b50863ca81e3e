"""A health check measures the age of events, not whether a process is up."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pipeline.metrics import Metrics
from pipeline.run.health_check import SILENT_S, Sick, check
from pipeline.settings import Settings
from tests.kafka.broker import free_port

Page = Callable[[int], int]  # status → port


@pytest.fixture
def metrics() -> Iterator[tuple[Metrics, Settings]]:
    made, port = Metrics(), free_port()
    made.turned()
    stop = made.serve("127.0.0.1", port)
    yield made, Settings(metrics_host="0.0.0.0", metrics_port=port)
    stop()


@pytest.fixture
def page() -> Iterator[Page]:
    """A process' own page, answering one status to everything."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def serve(status: int) -> int:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return int(server.server_address[1])

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_worker_is_well_as_long_as_nothing_waits_too_long(metrics: tuple[Metrics, Settings]) -> None:
    measured, settings = metrics
    measured("hotline_log_oldest_unread_seconds", 29.0, topic="calls")
    assert check(settings, "worker", 30.0).oldest_s == {"calls": 29.0}
    measured("hotline_log_oldest_unread_seconds", 31.0, topic="audio")
    with pytest.raises(Sick, match="audio 31 s"):
        check(settings, "worker", 30.0)
    assert check(settings, "worker", 60.0).oldest_s == {"calls": 29.0, "audio": 31.0}


def test_a_loop_that_stands_still_is_sick_though_its_page_answers(
    metrics: tuple[Metrics, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, settings = metrics
    real = time.monotonic
    monkeypatch.setattr("pipeline.metrics.time.monotonic", lambda: real() + SILENT_S + 1)
    with pytest.raises(Sick, match="has not turned"):
        check(settings, "worker", 30.0)
    measured.turned()
    assert check(settings, "worker", 30.0).silent_s < SILENT_S


def test_a_process_that_does_not_answer_is_sick() -> None:
    with pytest.raises(Sick, match="does not answer"):
        check(Settings(metrics_port=free_port()), "worker", 30.0)


def test_a_worker_nobody_can_ask_is_a_mistake_of_the_settings() -> None:
    with pytest.raises(ValueError, match="HOTLINE_METRICS_PORT"):
        check(Settings(), "worker", 30.0)


def test_gateway_and_console_are_asked_at_their_own_page_and_what_they_measure_counts_too(
    metrics: tuple[Metrics, Settings], page: Page
) -> None:
    measured, settings = metrics
    well, ill = page(200), page(503)
    assert check(Settings(port=well), "console", 30.0).oldest_s == {}
    assert check(Settings(door_host="0.0.0.0", door_port=well), "gateway", 30.0).oldest_s == {}
    for sick in (Settings(port=ill), Settings(port=free_port())):
        with pytest.raises(Sick):
            check(sick, "console", 30.0)
    with pytest.raises(Sick, match="answers 503"):
        check(Settings(door_port=ill), "gateway", 30.0)
    measured("hotline_log_oldest_unread_seconds", 90.0, topic="spool")
    with pytest.raises(Sick, match="spool 90 s"):
        check(Settings(door_port=well, metrics_port=settings.metrics_port), "gateway", 30.0)
