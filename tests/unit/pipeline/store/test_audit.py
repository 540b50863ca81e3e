"""The audit chain names whatever was done to it (I8, G15)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from pipeline.store import audit
from pipeline.store.audit import AuditEntry, AuditHead, verify
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import audit as table
from schemas.commands import CreateTicket, OverruleDispatch
from tests.contract.a_call import T0
from tests.unit.console.deciding import CITY

pytestmark = pytest.mark.g15
N = 6


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    made = SqlStore(tmp_path / "record.db", CITY, key=b"k" * 32)
    agent = await made.ensure_user("wang", "王敏", "agent", "hash")
    for n in range(N):
        fields = {"kind": "help", "category": "c-1204", "title": "t", "content": "c", "answer": "a"}
        command = CreateTicket(command_id=f"cmd-{n:08}", fields=fields, handling_mode="direct")
        await made.execute(agent, command, T0 + timedelta(minutes=n))
    yield made
    await made.close()


async def chain(store: SqlStore) -> list[AuditEntry]:
    return await store.read(lambda c: list(audit.entries(c, "xiaocheng")))


async def test_every_act_has_its_entry_and_the_chain_holds(store: SqlStore) -> None:
    entries = await chain(store)
    assert [e.seq for e in entries] == list(range(1, N + 1))
    assert {(e.action, e.role, e.alg) for e in entries} == {("create_ticket", "agent", "sha256")}
    assert verify(entries).whole and (await store.verify_audit()).entries == N


@pytest.mark.parametrize("field", ["at", "actor", "role", "action", "object", "content_hash", "reason", "command"])
async def test_an_edit_is_found_at_its_entry(store: SqlStore, field: str) -> None:
    await store.write(lambda tx: tx.run(table.update().where(table.c.seq == 3).values(**{field: "forged"})))
    verdict = await store.verify_audit()
    assert (verdict.whole, verdict.bad_seq) == (False, 3)


async def test_a_deletion_and_a_swap_are_found(store: SqlStore) -> None:
    entries = await chain(store)
    assert verify(entries[:2] + entries[3:]).bad_seq == 3
    a, b = (msgspec.structs.replace(e, seq=s) for e, s in ((entries[2], 4), (entries[3], 3)))
    assert verify([*entries[:2], b, a, *entries[4:]]).bad_seq == 3


async def test_a_rewritten_tail_passes_alone_but_not_against_the_head_kept_outside(
    store: SqlStore, tmp_path: Path
) -> None:
    file = tmp_path / "heads.jsonl"
    await store.export_audit_head(file, T0)
    head = audit.last_head(file)
    assert head is not None and head.seq == N and (await store.verify_audit(head)).whole
    await store.write(lambda tx: tx.run(table.delete().where(table.c.seq > N - 2)))
    assert (await store.verify_audit()).whole
    cut = await store.verify_audit(head)
    assert (cut.whole, cut.bad_seq) == (False, N - 1)
    entries = await chain(store)
    before = entries[-1].hash
    for n in (N - 1, N):
        forged = msgspec.structs.replace(entries[-1], seq=n, command=f"forged-{n}")
        forged = msgspec.structs.replace(forged, hash=audit.link(before, forged))
        entries, before = [*entries, forged], forged.hash
    assert verify(entries).whole and verify(entries, head).bad_seq == N


async def test_a_torn_last_head_falls_back_to_the_one_before(store: SqlStore, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    await store.export_audit_head(file, T0)
    with file.open("ab") as out:
        out.write(b'{"tenant":"xiao')
    head = audit.last_head(file)
    assert isinstance(head, AuditHead) and head.seq == N


async def test_reasons_are_chained_as_keyed_hashes_never_as_words(store: SqlStore) -> None:
    agent = await store.ensure_user("wang", "王敏", "agent", "hash")
    supervisor = await store.ensure_user("zhao", "赵", "supervisor", "hash")
    fields = {"kind": "help", "category": "c-1204", "title": "t", "content": "c"}
    made = CreateTicket(command_id="cmd-forward", fields=fields, handling_mode="forward", lead_unit="u-urban")
    ticket = (await store.execute(agent, made, T0)).ticket
    moved = OverruleDispatch(
        command_id="cmd-overrule", ticket=ticket, version=1, lead_unit="u-police", reason="张三 13900000001 来电要求"
    )
    assert (await store.execute(supervisor, moved, T0)).status == "ok"
    last = (await chain(store))[-1]
    assert len(last.reason) == 64 and "张三" not in msgspec.json.encode(last).decode()
    refused = msgspec.structs.replace(moved, command_id="cmd-refused", version=2)
    await store.execute(agent, refused, T0)
    row = await store.read(lambda c: c.execute(select(table).order_by(table.c.seq.desc()).limit(1)).one())
    assert (row.action, row.object, row.reason) == ("refused", "overrule_dispatch", "forbidden")
