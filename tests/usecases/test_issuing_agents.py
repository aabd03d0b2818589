"""Who gets an offer on a claim: the bailiff that it names, else the collection agency, while a mandate of the creditor holds."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import db
from app.access import Kind
from app.proposals.letters import facts_of, parties_of
from app.proposals.models import Offer, Proposal
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")
TODAY, YESTERDAY, TOMORROW = date(2026, 6, 4), date(2026, 6, 3), date(2026, 6, 5)


@pytest.fixture
def creditor(queue):
    return factory.organisation()


@pytest.fixture
def bailiff(queue):
    return factory.organisation(Kind.AGENT)


@pytest.fixture
def agency(queue):
    return factory.organisation(Kind.AGENT)


def offered(creditor, **named):
    """Issue a case with one claim that names who acts on it, and return its offer with all that a letter needs."""
    case = factory.case()
    factory.claim(case, creditor, bailiff_reference="DW-1", agent_reference="IB-2", **named)
    factory.issued(case)
    with db.reading() as session:
        offer = session.scalar(select(Offer).options(joinedload(Offer.claim), joinedload(Offer.proposal).joinedload(Proposal.case)))
        return offer.agent_id, facts_of(offer, parties_of(session, [offer])).reference


def test_the_bailiff_comes_first(creditor, bailiff, agency):
    for agent in (bailiff, agency):
        factory.mandate(agent, creditor)
    assert offered(creditor, bailiff_id=bailiff.id, agent_id=agency.id) == (bailiff.id, "DW-1")


def test_the_agency_acts_where_the_bailiff_has_no_mandate(creditor, bailiff, agency):
    factory.mandate(agency, creditor)
    factory.mandate(bailiff, factory.organisation())
    assert offered(creditor, bailiff_id=bailiff.id, agent_id=agency.id) == (agency.id, "IB-2")


@pytest.mark.parametrize(
    ("days", "acts"),
    [
        ({"starts_on": TODAY}, True),
        ({"starts_on": TOMORROW}, False),
        ({"ends_on": TODAY}, True),
        ({"ends_on": YESTERDAY}, False),
    ],
)
def test_a_mandate_counts_on_its_first_and_last_day(creditor, agency, days, acts):
    factory.mandate(agency, creditor, **days)
    assert offered(creditor, agent_id=agency.id)[0] == (agency.id if acts else None)
