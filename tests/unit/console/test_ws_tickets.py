"""One-time tickets of websockets."""

from __future__ import annotations

from console.ws_tickets import WsTickets

HERE = "https://desk.example"


def test_a_ticket_is_good_once() -> None:
    tickets = WsTickets()
    ticket = tickets.issue("token", HERE, 0.0)
    assert tickets.redeem(ticket, HERE, 1.0) == "token"
    assert tickets.redeem(ticket, HERE, 1.0) is None


def test_a_ticket_is_good_for_thirty_seconds() -> None:
    tickets = WsTickets()
    assert tickets.redeem(tickets.issue("t", HERE, 0.0), HERE, 30.0) == "t"
    assert tickets.redeem(tickets.issue("t", HERE, 0.0), HERE, 31.0) is None


def test_a_ticket_shown_from_elsewhere_is_spent() -> None:
    tickets = WsTickets()
    ticket = tickets.issue("t", HERE, 0.0)
    assert tickets.redeem(ticket, "https://evil.example", 1.0) is None
    assert tickets.redeem(ticket, HERE, 1.0) is None


def test_tickets_are_256_random_bits() -> None:
    tickets = WsTickets()
    given = {tickets.issue("t", HERE, 0.0) for _ in range(100)}
    assert len(given) == 100 and all(len(ticket) == 43 for ticket in given)


def test_memory_stays_bounded_and_expired_ones_are_forgotten() -> None:
    tickets = WsTickets(max_waiting=10)
    first = tickets.issue("t", HERE, 0.0)
    for _ in range(10):
        tickets.issue("t", HERE, 0.0)
    assert len(tickets._grants) == 10 and tickets.redeem(first, HERE, 0.0) is None
    tickets.issue("t", HERE, 100.0)
    assert len(tickets._grants) == 1
