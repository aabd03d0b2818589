"""Rules of accounts: passwords that can be guessed, waits that grow, sessions that end."""

from datetime import UTC, datetime, timedelta

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.access import Kind, Role
from app.accounts import rules
from app.errors import Refusal

NOW = datetime(2026, 6, 4, 9, tzinfo=UTC)


GUESSED = [
    "kort", "x" * 201, "wachtwoord123", "W@chtw00rd2026", "Welkom2026!!!!", "zomer2026zomer", "Kredietbank2026!", "123456789012",
    "qwertyuiop12", "asdfghjklzxcvbnm", "aaaaaaaaaaaa", "ababababababab", "letmeinletmein", "pieterdros-pieterdros", "schuldenvrij-2026!",
]  # fmt: skip


@pytest.mark.parametrize("password", GUESSED)
def test_a_password_that_can_be_guessed_is_refused(password):
    with pytest.raises(Refusal, match="password_"):
        rules.check_password(password, "pieterdros@organisatie.example")


def test_a_password_that_came_out_in_a_breach_is_refused_however_long():
    breached = [password for password in FREQUENCY_LISTS["passwords"] if len(password) >= rules.LEAST_PASSWORD][::3]
    assert len(breached) > 70
    assert [password for password in breached if is_taken(password) or is_taken(f"{password.capitalize()}!")] == []


def is_taken(password):
    try:
        rules.check_password(password, "jo@organisatie.example")
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(
    "password", ["paard batterij nietje juist", "x7Kp2mQ9vLw4", "paard batterij nietje juist" * 7, "één vreemde 🦊 zin"]
)
def test_a_password_of_its_own_is_taken_whatever_its_signs(password):
    rules.check_password(password, "pieter@organisatie.example")


def test_what_is_common_depends_on_who_chooses():
    rules.check_password("vermaat-zeilstraat", "pieter@organisatie.example", "Pieter Dros")
    with pytest.raises(Refusal, match="password_common"):
        rules.check_password("vermaat-vermaat-12", "e.vermaat@organisatie.example", "Els Vermaat")


def test_waiting_starts_after_a_few_failures_and_doubles_to_an_hour():
    waits = [rules.wait_after(failures) // timedelta(minutes=1) for failures in range(14)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("age", "rest", "over"), [(11, 0.4, False), (12, 0, True), (1, 0.5, True)])
def test_a_session_ends_by_age_and_by_rest(age, rest, over):
    assert rules.is_over(NOW - timedelta(hours=age), NOW - timedelta(hours=rest), NOW) is over


@pytest.mark.parametrize(
    "field", ["password", "password-old", "password-password", "confirm-code", "code", "confirm-recovery", "csrf_token"]
)
def test_what_opens_something_is_never_kept(field):
    assert rules.is_secret(field)
    assert not rules.is_secret("remarks")


def test_a_role_fits_its_organisation_only():
    rules.check_role(Kind.CREDITOR, Role.CREDITOR_MANAGER)
    with pytest.raises(Refusal, match="role_unfit"):
        rules.check_role(Kind.CREDITOR, Role.OFFICER)
