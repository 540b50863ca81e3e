"""What a caller says after a person set a field, and says otherwise: shown beside the value, never in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from agents.state import Lock, Utterance
from schemas.draft import Choice, FieldValue

# Fields that a caller states outright; of the others the machine's view changes with every sentence.
STATED = (
    "contact_phone", "caller_name", "district", "street", "community", "incident_place", "event_time", "respondent",
    "amount", "households", "confidential",
)  # fmt: skip


def hinted(
    done: dict[str, FieldValue],
    machine: Mapping[str, FieldValue | None],
    locks: Mapping[str, Lock],
    utterances: Sequence[Utterance],
) -> dict[str, FieldValue]:
    """`done` with a hint at each locked field of which the caller said something else since it was set."""
    if not locks:
        return done
    order = {u.id: n for n, u in enumerate(utterances)}
    for name in STATED:
        lock, heard = locks.get(name), machine.get(name)
        if lock is None or heard is None or heard.value in ("", lock.value):
            continue
        since = tuple(e for e in heard.evidence if order.get(e.utterance, -1) >= lock.after)
        if since and not (lock.value and _part(lock.value, heard.value)):
            done[name] = replace(
                done[name],
                evidence=since,
                choices=(Choice(value=heard.value, label=heard.label, score=heard.confidence),),
                note=f"{done[name].note}；之后来电人又说“{since[-1].text}”（{heard.label}），与所填不同，请核对",
            )
    return done


def _part(set_: str, heard: str) -> bool:
    """The machine's value only says less, or the same with more words."""
    return heard in set_ or set_ in heard
