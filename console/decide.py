"""Desk, where a person's word becomes a decision: command + what is known → outcome and all that follows. Pure.

Nothing here reads a clock, a table or a socket. The store loads what is known, calls `decide` inside the transaction
and writes all of the decision or none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from console import decide_call, decide_handoff, decide_later, decide_link, decide_ticket, decide_trend
from console.decide_city import CityFacts
from console.decide_effects import Decision, Refusal
from console.decide_known import Known
from schemas import commands
from schemas.commands import Actor, AnyCommand, Outcome

Rule = Callable[[Any, Actor, Known, CityFacts, datetime], Decision]

RULES: dict[type[commands.Command], tuple[Rule, frozenset[str]]] = {  # command → its rule, and who may give it
    commands.ClaimCall: (decide_call.claim, frozenset({"agent", "supervisor"})),
    commands.EditField: (decide_call.edit, frozenset({"agent", "supervisor"})),
    commands.CorrectUtterance: (decide_call.correct, frozenset({"agent", "supervisor"})),
    commands.AddMatter: (decide_call.add, frozenset({"agent", "supervisor"})),
    commands.ConfirmMatter: (decide_ticket.confirm, frozenset({"agent", "supervisor"})),
    commands.DismissMatter: (decide_call.dismiss, frozenset({"agent", "supervisor"})),
    commands.DecideSuggestion: (decide_call.use_suggestion, frozenset({"agent", "supervisor"})),
    commands.SwitchAssist: (decide_call.switch_assist, frozenset({"agent", "supervisor"})),
    commands.TransferEmergency: (decide_call.transfer, frozenset({"agent", "supervisor"})),
    commands.CreateTicket: (decide_ticket.create, frozenset({"agent", "supervisor"})),
    commands.OverruleDispatch: (decide_later.overrule, frozenset({"supervisor"})),
    commands.NoteTicket: (decide_later.note, frozenset({"agent", "supervisor"})),
    commands.RetryHandoff: (decide_handoff.retry, frozenset({"supervisor"})),
    commands.LinkMatter: (decide_link.link, frozenset({"agent", "supervisor"})),
    commands.AcknowledgeEpisode: (decide_trend.acknowledge, frozenset({"supervisor", "analyst"})),
}
AUTHORITY = frozenset({"forbidden", "not_yours", "not_claimed", "unverified"})  # refusals worth an audit entry


def decide(command: AnyCommand, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """Answers a command. Never raises for what a person may send; a refusal says why, in the person's language."""
    rule, roles = RULES[type(command)]
    try:
        if actor.role not in roles:
            raise Refusal("forbidden", "您的角色无权进行此操作")
        return rule(command, actor, known, city, now)
    except Refusal as refusal:
        outcome = Outcome(command_id=command.command_id, status="refused", code=refusal.code, message=refusal.message)
        asked = str(type(command).__struct_config__.tag)
        if refusal.code not in AUTHORITY:
            return Decision(outcome=outcome)
        return Decision(outcome=outcome, action="refused", object=asked, reason=refusal.code)
