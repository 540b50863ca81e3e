"""The reference words of each sample call lead to its reference fields: what the ear must hear, understanding grasps."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agents.city import City
from pipeline.demo.samples import FOLDER
from schemas.draft import Matter
from tests.unit.agents.talk import draft, stream

SAMPLES = sorted(path.stem for path in FOLDER.glob("*.json"))
SIDES = {"caller": "来电", "agent": "坐席"}
SAME = ("kind", "category", "urgency", "district", "street", "contact_phone", "caller_name")


def told(matter: Matter) -> dict[str, Any]:
    lead = matter.dispatch.candidates[0].unit if matter.dispatch.candidates else ""
    return {**{name: value.value for name, value in matter.fields.items()}, "lead_unit": lead}


@pytest.mark.parametrize("name", SAMPLES)
async def test_the_words_of_a_sample_call_fill_its_ticket(city: City, name: str) -> None:
    sample = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    reference = sample["reference"]
    lines = [f"{SIDES[turn['leg']]}：{turn['text']}" for turn in sample["turns"]]
    after = await draft(city, stream(*lines, ani=sample["calling_number"], call=name))
    assert len(after.matters) == len(reference["matters"])
    for matter, wanted in zip(after.matters, reference["matters"], strict=True):
        found, whole = told(matter), {**reference, **wanted}
        assert matter.complete, f"missing: {matter.missing}"
        assert found["lead_unit"] == whole["lead_unit"]
        assert {key: found.get(key, "") for key in SAME if key in whole} == {k: whole[k] for k in SAME if k in whole}
        assert (matter.dispatch.step == "not_accepted") is not reference["accepted"]
