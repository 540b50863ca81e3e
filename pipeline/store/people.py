"""Store: sign-in accounts and sessions. Passwords and session tokens come in hashed."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, or_, select

from console.decide_time import iso
from console.ports import UserRecord
from pipeline.store.tables import sessions, users
from pipeline.store.tx import Tx
from schemas.commands import Actor, Role
from schemas.ids import ROOT


@functools.lru_cache(256)
def user_id(login: str) -> str:
    """Id of an account: the same login is the same person in every database."""
    return str(uuid.uuid5(ROOT, f"user\x1f{login}"))


def ensure_user(
    tx: Tx, login: str, name: str, role: Role, password_hash: str, extension: str = "", active: bool = True
) -> Actor:
    """Creates or updates an account. A changed role or name holds at once, in open sessions too."""
    values = {
        "name": name,
        "role": role,
        "extension": extension,
        "password_hash": password_hash,
        "active": active,
    }
    id_ = user_id(login)
    if tx.run(users.update().where(users.c.id == id_).values(**values)).rowcount == 0:
        tx.run(users.insert().values(id=id_, login=login, **values))
    if not active:
        tx.run(sessions.delete().where(sessions.c.user_id == id_))
    return Actor(user=id_, login=login, name=name, role=role, extension=extension)


def user_by_login(connection: Connection, login: str) -> UserRecord | None:
    row = connection.execute(select(users).where(users.c.login == login)).first()
    return UserRecord(actor=_actor(row), password_hash=row.password_hash, active=row.active) if row else None


def user_at(connection: Connection, desk: str) -> Actor | None:
    """The active user a switch means by a login, an extension or a user id."""
    return users_at(connection, [desk]).get(desk)


def users_at(connection: Connection, desks: Iterable[str]) -> dict[str, Actor]:
    """The same for many at once; those that mean nobody are left out."""
    wanted = [desk for desk in dict.fromkeys(desks) if desk]
    if not wanted:
        return {}
    named = or_(users.c.login.in_(wanted), users.c.extension.in_(wanted), users.c.id.in_(wanted))
    found: dict[str, Actor] = {}
    for row in connection.execute(select(users).where(named, users.c.active).order_by(users.c.id)):
        for desk in dict.fromkeys((row.login, row.extension, row.id)):
            if row.login == desk or desk not in found:  # a login goes before another's extension
                found[desk] = _actor(row)
    return {desk: found[desk] for desk in wanted if desk in found}


def open_session(tx: Tx, user: str, token_hash: str, expires: datetime, now: datetime) -> None:
    tx.run(sessions.delete().where(sessions.c.expires_at <= iso(now)))
    tx.run(sessions.insert().values(token_hash=token_hash, user_id=user, opened_at=iso(now), expires_at=iso(expires)))


def session(connection: Connection, token_hash: str, now: datetime) -> Actor | None:
    row = connection.execute(
        select(users)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > iso(now), users.c.active)
    ).first()
    return _actor(row) if row else None


def close_session(tx: Tx, token_hash: str) -> None:
    tx.run(sessions.delete().where(sessions.c.token_hash == token_hash))


def _actor(row: Row) -> Actor:
    return Actor(user=row.id, login=row.login, name=row.name, role=row.role, extension=row.extension)
