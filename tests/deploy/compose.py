"""docker-compose.yml, read as docker compose reads it: variables filled in, one set of profiles at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")
PROFILES = [(brokers, ear) for brokers in ("one", "three") for ear in ("gpu", "cpu")]
FILLED = {  # what an operator must say, as a test says it
    "COMPOSE_PROFILES": "one,cpu",
    "POSTGRES_PASSWORD": "0f1e2d3c4b5a",
    "KAFKA_CLUSTER_ID": "4L6g3nShTeMCtKX86swAAA",
    "HOTLINE_SWITCHES": "switch=a-token-for-tests-only",
    "HOTLINE_ORIGINS": "https://12345.example",
    "HOTLINE_HTTPS": "true",
    "GRAFANA_PASSWORD": "5a4b3c2d1e0f",
}


class Unset(ValueError):
    """A variable has no value and no default."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service."""

    name: str
    raw: dict[str, Any]

    @property
    def command(self) -> list[str]:
        found = self.raw.get("command", [])
        assert isinstance(found, list), f"{self.name}: write the command as a list"
        return [str(part) for part in found]

    @property
    def is_hotline(self) -> bool:
        return self.command[:1] == ["hotline"]

    @property
    def stays(self) -> bool:
        """Whether it is meant to run on."""
        return self.raw.get("restart") == "unless-stopped"

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.raw.get("environment", {}).items()}

    @property
    def networks(self) -> dict[str, list[str]]:
        """Network → names under which the service is found there."""
        found = self.raw.get("networks", [])
        given = found if isinstance(found, dict) else dict.fromkeys(found)
        return {net: [self.name, *((more or {}).get("aliases", []))] for net, more in given.items()}

    @property
    def depends_on(self) -> dict[str, dict[str, Any]]:
        return dict(self.raw.get("depends_on", {}))

    @property
    def check(self) -> list[str]:
        """The command of its health check; empty when it has none."""
        test = [str(part) for part in self.raw.get("healthcheck", {}).get("test", [])]
        return test[1:]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Raises Unset, with the message of the file."""

    def one(found: re.Match[str]) -> str:
        name, how, rest = found.groups()
        value = values.get(name, "")
        if not value and how == ":?":
            raise Unset(f"{name}: {rest}")
        return value or (rest if how == ":-" else "")

    return VARIABLE.sub(one, text)


def document(values: Mapping[str, str] = FILLED) -> dict[str, Any]:
    """The whole file. Comments may name variables too: only values are filled in."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value) for value in node]
        return filled(node, values) if isinstance(node, str) else node

    found: dict[str, Any] = walk(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    return found


def services(values: Mapping[str, str] = FILLED, profiles: tuple[str, ...] | None = None) -> dict[str, Service]:
    """The services of these profiles; None = all there are."""
    found = {name: Service(name=name, raw=raw) for name, raw in document(values)["services"].items()}
    if profiles is None:
        return found
    wanted = set(profiles)
    return {
        name: service
        for name, service in found.items()
        if not service.raw.get("profiles") or wanted & set(service.raw["profiles"])
    }


def variables() -> dict[str, set[str]]:
    """Variable → how it is asked for: `:?` must be set, `:-…` has this default."""
    found: dict[str, set[str]] = {}
    for name, how, rest in VARIABLE.findall(yaml.safe_dump(yaml.safe_load(FILE.read_text("utf-8")), width=10_000)):
        found.setdefault(name, set()).add(how if how == ":?" else f"{how}{rest}")
    return found


def seconds(text: str) -> float:
    """`15s`, `1m`."""
    return float(text[:-1]) * {"s": 1, "m": 60}[text[-1]]
