"""Settings: one table, the documents held to it, and bad values refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from pipeline.settings import Settings, parse_switches

DOC = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


def test_the_settings_page_lists_exactly_the_settings_with_their_defaults() -> None:
    rows = [line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("| `HOTLINE_")]
    expected = []
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        expected.append(
            f"| `HOTLINE_{name.upper()}` | {f'`{default}`' if str(default) else '–'} | {field.description} |"
        )
    assert rows == expected


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_PORT", "9000")
    assert Settings().port == 9000


def test_a_value_out_of_range_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_PORT", "123456")
    with pytest.raises(ValidationError, match="port"):
        Settings()


def test_switch_tokens_are_read_and_never_printed() -> None:
    settings = Settings(switches="fs-1=0123456789abcdef, fs-2=fedcba9876543210")
    assert settings.switch_tokens() == {"fs-1": "0123456789abcdef", "fs-2": "fedcba9876543210"}
    assert "0123456789abcdef" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fs-1", "entry 1"),
        ("fs-1=short", "fs-1"),
        ("a=0123456789abcdef,a=0123456789abcdef", "twice"),
        ("=x", "entry 1"),
    ],
)
def test_a_bad_switch_entry_is_named_without_its_token(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        parse_switches(text)
    assert "short" not in str(caught.value).split("'")[-1] or "shorter" in str(caught.value)


def test_the_store_lies_in_home_unless_told_otherwise(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).database_url == f"sqlite:///{tmp_path / 'store.db'}"
    assert Settings(home=tmp_path, database="postgresql+psycopg://db/hotline").database_url.startswith("postgresql")


def test_hand_offs_are_off_until_an_address_is_named() -> None:
    assert Settings(handoff_key="k" * 24).handoff_options() is None
    options = Settings(handoff_url="https://tickets.example/in", handoff_key=f"{'n' * 24},{'o' * 24}").handoff_options()
    assert options is not None and (options.url, len(options.keys)) == ("https://tickets.example/in", 2)
    with pytest.raises(ValidationError, match="https"):
        Settings(handoff_url="http://tickets.example/in")
    with pytest.raises(ValidationError, match="24 are the least"):
        Settings(handoff_key="short")
