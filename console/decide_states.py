"""Desk decisions, the moves a ticket may make from state to state."""

from __future__ import annotations

from typing import Literal

from schemas.draft import DispatchProposal
from schemas.ticket import STATE_NAMES, TicketState

MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"accepted", "beyond_duty", "not_accepted", "merged"}),
    "accepted": frozenset(
        {"in_review", "pending_dispatch", "dispatched", "closed", "beyond_duty", "not_accepted", "merged"}
    ),
    "in_review": frozenset({"pending_dispatch", "dispatched", "closed", "merged"}),
    "pending_dispatch": frozenset({"dispatched", "closed", "merged"}),
    "dispatched": frozenset({"dispatched", "in_progress", "pending_dispatch", "merged"}),  # itself: sent elsewhere
    "in_progress": frozenset({"pending_feedback", "pending_dispatch", "dispatched", "merged"}),
    "pending_feedback": frozenset({"reply_review", "in_progress"}),
    "reply_review": frozenset({"pending_followup", "closed", "in_progress"}),
    "pending_followup": frozenset({"closed", "in_progress"}),
    "closed": frozenset({"rated", "archived", "in_progress"}),  # in_progress: 重新办理
    "rated": frozenset({"archived", "in_progress"}),
    "archived": frozenset(),
    "beyond_duty": frozenset({"archived"}),
    "not_accepted": frozenset({"archived"}),
    "merged": frozenset({"archived"}),
}
OPEN: frozenset[str] = frozenset(
    {"accepted", "in_review", "pending_dispatch", "dispatched", "in_progress", "pending_feedback", "reply_review"}
)  # a unit still owes something: 催办 makes sense


class BadMove(ValueError):
    """A move the state machine does not know."""


def move(state: str, to: TicketState) -> TicketState:
    """The next state, or BadMove naming both."""
    if to not in MOVES[state]:
        raise BadMove(f"工单不能从「{STATE_NAMES[state]}」转到「{STATE_NAMES[to]}」")
    return to


def state_of_new(mode: Literal["direct", "forward", "told"], proposal: DispatchProposal | None) -> TicketState:
    """Where a confirmed matter goes: 直办 is closed, 转办 waits to be signed for, 告知 ends as told."""
    match mode:
        case "direct":
            return move("accepted", "closed")
        case "forward":
            return move("accepted", "dispatched")
        case "told":
            refused = proposal is not None and proposal.step == "not_accepted"
            return move("accepted", "not_accepted" if refused else "beyond_duty")
