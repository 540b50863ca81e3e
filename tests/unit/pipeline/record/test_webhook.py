"""One try over a real connection: signed, bounded in time and size, and to nobody but the configured address."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.record.webhook import MOST_READ, Webhook
from pipeline.record.webhook_options import WebhookOptions, check_url
from tests.receiver import KEY, Play, cuts, drips, floods, genuine, hangs, receiving, says, webhook

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
BODY = b'{"ticket_no":"YL20261121-000012"}'


async def test_a_try_carries_the_body_as_it_is_and_a_signature_that_verifies() -> None:
    async with receiving() as city, webhook(city.url) as way:
        answer = await way.post("id-1", BODY, NOW)
    (met,) = city.met
    assert (answer.status, answer.body) == (200, b'{"receipt": "R-1"}')
    assert met.line == "POST /tickets HTTP/1.1" and met.body == BODY and genuine(met, KEY)
    assert met.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert met.headers["content-type"] == "application/json"
    assert not genuine(met._replace(body=BODY + b" "), KEY) and not genuine(met, b"another key of some bytes")


async def test_both_keys_sign_while_they_change_over() -> None:
    new = b"the new key, not yet known there"
    async with receiving() as city, webhook(city.url, keys=(new, KEY)) as way:
        assert (await way.post("id-1", BODY, NOW)).status == 200
    assert genuine(city.met[0], new) and genuine(city.met[0], KEY)


@pytest.mark.parametrize("play", [hangs, drips])
async def test_a_receiver_that_takes_its_time_is_left(play: Play) -> None:
    async with receiving() as city, webhook(city.url, timeout_s=0.3) as way:
        city.script = [play]
        assert (await way.post("id-1", BODY, NOW)).failure == "timeout"
        assert len(city.met) == 1, "it had the request"


async def test_no_more_is_read_than_an_answer_needs() -> None:
    async with receiving() as city, webhook(city.url) as way:
        city.script = [floods, says(200, b"x" * MOST_READ), says(200, b"x" * (MOST_READ + 1))]
        flood, most, more = [await way.post("id-1", BODY, NOW) for _ in range(3)]
    assert (flood.status, flood.whole, flood.body) == (200, False, b"")
    assert most.whole and len(most.body) == MOST_READ
    assert not more.whole


async def test_a_redirect_is_an_answer_and_not_a_way() -> None:
    async with receiving() as city, receiving() as elsewhere, webhook(city.url) as way:
        city.script = [says(status, location=elsewhere.url) for status in (301, 302, 307, 308)]
        assert [(await way.post("id-1", BODY, NOW)).status for _ in range(4)] == [301, 302, 307, 308]
        assert elsewhere.met == []


async def test_nobody_there_and_a_line_cut_are_no_answer() -> None:
    async with receiving() as city, webhook(city.url) as way:
        city.script = [cuts]
        assert (await way.post("id-1", BODY, NOW)).failure == "no_answer"
    async with webhook(city.url) as way:
        assert (await way.post("id-1", BODY, NOW)).failure == "no_answer"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file, vouched for by itself alone."""
    file = tmp_path / "city.pem"
    asked = ["-subj", "/CN=city", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "30", "-keyout", str(file)]
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *asked], capture_output=True, check=True
    )
    file.write_bytes(file.read_bytes() + made.stdout)
    return file


async def test_only_a_certificate_somebody_vouches_for_is_spoken_to(certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with receiving(tls) as city:
        async with webhook(city.url) as way:
            assert (await way.post("id-1", BODY, NOW)).failure == "no_answer"
            assert city.met == []
        async with webhook(city.url, authority=str(certificate)) as way:
            assert (await way.post("id-1", BODY, NOW)).status == 200
        async with webhook(city.url.replace("127.0.0.1", "localhost"), authority=str(certificate)) as way:
            assert (await way.post("id-1", BODY, NOW)).failure == "no_answer", "it is the certificate of another name"
    assert len(city.met) == 1


async def test_the_environment_sends_no_ticket_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as city, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/tickets"))
        async with webhook(city.url) as way:
            assert (await way.post("id-1", BODY, NOW)).status == 200
        assert proxy.met == []


@pytest.mark.parametrize(
    ("url", "says_"),
    [
        ("http://tickets.example/in", "https"),
        ("http://127.0.0.1.example/in", "https"),
        ("http://localhost.example/in", "https"),
        ("ftp://tickets.example/in", "https://host"),
        ("tickets.example/in", "https://host"),
        ("https://user:word@tickets.example/in", "no user"),
        ("https://tickets.example/in#part", "no user"),
    ],
)
def test_an_address_that_will_not_do_is_refused(url: str, says_: str) -> None:
    with pytest.raises(ValueError, match=says_):
        check_url(url)


@pytest.mark.parametrize(
    "url", ["https://tickets.example/in", "http://127.0.0.1:9/in", "http://[::1]/in", "http://localhost/"]
)
def test_an_address_that_will_do_is_taken(url: str) -> None:
    assert check_url(url) == url


def test_without_a_key_nothing_starts_and_no_key_is_shown() -> None:
    with pytest.raises(ValueError, match="HOTLINE_HANDOFF_KEY"):
        Webhook(WebhookOptions(url="http://127.0.0.1/", keys=()))
    assert KEY.decode() not in repr(WebhookOptions(url="http://127.0.0.1/", keys=(KEY,)))
