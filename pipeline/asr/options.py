"""The ear's settings, grouped by the part that obeys them. Defaults are those the benchmarks were run with."""

from __future__ import annotations

import math
import os

import msgspec

_MOST_LANES = 16  # each costs memory of its own, and the rest of the house wants cores too


class SegmentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """When speech begins, ends and is cut."""

    onset: float = 0.5  # speech probability that opens a segment
    quiet: float = 0.35  # probability under which a frame counts as silence
    least_speech_s: float = 0.1  # speech needed before a segment opens
    close_s: float = 0.5  # silence that closes a segment
    pause_s: float = 0.25  # silence after which the likely final is read ahead
    look_back_s: float = 0.4  # kept before the onset, so that soft beginnings survive
    tail_s: float = 0.25  # kept after the last speech
    long_s: float = 8.0  # from this length on `long_close_s` of silence closes
    long_close_s: float = 0.3
    longest_s: float = 13.0  # a segment this long is cut at its quietest late point
    cut_within_s: float = 5.0  # how far back that point may lie


class DecodeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the model is loaded and asked."""

    device: str = "auto"  # auto | cpu | cuda
    compute: str = "auto"  # CTranslate2 compute type; auto = int8 on CPU, float16 on a GPU
    threads: int = 0  # windows read at once on a CPU, each by one thread; 0 = the cores this process may use
    language: str = "zh"
    prompt: str = ""  # context put before every window, e.g. hotwords; costs decoder steps
    words: str = ""  # file of the city's lexicon (`pipeline/asr/wording`); empty = text as the model wrote it
    short_windows: bool | None = None  # None = as the model declares
    partial_beam: int = 1  # of what is shown while somebody speaks; 1 = greedy
    beam: int | None = None  # of finals; None = 5 on a GPU without a lexicon, else 1; a search is not put into words
    retry_beam: int = 5  # of the second reading of a final that looks wrong
    retry: bool | None = None  # second readings; None = where they are cheap: on a GPU, or in short windows
    worst_logprob: float = -1.0  # average per token under which a final is read again


class BatchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which windows share a batch, and how much partial text the machine can afford."""

    most_rows: int = 0  # 0 = as the model at hand gains from
    partial_budget_s: float = 0.2  # computing time one batch of partials may take
    partial_most_s: float = 0.8  # a partial that would take longer than this alone is left out
    partial_busy_s: float = 0.3  # the same while an engine of one lane is busy: a final must not wait behind a partial
    busy_share: float = 0.25  # share of the last seconds in use from which on the engine counts as busy
    partial_duty: float = 0.6  # share of the time partials may keep an engine of one lane busy: finals find it free
    most_waiting_s: float = 60.0  # audio in waiting finals beyond which reading pauses, seconds
    deadline_s: float = 15.0  # least time a batch gets before its engine is held for hung
    start_deadline_s: float = 180.0  # time the model gets to load
    most_strikes: int = 2  # engine failures after which a window is given up


# For recordings: nobody waits, so that nothing is left out. `transcribe_files` waits for every partial it asks for.
PATIENT = BatchOptions(partial_budget_s=math.inf, partial_most_s=math.inf, partial_busy_s=math.inf, partial_duty=1.0)


class PartialOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How often text is shown before it is final."""

    every_s: float = 0.7  # new audio between two readings of an open segment
    first_s: float = 0.5  # audio of a segment before its first reading
    share: float = 0.12  # a segment of n seconds is read at most every n * share seconds


class EarOptions(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    segment: SegmentOptions = SegmentOptions()
    decode: DecodeOptions = DecodeOptions()
    batch: BatchOptions = BatchOptions()
    partial: PartialOptions = PartialOptions()
    checkpoint_every_s: float = 30.0  # audio of a leg between two checkpoints
    long_gap_s: float = 2.0  # a hole longer than this ends what was open; a shorter one is filled with silence


def lanes_of(options: DecodeOptions) -> int:
    """Readings a CPU does at once."""
    return options.threads or min(usable_cores(), _MOST_LANES)


def usable_cores() -> int:
    """Cores this process may use; hyper-threads of one core count once where the system tells."""
    try:
        mine = os.sched_getaffinity(0)
    except AttributeError:
        return max(1, os.cpu_count() or 1)
    cores = set()
    for cpu in mine:
        try:
            with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", encoding="ascii") as file:
                cores.add(file.read().strip())
        except OSError:
            cores.add(str(cpu))
    return max(1, len(cores))
