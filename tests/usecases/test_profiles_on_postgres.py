"""The same counting of months on PostgreSQL: it takes days and months apart in its own way."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app import connect, db
from app.access import Kind
from app.cases.rules import AnsweredBy
from app.jobs import service as jobs
from app.proposals.lifecycle import OfferState, RejectReason
from app.relations.models import CreditorMonth
from app.relations.profile_counting import count_months
from tests import factory
from tests.fake_jobs import FakeQueue

pytestmark = pytest.mark.postgres


@pytest.fixture
def postgres(settings, migrated_url, clock):
    connect(replace(settings, database_url=migrated_url))
    jobs.bind(FakeQueue())
    yield
    jobs.bind(None)
    db.engine().dispose()


def test_months_are_counted_the_same_on_postgresql(postgres):
    water = factory.organisation(name="Waterbedrijf Westerdok")
    answered = {"answered_at": datetime(2026, 6, 9, 9, tzinfo=UTC), "answered_by": AnsweredBy.HAND}
    kade = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    given = {"state": OfferState.REJECTED, "reject_reason": RejectReason.POLICY, "answered_agent_id": kade.id}
    (offer,) = factory.offers(water, **given, **answered)
    factory.assessment(offer, covered=True)
    factory.balance_request(factory.claim(factory.case(), water), state="not stated")
    factory.signal(water)
    assert (count_months(), count_months()) == (2, 2)
    with db.reading(as_portal=True) as session:
        rows = select(CreditorMonth.month, CreditorMonth.figures).order_by(CreditorMonth.creditor_id)
        (month, figures), (_, of_agent) = session.execute(rows).all()
    wanted = {"days": 3, "days_of": 1, "reason:policy": 1, "against_consent": 1, "balances_not_stated": 1, "signals_sound": 1}
    assert (of_agent["days"], of_agent["against_consent"], "signals" in of_agent) == (3, 1, False)
    assert month == date(2026, 6, 1)
    assert {code: figures.get(code) for code in wanted} == wanted
