"""Sample calls: the script of one call, and the reference written beside its recording."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

Who = Literal["caller", "agent"]
PAUSE = re.compile(r"\[(\d+(?:\.\d+)?)\]")


class ScriptError(ValueError):
    """A script that cannot be played; the message names the file and the place."""


class Speaker(msgspec.Struct, forbid_unknown_fields=True):
    """How one side of the call sounds."""

    voice: dict[str, float]  # voice name → weight, adding up to 1
    speed: float = 1.1
    level_db: float = -8.0  # peak of the loudest word, dB below full scale
    floor_db: float = -58.0  # of the line noise
    place: Literal["quiet", "street", "room", "site"] = "quiet"  # what is heard behind
    place_db: float = -44.0


class Turn(msgspec.Struct, forbid_unknown_fields=True):
    """What one side says in one go. `[0.6]` in the text is a pause of that many seconds."""

    who: Who
    text: str
    gap: float = 0.5  # s after the end of the other side's last turn; negative = talks into it
    speed: float = 1.0  # times the speaker's own

    @property
    def words(self) -> str:
        return PAUSE.sub("", self.text)

    def pieces(self) -> list[str | float]:
        """Texts and pauses in order."""
        return [float(part) if index % 2 else part for index, part in enumerate(PAUSE.split(self.text)) if part]


class Matter(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the ticket of one matter should hold; codes of the demo city's pack. Empty = not said in the call."""

    kind: str
    category: str
    urgency: str = "normal"
    district: str = ""
    street: str = ""
    place: str = ""  # of the pack, the closest one named
    incident_place: str = ""  # as the caller puts it
    lead_unit: str = ""
    handling_mode: str = "forward"


class Reference(msgspec.Struct, forbid_unknown_fields=True):
    """What a listener would write down."""

    contact_phone: str
    caller_name: str
    matters: list[Matter]
    accepted: bool = True  # False: the hotline does not take it and names another channel


class Earlier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the caller called about before, so that his number brings it up; codes of the demo city's pack."""

    category: str
    street: str
    times: int = 1


class Script(msgspec.Struct, forbid_unknown_fields=True):
    """One call."""

    name: str
    title: str
    calling_number: str
    seed: int
    caller: Speaker
    agent: Speaker
    turns: list[Turn]
    reference: Reference
    earlier: Earlier | None = None


class SpokenTurn(msgspec.Struct):
    """A turn in the recording."""

    leg: Who
    start: float  # s
    end: float  # s
    text: str


class Sample(msgspec.Struct):
    """The file beside a recording."""

    name: str
    title: str
    file: str
    rate: int  # Hz
    seconds: float
    legs: list[str]  # what each channel carries, in order
    calling_number: str
    turns: list[SpokenTurn]
    reference: Reference
    earlier: Earlier | None = None


def read_scripts(folder: Path) -> list[Script]:
    scripts = []
    for path in sorted(folder.glob("*.json")):
        try:
            script = msgspec.json.decode(path.read_bytes(), type=Script)
        except msgspec.DecodeError as error:
            raise ScriptError(f"{path.name}: {error}") from error
        if script.name != path.stem:
            raise ScriptError(f"{path.name}: its name is {script.name!r}, expected {path.stem!r}")
        scripts.append(script)
    return scripts


def read_sample(path: Path) -> Sample:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Sample)
    except msgspec.DecodeError as error:
        raise ScriptError(f"{path.name}: {error}") from error
