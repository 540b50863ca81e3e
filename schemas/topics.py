"""Every topic in one table: key, partitions, retention, who writes and who reads."""

from __future__ import annotations

from typing import Literal

import msgspec


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic of the log."""

    name: str
    key: str  # what orders it
    partitions: int
    retention_h: int  # hours
    durable: bool  # False: partials; a lost record costs nothing
    payload: Literal["audio", "event"]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    says: str


AUDIO, CHECKPOINTS, CALLS, PARTIALS, DRAFTS, SUGGESTIONS, ALERTS, DEAD = (
    "audio",
    "checkpoints",
    "calls",
    "partials",
    "drafts",
    "suggestions",
    "alerts",
    "dead",
)

LANES = 24  # partitions of every topic: what belongs to one call lies in the same partition of each

TOPICS: dict[str, Topic] = {
    t.name: t
    for t in (
        Topic(
            name=AUDIO,
            key="call/leg",
            partitions=LANES,
            retention_h=24,
            durable=True,
            payload="audio",
            producers=("door",),
            consumers=("transcriber",),
            says="frames as received",
        ),
        Topic(
            name=CHECKPOINTS,
            key="call/leg",
            partitions=LANES,
            retention_h=24,
            durable=True,
            payload="audio",
            producers=("transcriber",),
            consumers=("transcriber",),
            says="where the ear stands in a leg, with the last moments of its sound",
        ),
        Topic(
            name=CALLS,
            key="call",
            partitions=LANES,
            retention_h=24 * 7,
            durable=True,
            payload="event",
            producers=("door", "transcriber", "relay"),
            consumers=("transcriber", "understanding", "suggest", "recorder"),
            says="everything that changes what we believe about a call",
        ),
        Topic(
            name=PARTIALS,
            key="call",
            partitions=LANES,
            retention_h=1,
            durable=False,
            payload="event",
            producers=("transcriber",),
            consumers=("console",),
            says="text still being spoken",
        ),
        Topic(
            name=DRAFTS,
            key="call",
            partitions=LANES,
            retention_h=24 * 7,
            durable=True,
            payload="event",
            producers=("understanding",),
            consumers=("suggest", "recorder"),
            says="the draft of a call after each event",
        ),
        Topic(
            name=SUGGESTIONS,
            key="call",
            partitions=LANES,
            retention_h=24 * 7,
            durable=True,
            payload="event",
            producers=("suggest",),
            consumers=("recorder",),
            says="what the agent could say",
        ),
        Topic(
            name=ALERTS,
            key="call",
            partitions=LANES,
            retention_h=24 * 7,
            durable=True,
            payload="event",
            producers=("understanding", "door"),
            consumers=("recorder",),
            says="what a person must see at once",
        ),
        Topic(
            name=DEAD,
            key="call",
            partitions=LANES,
            retention_h=24 * 30,
            durable=True,
            payload="event",
            producers=("step", "door", "relay"),
            consumers=("recorder",),
            says="what a stage could not digest, and what became of it",
        ),
    )
}

TOPIC_OF: dict[str, str] = {  # event type → the topic it travels on
    "call.started": CALLS,
    "call.notice_given": CALLS,
    "call.gap_found": CALLS,
    "call.controlled": CALLS,
    "call.assist_switched": CALLS,
    "call.agent_assigned": CALLS,
    "call.ended": CALLS,
    "call.heard": CALLS,
    "utterance.heard": CALLS,
    "utterance.corrected": CALLS,
    "utterance.partial": PARTIALS,
    "field.edited": CALLS,
    "matter.added": CALLS,
    "matter.closed": CALLS,
    "draft.updated": DRAFTS,
    "suggestions.offered": SUGGESTIONS,
    "alert.raised": ALERTS,
    "dead.lettered": DEAD,
    "dead.settled": DEAD,
}
