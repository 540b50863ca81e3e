"""A trial of the house: calls ring, people decide, faults happen; afterwards everything that was promised is checked."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.faults import invariants_record as record
from tests.faults import invariants_sound as sound
from tests.faults.caller import Caller
from tests.faults.house import PEOPLE, House
from tests.faults.kept import Kept, LogReader, Said, read_accepted, read_record
from tests.faults.person import Invoked, Person, until
from tests.faults.replayed import drafts_differ, heard_again, understood_again, words_differ

INVARIANTS: tuple[Callable[[Kept], Iterator[str]], ...] = (
    sound.no_frame_differs_from_its_repeat,
    sound.sound_and_gaps_cover_each_leg,
    sound.what_a_switch_sent_is_kept_once,
    sound.utterances_are_said_once,
    sound.an_event_met_twice_is_the_same,
    sound.every_ended_call_is_heard_to_its_end,
    sound.order_of_a_call_is_kept,
    record.every_matter_of_an_ended_call_has_its_place,
    record.a_ticket_is_handed_off_once,
    record.every_hand_off_arrives,
    record.a_command_has_one_answer,
    record.one_of_two_wins,
    record.nothing_is_dispatched_unconfirmed,
    record.the_chain_is_whole,
    record.what_was_decided_is_told_in_order,
    record.the_record_holds_what_was_said,
    record.only_what_is_indigestible_is_parked,
    record.readers_have_caught_up,
)
QUIET_S = 150.0  # bound of the wait for everything to come to its end, once nothing is broken any more


class Trial:
    """Over one house, which may have had other trials before. What those left behind is checked again."""

    def __init__(
        self, house: House, name: str, history: list[Invoked], before: list[Said], poisoned: list[str]
    ) -> None:
        self.house, self.name = house, name
        self.callers: list[Caller] = []
        self.history, self._before, self.poisoned = history, before, poisoned
        self._numbers = itertools.count(1)
        self._tasks: list[asyncio.Task[None]] = []
        self._signed_in: dict[str, httpx.Cookies] = {}

    def call(self, agent: str | None = PEOPLE[0], pace: float = 1.0) -> Caller:
        """A call that has not rung yet."""
        caller = Caller(f"{self.name}-{next(self._numbers)}", agent, pace)
        self.callers.append(caller)
        return caller

    def ring(self, count: int = 1, agent: str | None = PEOPLE[0], pace: float = 1.0) -> list[Caller]:
        """Calls that begin now and go on by themselves."""
        made = [self.call(agent, pace) for _ in range(count)]
        for caller in made:
            self.meanwhile(caller.ring(self.house.urls("gateway")))
        return made

    def meanwhile(self, act: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Goes on by itself; `over` waits for it, and hears what went wrong in it."""
        task = asyncio.ensure_future(act)
        self._tasks.append(task)
        return task

    async def midst(self, callers: Sequence[Caller], share: float = 0.4) -> None:
        """Returns when so much of each call has been said."""

        async def said() -> bool:
            return all(caller.share >= share for caller in callers)

        await until(said, f"{share:.0%} of the calls to be said")

    async def ended(self, name: str, code: int) -> None:
        """Returns when a process has ended by itself. Raises AssertionError when it ended otherwise."""
        process = self.house[name]

        async def dead() -> bool:
            return not process.is_alive

        await until(dead, f"{name} to end")
        assert process.ended_by == code, f"{name} ended with {process.ended_by}"

    async def over(self) -> None:
        """Returns when everything begun is done."""
        while self._tasks:
            await self._tasks.pop()

    @asynccontextmanager
    async def person(self, login: str = PEOPLE[0]) -> AsyncIterator[Person]:
        async with Person(login, self.house.urls("console"), self.history, self._signed_in) as found:
            yield found

    async def decided(self, callers: Sequence[Caller], login: str = PEOPLE[0], leave: float = 0.0) -> None:
        """A person sees to these calls, one after the other."""
        async with self.person(login) as person:
            for caller in callers:
                await person.decide(caller.call, leave)

    async def check(self, again: bool = True) -> Kept:
        """Heals the house, waits for quiet, and looks at everything. Raises AssertionError with all that is wrong."""
        await asyncio.to_thread(self.house.heal)
        await self.over()
        self._before += [Said(call=c.call, lines=c.lines, is_over=c.is_over) for c in self.callers]
        reader, store = await asyncio.to_thread(LogReader, self.house.options), self.house.store()
        try:
            kept = Kept(history=self.history, said=self._before, poisoned=self.poisoned)
            await self._quiet(kept, reader, store)
            await asyncio.to_thread(reader.records, kept)
            await read_record(kept, store)
        finally:
            await asyncio.to_thread(reader.close)
            await store.close()
        kept.accepted = list(read_accepted(self.house.accepted))
        wrong = [f"{look.__name__}: {what}" for look in INVARIANTS for what in look(kept)]
        if again:
            mine = kept.only({caller.call for caller in self.callers})
            wrong += [f"words_differ: {what}" for what in words_differ(mine, await heard_again(mine))]
            wrong += [f"drafts_differ: {what}" for what in drafts_differ(mine, await understood_again(mine))]
        assert not wrong, "\n".join(wrong[:40])
        assert all(caller.is_over for caller in self.callers), "a switch gave a call up"
        return kept

    async def _quiet(self, kept: Kept, reader: LogReader, store: Any) -> None:
        waiting: list[str] = []

        async def quiet() -> bool:
            await asyncio.to_thread(reader.positions, kept)
            await read_record(kept, store)
            waiting[:] = [
                *record.readers_have_caught_up(kept),
                *(f"call {row['id']} is {row['state']}" for row in kept.rows["calls"] if row["state"] != "heard"),
                *(f"outbox {row['seq']}" for row in kept.rows["outbox"] if not row["sent"]),
                *(f"hand-off {row['id']}" for row in kept.rows["handoffs"] if row["state"] != "delivered"),
            ]
            known = {row["id"] for row in kept.rows["calls"]}
            waiting.extend(f"call {c.call} is unknown" for c in self.callers if c.is_over and c.call not in known)
            return not waiting

        try:
            await until(quiet, "quiet", QUIET_S)
        except AssertionError as error:
            raise AssertionError(f"{error}; there is still:\n" + "\n".join(waiting[:20])) from None
