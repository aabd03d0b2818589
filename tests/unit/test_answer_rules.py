"""How one answer to one offer is judged."""

from datetime import date

import pytest

from app.errors import Conflict, Refusal
from app.proposals.answer_rules import Answer, Given, Seen, Standing, judge
from app.proposals.lifecycle import OfferState, ProposalState, RejectReason

OPEN = Standing(
    1, "A-2222-2222", 3, 4, 5, OfferState.OPEN, "", None, None, None, date(2026, 6, 18), None, None, ProposalState.ISSUED
)  # fmt: skip
YES, NO = Answer(OfferState.ACCEPTED), Answer(OfferState.REJECTED, "", RejectReason.POLICY)


def judged(offer, answer, revision=5, *, against_consent=True, by_agent=False, who="Pieter"):
    return judge(offer, Given(Seen(offer.ref, revision), answer, against_consent), who, by_agent=by_agent)


def test_an_open_offer_is_answered_as_it_was_seen():
    assert judged(OPEN, YES)


def test_the_same_answer_of_the_same_person_again_is_nothing_new_however_old_its_page():
    answered = OPEN.after(YES, "Pieter")
    assert judged(answered, YES, revision=5) is False
    with pytest.raises(Conflict):
        judged(answered, NO, revision=5)
    with pytest.raises(Conflict):
        judged(answered, YES, revision=5, who="Bo")


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"proposal": ProposalState.CLOSED}, "proposals.proposal_over"),
        ({"state": OfferState.REJECTED}, "proposals.answered_already"),
        ({"state": OfferState.ASKED_AGAIN}, "proposals.second_no_unexplained"),
        ({"is_covered": True}, "proposals.covered_by_consent"),
    ],
)
def test_an_answer_is_refused_by_its_rule(over, code):
    with pytest.raises(Refusal) as no:
        judged(OPEN._replace(**over), NO, against_consent=False)
    assert no.value.code == code


def test_an_agent_is_told_whose_consent_covers_the_offer():
    with pytest.raises(Refusal, match="covered_by_creditor"):
        judged(OPEN._replace(is_covered=True), NO, against_consent=False, by_agent=True)


@pytest.mark.parametrize(
    ("over", "late"),
    [
        ({}, True),
        ({"answer_by": date(2026, 6, 19)}, False),
        ({"clock_on": date(2026, 6, 18)}, False),  # its clock stands still
        ({"state": OfferState.ASKED_AGAIN, "reconsider_by": date(2026, 6, 19)}, False),
        ({"reconsider_by": date(2026, 6, 19)}, True),  # of a question that was answered
    ],
)
def test_an_answer_is_late_after_the_last_day_of_the_question_that_it_answers(over, late):
    assert OPEN._replace(**over).is_late(date(2026, 6, 19)) is late
