"""The profile of an agent: what it did in the name of creditors, and who reads it."""

from datetime import UTC, date, datetime

import pytest

from app import db
from app.access import Kind, Role
from app.cases.balance_rules import BalanceAnswer
from app.cases.pause_rules import NoticeState
from app.cases.rules import AnsweredBy
from app.early_signals.models import Signal
from app.errors import NotFound
from app.proposals.lifecycle import OfferState, RejectReason
from app.relations.complaint_rules import ComplaintKind
from app.relations.profile_counting import count_months
from app.relations.profile_queries import profile_page
from tests import factory

ANSWERED = datetime(2026, 5, 18, 9, tzinfo=UTC)
OFFERED = {"issued_on": date(2026, 5, 11), "answer_by": date(2026, 5, 27), "closes_on": date(2026, 6, 10)}


class Place:
    """An agent with a mandate of a creditor, its manager, and the relations team."""

    def __init__(self):
        self.creditor = factory.organisation(name="Waterbedrijf Westerdok")
        self.agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade", wki_number="W-100", wki_checked_on=date(2026, 3, 2))
        factory.mandate(self.agent, self.creditor)
        self.team = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.joris = factory.actor(self.team)
        self.manager = factory.actor(self.agent, Role.AGENT_MANAGER)

    def page(self, who=None, of=None, **how):
        with db.reading() as session:
            return profile_page(session, who or self.joris, (of or self.agent).code, **how)

    def offer(self, state, by=AnsweredBy.HAND, **over):
        given = {"state": state, "answered_at": ANSWERED, "answered_by": by, "agent_id": self.agent.id, **OFFERED, **over}
        return factory.offers(self.creditor, **given)[0]


@pytest.fixture
def place(database, clock, queue):
    return Place()


def test_an_agent_counts_what_it_answered_and_not_what_its_creditor_did(place):
    own = {"answered_agent_id": place.agent.id}
    place.offer(OfferState.ACCEPTED, **own)
    place.offer(OfferState.REJECTED, reject_reason=RejectReason.POLICY, late=True, **own)
    place.offer(OfferState.NO_RESPONSE, None, answered_at=None)
    place.offer(OfferState.ACCEPTED)  # by the creditor itself
    place.offer(OfferState.ACCEPTED, AnsweredBy.CONSENT)
    count_months()
    page, year = place.page(), place.page(of=place.creditor).year
    assert (page.year["settled"], page.year["accepted"], page.year["in_time"], page.reasons) == (3, 1, 1, [("policy", 1)])
    assert (page.year["days"], page.year["days_of"]) == (6, 2)
    assert (year["settled"], year["accepted"], year["days_of"]) == (5, 3, 3)


def test_a_rejection_against_the_consent_of_its_creditor_shows_with_the_agent(place):
    own = {"answered_agent_id": place.agent.id, "reject_reason": RejectReason.POLICY}
    factory.assessment(place.offer(OfferState.REJECTED, **own), covered=True, rows=[])
    count_months()
    page = place.page()
    assert page.year["against_consent"] == 1
    assert "consent" not in [one.topic for one in page.said]
    assert "covered" not in [one.measure.code for one in page.plots]


def test_balances_and_pauses_of_claims_that_an_agent_has_count_for_it(place):
    case = factory.case()
    claim, bare = factory.claim(case, place.creditor, agent_id=place.agent.id), factory.claim(case, place.creditor)
    sent = {"sent_on": date(2026, 5, 11), "answer_by": date(2026, 5, 13), "state": BalanceAnswer.STATED, "answered_at": ANSWERED}
    for one in (claim, bare):
        factory.balance_request(one, **sent)
        factory.breach(factory.notice(one, state=NoticeState.CONFIRMED, answered_at=ANSWERED))
    count_months()
    codes = ("balances_late", "pauses", "pauses_confirmed", "pauses_broken")
    assert [[place.page(of=of).year[code] for code in codes] for of in (place.agent, place.creditor)] == [[1] * 4, [2] * 4]


def test_early_signals_that_an_agent_sent_count_for_it_with_what_it_may_hear_alone(place):
    sent = factory.signal(place.creditor, place.agent)
    factory.signal(place.creditor)
    with db.transaction() as session:  # as if another had told of the same person before
        session.query(Signal).filter_by(id=sent.id).update({"repeated": True})
    count_months()
    pages = (place.page(), place.page(of=place.creditor))
    assert [[page.year[code] for code in ("signals", "signals_repeated", "signals_sound")] for page in pages] == [[1, 0, 1], [2, 1, 1]]


def test_an_agent_reads_the_complaints_that_it_was_told_of_alone(place):
    whose = {"agent_id": place.agent.id, "kind": ComplaintKind.TONE}
    factory.complaint(place.team, place.creditor, **whose)
    factory.complaint(place.team, place.creditor, addressed_at=ANSWERED, **whose)
    factory.complaint(place.team, place.creditor, addressed_at=ANSWERED, agent_told=True, **whose)
    pages = (place.page(), place.page(on_paper=True), place.page(place.manager))
    assert [(page.complaints.number, page.complaints.open_number) for page in pages] == [(3, 3), (1, 1), (1, 1)]


def test_an_agent_shows_for_whom_it_acts_and_its_number_in_the_register(place):
    before = factory.organisation(name="Aalscholver Wonen")
    factory.mandate(place.agent, before, ends_on=date(2025, 12, 31))
    factory.mandate(place.agent, place.creditor, starts_on=date(2019, 1, 1), ends_on=date(2019, 12, 31))
    agent = place.page(place.manager).agent
    assert [(one.name, one.is_in_force) for one in agent.mandates] == [("Waterbedrijf Westerdok", True), ("Aalscholver Wonen", False)]
    assert (agent.in_force, agent.wki_number, agent.wki_checked_on) == (1, "W-100", date(2026, 3, 2))


def test_a_creditor_does_not_read_what_its_agent_did_for_others_nor_an_agent_what_its_creditor_did(place):
    manager = factory.actor(place.creditor, Role.CREDITOR_MANAGER)
    for who, of in ((manager, place.agent), (place.manager, place.creditor), (factory.actor(place.agent), place.agent)):
        with pytest.raises(NotFound):
            place.page(who, of)


def test_an_agent_reads_neither_notes_nor_escalations_about_it(place):
    factory.escalation(place.agent)
    factory.meeting(place.agent)
    theirs, own = place.page(), place.page(place.manager)
    assert [(len(page.escalations), len(page.meetings)) for page in (theirs, own)] == [(1, 1), (0, 1)]


def test_a_mandate_that_begins_later_hides_none_that_is_in_force(place):
    mine = factory.organisation(name="Aalscholver Wonen")
    factory.mandate(place.agent, mine, ends_on=date(2026, 12, 31))
    factory.mandate(place.agent, mine, starts_on=date(2027, 1, 1))
    agent = place.page().agent
    assert (agent.in_force, [(one.name, one.starts_on) for one in agent.mandates]) == (
        2, [("Aalscholver Wonen", date(2020, 1, 1)), ("Waterbedrijf Westerdok", date(2020, 1, 1))],
    )  # fmt: skip
