"""The ticket (工单): what a person confirmed, its state, and the moves it may make."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.draft import DispatchProposal, FieldValue, SlaView

TicketState = Literal[
    "draft",
    "accepted",
    "in_review",
    "pending_dispatch",
    "dispatched",
    "in_progress",
    "pending_feedback",
    "reply_review",
    "pending_followup",
    "closed",
    "rated",
    "archived",
    "beyond_duty",
    "not_accepted",
    "merged",
]
STATE_NAMES: dict[str, str] = {
    "draft": "草稿",
    "accepted": "已受理",
    "in_review": "预审",
    "pending_dispatch": "待派遣",
    "dispatched": "待签收",
    "in_progress": "处置中",
    "pending_feedback": "待反馈",
    "reply_review": "待审核",
    "pending_followup": "待回访",
    "closed": "办结",
    "rated": "评价",
    "archived": "归档",
    "beyond_duty": "超职责告知",
    "not_accepted": "不予受理",
    "merged": "并单",
}
KIND_NAMES: dict[str, str] = {
    "consult": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
}
URGENCY_NAMES: dict[str, str] = {"normal": "一般", "urgent": "紧急", "critical": "特急"}
# characters
FIELD_LIMITS: dict[str, int] = {"title": 60, "content": 4000, "answer": 4000, "course": 2000, "cause": 1000}
FIELD_LIMIT = 200  # characters, where FIELD_LIMITS names none


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A confirmed ticket. `fields` are as confirmed; the dispatch keeps the proposal beside the person's choice."""

    id: str
    ticket_no: str  # 工单编号, e.g. "YL20261121-000012"
    tenant: str
    call: str | None  # None: made without a call
    matter: str
    version: int  # rises with each change
    state: TicketState
    handling_mode: Literal["direct", "forward", "told"]  # 直办 answered at the desk | 转办 | 告知
    fields: dict[str, FieldValue]
    lead_unit: str  # unit code; "" when answered at the desk
    lead_unit_name: str
    co_units: tuple[str, ...] = ()
    proposal: DispatchProposal | None = None
    sla: SlaView | None = None
    confirmed_by: str  # user id
    confirmed_hash: str  # content hash the person confirmed
    created_at: str  # UTC ISO
    updated_at: str
    machine: dict[str, str] = {}  # field → what the machine proposed, where a person changed it
    label: str = ""  # AI label: "人工智能辅助，<name> 确认" or "" when made wholly by hand
    synthetic: bool = False  # belongs to the demo's made-up history
    previous: str = ""  # ticket_no of an earlier ticket on the same matter


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a ticket's life."""

    seq: int
    at: str  # UTC ISO
    actor: str  # user id, or "system"
    actor_name: str
    role: str
    action: str  # created | field_edited | confirmed | dispatched | overruled | answered | noted …
    text: str  # Chinese sentence for people
    before: str = ""
    after: str = ""
    reason: str = ""
    command: str = ""  # command id
