"""Early signals on PostgreSQL as production has it: each works within its reach, and no session of a reporter reads an attempt."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind
from app.early_signals import following, person_export, queries, reporter_queries, service
from app.early_signals.importing import import_signals
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.queries import TeamQuery
from app.early_signals.reporter_queries import FeedbackQuery
from app.early_signals.routing import Rule
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Outcome, Withdrawal
from app.reach import act_as_before, act_within
from tests import factory
from tests.usecases.test_early_signals_import import file

pytestmark = pytest.mark.postgres
CALL = Attempt(AttemptKind.PHONE, reached=True, on=date(2026, 6, 4), part=DayPart.MORNING, outcome=Outcome.ADVICE)
HOME = {"surname": "Vrolijk", "street": "Zeilstraat", "house_number": "991", "arrears_cents": 9_900}


@contextmanager
def acting(actor):
    """Let the database see no further than this actor does."""
    token = act_within(actor.reach())
    try:
        yield actor
    finally:
        act_as_before(token)


def reporter(**over):
    return factory.actor(factory.organisation(**over), person_id=7001)


def team(name):
    return factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name=name), person_id=7002)


def report(actor, **over):
    with acting(actor):
        return service.report_signal(actor, factory.signal_report(**HOME | over))


def kept(ref):
    with db.reading(as_portal=True) as session:
        return session.scalar(select(Signal).where(Signal.ref == ref))


def test_a_reporter_joins_a_household_that_it_does_not_see(walled):
    water, energy = reporter(), reporter(branch="energie")
    first, second = report(water), report(energy)
    assert [kept(ref).rule for ref in (first, second)] == [Rule.UNKNOWN, Rule.UNKNOWN]
    assert kept(first).household_no == kept(second).household_no
    with acting(energy), db.reading() as session:
        assert list(session.scalars(select(Signal.ref))) == [second]
        assert [row.ref for row in reporter_queries.all_feedback(session, energy, FeedbackQuery())] == [second]


def test_a_file_comes_in_within_the_reach_of_its_reporter(walled):
    water = reporter(code=4100)
    for expected in ((1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0)):
        with acting(water):
            rows = file({} if expected != (0, 1, 0, 0) else {"Achterstand": "99,00"})
            assert tuple(import_signals(water, rows).as_counts()["signals"].values()) == expected


def test_a_team_follows_what_came_to_it_and_no_reporter_reads_an_attempt(walled):
    water, zuid, oost = reporter(), team("Buurtteam Zuid"), team("buurtteam oost")
    ref = report(water, arrears_cents=40_000)
    with acting(zuid):
        following.note_attempt(zuid, ref, replace(CALL, outcome=None), kept(ref).revision)
        assert ref in [row.ref for row in following.export_signals(zuid, TeamQuery())]
        assert b"Vrolijk" in person_export.export_person(zuid, ref)
        with db.reading() as session:
            assert len(queries.signal_page(session, zuid, ref).attempts) == 1
    for who in (water, oost):
        with acting(who), db.reading() as session:
            attempts = select(func.count()).select_from(ContactAttempt).join(Signal).where(Signal.ref == ref)
            assert session.scalar(attempts) == 0
            assert session.scalar(select(func.count()).where(Signal.ref == ref)) == (who is water)
    with acting(water):
        with db.reading() as session:
            assert session.scalar(select(func.count()).select_from(ContactAttempt)) == 0
        service.withdraw_signal(water, ref, Withdrawal.PAID)


def test_a_signal_moves_to_a_team_out_of_reach(walled):
    water, zuid, wpi, desk = reporter(), team("Buurtteam Zuid"), team("WPI Schuldhulpverlening"), team("Meldpunt Vroegsignalering")
    ref = report(water, arrears_cents=40_000)
    with acting(zuid):
        following.state_household(zuid, ref, benefit=True, children=None, revision=kept(ref).revision)
    found = {}
    for who in (zuid, wpi, desk):
        with acting(who), db.reading() as session:
            found[who.organisation_name] = session.scalar(select(func.count()).where(Signal.ref == ref))
    assert found == {"Buurtteam Zuid": 0, "WPI Schuldhulpverlening": 1, "Meldpunt Vroegsignalering": 1}
