"""The demo's accounts. Their passwords are made on the machine they run on, never shipped."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import msgspec

from console.passwords import hash_password
from pipeline.store.sql_store import SqlStore
from schemas.commands import Role

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters that look alike


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One login of the demo."""

    login: str
    name: str
    role: Role
    extension: str = ""
    password: str = ""


PEOPLE = (
    Account(login="agent1", name="沈知秋", role="agent", extension="8026"),
    Account(login="agent2", name="陆文澜", role="agent", extension="8031"),
    Account(login="supervisor", name="顾明远", role="supervisor", extension="8001"),
    Account(login="analyst", name="苏以晴", role="analyst"),
    Account(login="admin", name="系统管理", role="admin"),
)


async def settle(store: SqlStore, home: Path) -> list[Account]:
    """Makes sure that the demo's people can sign in; returns them with their passwords."""
    kept = home / "logins.json"
    passwords: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    accounts = []
    for person in PEOPLE:
        password = passwords.setdefault(person.login, "".join(secrets.choice(ALPHABET) for _ in range(8)))
        await store.ensure_user(person.login, person.name, person.role, hash_password(password), person.extension)
        accounts.append(msgspec.structs.replace(person, password=password))
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(passwords, file)
    return accounts
