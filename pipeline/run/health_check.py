"""Asks a running process of this machine how it is: does it answer, does its loop turn, how old is what waits."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Literal

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from pipeline.settings import Settings

ANSWER_S = 5.0
SILENT_S = 15.0  # a loop that has not turned for so long hangs
Process = Literal["worker", "gateway", "console"]

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # the process is here: no proxy between


class Sick(RuntimeError):
    """The process is not well; says what is wrong, for the log of whoever asked."""


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """What a process tells of itself."""

    oldest_s: dict[str, float]  # topic → age of the oldest event not done
    silent_s: float


def check(settings: Settings, process: Process, oldest_s: float) -> Vitals:
    """Asks by the settings of the process itself. Raises Sick; ValueError when there is nothing to ask."""
    if page := _page(settings, process):
        _get(page)
    if not settings.metrics_port:
        if process == "worker":
            raise ValueError("HOTLINE_METRICS_PORT is 0: a worker can't be asked how it is")
        return Vitals(oldest_s={}, silent_s=0.0)
    vitals = _vitals(_get(f"http://{_near(settings.metrics_host)}:{settings.metrics_port}/metrics"))
    if vitals.silent_s > SILENT_S:
        raise Sick(f"its loop has not turned for {vitals.silent_s:.0f} s")
    late = {topic: age for topic, age in vitals.oldest_s.items() if age > oldest_s}
    if late:
        named = ", ".join(f"{topic} {age:.0f} s" for topic, age in sorted(late.items()))
        raise Sick(f"events wait longer than {oldest_s:g} s: {named}")
    return vitals


def _page(settings: Settings, process: Process) -> str:
    if process == "gateway":
        return f"http://{_near(settings.door_host)}:{settings.door_port}/healthz"
    if process == "console":
        return f"http://{_near(settings.host)}:{settings.port}/api/health"
    return ""


def _near(host: str) -> str:
    """Where one who listens at `host` is reached from the same machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"[{near}]" if ":" in near else near


def _get(url: str) -> str:
    try:
        with _open(url, timeout=ANSWER_S) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise Sick(f"{url} answers {error.code}") from error
    except OSError as error:
        raise Sick(f"{url} does not answer: {error}") from error


def _vitals(text: str) -> Vitals:
    oldest: dict[str, float] = {}
    silent = 0.0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "hotline_log_oldest_unread_seconds":
                oldest[sample.labels["topic"]] = sample.value
            elif sample.name == "hotline_silent_seconds":
                silent = sample.value
    return Vitals(oldest_s=oldest, silent_s=silent)
