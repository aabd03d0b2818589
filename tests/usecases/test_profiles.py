"""The profile of a creditor: what is counted at night, and what each reader sees of it."""

from datetime import UTC, date, datetime

import pytest

from app import db
from app.access import Kind, Role
from app.cases.balance_rules import BalanceAnswer
from app.cases.rules import AnsweredBy, Visibility
from app.errors import NotFound
from app.proposals.lifecycle import OfferState, RejectReason
from app.relations.commitment_rules import Measure, Party
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import Outcome
from app.relations.models import CommitmentCheck, CreditorMonth
from app.relations.profile_counting import count_months
from app.relations.profile_queries import profile_code, profile_page
from tests import factory

ANSWERED = datetime(2026, 5, 18, 9, tzinfo=UTC)
OFFERED = {"issued_on": date(2026, 5, 11), "answer_by": date(2026, 5, 27), "closes_on": date(2026, 6, 10)}


class Place:
    """A creditor with its manager, the relations team, and another creditor."""

    def __init__(self):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        self.team = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.joris = factory.actor(self.team)
        self.manager = factory.actor(self.creditor, Role.CREDITOR_MANAGER)

    def page(self, who=None, code=None):
        with db.reading() as session:
            return profile_page(session, who or self.joris, code or self.creditor.code)

    def offer(self, state, by=AnsweredBy.HAND, **over):
        given = {"state": state, "answered_at": ANSWERED, "answered_by": by, **OFFERED, **over}
        return factory.offers(self.creditor, **given)[0]


@pytest.fixture
def place(database, clock, queue):
    return Place()


