"""Moves of proposals and offers, and which product is meant for whom."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.consents.rules import Product
from app.errors import Refusal
from app.proposals.lifecycle import (
    BLOCKS_AGREEMENT,
    CAN_BE_ANSWERED,
    OFFER_MOVES,
    PROPOSAL_MOVES,
    UNDO_MOVES,
    UNDO_WITHIN,
    Answered,
    AnsweredBy,
    Debtor,
    Obstacle,
    OfferState,
    ProposalState,
    check_answer,
    check_move,
    check_undo,
    eligibility,
    figures_obstacles,
    is_agreed,
    product_for,
)

DAY = date(2026, 3, 4)


def test_every_state_has_its_line_in_the_table():
    assert set(PROPOSAL_MOVES) == set(ProposalState)
    assert set(OFFER_MOVES) == set(OfferState)


def test_a_draft_is_issued_only_after_a_second_check():
    with pytest.raises(Refusal, match=r"proposals.move_not_possible"):
        check_move(PROPOSAL_MOVES, ProposalState.DRAFT, ProposalState.ISSUED)
    check_move(PROPOSAL_MOVES, ProposalState.APPROVED, ProposalState.ISSUED)


@pytest.mark.parametrize("offer", sorted(CAN_BE_ANSWERED))
def test_an_offer_that_waits_or_got_no_response_can_still_be_accepted(offer):
    check_answer(ProposalState.ISSUED, offer, OfferState.ACCEPTED)


@pytest.mark.parametrize("offer", sorted(set(OfferState) - CAN_BE_ANSWERED))
def test_an_answer_is_given_once(offer):
    with pytest.raises(Refusal, match=r"proposals.answered_already"):
        check_answer(ProposalState.ISSUED, offer, OfferState.ACCEPTED)


@pytest.mark.parametrize("proposal", sorted(set(ProposalState) - {ProposalState.ISSUED}))
def test_nothing_is_answered_when_the_proposal_is_not_open(proposal):
    with pytest.raises(Refusal, match=r"proposals.proposal_over"):
        check_answer(proposal, OfferState.OPEN, OfferState.ACCEPTED)


@pytest.mark.parametrize("answer", [OfferState.WITHDRAWN, OfferState.NO_RESPONSE, OfferState.ASKED_AGAIN])
def test_a_creditor_cannot_give_what_is_no_answer(answer):
    with pytest.raises(Refusal, match=r"proposals.answer_not_possible"):
        check_answer(ProposalState.ISSUED, OfferState.OPEN, answer)


def test_who_is_asked_again_answers_and_does_not_ask_back():
    with pytest.raises(Refusal, match=r"proposals.answer_not_possible"):
        check_answer(ProposalState.ISSUED, OfferState.ASKED_AGAIN, OfferState.RECONSIDERATION_ASKED)


def test_every_offer_goes_with_its_proposal():
    assert all(OfferState.WITHDRAWN in moves for state, moves in OFFER_MOVES.items() if state is not OfferState.WITHDRAWN)


def test_the_agreement_stands_only_when_everybody_accepted():
    assert is_agreed([OfferState.ACCEPTED, OfferState.ACCEPTED])
    assert not is_agreed([])
    assert [state for state in BLOCKS_AGREEMENT if is_agreed([OfferState.ACCEPTED, state])] == []


def test_stored_words_are_readable():
    assert [str(way) for way in AnsweredBy] == ["by consent", "by hand", "by code", "by file", "by API"]


def obstacles(product, *, born=date(1991, 5, 17), capacity=10_000, extra=0, reason=None, total=0):
    return eligibility(product, Debtor(birth_date=born), capacity, extra, reason, DAY, total_cents=total)


@pytest.mark.parametrize(
    ("born", "why_not"),
    [
        (date(2008, 3, 4), []),
        (date(2008, 3, 5), [Obstacle.TOO_YOUNG]),
        (date(1999, 3, 5), []),
        (date(1999, 3, 4), [Obstacle.TOO_OLD]),
        (None, [Obstacle.AGE_UNKNOWN]),
    ],
)
def test_a_youth_loan_is_for_18_up_to_and_including_26_years(born, why_not):
    assert obstacles(Product.YOUTH_LOAN, born=born) == why_not


def test_a_zero_offer_is_for_who_can_pay_nothing_and_a_loan_for_who_can():
    assert obstacles(Product.ZERO_OFFER, capacity=0) == []
    assert obstacles(Product.ZERO_OFFER, capacity=0, extra=1) == [Obstacle.SOMETHING_CAN_BE_PAID]
    assert obstacles(Product.RESTRUCTURING_LOAN) == []
    assert obstacles(Product.RESTRUCTURING_LOAN, capacity=0) == [Obstacle.NOTHING_CAN_BE_PAID]


def test_mediation_asks_its_reason():
    assert obstacles(Product.DEBT_MEDIATION, reason=" ") == [Obstacle.REASON_MISSING]
    assert obstacles(Product.DEBT_MEDIATION, reason="inkomen wisselt") == []


def test_refinancing_is_for_who_can_pay_everything_in_60_months():
    assert obstacles(Product.REFINANCING, total=600_000) == []
    assert obstacles(Product.REFINANCING, total=600_001) == [Obstacle.CAPACITY_TOO_LOW]


def test_figures_older_than_six_months_are_not_used():
    assert figures_obstacles(date(2025, 9, 4), DAY) == []
    assert figures_obstacles(date(2025, 9, 3), DAY) == [Obstacle.FIGURES_TOO_OLD]
    assert figures_obstacles(None, DAY) == [Obstacle.FIGURES_MISSING]


@pytest.mark.parametrize(
    ("programme", "capacity", "choice"),
    [
        ("Jongeren schuldenvrije start", 0, (Product.YOUTH_LOAN, 18)),
        ("uit het krijt", 100, (Product.RESTRUCTURING_LOAN, 12)),
        ("uit het krijt", 0, (Product.ZERO_OFFER, 12)),
        ("kansrijke start", 100, (Product.RESTRUCTURING_LOAN, 18)),
        ("", 0, (Product.ZERO_OFFER, 18)),
        (None, 100, (Product.RESTRUCTURING_LOAN, 18)),
    ],
)
def test_the_programme_and_the_capacity_call_for_a_product(programme, capacity, choice):
    assert product_for(programme, capacity, 0, DAY) == choice


# ── taking an answer back ────────────────────────────────────────────────────

AT = datetime(2026, 6, 4, 7, tzinfo=UTC)
YES = Answered(OfferState.ACCEPTED, OfferState.OPEN, AnsweredBy.HAND, AT, taken_over=False)


def test_only_answers_can_be_taken_back_and_nobody_else_has_that_move():
    assert set(UNDO_MOVES) == {
        OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE, OfferState.REJECTED, OfferState.RECONSIDERATION_ASKED,
    }  # fmt: skip
    assert OfferState.OPEN not in OFFER_MOVES[OfferState.ACCEPTED] | OFFER_MOVES[OfferState.REJECTED]
    assert OfferState.ASKED_AGAIN not in UNDO_MOVES[OfferState.RECONSIDERATION_ASKED]


def test_ten_minutes_are_ten_minutes():
    check_undo(ProposalState.ISSUED, YES, AT + UNDO_WITHIN)
    with pytest.raises(Refusal, match="undo_too_late"):
        check_undo(ProposalState.ISSUED, YES, AT + UNDO_WITHIN + timedelta(seconds=1))


@pytest.mark.parametrize(("over", "code"), [
    ({"by": AnsweredBy.CONSENT}, "nothing_to_undo"), ({"by": AnsweredBy.CODE}, "nothing_to_undo"),
    ({"state": OfferState.ASKED_AGAIN}, "nothing_to_undo"), ({"state": OfferState.WITHDRAWN}, "nothing_to_undo"),
    ({"state": OfferState.RECONSIDERATION_ASKED, "before": OfferState.ASKED_AGAIN}, "nothing_to_undo"),
    ({"taken_over": True}, "undo_taken_over"),
])  # fmt: skip
def test_what_is_not_an_own_answer_of_just_now_stays(over, code):
    with pytest.raises(Refusal, match=code):
        check_undo(ProposalState.ISSUED, YES._replace(**over), AT)


@pytest.mark.parametrize("proposal", sorted(set(ProposalState) - {ProposalState.ISSUED}))
def test_nothing_is_taken_back_when_the_proposal_is_not_open(proposal):
    with pytest.raises(Refusal, match="undo_agreed" if proposal is ProposalState.AGREED else "undo_over"):
        check_undo(proposal, YES, AT)
