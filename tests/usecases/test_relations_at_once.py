"""The same act of relations by two people, or two workers, at the very same moment: on either database it is done once."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import connect, db
from app.access import Kind
from app.clock import AMSTERDAM
from app.jobs import service as jobs
from app.relations import commitments, escalations, meetings, profile_counting
from app.relations.commitments import Promise
from app.relations.escalation_rules import Level, Way
from app.relations.escalations import Step
from app.relations.meetings import Plan
from app.relations.models import Commitment, CreditorMonth, Escalation, Meeting
from tests import factory
from tests.conftest import NOW
from tests.fake_jobs import FakeQueue

PLAN = Plan(datetime(2026, 6, 18, 10, tzinfo=AMSTERDAM), datetime(2026, 6, 18, 11, tzinfo=AMSTERDAM))
STEP = Step(Level.CONTACT, Way.CALL, "Betaal de kosten terug.")
PROMISE = Promise("Brieven testen.", "Noor Wisselink", date(2026, 6, 30), "Zij sturen de brieven.")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request, settings, clock):
    """A database of each kind in turn."""
    if request.param == "sqlite":
        request.getfixturevalue("database")
    else:
        connect(replace(settings, database_url=request.getfixturevalue("migrated_url")))
    jobs.bind(FakeQueue())
    yield
    jobs.bind(None)
    db.engine().dispose()


@pytest.fixture
def twice(monkeypatch):
    """Do something by two at once, who meet at a step of it when nothing keeps them apart; return what went wrong."""

    def do(act, module, step):
        both, failed, taken = Barrier(2), [], getattr(module, step)

        def meet(*given, **named):
            found = taken(*given, **named)
            with suppress(BrokenBarrierError):
                both.wait(0.2)
            return found

        def run():
            try:
                act()
            except Exception as error:  # noqa: BLE001 (it is shown in the test's own thread)
                failed.append(error)

        monkeypatch.setattr(module, step, meet)
        threads = [Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return failed

    return do


def test_two_clicks_at_once_begin_one_meeting_one_escalation_and_one_commitment(either, twice):
    water, relations = factory.organisation(), factory.organisation(Kind.RELATIONS_TEAM)
    joris = factory.actor(relations, person_id=factory.person(relations).id)
    acts = {
        meetings: lambda: meetings.plan_meeting(joris, water.code, PLAN),
        escalations: lambda: escalations.start_escalation(joris, water.code, "Kosten boven de staffel", STEP),
        commitments: lambda: commitments.make_commitment(joris, water.code, PROMISE),
    }
    assert [twice(act, module, "_twin") for module, act in acts.items()] == [[], [], []]
    with db.reading() as session:
        made = [session.scalar(select(func.count()).select_from(table)) for table in (Meeting, Escalation, Commitment)]
    assert made == [1, 1, 1]


def test_two_workers_at_once_count_the_profiles_once(either, twice):
    factory.offers(factory.organisation())
    assert twice(profile_counting.count_months, profile_counting, "now") == []
    with db.reading(as_portal=True) as session:
        assert session.scalar(select(func.count()).select_from(CreditorMonth)) == 1


def test_a_night_that_could_not_be_counted_is_no_other_workers(database, clock, monkeypatch):
    def broken(_):
        raise IntegrityError("INSERT", {}, Exception("not unique"))

    factory.offers(factory.organisation())
    profile_counting.count_months()
    monkeypatch.setattr(profile_counting, "_count_anew", broken)
    assert profile_counting.count_months() == 1
    clock.move_to(NOW + timedelta(days=1))
    with pytest.raises(IntegrityError):
        profile_counting.count_months()
