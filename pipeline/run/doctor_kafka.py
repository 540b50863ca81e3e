"""`hotline doctor` in a house on Kafka: brokers, topics, copies, who works, and how far each reader is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pipeline.log.kafka_backlog import KafkaBacklog
from pipeline.log.kafka_health import Cluster, Place, committed, look, stamped_ahead
from pipeline.log.kafka_topics import verify_topics
from pipeline.log.ports import LogUnavailable
from pipeline.record.recorder import GROUP as RECORDER
from pipeline.record.recorder import TOPICS as RECORDED
from pipeline.run.doctor import SKEW_S, STAGES, Finding, pace, safely
from pipeline.settings import Settings
from pipeline.store.looking import look as look_at_store
from schemas.topics import AUDIO, LANES, TOPICS

EAR = "transcriber"
GROUPS = {  # group that shares the lanes out → the command whose processes are in it
    "stages": "hotline worker stages",
    f"{EAR}.lanes": "hotline worker transcriber",
    "relay.lanes": "hotline worker relay",
}
EAR_LATE_S = 120.0  # it commits where its oldest open utterance began, so its mark lies behind even when all is well
SHOWN = 5  # lanes named in a finding


def examine_kafka(settings: Settings) -> list[Finding]:
    """All of it; only the first findings where no broker answers or topics are missing."""
    try:
        seen = look(settings.kafka_options(), tuple(GROUPS))
    except LogUnavailable as error:
        cure = "start the brokers (docker compose ps, logs kafka) and look at HOTLINE_KAFKA; the rest was not looked at"
        return [Finding(what="brokers", state="error", says=str(error), cure=cure)]
    if len(seen.bytes) < len(TOPICS):
        return [brokers_of(seen, settings.kafka_replication), safely("topics", _topics, settings)]
    looks: list[tuple[str, Callable[[Settings], Finding]]] = [
        ("brokers", lambda s: brokers_of(seen, s.kafka_replication)),
        ("topics", _topics),
        ("copies", lambda s: copies_of(seen)),
        ("stamps", _stamps),
        ("workers", lambda s: workers_of(seen)),
        ("pace", _lag),
        ("ear", _ear),
    ]
    return [safely(what, each, settings) for what, each in looks]


def brokers_of(seen: Cluster, wanted: int) -> Finding:
    """Whether as many brokers answer as there are copies to be kept."""
    if len(seen.brokers) < wanted:
        says = f"{len(seen.brokers)} of at least {wanted} brokers answer: {', '.join(seen.brokers)}"
        cure = "bring the missing ones back; what was acknowledged lies on the others"
        return Finding(what="brokers", state="error", says=says, cure=cure)
    return Finding(what="brokers", state="ok", says=f"{len(seen.brokers)} answer: {', '.join(seen.brokers)}")


def _topics(settings: Settings) -> Finding:
    troubles = verify_topics(settings.kafka_options())
    if troubles:
        says = f"{len(troubles)} things differ from the table; the first: {troubles[0].topic} {troubles[0].what}"
        return Finding(what="topics", state="error", says=says, cure="hotline topics create, hotline topics verify")
    return Finding(what="topics", state="ok", says="as in the table")


def copies_of(seen: Cluster) -> Finding:
    """Whether every lane has its leader and its copies."""
    if seen.leaderless or seen.held_up:
        places = seen.leaderless or seen.held_up
        says = (
            f"{_named(places)} {'have no leader' if seen.leaderless else 'have too few copies in sync to be written'}"
        )
        cure = "bring the brokers back; until then gateways keep sound on their own disks and decisions wait"
        return Finding(what="copies", state="error", says=says, cure=cure)
    if seen.behind:
        says = f"{_named(seen.behind)} have a copy that is not in sync"
        cure = "look at the brokers' disks and network; one more broker lost may stop writing"
        return Finding(what="copies", state="warning", says=says, cure=cure)
    return Finding(what="copies", state="ok", says="all in sync")


def workers_of(seen: Cluster) -> Finding:
    """Whether somebody works on the lanes."""
    nobody = [GROUPS[group] for group, count in seen.members.items() if count == 0]
    if nobody:
        says = f"nobody is at work: {', '.join(nobody)}"
        return Finding(what="workers", state="error", says=says, cure="start at least one process of each")
    says = ", ".join(f"{group.partition('.')[0]} {count}" for group, count in seen.members.items())
    return Finding(what="workers", state="ok", says=f"processes: {says}")


def _lag(settings: Settings) -> Finding:
    options = settings.kafka_options()
    done = {f"{group} on {topic}": committed(options, group, topic) for group, topic in STAGES}
    noted = look_at_store(settings.database_url).readers
    for topic in RECORDED:
        at = {(topic, n): noted.get(f"{RECORDER}/{n}", {}).get(topic, 0) for n in range(LANES)}
        done[f"recorder on {topic}"] = at
    return pace(
        "pace", _ages(settings, done), "start more of hotline worker stages; see that PostgreSQL answers quickly"
    )


def _ear(settings: Settings) -> Finding:
    done = {f"{EAR} on {AUDIO}": committed(settings.kafka_options(), EAR, AUDIO)}
    (age,) = _ages(settings, done).values()
    if age > EAR_LATE_S:
        says = f"the oldest sound not yet done with is {age:.0f} s old"
        cure = "start more of hotline worker transcriber, or give it a GPU; all sound is kept and will be heard"
        return Finding(what="ear", state="warning", says=says, cure=cure)
    return Finding(what="ear", state="ok", says=f"its oldest open utterance is {age:.0f} s old at most")


def _stamps(settings: Settings) -> Finding:
    ahead = stamped_ahead(settings.kafka_options(), SKEW_S)
    if ahead:
        says = f"{', '.join(ahead)}: records are stamped more than {SKEW_S:.0f} s ahead of this machine's clock"
        cure = "some process' clock or this one is off: let all follow the same time servers (NTP)"
        return Finding(what="stamps", state="warning", says=says, cure=cure)
    return Finding(what="stamps", state="ok", says="no record is stamped ahead of this machine's clock")


def _ages(settings: Settings, done: dict[str, dict[Place, int]]) -> dict[str, float]:
    """Reader and topic → age of the oldest record on any lane that it has not done, seconds."""

    async def ask() -> dict[str, float]:
        backlog = KafkaBacklog(settings.kafka_options())
        try:
            return {who: max((await backlog.ages(at)).values(), default=0.0) for who, at in done.items()}
        finally:
            backlog.close()

    return asyncio.run(ask())


def _named(places: tuple[Place, ...]) -> str:
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return ", ".join(f"{topic} lane {n}" for topic, n in places[:SHOWN]) + more
