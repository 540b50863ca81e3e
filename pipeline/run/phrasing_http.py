"""Generated phrasing by an endpoint that speaks OpenAI's chat protocol: with a budget of time, words and tries."""

from __future__ import annotations

import asyncio
import ipaddress
from urllib.parse import urlsplit

import httpx
import msgspec

from agents.phrasing import Budget, Unphrased

LARGEST = 64 * 1024  # bytes of an answer
AGAIN = frozenset((408, 429, 500, 502, 503, 504))
PAUSE_S = 0.2  # before another try, doubled each time


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Answer(msgspec.Struct):
    choices: list[_Choice]


class HttpWriter:
    """Asks the endpoint, within the budget, and takes nothing but text from it."""

    def __init__(self, url: str, model: str, key: str = "", budget: Budget | None = None) -> None:
        """`url` up to and without `/chat/completions`. Raises ValueError unless it is https or this machine."""
        self._url = f"{checked_url(url)}/chat/completions"
        self._budget = budget or Budget()
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.name = model

    async def write(self, rules: str, told: str) -> str:
        try:
            async with asyncio.timeout(self._budget.seconds):
                return await self._tried(rules, told)
        except TimeoutError:
            raise Unphrased(f"no answer within {self._budget.seconds} s") from None

    async def _tried(self, rules: str, told: str) -> str:
        asked = {
            "model": self._model,
            "messages": [{"role": "system", "content": rules}, {"role": "user", "content": told}],
            "max_tokens": self._budget.tokens,
            "temperature": 0,
            "stream": False,
        }
        why = "never tried"
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=self._budget.seconds) as client:
            for attempt in range(self._budget.tries):
                if attempt:
                    await asyncio.sleep(PAUSE_S * 2 ** (attempt - 1))
                try:
                    async with client.stream("POST", self._url, json=asked, headers=self._headers) as answer:
                        if answer.status_code == 200:
                            return _text(await _read(answer))
                        why = f"status {answer.status_code}"
                        if answer.status_code not in AGAIN:
                            break
                except httpx.HTTPError as error:
                    why = type(error).__name__
        raise Unphrased(why)


def checked_url(url: str) -> str:
    """The address without its last slash. Raises ValueError unless it is https, or http on this machine."""
    parts = urlsplit(url)
    if parts.username or parts.query or parts.fragment or not parts.hostname:
        raise ValueError(f"no address of an endpoint: {parts.scheme}://{parts.hostname or ''}")
    if parts.scheme != "https" and not (parts.scheme == "http" and _here(parts.hostname)):
        raise ValueError(f"an endpoint is reached by https, or by http on this machine: {parts.hostname}")
    return url.rstrip("/")


async def _read(answer: httpx.Response) -> bytes:
    found = bytearray()
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > LARGEST:
            raise Unphrased(f"an answer of more than {LARGEST} bytes")
    return bytes(found)


def _text(data: bytes) -> str:
    try:
        choices = msgspec.json.decode(data, type=_Answer).choices
    except msgspec.DecodeError:
        raise Unphrased("an answer of another form") from None
    if not choices or not choices[0].message.content:
        raise Unphrased("an empty answer")
    return choices[0].message.content


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
