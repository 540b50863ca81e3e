"""Desk server, deciding: the one route on which anything is changed, by a person who is signed in."""

from __future__ import annotations

import asyncio
import uuid
from http import HTTPStatus

import structlog
from fastapi import Request, Response

from console.desk import Desk
from console.ports import Unavailable
from console.server_http import Asker, Refused, read_json, reply
from schemas.commands import AnyCommand, Outcome

STATUS: dict[str, HTTPStatus] = {
    "ok": HTTPStatus.OK,
    "refused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "conflict": HTTPStatus.UNPROCESSABLE_ENTITY,
    "stale": HTTPStatus.CONFLICT,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
NO_RIGHT = frozenset({"forbidden", "not_yours"})  # refusals for want of authority

SAVED_WITHIN_S = 10.0  # longer, and the page hears that nothing is known; it repeats the command under its id

_log = structlog.get_logger(__name__)


async def command(desk: Desk, request: Request, who: Asker) -> Response:
    """POST /api/commands. The actor comes from the cookie, never from the message; the answer is an Outcome."""
    given: AnyCommand = await read_json(request, AnyCommand)
    try:
        uuid.UUID(given.command_id)
    except ValueError:
        raise Refused(400, "bad_input", "请求内容有误：command_id 不是 UUID - at `$.command_id`") from None
    try:
        async with asyncio.timeout(SAVED_WITHIN_S):
            outcome = await desk.store.execute(who.actor, given, desk.now())
    except Unavailable:
        outcome = _unsaved(given, "系统暂时无法保存，请重试")
    except TimeoutError:  # it may be saved yet; its repeat does nothing twice
        outcome = _unsaved(given, "系统没有及时应答，尚不知是否已保存，请重试（不会重复办理）")
    kind = str(type(given).__struct_config__.tag)
    desk.observe("hotline_commands_total", 1, type=kind, status=outcome.status)
    _log.info("command", type=kind, status=outcome.status, code=outcome.code, user=who.actor.user)
    return reply(outcome, HTTPStatus.FORBIDDEN if outcome.code in NO_RIGHT else STATUS[outcome.status])


def _unsaved(given: AnyCommand, why: str) -> Outcome:
    return Outcome(command_id=given.command_id, status="unavailable", code="unavailable", message=why)
