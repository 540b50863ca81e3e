"""Store: a ticket as a row and back: the columns it is found and counted by, and its line in the list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from console.decide_city import CityFacts
from console.decide_time import local_day
from pipeline.store.tables_tickets import tickets
from pipeline.store.tx import dumps
from schemas.desk import TicketSummary
from schemas.ticket import Ticket

__all__ = ["digits", "row_of", "summary_of", "ticket_of", "tickets"]

_MOBILE = re.compile(r"(?:0086|86|0)?(1[3-9]\d{9})")
ticket_of = msgspec.json.Decoder(Ticket).decode


def digits(number: str) -> str:
    """A telephone number as it is compared: digits only, a mobile without country code or trunk zero."""
    found = re.sub(r"\D", "", number)[-20:]
    mobile = _MOBILE.fullmatch(found)
    return mobile[1] if mobile else found


def row_of(ticket: Ticket, city: CityFacts, confirmed_by_name: str, routing: str) -> dict[str, Any]:
    """Columns of a ticket."""

    def value(field: str) -> str:
        return ticket.fields[field].value if field in ticket.fields else ""

    def label(field: str) -> str:
        return (ticket.fields[field].label or value(field)) if field in ticket.fields else ""

    day = local_day(datetime.fromisoformat(ticket.created_at), city.zone)
    when = date.fromisoformat(day)
    path = (*city.category_path(value("category")), "", "", "")
    candidates = ticket.proposal.candidates if ticket.proposal else ()
    words = (ticket.ticket_no, label("title"), label("content"), label("incident_place"), label("caller_name"))
    return {
        "id": ticket.id,
        "ticket_no": ticket.ticket_no,
        "call": ticket.call or "",
        "matter": ticket.matter,
        "version": ticket.version,
        "state": ticket.state,
        "mode": ticket.handling_mode,
        "kind": value("kind"),
        "cat1": path[0],
        "cat2": path[1],
        "cat3": path[2],
        "category": value("category"),
        "category_name": label("category"),
        "district": city.place_code(value("district"), "district") or value("district"),
        "lead_unit": ticket.lead_unit,
        "lead_unit_name": ticket.lead_unit_name,
        "urgency": value("urgency") or "normal",
        "title": label("title"),
        "caller_name": label("caller_name"),
        "phone": digits(value("contact_phone")) or digits(value("calling_number")),
        "ani": digits(value("calling_number")),
        "created_at": ticket.created_at,
        "day": day,
        "week": (when - timedelta(days=when.weekday())).isoformat(),
        "month": day[:7],
        "reply_due": ticket.sla.reply_due if ticket.sla else "",
        "confirmed_by": ticket.confirmed_by,
        "confirmed_by_name": confirmed_by_name,
        "routing": routing,
        "list_version": candidates[0].catalogue if candidates else "",
        "label": ticket.label,
        "synthetic": ticket.synthetic,
        "search": "\n".join(w for w in words if w),
        "body": dumps(ticket),
    }


def summary_of(row: Mapping[str, Any]) -> TicketSummary:
    """A ticket as a line of the ticket list; `confirmed_by` is the person's name."""
    return TicketSummary(
        id=row["id"],
        ticket_no=row["ticket_no"],
        state=row["state"],
        title=row["title"],
        kind=row["kind"],
        category=row["category"],
        category_name=row["category_name"],
        district=row["district"],
        lead_unit_name=row["lead_unit_name"],
        urgency=row["urgency"],
        created_at=row["created_at"],
        reply_due=row["reply_due"],
        confirmed_by=row["confirmed_by_name"],
        caller_name=row["caller_name"],
        synthetic=row["synthetic"],
        label=row["label"],
    )