def test_the_night_counts_how_offers_were_answered(place):
    place.offer(OfferState.ACCEPTED)
    place.offer(OfferState.ACCEPTED, AnsweredBy.CONSENT)
    place.offer(OfferState.ACCEPTED, late=True, answered_at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    place.offer(OfferState.NO_RESPONSE, None, answered_at=None)
    place.offer(OfferState.OPEN, None, answered_at=None)
    place.offer(OfferState.ACCEPTED, visibility=Visibility.RESTRICTED)
    count_months()
    year = place.page().year
    assert (year["offers"], year["due"], year["in_time"], year["settled"], year["accepted"]) == (5, 5, 2, 4, 3)
    assert (year["waiting"], year["waiting_late"], year["by_consent"], year["no_response"]) == (1, 1, 1, 1)
    assert (year["days"], year["days_of"]) == (3 + 12, 2)  # Ascension and the day after are no working days; Whit Monday neither


def test_a_rejection_counts_by_its_reason_and_against_the_own_consent(place):
    covered, bare = (place.offer(OfferState.REJECTED, reject_reason=reason) for reason in (RejectReason.POLICY, RejectReason.OTHER))
    factory.assessment(covered, covered=True, rows=[])
    factory.assessment(bare)
    count_months()
    page = place.page()
    assert page.reasons == [("other", 1), ("policy", 1)]
    assert (page.year["against_consent"], page.year["covered"], page.year["assessed"]) == (1, 1, 2)


def test_balances_count_as_in_time_late_or_not_stated(place):
    found = factory.case()
    for state, at in (("stated", ANSWERED), ("stated", datetime(2026, 5, 28, 9, tzinfo=UTC)), ("not stated", None), ("open", None)):
        sent = {"sent_on": date(2026, 5, 11), "answer_by": date(2026, 5, 27), "state": BalanceAnswer(state), "answered_at": at}
        factory.balance_request(factory.claim(found, place.creditor), **sent)
    count_months()
    year = place.page().year
    assert [year[f"balances{name}"] for name in ("", "_in_time", "_late", "_not_stated")] == [4, 1, 1, 1]


def test_an_answer_after_midnight_is_of_the_day_that_began_in_amsterdam(place):
    night = datetime(2026, 5, 27, 22, 30, tzinfo=UTC)  # half past midnight of the 28th, one day after the last one
    sent = {"sent_on": date(2026, 5, 11), "answer_by": date(2026, 5, 27), "state": BalanceAnswer.STATED, "answered_at": night}
    factory.balance_request(factory.claim(factory.case(), place.creditor), **sent)
    place.offer(OfferState.ACCEPTED, answered_at=datetime(2026, 5, 18, 22, 30, tzinfo=UTC))
    count_months()
    year = place.page().year
    assert (year["balances_in_time"], year["balances_late"], year["days"]) == (0, 1, 4)


def test_counting_again_changes_nothing_and_forgets_what_is_gone(place):
    offer = place.offer(OfferState.ACCEPTED)
    factory.signal(place.creditor)
    assert (count_months(), count_months()) == (2, 2)
    assert (place.page().year["signals"], place.page().year["signals_sound"]) == (1, 1)
    with db.transaction() as session:
        session.query(type(offer)).update({"visibility": Visibility.ERASED})
        session.query(CreditorMonth).update({"figures": {"offers": 9}})
    count_months()
    assert place.page().year["offers"] == 0


def test_the_creditor_sees_only_the_complaints_that_were_laid_before_it(place):
    closed = {"state": State.CLOSED, "outcome": Outcome.UPHELD, "due_on": None, "closed_on": date(2026, 6, 2), "addressed_at": ANSWERED}
    factory.complaint(place.team, place.creditor)
    factory.complaint(place.team, place.creditor, **closed)
    factory.complaint(place.team, place.other)
    theirs, own = place.page().complaints, place.page(place.manager).complaints
    assert (theirs.number, theirs.open_number, theirs.by_outcome[Outcome.UPHELD]) == (2, 1, 1)
    assert (own.number, own.open_number, own.by_outcome[Outcome.UPHELD]) == (1, 0, 1)


def test_escalations_and_notes_are_the_citys_alone(place):
    factory.escalation(place.creditor)
    factory.commitment(place.creditor)
    factory.meeting(place.creditor)
    theirs, own = place.page(), place.page(place.manager)
    assert [len(page.escalations) for page in (theirs, own)] == [1, 0]
    assert [(page.agreed.number, len(page.meetings)) for page in (theirs, own)] == [(1, 1), (1, 1)]


def test_a_commitment_counts_as_kept_by_its_checks_and_sets_the_mark_to_reach(place):
    norm = {"measure": Measure.ANSWERS_IN_TIME, "threshold": 90, "days": 10}
    theirs, ours = factory.commitment(place.creditor, **norm), factory.commitment(place.creditor, party=Party.OURS)
    for one, is_kept in ((theirs, True), (theirs, False), (theirs, None), (ours, False)):
        whose = {"commitment_id": one.id, "organisation_id": place.creditor.id}
        factory.save(CommitmentCheck(at=ANSWERED, who="Joris Blaauw", is_kept=is_kept, **whose))
    page = place.page()
    assert (page.agreed.kept, page.agreed.broken, page.agreed.share) == (1, 1, 50)
    assert page.plots[0].target == 90
    assert page.quarters[-1][1]["checks_kept"] == 1


def test_what_was_reported_is_laid_beside_what_was_done(place):
    factory.practice_report(place.manager, pauses_broken="0")
    case = factory.case()
    sent = factory.notice(factory.claim(case, place.creditor))
    factory.breach(sent)
    count_months()
    pause = next(one for one in place.page().said if one.topic == "pause")
    assert (pause.reported, pause.did, pause.verdict) == (0, 1, "nearly")


def test_nobody_else_finds_a_profile(place):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, place.creditor)
    others = [factory.actor(place.other, Role.CREDITOR_MANAGER), factory.actor(place.creditor), factory.actor(agent, Role.AGENT_MANAGER)]
    for who in (*others, factory.actor(factory.organisation(Kind.CITY), Role.AUDITOR)):
        with pytest.raises(NotFound):
            place.page(who)
    with pytest.raises(NotFound):
        place.page(place.joris, 9999)


def test_a_promise_of_other_days_than_the_usual_term_is_no_mark_for_answers_within_that_term(place):
    factory.commitment(place.creditor, measure=Measure.ANSWERS_IN_TIME, threshold=90, days=5)
    place.offer(OfferState.ACCEPTED)
    count_months()
    page = place.page()
    term = next(one for one in page.said if one.topic == "answer_term")
    assert (page.plots[0].target, term.agreed, term.did, term.verdict) == (None, None, 100, "unknown")


def test_the_paper_for_the_table_counts_no_complaint_that_was_not_laid_before_the_creditor(place):
    factory.complaint(place.team, place.creditor)
    factory.complaint(place.team, place.creditor, addressed_at=ANSWERED)
    with db.reading() as session:
        paper = profile_page(session, place.joris, place.creditor.code, on_paper=True)
    assert (place.page().complaints.number, paper.complaints.number, paper.year["complaints"]) == (2, 1, 1)


def test_a_profile_opens_from_elsewhere_for_the_team_alone(place):
    agent = factory.organisation(Kind.AGENT)
    asked = [(place.joris, place.creditor), (place.joris, agent), (place.manager, place.creditor)]
    with db.reading() as session:
        assert [profile_code(session, who, of.id) for who, of in asked] == [place.creditor.code, agent.code, None]
