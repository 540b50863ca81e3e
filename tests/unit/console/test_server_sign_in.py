"""Sign-in: one answer for every failure, a brake, a cookie scripts can't read, and an end that ends everything."""

from __future__ import annotations

import httpx

from console import passwords, server_sign_in
from console.server_http import COOKIE
from tests.unit.console.house import ORIGIN, PASSWORD, House


async def attempt(house: House, login: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    sent = {"origin": ORIGIN, **headers}
    return await house.client.post("/api/login", json={"login": login, "password": password}, headers=sent)


async def test_a_good_password_signs_in_and_the_cookie_is_closed_to_scripts_and_other_sites(house: House) -> None:
    await house.account("wang", "supervisor")
    answer = await attempt(house, "wang")
    assert answer.status_code == 200
    assert answer.json()["user"]["role"] == "supervisor"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie and "Secure" not in cookie
    assert (await house.client.get("/api/me")).json()["user"]["login"] == "wang"


async def test_the_cookie_is_secure_when_reached_over_https(house: House) -> None:
    house.desk.options = type(house.desk.options)(origins=(ORIGIN,), https=True)
    await house.account("wang")
    answer = await attempt(house, "wang")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_unknown_account_wrong_password_and_closed_account_get_the_same_answer(house: House) -> None:
    await house.account("wang")
    await house.account("gone", active=False)
    answers = [await attempt(house, "wang", "wrong"), await attempt(house, "nobody"), await attempt(house, "gone")]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1
    assert not any("set-cookie" in a.headers for a in answers)


async def test_an_unknown_account_costs_the_same_hashing_as_a_known_one(house: House, monkeypatch) -> None:
    worked: list[str] = []
    real = passwords._hasher.verify
    watched = type("Watched", (), {"verify": lambda self, *given: (worked.append("hash"), real(*given))[1]})()
    monkeypatch.setattr(passwords, "_hasher", watched)
    await house.account("wang")
    await attempt(house, "wang", "wrong")
    await attempt(house, "nobody")
    assert worked == ["hash", "hash"]
    assert server_sign_in.verify_password is passwords.verify_password


async def test_after_five_failures_even_the_right_password_waits(house: House) -> None:
    await house.account("wang")
    for _ in range(5):
        assert (await attempt(house, "wang", "wrong")).status_code == 401
    refused = await attempt(house, "wang")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 301
    house.times.pass_(301)
    assert (await attempt(house, "wang")).status_code == 200


async def test_the_password_is_never_in_an_answer(house: House) -> None:
    answer = await attempt(house, "wang", "geheim-123")
    assert "geheim" not in answer.text
    broken = await house.client.post(
        "/api/login",
        content=b'{"login":"wang","password":12345678}',
        headers={"origin": ORIGIN, "content-type": "application/json"},
    )
    assert broken.status_code == 400 and "12345678" not in broken.text


async def test_signing_in_again_ends_the_sign_in_before(house: House) -> None:
    await house.account("wang")
    first = (await attempt(house, "wang")).cookies[COOKIE]
    second = (await attempt(house, "wang")).cookies[COOKIE]
    assert first != second
    house.client.cookies.clear()
    assert (await house.client.get("/api/me", headers={"cookie": f"{COOKIE}={first}"})).status_code == 401
    assert (await house.client.get("/api/me", headers={"cookie": f"{COOKIE}={second}"})).status_code == 200


async def test_sign_out_ends_the_sign_in(house: House) -> None:
    person = await house.person("wang")
    assert (await person.get("/api/me")).status_code == 200
    left = await person.post("/api/logout")
    assert left.status_code == 200 and f'{COOKIE}=""' in left.headers["set-cookie"]
    assert (await person.get("/api/me")).status_code == 401


async def test_a_sign_in_ends_after_idle_time_and_at_its_absolute_limit(house: House) -> None:
    idle, busy = await house.person("idle"), await house.person("busy")
    for _ in range(7):
        house.times.pass_(100 * 60)
        assert (await busy.get("/api/me")).status_code == 200
    assert (await idle.get("/api/me")).status_code == 401
    house.times.pass_(21 * 60)  # twelve hours and a minute since sign-in, twenty-one minutes since the last request
    assert (await busy.get("/api/me")).status_code == 401


async def test_a_closed_account_is_out_at_once(house: House) -> None:
    person = await house.person("wang")
    await house.account("wang", active=False)
    assert (await person.get("/api/me")).status_code == 401
