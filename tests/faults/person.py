"""People at the desk: they decide over HTTP, and do not know what became of a command that got no answer."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any, Literal

import httpx
import msgspec

from tests.faults.house import PASSWORD

ANSWER_S = 6.0  # longest wait for an answer; after it nobody knows
AGAIN_S = 0.4
PATIENCE_S = 180.0  # bound of all waits by condition

Came = Literal["ok", "fail", "unknown"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one try of a command brought."""

    came: Came  # fail = certainly without effect
    status: int = 0  # HTTP; 0 = no answer
    outcome: dict[str, Any] = {}


class Invoked(msgspec.Struct, kw_only=True):
    """A command as a person gave it, and every try of it."""

    who: str  # login
    body: dict[str, Any]
    answers: list[Answer] = []

    @property
    def id(self) -> str:
        return str(self.body["command_id"])

    @property
    def final(self) -> Answer | None:
        """The first answer that says what happened."""
        return next((a for a in self.answers if a.came == "ok" or a.status in (400, 403, 409, 422)), None)


class Person:
    """Signed in at any console; goes to the next one when one does not answer."""

    def __init__(
        self, login: str, consoles: Sequence[str], history: list[Invoked], sign_in: dict[str, httpx.Cookies]
    ) -> None:
        """`sign_in`: who has signed in already; the session is the database's, every console knows it."""
        self.login, self._consoles, self._history, self._signed_in = login, list(consoles), history, sign_in
        self._dice = random.Random(login)
        self._http = httpx.AsyncClient(timeout=ANSWER_S, trust_env=False, cookies=sign_in.get(login))
        self._at = self._dice.randrange(len(self._consoles))

    async def __aenter__(self) -> Person:
        if self.login not in self._signed_in:
            await self.sign_in()
            self._signed_in[self.login] = self._http.cookies
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Tries until a console answers."""

        async def signed_in() -> bool:
            answer = await self._ask("POST", "/api/login", {"login": self.login, "password": PASSWORD})
            return answer is not None and answer.status_code == 200

        await until(signed_in, f"{self.login} to be signed in")

    async def see(self, path: str) -> dict[str, Any] | None:
        """A view; None when nobody answered, or nothing is there."""
        answer = await self._ask("GET", path)
        return answer.json() if answer is not None and answer.status_code == 200 else None

    async def command(self, type_: str, **fields: Any) -> Invoked:
        """Tries until somebody says what happened; the same id every time."""
        given = Invoked(who=self.login, body={"type": type_, "command_id": self._new_id(), **fields})
        self._history.append(given)
        await until(lambda: self.again(given), f"an answer to {type_}")
        return given

    async def again(self, given: Invoked) -> bool:
        """One more try of a command; whether it has been answered for good."""
        answer = await self._ask("POST", "/api/commands", given.body)
        if answer is None:
            given.answers.append(Answer(came="unknown"))
        else:
            outcome = answer.json()
            came: Came = "ok" if answer.status_code == 200 else "unknown" if answer.status_code >= 500 else "fail"
            given.answers.append(Answer(came=came, status=answer.status_code, outcome=outcome))
        return given.final is not None

    async def decide(self, call: str, leave: float = 0.0) -> None:
        """Sees to a call once all of it is heard: claims it if nobody has it, then decides matter by matter.

        `leave`: share of the matters that are left waiting.
        """
        view = await self._heard(call)
        if self._is_lost(call):
            return
        if not view["summary"]["agent"]:
            claimed = await self.command("claim_call", call=call)
            if claimed.final is None or claimed.final.came != "ok":
                return  # somebody else was quicker
        for matter in (m["matter"]["id"] for m in view["matters"]):
            if self._dice.random() >= leave:
                await self._settle(call, matter)

    async def _settle(self, call: str, matter: str) -> None:
        if self._dice.random() < 0.15:
            await self.command("dismiss_matter", call=call, matter=matter, reason="来电人要求撤回")
            return
        if self._dice.random() < 0.3:
            title = f"来电人反映的问题 {self._dice.randrange(100)}"
            await self.command("edit_field", call=call, matter=matter, field="title", value=title)
        for _ in range(20):  # a confirmation is stale as soon as the draft moves: a person looks again
            seen = await self._matter(call, matter)
            if seen is None or seen["matter"].get("closed"):
                return
            if not seen["may_confirm"]:
                await self.command("dismiss_matter", call=call, matter=matter, reason="无法受理")
                return
            proposed = seen["matter"]["dispatch"].get("candidates") or []
            mode = "forward" if proposed else "told"
            given = await self.command(
                "confirm_matter",
                call=call,
                matter=matter,
                version=seen["version"],
                content_hash=seen["content_hash"],
                handling_mode=mode,
                lead_unit=proposed[0]["unit"] if proposed else "",
                co_units=[],
            )
            if given.final is not None and given.final.status != 409:
                return
        raise AssertionError(f"matter {matter} moves all the time")

    async def _matter(self, call: str, matter: str) -> dict[str, Any] | None:
        view = await self._view(call)
        return next((m for m in view["matters"] if m["matter"]["id"] == matter), None)

    async def _heard(self, call: str) -> dict[str, Any]:
        """The call's view once the ear is through with it."""
        found: dict[str, Any] = {}

        async def look() -> bool:
            found.update(await self.see(f"/api/calls/{call}") or {})
            return self._is_lost(call) or (bool(found) and found["summary"]["state"] == "heard")

        await until(look, f"call {call} to be heard")
        return found

    def _is_lost(self, call: str) -> bool:
        """Whether somebody else has claimed the call: it is nobody else's to see then."""
        return any(
            given.body["type"] == "claim_call" and given.body["call"] == call and given.who != self.login
            and given.final is not None and given.final.came == "ok"
            for given in self._history
        )  # fmt: skip

    async def _view(self, call: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        async def look() -> bool:
            found.update(await self.see(f"/api/calls/{call}") or {})
            return bool(found)

        await until(look, f"a view of call {call}")
        return found

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response | None:
        """An answer of the console at hand; None = nobody knows, and the next one is asked next."""
        url = self._consoles[self._at % len(self._consoles)]
        try:
            return await self._http.request(method, url + path, json=body, headers={"Origin": url})
        except httpx.HTTPError:
            self._at += 1
            return None

    def _new_id(self) -> str:
        return str(uuid.uuid4())


async def until(look: Any, what: str, patience_s: float = PATIENCE_S) -> None:
    """Waits by condition, with a bound."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if await look():
            return
        await asyncio.sleep(AGAIN_S)
    raise AssertionError(f"not within {patience_s:.0f} s: {what}")
