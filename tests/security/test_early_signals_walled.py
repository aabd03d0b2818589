"""Early signals on PostgreSQL as production has it: each works within its reach, and no session of a reporter reads an attempt."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import ProgrammingError

from app import db
from app.access import Kind
from app.creditors.models import Mandate
from app.early_signals import following, person_export, queries, reporter_queries, service
from app.early_signals.importing import import_signals
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.queries import TeamQuery
from app.early_signals.reporter_queries import FeedbackQuery
from app.early_signals.routing import Rule
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Outcome, Withdrawal
from app.errors import Refusal
from tests import factory
from tests.security.acting import acting
from tests.usecases.test_early_signals_import import file

pytestmark = pytest.mark.postgres
CALL = Attempt(AttemptKind.PHONE, reached=True, on=date(2026, 6, 4), part=DayPart.MORNING, outcome=Outcome.ADVICE)
HOME = {"surname": "Vrolijk", "street": "Zeilstraat", "house_number": "991", "arrears_cents": 9_900}


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


def refs(actor):
    """Return what the database itself shows somebody, without a condition of ours."""
    with acting(actor), db.reading() as session:
        return set(session.scalars(select(Signal.ref)))


def test_an_agent_reaches_what_it_sent_while_its_mandate_holds_and_no_more_of_its_creditor(walled):
    water = factory.organisation(code=4100)
    creditor, agent, other = factory.actor(water), reporter(kind=Kind.AGENT), reporter(kind=Kind.AGENT)
    mandates = [factory.mandate(type("Place", (), {"id": one.organisation_id}), water) for one in (agent, other)]
    own = report(creditor)
    with acting(agent):
        sent = service.report_signal(agent, factory.signal_report(**HOME), 4100)
        assert tuple(import_signals(agent, file({}), [4100]).as_counts()["signals"].values()) == (1, 0, 0, 0)
        assert tuple(import_signals(agent, file({"Achterstand": "99,00"}), [4100]).as_counts()["signals"].values()) == (0, 1, 0, 0)
        service.withdraw_signal(agent, sent, Withdrawal.PAID)
    assert (refs(other), len(refs(agent)), own in refs(agent), refs(agent) < refs(creditor)) == (set(), 2, False, True)
    with db.transaction(as_portal=True) as session:
        session.get(Mandate, mandates[0].id).ends_on = date(2026, 6, 3)
    assert refs(agent) == set()


def test_a_key_that_an_agent_does_not_reach_is_refused_and_fails_nothing(walled):
    water, agent = factory.organisation(code=4100), reporter(kind=Kind.AGENT)
    factory.mandate(type("Place", (), {"id": agent.organisation_id}), water)
    creditor, told = factory.actor(water), factory.signal_report(**HOME)
    with acting(creditor):
        service.report_signal(creditor, told)
        import_signals(creditor, file({}))
    with acting(agent):
        with pytest.raises(Refusal, match="reported_by_other"):
            service.report_signal(agent, told, 4100)
        for dry_run, expected in ((True, (1, 0, 0, 0)), (False, (0, 0, 0, 1))):
            assert tuple(import_signals(agent, file({}), [4100], dry_run=dry_run).as_counts()["signals"].values()) == expected


def test_a_row_is_sent_in_the_name_of_nobody_without_a_mandate(walled):
    water, agent = factory.organisation(), reporter(kind=Kind.AGENT)
    with db.reading(as_portal=True) as session:
        row = dict(session.execute(select(Signal.__table__).where(Signal.ref == report(factory.actor(water)))).mappings().one())
    told = row | {"id": 99_999_999, "ref": "E-2222-2223", "reference": "KL-9", "agent_id": agent.organisation_id}
    with acting(agent), pytest.raises(ProgrammingError, match="row-level security"), db.transaction() as session:
        session.execute(insert(Signal.__table__).values(told))


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
