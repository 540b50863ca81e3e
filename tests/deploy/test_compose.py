"""docker-compose.yml against the code: commands, settings, ports, volumes, profiles, secrets, care."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup
from typer.exceptions import TyperException

from pipeline.cli.main import app
from pipeline.log.kafka import CLOSING_S
from pipeline.log.kafka_member import GIVE_UP_S
from pipeline.run.gateway import DRAIN_S
from pipeline.settings import PREFIX, Settings
from tests.deploy.compose import FILE, FILLED, PROFILES, ROOT, Service, Unset, document, seconds, services, variables

ALL = services()
HOTLINE = {name: service for name, service in ALL.items() if service.is_hotline}
FOREIGN_PORTS = {"prometheus": 9090, "grafana": 3000}


def parsed(words: list[str]) -> Any:
    """The context of a call of `hotline`, as far as its arguments go. Raises TyperException."""
    command: Any
    command, words = typer.main.get_command(app), list(words)
    assert words.pop(0) == "hotline"
    while isinstance(command, TyperGroup):
        name = words.pop(0)
        assert name in command.commands, f"hotline has no command {name}"
        command = command.commands[name]
    return command.make_context(command.name, words)


@pytest.mark.parametrize("service", HOTLINE.values(), ids=lambda s: s.name)
def test_every_command_and_every_check_is_a_call_of_hotline(service: Service) -> None:
    parsed(service.command)
    if service.stays:
        assert parsed(service.check).info_name == "health"


def test_a_command_that_does_not_exist_is_noticed() -> None:
    for words in (["hotline", "worker", "nobody"], ["hotline", "health", "--made-up"]):
        with pytest.raises((AssertionError, TyperException)):
            parsed(words)


@pytest.mark.parametrize("service", HOTLINE.values(), ids=lambda s: s.name)
def test_every_setting_is_known_and_its_value_accepted(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {name: value for name, value in service.environment.items() if name.startswith(PREFIX)}
    assert {name.removeprefix(PREFIX).lower() for name in ours} <= set(Settings.model_fields)
    assert len(ours) == len(service.environment), "a process of ours takes nothing else from its environment"
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.kafka_options().servers
    asked = service.check[2] if len(service.check) > 2 else "worker"
    if service.stays:
        assert settings.metrics_port and settings.metrics_host == "0.0.0.0"
        assert {"gateway": settings.door_host, "console": settings.host}.get(asked, "0.0.0.0") == "0.0.0.0"
        assert asked == (service.name if service.name in ("gateway", "console") else "worker")


def test_what_must_be_said_has_no_default_and_compose_refuses_without_it() -> None:
    asked = variables()
    assert {name for name, how in asked.items() if ":?" in how} == set(FILLED)
    for name in FILLED:
        with pytest.raises(Unset, match=name):
            document({**FILLED, name: ""})


def test_no_secret_has_a_default_and_none_is_written_down() -> None:
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|SWITCHES|_KEY$")
    for name, how in variables().items():
        if secret.search(name):
            assert how <= {":?", ":-"} or all(default in (":?", ":-") or ":?" in default for default in how), name
    for service in ALL.values():
        for name in service.environment:
            if secret.search(name):
                raw = re.search(rf"^\s+{name}: (.*)$", FILE.read_text(encoding="utf-8"), re.M)
                assert raw and raw[1].startswith("${"), f"{service.name}: {name} must come from the environment"


def test_the_example_names_every_variable_and_fills_in_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    must = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]", line))
    may = dict(line[2:].split("=", 1) for line in lines if re.match(r"# [A-Z_]+=", line))
    asked = variables()
    assert must.keys() == FILLED.keys()
    assert may.keys() == asked.keys() - FILLED.keys()
    assert {name for name, value in must.items() if value} == {"COMPOSE_PROFILES"}
    assert all(f":-{value}" in asked[name] for name, value in may.items())


def test_ports_are_published_once_and_to_this_machine_alone() -> None:
    published: list[str] = []
    for service in ALL.values():
        for port in service.raw.get("ports", []):
            host, outside, inside = port.split(":")
            assert host == "127.0.0.1", f"{service.name} listens to the world"
            published.append(outside)
            listens = {service.environment.get("HOTLINE_DOOR_PORT"), service.environment.get("HOTLINE_PORT")}
            assert int(inside) == FOREIGN_PORTS.get(service.name) or inside in listens
            assert int(service.raw.get("deploy", {}).get("replicas", 1)) == 1
            assert "outside" in service.networks
    assert len(published) == len(set(published)) == 4


def test_volumes_are_declared_used_and_what_is_mounted_from_here_exists() -> None:
    used = set()
    for service in ALL.values():
        for volume in service.raw.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_dir() and volume.endswith(":ro")
            else:
                used.add(source)
    assert used == set(document()["volumes"])
    assert set(document()["networks"]) == {net for service in ALL.values() for net in service.networks}


@pytest.mark.parametrize("profiles", PROFILES, ids="-".join)
def test_each_choice_of_profiles_is_a_whole_house(profiles: tuple[str, str]) -> None:
    chosen = services(profiles=profiles)
    commands = [" ".join(service.command[1:]) for service in chosen.values() if service.is_hotline]
    house = ["gateway", "worker transcriber", "worker stages", "worker relay", "console"]
    assert sorted(commands) == sorted([*house, "topics create", "db migrate", "models fetch --quiet-if-present"])
    for service in chosen.values():
        for other, how in service.depends_on.items():
            if other not in chosen:
                assert how.get("required") is False and other in ALL
            elif how["condition"] == "service_healthy":
                assert chosen[other].check
            else:
                assert how["condition"] == "service_completed_successfully" and not chosen[other].stays
    reservations = [bool(s.raw.get("deploy", {}).get("resources")) for s in chosen.values() if "transcriber" in s.name]
    assert reservations == [profiles[1] == "gpu"]


@pytest.mark.parametrize(("profile", "count"), [("one", 1), ("three", 3)])
def test_brokers_agree_with_each_other_and_with_who_uses_them(profile: str, count: int) -> None:
    chosen = services(profiles=(profile, "cpu"))
    brokers = [service for service in chosen.values() if "KAFKA_NODE_ID" in service.environment]
    assert len(brokers) == count
    voters = {f"{b.environment['KAFKA_NODE_ID']}@{b.name}:9093" for b in brokers}
    for broker in brokers:
        said = broker.environment
        assert set(said["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")) == voters
        assert said["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{broker.name}:9092"
        copies = {value for name, value in said.items() if name.endswith("REPLICATION_FACTOR")}
        assert copies == {str(count)}
        synced = {value for name, value in said.items() if name.endswith(("MIN_ISR", "MIN_INSYNC_REPLICAS"))}
        assert synced == {str(max(1, count - 1))}
        assert "kafka" in broker.networks["inside"]
        assert broker.raw["volumes"] == [f"{broker.name}:/var/lib/kafka/data"]
    (topics,) = [service for service in chosen.values() if service.command[1:] == ["topics", "create"]]
    assert topics.environment["HOTLINE_KAFKA_REPLICATION"] == str(count)
    assert set(topics.depends_on) == {broker.name for broker in brokers}


@pytest.mark.parametrize("service", ALL.values(), ids=lambda s: s.name)
def test_every_service_is_kept_within_bounds(service: Service) -> None:
    raw = service.raw
    assert "no-new-privileges:true" in raw["security_opt"]
    assert raw.get("cap_drop") == ["ALL"] or service.name == "postgres"  # its first start changes owners
    assert raw["mem_limit"] and raw["cpus"]
    assert raw["logging"]["options"]["max-size"] and raw["logging"]["options"]["max-file"]
    assert raw.get("read_only") or "KAFKA_NODE_ID" in service.environment  # a broker writes into its own folder
    assert ":" in raw["image"] and not raw["image"].endswith(":latest")
    assert service.stays != (raw["healthcheck"] == {"disable": True})
    if service.stays:
        assert service.check and seconds(raw["stop_grace_period"]) >= 30


def test_who_is_told_to_stop_gets_longer_than_it_takes() -> None:
    leaving = CLOSING_S + 3.0  # followers and groups are left one after the other
    needed = dict.fromkeys(("transcriber", "transcriber-cpu", "stages", "relay"), GIVE_UP_S + 2 * leaving)
    for name, least in {**needed, "gateway": DRAIN_S + 2 * leaving}.items():
        assert seconds(ALL[name].raw["stop_grace_period"]) > least


def test_what_keeps_files_has_a_volume_and_the_rest_forgets() -> None:
    kept = {s.name for s in HOTLINE.values() if any("/var/lib/hotline" in v for v in s.raw.get("volumes", []))}
    assert kept == {"gateway"}  # its spool; everything else lives in PostgreSQL and Kafka
    for service in HOTLINE.values():
        in_memory = any(mount.startswith("/var/lib/hotline:") for mount in service.raw["tmpfs"])
        assert in_memory != (service.name in kept)
        heard = service.environment.get("HOTLINE_MODELS")
        assert (heard == "/models") == ("models:/models" in service.raw.get("volumes", []))


def test_the_brokers_and_the_record_can_not_be_reached_from_outside() -> None:
    assert document()["networks"]["inside"] == {"internal": True}
    for service in ALL.values():
        if "KAFKA_NODE_ID" in service.environment or service.name == "postgres":
            assert list(service.networks) == ["inside"] and "ports" not in service.raw
