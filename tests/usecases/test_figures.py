"""The figures of the portal by which commitments are checked, each over June 2026."""

from datetime import date, datetime

import pytest

from app import db
from app.access import Kind
from app.cases.pause_rules import EndReason, NoticeState
from app.cases.rules import Visibility
from app.clock import AMSTERDAM
from app.proposals.lifecycle import OfferState, RejectReason
from app.relations.commitment_rules import Measure, Norm
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.figures import figure_of
from tests import factory

JUNE = date(2026, 6, 1), date(2026, 6, 30)


def on(day, hour=12, month=6):
    return datetime(2026, month, day, hour, tzinfo=AMSTERDAM)


class Place:
    """A creditor with an agent, and another creditor."""

    def __init__(self):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        self.agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
        self.case = factory.case()

    def claim(self, **over):
        return factory.claim(self.case, self.creditor, **over)

    def figure(self, measure, of=None, days=10):
        with db.reading(as_portal=True) as session:
            found = figure_of(session, (of or self.creditor).id, Norm(measure, 90, days), *JUNE)
        return found.met, found.of


@pytest.fixture
def place(database, clock, queue):
    return Place()


def test_a_balance_counts_as_stated_in_time_by_its_first_statement(place):
    for agent, moments in ((None, [on(15, 23), on(25)]), (place.agent.id, [on(16, 1)]), (None, [])):
        request = factory.balance_request(place.claim(agent_id=agent))
        for moment in moments:
            factory.balance_statement(request, at=moment)
    factory.balance_request(place.claim(), sent_on=date(2026, 6, 22))  # its days end in July
    factory.balance_request(place.claim(), visibility=Visibility.RESTRICTED)
    assert [place.figure(Measure.BALANCES_IN_TIME, of) for of in (place.creditor, place.agent, place.other)] == [(1, 3), (0, 1), (0, 0)]
    assert place.figure(Measure.BALANCES_IN_TIME, days=11) == (2, 3)


def test_a_notice_counts_as_confirmed_in_time_where_there_was_something_to_pause(place):
    answered = {"state": NoticeState.CONFIRMED, "answered_at": on(15, 23)}
    mistaken = {"ended_on": date(2026, 6, 20), "end_reason": EndReason.SENT_BY_MISTAKE}
    gone = {"ended_on": date(2026, 6, 3), "end_reason": EndReason.CASE_CLOSED}
    over = (answered, answered | {"answered_at": on(16, 1)}, answered | {"state": NoticeState.OBSTACLE}, {})
    for one in (*over, answered | {"state": NoticeState.CLIENT_UNKNOWN}, answered | {"state": NoticeState.OTHER_AGENT}, mistaken, gone):
        factory.notice(place.claim(), **one)
    factory.notice(place.claim(agent_id=place.agent.id), **answered | gone | {"answered_at": on(2)})
    assert place.figure(Measure.NOTICES_CONFIRMED) == (2, 5)
    assert place.figure(Measure.NOTICES_CONFIRMED, place.agent) == (1, 1)


def offer(place, covered=True, **over):
    values = {"issued_on": date(2026, 6, 8), "answer_by": date(2026, 6, 22), "answered_at": on(10), "payment_cents": 0}
    (made,) = factory.offers(place.creditor, **values | over)
    factory.assessment(made, covered=covered, rows=[])


def test_zero_offers_count_as_far_as_the_own_consent_covers_them(place):
    no = {"state": OfferState.REJECTED, "reject_reason": RejectReason.POLICY}
    for over in ({}, no, no | {"covered": False}, {"payment_cents": 100}, {"answer_by": date(2026, 7, 1)}):
        offer(place, **{"state": OfferState.ACCEPTED} | over)
    offer(place, state=OfferState.WITHDRAWN)
    assert place.figure(Measure.ZERO_OFFERS_ACCEPTED) == (1, 2)


def test_an_offer_that_the_creditor_answered_itself_is_no_work_of_its_agent(place):
    for answered in (place.agent.id, None):
        offer(place, state=OfferState.ACCEPTED, agent_id=place.agent.id, answered_agent_id=answered)
    for measure in (Measure.ZERO_OFFERS_ACCEPTED, Measure.ANSWERS_IN_TIME):
        assert [place.figure(measure, of) for of in (place.creditor, place.agent)] == [(2, 2), (1, 1)], measure


def test_rejections_against_the_own_consent_count_in_the_month_of_the_answer(place):
    no = {"state": OfferState.REJECTED, "reject_reason": RejectReason.POLICY, "payment_cents": 100}
    offer(place, **no, answered_at=on(30, 23), agent_id=place.agent.id, answered_agent_id=place.agent.id)
    for over in ({"covered": False}, {"answered_at": on(1, 1, month=7)}, {"state": OfferState.ACCEPTED, "agent_id": place.agent.id}):
        offer(place, **no | over)
    assert [place.figure(Measure.AGAINST_CONSENT, of) for of in (place.creditor, place.agent)] == [(1, 2), (1, 1)]


def test_complaints_of_collecting_during_a_pause_count_once_they_were_laid_before_them(place):
    factory.notice(place.claim(agent_id=place.agent.id))
    team = factory.organisation(Kind.NEIGHBOURHOOD_TEAM)
    laid = {"kind": ComplaintKind.DURING_PAUSE, "addressed_at": on(30, 23), "agent_id": place.agent.id}
    wrong = {"state": State.CLOSED, "outcome": Outcome.NOT_UPHELD, "due_on": None, "closed_on": date(2026, 6, 30)}
    unlike = ({"kind": ComplaintKind.TONE}, {"addressed_at": None}, {"addressed_at": on(1, 1, month=7)}, wrong)
    for over in ({}, *unlike):
        factory.complaint(team, place.creditor, **laid | over)
    assert [place.figure(Measure.PAUSE_COMPLAINTS, of) for of in (place.creditor, place.agent, place.other)] == [(1, 1), (0, 1), (0, 0)]
    factory.complaint(team, place.creditor, **laid, agent_told=True)
    assert place.figure(Measure.PAUSE_COMPLAINTS, place.agent) == (1, 1)
