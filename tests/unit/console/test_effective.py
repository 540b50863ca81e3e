"""What the desk shows of a matter: a person's values over the machine's, with the hint that came after them."""

from __future__ import annotations

from console.decide_matter import effective
from schemas.draft import Choice, DispatchProposal, FieldValue, Matter


def phone(value: str, **more: object) -> FieldValue:
    return FieldValue(value=value, label=value, confidence=1.0, origin="human", **more)  # type: ignore[arg-type]


def matter(value: FieldValue) -> Matter:
    return Matter(id="m", n=0, fields={"contact_phone": value}, dispatch=DispatchProposal(step="abstain"))


def test_a_hint_to_the_same_value_reaches_the_desk() -> None:
    other = (Choice(value="13987654321", label="139 8765 4321", score=0.9),)
    shown = effective(matter(phone("138", choices=other, note="请核对")), {"contact_phone": phone("138")})
    assert shown.fields["contact_phone"].value == "138"
    assert shown.fields["contact_phone"].choices == other and shown.fields["contact_phone"].note == "请核对"


def test_a_hint_to_an_older_edit_does_not() -> None:
    other = (Choice(value="13987654321", label="139 8765 4321", score=0.9),)
    shown = effective(matter(phone("138", choices=other, note="请核对")), {"contact_phone": phone("139")})
    assert (shown.fields["contact_phone"].value, shown.fields["contact_phone"].choices) == ("139", ())
