"""What watches the house against what the house measures: every target, name, label and alarm exists."""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec
import pytest
import yaml

from pipeline.metrics import BUCKETS, LABELS, LEVELS
from schemas.metrics import MetricName
from schemas.topics import LANES, TOPICS
from tests.deploy.compose import ROOT, services

PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana"
OF_THE_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
OF_PROMETHEUS = {"job", "instance", "le"}
NAME = re.compile(r"\b(?:hotline|process)_[a-z_]+\b")
SELECTED = re.compile(r"\b((?:hotline|process)_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def series() -> dict[str, set[str]]:
    """Every series the house serves → its labels."""
    found: dict[str, set[str]] = {name: set() for name in OF_THE_PROCESS}
    for name in get_args(MetricName):
        labels = set(LABELS.get(name, ()))
        if name in BUCKETS or (name.endswith("_seconds") and name not in LEVELS):
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_count": labels, f"{name}_sum": labels}
        else:
            found[name] = labels
    return found


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def boards() -> list[dict[str, Any]]:
    return [msgspec.json.decode(file.read_bytes()) for file in sorted((GRAFANA / "dashboards").glob("*.json"))]


QUESTIONS = [rule["expr"] for rule in rules()] + [
    target["expr"] for board in boards() for panel in board["panels"] for target in panel["targets"]
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_asks_for_what_is_measured(question: str) -> None:
    known = series()
    asked = set(NAME.findall(question))
    assert asked <= known.keys()
    assert asked or "up{" in question
    for name, selection in SELECTED.findall(question):
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selection)) <= known[name] | OF_PROMETHEUS
    labels = set().union(*(known[name] for name in asked)) | OF_PROMETHEUS
    for group in GROUPED.findall(question):
        assert {label.strip() for label in group.split(",")} <= labels
    if "histogram_quantile" in question:
        assert all("le" in group.split(", ") for group in GROUPED.findall(question))


def test_what_selects_topics_groups_and_jobs_names_such_as_there_are() -> None:
    beside = {"outbox", "spool"}  # what is read beside the topics, by relay and gateway
    house = set(jobs())
    for question in QUESTIONS:
        for topics in re.findall(r'topic\s*(?:=~|!~|!=|=)"([^"]*)"', question):
            assert set(topics.split("|")) <= TOPICS.keys() | beside
        for named in re.findall(r'job\s*(?:=~|!~|!=|=)"([^"]*)"', question):
            assert set(named.split("|")) <= house
    assert all(f'absent(up{{job="{job}"}})' in " ".join(QUESTIONS) for job in house)


def test_the_number_of_lanes_is_that_of_the_topics() -> None:
    counted = [question for question in QUESTIONS if "hotline_lanes_held" in question]
    assert len(counted) == 2
    assert all(re.findall(r"(?<![\w.])\d+(?![\w.])", question) == [str(LANES)] for question in counted)


def test_every_alarm_has_its_own_name_a_severity_a_summary_and_a_cure() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) and all(re.fullmatch(r"Hotline[A-Z][A-Za-z]+", name) for name in names)
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["cure"]


def jobs() -> dict[str, dict[str, Any]]:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    assert config["rule_files"] == ["/etc/prometheus/rules.yml"]
    return {job["job_name"]: job["dns_sd_configs"][0] for job in config["scrape_configs"]}


@pytest.mark.parametrize("ear", ["gpu", "cpu"])
def test_every_process_of_the_house_is_asked_where_it_answers(ear: str) -> None:
    chosen = services(profiles=("one", ear))
    watching = chosen["prometheus"].networks.keys()
    found = {}
    for service in chosen.values():
        for net, names in service.networks.items():
            if net in watching:
                found |= dict.fromkeys(names, service)
    asked = set()
    for job, where in jobs().items():
        (name,) = where["names"]
        service = found[name]
        assert name == job and service.stays
        assert service.environment["HOTLINE_METRICS_PORT"] == str(where["port"])
        assert service.environment["HOTLINE_METRICS_HOST"] == "0.0.0.0"
        asked.add(service.name)
    assert asked == {service.name for service in chosen.values() if service.is_hotline and service.stays}


def test_dashboards_ask_the_source_that_is_provisioned_and_lie_where_they_are_looked_for() -> None:
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    (source,) = sources["datasources"]
    chosen = services()
    assert source["url"] == "http://prometheus:9090" and "prometheus" in chosen
    providers = yaml.safe_load((GRAFANA / "provisioning/dashboards/hotline.yml").read_text(encoding="utf-8"))
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in chosen["grafana"].raw["volumes"]}
    assert mounted[providers["providers"][0]["options"]["path"]] == "./deploy/grafana/dashboards"
    assert mounted["/etc/grafana/provisioning"] == "./deploy/grafana/provisioning"
    assert len({board["uid"] for board in boards()}) == len(boards()) == 2
    for board in boards():
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for panel in board["panels"]:
            assert all(t["datasource"]["uid"] == source["uid"] for t in panel["targets"])


def test_every_measurement_is_watched() -> None:
    asked = {name for question in QUESTIONS for name in NAME.findall(question)}
    plain = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
    assert set(get_args(MetricName)) - plain == {"hotline_door_frames_total"}  # for whoever looks closer
