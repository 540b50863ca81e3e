"""The page's types are those of the server."""

from __future__ import annotations

from typing import get_args, get_type_hints

from console import typescript
from schemas import desk


def test_committed_types_of_the_page_are_those_of_the_schemas() -> None:
    assert typescript.TARGET.read_text(encoding="utf-8") == typescript.generate(), "run: python -m console.typescript"


def test_every_kind_of_pushed_row_says_what_its_data_is() -> None:
    assert set(desk.PUSHED_DATA) == set(get_args(get_type_hints(desk.Pushed)["kind"]))


def test_frames_and_commands_are_discriminated_by_their_tag() -> None:
    written = typescript.generate()
    assert 't: "hello";' in written and 'type: "confirm_matter";' in written
    assert 'kind: "draft"; data: DraftData' in written


def test_a_default_is_optional_only_for_the_side_that_may_leave_it_out() -> None:
    written = typescript.generate()
    assert "lead_unit?: string;" in written.split("interface ConfirmMatter")[1].split("}")[0]
    assert "ended_at: string;" in written.split("interface CallSummary")[1].split("}")[0]
