"""Bodies of topic `calls`: everything that changes what we believe about a call, in one order per call."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.audio import Codec, GapCause, Leg
from schemas.event import Body, registered

EndReason = Literal["stopped", "closed", "lost", "silent", "refused", "limit"]
ControlKind = Literal["pause", "resume", "hold", "unhold", "transfer", "join", "leave", "dtmf", "moved"]


@registered
class CallStarted(Body, frozen=True, kw_only=True):
    """The switch opened a call at a door. Audio is not listened to before NoticeGiven."""

    TYPE = "call.started"
    door: str  # "ws"
    switch: str  # name of the authenticated switch
    source: str  # the switch's own call id
    legs: tuple[Leg, ...]
    codec: Codec
    rate: int  # Hz
    ani: str = ""  # calling number
    dnis: str = ""  # number dialled
    agent: str | None = None  # login or extension whose desk gets the call; None = waits to be claimed
    queue: str = ""
    direction: Literal["in", "out"] = "in"


@registered
class NoticeGiven(Body, frozen=True, kw_only=True):
    """The caller has been told that an assistant listens: from here on audio is kept and heard."""

    TYPE = "call.notice_given"
    how: Literal["played", "message", "agent"] = "played"


@registered
class GapFound(Body, frozen=True, kw_only=True):
    """Samples of a leg that never reached us."""

    TYPE = "call.gap_found"
    leg: Leg
    sample_pos: int
    samples: int
    cause: GapCause


@registered
class CallControlled(Body, frozen=True, kw_only=True):
    """The switch or the agent did something to the call; `moved`: another gateway feeds it from here on."""

    TYPE = "call.controlled"
    control: ControlKind
    leg: Leg | None = None
    detail: str = ""


@registered
class AssistSwitched(Body, frozen=True, kw_only=True):
    """Caller or agent turned the assistant off or on again for this call."""

    TYPE = "call.assist_switched"
    on: bool
    by: str  # user id, or "caller"
    reason: str = ""


@registered
class AgentAssigned(Body, frozen=True, kw_only=True):
    """An agent's desk got the call: claimed from the queue, or transferred."""

    TYPE = "call.agent_assigned"
    agent: str  # user id
    by: str


@registered
class UtteranceHeard(Body, frozen=True, kw_only=True):
    """What one leg said between two silences; final."""

    TYPE = "utterance.heard"
    utterance: str  # id
    leg: Leg
    start_s: float  # seconds since leg start
    end_s: float
    first_sample: int  # at the leg's rate
    last_sample: int
    text: str  # Simplified Chinese, as shown
    raw: str = ""  # as decoded, when it differs
    model: str = ""
    logprob: float = 0.0  # average per token
    no_speech: float = 0.0  # probability
    flags: tuple[str, ...] = ()  # guards that acted: "repetition", "partial_kept", …


@registered
class UtteranceCorrected(Body, frozen=True, kw_only=True):
    """A person mended an utterance's text."""

    TYPE = "utterance.corrected"
    utterance: str
    text: str
    by: str


@registered
class PartialHeard(Body, frozen=True, kw_only=True):
    """What is heard so far of an utterance still being spoken. Never state; only topic `partials`."""

    TYPE = "utterance.partial"
    leg: Leg
    segment: str  # id of the open segment; changes with each utterance
    rev: int  # rises within the segment
    start_s: float
    stable: str  # never revised
    unstable: str = ""


@registered
class FieldEdited(Body, frozen=True, kw_only=True):
    """A person set a field of a matter; locks it against the machine. An empty value clears it and keeps the lock."""

    TYPE = "field.edited"
    matter: str
    field: str
    value: str
    label: str = ""
    by: str


@registered
class MatterAdded(Body, frozen=True, kw_only=True):
    """A person said that the call carries one more matter; utterances named move to it."""

    TYPE = "matter.added"
    matter: str
    by: str
    utterances: tuple[str, ...] = ()


@registered
class MatterClosed(Body, frozen=True, kw_only=True):
    """A matter's draft is done: confirmed as a ticket, or "no ticket" by a person."""

    TYPE = "matter.closed"
    matter: str
    outcome: Literal["confirmed", "answered", "dismissed", "merged"]
    by: str
    ticket: str = ""


@registered
class CallEnded(Body, frozen=True, kw_only=True):
    """No more audio will come."""

    TYPE = "call.ended"
    reason: EndReason
    samples: dict[str, int] = msgspec.field(default_factory=dict)  # leg → samples received, gaps excluded
    gaps: dict[str, int] = msgspec.field(default_factory=dict)  # leg → samples missing


@registered
class CallHeard(Body, frozen=True, kw_only=True):
    """The ear has finished: every accepted frame is transcribed, silent or listed as a gap."""

    TYPE = "call.heard"
    utterances: int
    failed: int = 0  # stretches the model could not read; listed as gaps
