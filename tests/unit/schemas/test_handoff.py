"""The contract of a hand-off: the committed schema is that of the code, and the page's example holds in every part."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import msgspec

from pipeline.record.webhook_sign import parse_keys, signature
from schemas.handoff import TARGET, Handoff, generate, hash_of_content
from schemas.ids import handoff_id

PAGE = (Path(__file__).parents[3] / "docs" / "handoff.md").read_text(encoding="utf-8")
BODY = re.findall(r"```json\n(.+?)\n```", PAGE, re.S)[0].encode()


def said(name: str) -> str:
    return re.findall(rf"^    {name} +(\S.*)$", PAGE, re.M)[0]


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert TARGET.read_text(encoding="utf-8") == generate(), "run python -m schemas.handoff"


def test_the_example_is_a_hand_off_whose_signature_and_hash_come_out() -> None:
    shown = msgspec.json.decode(BODY, type=Handoff)
    assert msgspec.json.encode(shown) == BODY
    assert said("webhook-id") == shown.id == handoff_id(shown.ticket, shown.version)
    by_us = signature(shown.id, int(said("webhook-timestamp")), BODY, parse_keys(said("key")))
    assert said("webhook-signature") == by_us
    plain = json.dumps(json.loads(BODY)["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert sha256(plain.encode()).hexdigest() == shown.content_hash == hash_of_content(shown.content)


def test_any_change_of_the_content_changes_its_hash() -> None:
    shown = msgspec.json.decode(BODY, type=Handoff).content
    other = [
        msgspec.structs.replace(shown, unit="u-ecology"),
        msgspec.structs.replace(shown, fields=shown.fields | {"title": ("湖滨街道夜间施工噪声", "夜间施工")}),
        msgspec.structs.replace(shown, fields={k: v for k, v in shown.fields.items() if k != "kind"}),
    ]
    assert len({hash_of_content(content) for content in (shown, *other)}) == 4
