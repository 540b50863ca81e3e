"""Store: the audit chain. Every act has its entry, every entry holds on to the one before it (governance §6)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from pipeline.store.tables import audit
from pipeline.store.tx import Tx

ALGORITHMS = {"sha256": hashlib.sha256, "sha3-256": hashlib.sha3_256}
ALGORITHM = "sha256"
GENESIS = ""  # hash before the first entry


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One act, as chained. References and keyed hashes only: deleting the words of a call breaks nothing."""

    tenant: str
    seq: int  # from 1, without holes
    at: str  # UTC ISO
    actor: str  # user id, or "system"
    role: str
    action: str
    object: str
    version: int
    content_hash: str
    reason: str  # keyed hash of the words, or a refusal's code
    command: str
    alg: str
    hash: str = ""


class AuditHead(msgspec.Struct, frozen=True, kw_only=True):
    """Where the chain ends; kept outside the database it proves that nothing was cut off."""

    tenant: str
    seq: int
    hash: str
    at: str  # UTC ISO of the export


class AuditVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of the chain found."""

    whole: bool
    entries: int
    bad_seq: int = 0  # first entry at fault
    reason: str = ""


def canonical(entry: AuditEntry) -> bytes:
    """The one form that is hashed: sorted keys, UTF-8, no floats, without the hash itself."""
    fields = msgspec.structs.asdict(entry)
    del fields["hash"]
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(before: str, entry: AuditEntry) -> str:
    """h_n = H(h_{n-1} ‖ len ‖ canonical(entry_n)), hex."""
    said = canonical(entry)
    digest = ALGORITHMS[entry.alg](bytes.fromhex(before))
    digest.update(len(said).to_bytes(8, "big"))
    digest.update(said)
    return digest.hexdigest()


def add(tx: Tx, **act: Any) -> AuditEntry:
    """Chains one act to the tenant's entries, in the transaction of the act itself."""
    tenant = tx.house.facts.tenant
    seq = tx.count(f"audit:{tenant}")
    before = tx.connection.scalar(select(audit.c.hash).where(audit.c.tenant == tenant, audit.c.seq == seq - 1))
    entry = AuditEntry(tenant=tenant, seq=seq, alg=ALGORITHM, **act)
    entry = msgspec.structs.replace(entry, hash=link(before or GENESIS, entry))
    tx.run(audit.insert().values(**msgspec.structs.asdict(entry)))
    return entry


def entries(connection: Connection, tenant: str) -> Iterable[AuditEntry]:
    """The whole chain as stored, oldest first."""
    query = select(audit).where(audit.c.tenant == tenant).order_by(audit.c.seq)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield AuditEntry(**row._mapping)


def verify(chain: Iterable[AuditEntry], head: AuditHead | None = None) -> AuditVerdict:
    """Walks the chain: edits, deletions, reorder; with a head from outside also truncation and a restored old copy."""
    before, seq = GENESIS, 0
    hashes_head = ""
    for entry in chain:
        seq += 1
        if entry.seq != seq:
            return AuditVerdict(whole=False, entries=seq - 1, bad_seq=seq, reason=f"entry {seq} is missing")
        if entry.alg not in ALGORITHMS:
            return AuditVerdict(whole=False, entries=seq - 1, bad_seq=seq, reason=f"unknown hash {entry.alg!r}")
        if link(before, entry) != entry.hash:
            reason = f"entry {seq} does not follow from the one before"
            return AuditVerdict(whole=False, entries=seq - 1, bad_seq=seq, reason=reason)
        before = entry.hash
        if head is not None and seq == head.seq:
            hashes_head = entry.hash
    if head is not None and seq < head.seq:
        reason = f"chain ends at {seq}, its head was exported at {head.seq}"
        return AuditVerdict(whole=False, entries=seq, bad_seq=seq + 1, reason=reason)
    if head is not None and head.seq and hashes_head != head.hash:
        reason = f"entry {head.seq} is not the one whose head was exported"
        return AuditVerdict(whole=False, entries=seq, bad_seq=head.seq, reason=reason)
    return AuditVerdict(whole=True, entries=seq)


def head_of(connection: Connection, tenant: str, at: str) -> AuditHead:
    """The newest entry's number and hash."""
    newest = connection.execute(
        select(audit.c.seq, audit.c.hash).where(audit.c.tenant == tenant).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    return AuditHead(tenant=tenant, seq=newest.seq if newest else 0, hash=newest.hash if newest else GENESIS, at=at)


def export_head(head: AuditHead, file: Path) -> None:
    """Appends the head to a file outside the database, durably."""
    with file.open("ab") as out:
        out.write(msgspec.json.encode(head) + b"\n")
        out.flush()
        os.fsync(out.fileno())


def last_head(file: Path) -> AuditHead | None:
    """The newest whole head of the file; a torn last line is skipped."""
    if not file.exists():
        return None
    for line in reversed(file.read_bytes().splitlines()):
        try:
            return msgspec.json.decode(line, type=AuditHead)
        except msgspec.DecodeError:
            continue
    return None
