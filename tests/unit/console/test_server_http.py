"""Every answer: its headers, its limits, errors that say which field and nothing else, and the page itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.ports import Unavailable
from console.wire import Check
from tests.unit.console.house import ORIGIN, House


async def test_every_answer_carries_the_security_headers(house: House) -> None:
    person = await house.person("wang")
    answers = [
        await person.get("/api/me"),
        await house.client.get("/api/nothing"),
        await house.client.get("/"),
        await house.client.post("/api/login", content=b"{}"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
    assert answers[0].headers["cache-control"] == answers[1].headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "请求内容有误"),
        (b"{", "请求内容有误"),
        (b"\xff\xfe", "请求内容有误"),
        (b'{"type":"claim_call"}', "command_id"),
        (b'{"type":"fly_away","command_id":"x"}', "fly_away"),
        (b'{"type":"claim_call","command_id":"not-a-uuid","call":"c"}', "$.command_id"),
        (b'{"type":"claim_call","command_id":"8d1f8a52-0d0e-4b7c-9a55-12345a12345a","call":7}', "$.call"),
        (b'{"type":"claim_call","command_id":"8d1f8a52-0d0e-4b7c-9a55-12345a12345a","call":"c","more":1}', "more"),
    ],
)
async def test_bad_input_is_refused_saying_which_field(house: House, body: bytes, says: str) -> None:
    person = await house.person("wang")
    headers = {"cookie": f"hotline_session={person.token}", "origin": ORIGIN, "content-type": "application/json"}
    answer = await house.client.post("/api/commands", content=body, headers=headers)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


async def test_a_body_over_64_kib_is_refused_with_and_without_a_stated_length(house: House) -> None:
    person = await house.person("wang")
    headers = {"cookie": f"hotline_session={person.token}", "origin": ORIGIN, "content-type": "application/json"}
    stated = await house.client.post("/api/commands", content=b" " * 65_537, headers=headers)
    assert stated.status_code == 413

    async def drip():
        for _ in range(70):
            yield b" " * 1000

    streamed = await house.client.post("/api/commands", content=drip(), headers=headers)
    assert streamed.status_code == 413


async def test_only_json_is_read(house: House) -> None:
    person = await house.person("wang")
    answer = await person.post("/api/commands", {"a": 1}, **{"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("colour=red", "colour"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("state=closed&state=draft", "state"),
        ("since=yesterday", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("synthetic=maybe", "synthetic"),
        (f"text={'x' * 201}", "text"),
    ],
)
async def test_a_bad_filter_is_refused_naming_the_parameter(house: House, query: str, says: str) -> None:
    person = await house.person("wang", "supervisor")
    answer = await person.get(f"/api/tickets?{query}")
    assert answer.status_code == 400
    assert says in answer.json()["message"]


async def test_a_store_that_does_not_answer_is_503_and_a_command_is_unavailable_not_lost(
    house: House, monkeypatch
) -> None:
    person = await house.person("wang")

    async def away(*given, **named):
        raise Unavailable("database: locked")

    monkeypatch.setattr(house.store, "execute", away)
    monkeypatch.setattr(house.store, "tickets", away)
    told = await person.tell("claim_call", call="c")
    assert (told.status_code, told.json()["status"]) == (503, "unavailable")
    looked = await person.get("/api/tickets")
    assert looked.status_code == 503 and looked.headers["retry-after"] == "2"
    assert "locked" not in told.text + looked.text


async def test_a_fault_tells_nothing_of_its_text(house: House, monkeypatch) -> None:
    person = await house.person("wang")

    async def broken(*given, **named):
        raise RuntimeError("caller said 我叫李雷 13800001111")

    monkeypatch.setattr(house.store, "tickets", broken)
    answer = await person.get("/api/tickets")
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal" and "李雷" not in answer.text and "13800001111" not in answer.text


async def test_unknown_paths_and_methods_are_refused_in_the_same_form(house: House) -> None:
    person = await house.person("wang")
    unknown = await person.get("/api/nothing")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown")
    method = await house.client.request("PUT", "/api/me", headers={"origin": ORIGIN})
    assert (method.status_code, method.json()["error"]) == (405, "wrong_method")


async def test_health_shows_details_only_to_those_who_run_the_house(house: House) -> None:
    async def checks() -> dict[str, Check]:
        return {"ear": Check(ok=False, detail="模型未加载"), "disk": Check(ok=True, value=10.0, unit="bytes")}

    house.desk.health = checks
    supervisor, agent = await house.person("boss", "supervisor"), await house.person("wang")
    for who in (house.client, agent):
        told = await who.get("/api/health")
        assert told.status_code == 503
        assert told.json()["checks"]["ear"] == {"ok": False, "detail": "", "value": 0.0, "unit": ""}
    assert (await supervisor.get("/api/health")).json()["checks"]["ear"]["detail"] == "模型未加载"
    assert {"store", "push"} <= (await supervisor.get("/api/health")).json()["checks"].keys()


async def test_health_says_when_the_tail_of_pushed_rows_has_stopped(house: House) -> None:
    supervisor = await house.person("boss", "supervisor")
    assert (await supervisor.get("/api/health")).json()["ok"] is True
    house.times.pass_(60)
    late = await supervisor.get("/api/health")
    assert late.status_code == 503 and late.json()["checks"]["push"]["ok"] is False


async def test_the_city_is_given_with_all_that_forms_need(house: House) -> None:
    person = await house.person("wang")
    city = (await person.get("/api/city")).json()
    assert city["manifest"]["title"] == "云岚市" and city["fields"]["title"] == "标题"
    assert city["units"] and city["categories"] and city["places"]


@pytest.mark.g04
async def test_answers_that_hold_what_a_machine_wrote_carry_the_label_for_programs(house: House) -> None:
    person = await house.person("boss", "supervisor")
    for path in ("/api/calls", "/api/tickets", "/api/routing"):
        label = json.loads((await person.get(path)).headers["x-aigc"])["AIGC"]
        assert label["Label"] == "1" and label["ContentProducer"] == "云岚市12345热线"
        others = {"ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"}
        assert set(label) == {"Label", "ContentProducer"} | others


# the page


def build(dist: Path) -> None:
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>坐席</title>", encoding="utf-8")
    (dist / "assets" / "index-a1b2.js").write_text("export {}")
    (dist.parent / "secret.txt").write_text("secret")


async def test_without_a_built_page_a_person_learns_what_to_run(house: House) -> None:
    answer = await house.client.get("/")
    assert answer.status_code == 503 and "make setup" in answer.text


async def test_the_page_answers_on_its_own_routes_and_hashed_files_are_kept(house: House) -> None:
    build(house.desk.options.web)
    for path in ("/", "/calls/1234", "/login"):
        page = await house.client.get(path)
        assert page.status_code == 200 and "坐席" in page.text and page.headers["cache-control"] == "no-cache"
    asset = await house.client.get("/assets/index-a1b2.js")
    assert "immutable" in asset.headers["cache-control"] and "javascript" in asset.headers["content-type"]
    assert (await house.client.get("/assets/gone.js")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt"]
)
async def test_no_path_leads_out_of_the_built_folder(house: House, path: str) -> None:
    build(house.desk.options.web)
    answer = await house.client.get(path)
    assert "secret" not in answer.text.replace("坐席", "")


async def test_large_files_of_the_page_travel_packed_and_come_out_the_same(house: House) -> None:
    build(house.desk.options.web)
    (house.desk.options.web / "assets" / "big-c3d4.js").write_text("// 坐席\n" * 5000, encoding="utf-8")
    packed = await house.client.get("/assets/big-c3d4.js")
    assert packed.headers["content-encoding"] == "gzip" and int(packed.headers["content-length"]) < 1000
    plain = await house.client.get("/assets/big-c3d4.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == packed.text
