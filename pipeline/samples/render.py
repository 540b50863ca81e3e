"""Sample calls: lays spoken turns on two channels and puts each on its telephone line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.asr.training.nonspeech import coloured, hum
from pipeline.asr.training.telephone import RATE, band, levelled, roomed
from pipeline.samples.script import Script, Speaker, SpokenTurn, Turn

LEGS = ("caller", "agent")  # channel 0, channel 1
LEAD_IN = 0.8  # s before the first word
LEAD_OUT = 1.2  # s after the last
CROSSTALK_DB = -46.0  # of the other side's voice, as heavy as a two-wire hybrid leaves it
CROSSTALK_DELAY = 0.012  # s

Say = Callable[[str, Speaker, float], np.ndarray]  # text, speaker, speed → 8 kHz samples


def lay_out(script: Script, say: Say) -> tuple[np.ndarray, list[SpokenTurn]]:
    """Clean speech on two channels, and when each turn sounds."""
    placed: list[tuple[int, float, np.ndarray]] = []
    turns: list[SpokenTurn] = []
    ends = {"caller": LEAD_IN, "agent": LEAD_IN}
    for turn in script.turns:
        speaker: Speaker = getattr(script, turn.who)
        samples = _spoken(turn, speaker, say)
        start = max(max(ends.values()) + turn.gap, ends[turn.who] if turn.gap < 0 else 0.0)
        ends[turn.who] = start + len(samples) / RATE
        placed.append((LEGS.index(turn.who), start, samples))
        turns.append(SpokenTurn(turn.who, round(start, 2), round(ends[turn.who], 2), turn.words))
    total = np.zeros((2, int((max(ends.values()) + LEAD_OUT) * RATE)), np.float32)
    for channel, start, samples in placed:
        at = int(start * RATE)
        total[channel, at : at + len(samples)] += samples
    return total, turns


def _spoken(turn: Turn, speaker: Speaker, say: Say) -> np.ndarray:
    parts = [
        np.zeros(int(piece * RATE), np.float32)
        if isinstance(piece, float)
        else say(piece, speaker, turn.speed * speaker.speed)
        for piece in turn.pieces()
    ]
    return np.concatenate(parts)


def on_lines(clean: np.ndarray, script: Script) -> np.ndarray:
    """Both channels as the switch hears them: room, handset, line noise, a trace of the other side."""
    rng = np.random.default_rng(script.seed)
    lines = []
    for channel, leg in enumerate(LEGS):
        speaker: Speaker = getattr(script, leg)
        voice = levelled(roomed(clean[channel], rng) if speaker.place == "room" else clean[channel], speaker.level_db)
        low, high = float(rng.uniform(230, 300)), float(rng.uniform(3250, 3450))
        lines.append(band(voice + behind(len(voice), speaker, rng), low, high))
    delay = int(CROSSTALK_DELAY * RATE)
    leaks = [np.pad(line, (delay, 0))[: len(line)] * 10 ** (CROSSTALK_DB / 20) for line in lines]
    noise = [10 ** (getattr(script, leg).floor_db / 20) * rng.standard_normal(clean.shape[1]) for leg in LEGS]
    return np.clip(np.stack([lines[0] + leaks[1] + noise[0], lines[1] + leaks[0] + noise[1]]), -0.98, 0.98).astype(
        np.float32
    )


def behind(count: int, speaker: Speaker, rng: np.random.Generator) -> np.ndarray:
    """What is heard behind the voice, swelling and falling slowly."""
    if speaker.place == "quiet":
        return np.zeros(count, np.float32)
    noise = coloured(count, rng) if speaker.place != "room" else hum(count, rng) * 0.2
    swell = 1 + 0.6 * np.sin(2 * np.pi * np.cumsum(rng.uniform(0.05, 0.25, count)) / RATE + rng.uniform(0, 6))
    if speaker.place == "site":
        period = int(RATE * 0.55)
        knock = np.exp(-np.arange(period) / (0.03 * RATE)) * rng.standard_normal(period)
        noise = 0.3 * noise + np.resize(knock, count)
    noise = noise * swell
    return (noise / (np.std(noise) + 1e-9) * 10 ** (speaker.place_db / 20)).astype(np.float32)
