"""Made-up calls: danger to life told in many ways, and the same words where there is none."""

from __future__ import annotations

from random import Random

from pipeline.calls.made import Danger, MadeCall, Reference, Script, Split
from pipeline.calls.places import Places
from pipeline.calls.style import Style
from pipeline.calls.words import words


def danger_call(places: Places, split: Split, danger: Danger, seed: int, n: int) -> MadeCall:
    """Call number `n` of that sort: the tellings in turn, each time in another manner and at another place."""
    pool = words(split)
    rng = Random(f"{split}/{danger}/{seed}/{n}")
    tellings = pool.life if danger == "life" else pool.calm
    line = tellings[n % len(tellings)]
    style, script, talk = Style.draw(rng), Script(), pool.talk
    spot = places.draw("home", style.row, rng)
    name = f"{danger}-{split}-{seed}-{n:05d}"
    script.say("agent", style.plain(rng.choice(talk.agent_open)))
    hello = style.plain(rng.choice(talk.hello) + (rng.choice(talk.restarts) if rng.random() < 0.2 else ""))
    told = line.format(place=spot.slots["place"])
    turn = script.say("caller", hello + style.dress(told + "。", talk, rng))
    if rng.random() < 0.6:
        script.say("agent", style.plain(rng.choice(talk.ask_place)))
        script.say("caller", style.plain(f"{spot.slots['street']}{spot.slots['mark']}。"))
    if danger == "calm":
        script.say("agent", style.plain(rng.choice(talk.noted)))
        script.say("caller", style.plain(rng.choice(talk.bye)))
    return MadeCall(
        name=name,
        file=f"{name}.wav",
        turns=tuple(script.turns),
        reference=Reference(matters=({},), told=({"danger": turn},), danger=danger),
        calling_number="13905880000",
        at="2026-11-20T10:30:00+08:00",
    )
