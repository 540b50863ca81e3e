"""The brake on sign-ins."""

from __future__ import annotations

from console.throttle import PER_ADDRESS, PER_LOGIN, WINDOW_S, LoginThrottle


def failing(brake: LoginThrottle, login: str, address: str, n: int, now: float = 0.0) -> None:
    for _ in range(n):
        brake.attempt(login, address, now)


def test_five_failures_of_one_login_from_one_address_make_it_wait() -> None:
    brake = LoginThrottle()
    failing(brake, "wang", "10.0.0.1", 4)
    assert brake.wait_s("wang", "10.0.0.1", 1.0) == 0
    failing(brake, "wang", "10.0.0.1", 1)
    assert brake.wait_s("wang", "10.0.0.1", 1.0) == WINDOW_S - 1.0
    assert brake.wait_s("wang", "10.0.0.1", WINDOW_S) == 0


def test_the_owner_at_another_address_and_colleagues_at_the_same_are_not_locked_out() -> None:
    brake = LoginThrottle()
    failing(brake, "wang", "10.0.0.1", 5)
    assert brake.wait_s("wang", "10.0.0.2", 1.0) == 0
    assert brake.wait_s("li", "10.0.0.1", 1.0) == 0


def test_one_address_that_tries_many_logins_waits() -> None:
    brake = LoginThrottle()
    for n in range(PER_ADDRESS):
        brake.attempt(f"user{n}", "10.0.0.1", 0.0)
    assert brake.wait_s("fresh", "10.0.0.1", 1.0) > 0


def test_one_login_tried_from_many_addresses_waits() -> None:
    brake = LoginThrottle()
    for n in range(PER_LOGIN):
        brake.attempt("wang", f"10.0.1.{n}", 0.0)
    assert brake.wait_s("wang", "10.9.9.9", 1.0) > 0


def test_attempts_at_the_same_time_count_before_their_hashes_are_made() -> None:
    brake = LoginThrottle()
    allowed = 0
    for _ in range(100):
        if brake.wait_s("wang", "10.0.0.1", 0.0) == 0:
            brake.attempt("wang", "10.0.0.1", 0.0)
            allowed += 1
    assert allowed == 5


def test_a_whole_shift_signing_in_from_one_address_is_no_attack() -> None:
    brake = LoginThrottle()
    for n in range(500):
        assert brake.wait_s(f"agent{n}", "10.0.0.1", float(n) / 100) == 0
        brake.attempt(f"agent{n}", "10.0.0.1", float(n) / 100)
        brake.succeeded(f"agent{n}", "10.0.0.1", float(n) / 100)


def test_a_success_does_not_forgive_failures_on_other_logins() -> None:
    brake = LoginThrottle()
    for n in range(PER_ADDRESS - 1):
        brake.attempt(f"user{n}", "10.0.0.1", 0.0)
    brake.attempt("own", "10.0.0.1", 1.0)
    brake.succeeded("own", "10.0.0.1", 1.0)
    brake.attempt("another", "10.0.0.1", 2.0)
    assert brake.wait_s("next", "10.0.0.1", 2.0) > 0


def test_memory_stays_bounded() -> None:
    brake = LoginThrottle(max_keys=100)
    for n in range(10_000):
        brake.attempt(f"user{n}", f"10.{n % 250}.0.1", 0.0)
    assert len(brake._failures) <= 100
