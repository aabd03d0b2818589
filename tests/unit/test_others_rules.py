"""A creditor learns how many others agreed, and from no number what a single one answered."""

from itertools import product

import pytest

from app.proposals.others_rules import Answer, OthersAgreed, others_agreed, tellable


def proposal(*others):
    """Our own offer, not agreed to, beside others: (creditor, agent, agreed)."""
    return [Answer(1, None, agreed=False), *(Answer(*one) for one in others)]


@pytest.mark.parametrize("others", range(8))
def test_nobody_can_tell_from_the_number_what_one_other_answered(others):
    fitting = {}
    for answers in product((True, False), repeat=others):
        fitting.setdefault(tellable(sum(answers), others), []).append(answers)
    for said, worlds in fitting.items():
        for one in range(others):
            assert {answers[one] for answers in worlds} == {True, False}, f"{said} tells what number {one} answered"


def test_what_is_told_holds_and_is_exact_where_it_can_be():
    told = [tellable(agreed, 6) for agreed in range(7)]
    assert all(one.least <= agreed <= one.most for agreed, one in enumerate(told))
    assert [(one.least, one.most) for one in told] == [(0, 1), (0, 1), (2, 2), (3, 3), (4, 4), (5, 6), (5, 6)]


def test_a_lone_refuser_learns_that_hardly_anybody_else_is_missing():
    assert others_agreed(proposal((2, None, True), (3, None, True), (4, None, True)), 1) == OthersAgreed(2, 3, 3)


def test_of_two_others_nothing_is_told():
    assert others_agreed(proposal((2, None, True), (3, None, False)), 1) is None


def test_two_claims_of_one_creditor_are_one_other_who_agrees_with_both():
    answers = proposal((2, None, True), (2, None, False), (3, None, True), (4, None, True), (5, None, False))
    assert others_agreed(answers, 1) == OthersAgreed(2, 2, 4)
    assert others_agreed(answers[:-1], 1) == OthersAgreed(2, 3, 3)


def test_whose_answers_the_own_agent_gave_are_no_others():
    answers = [Answer(1, 9, agreed=False), *(Answer(one, 9 if one == 2 else None, agreed=True) for one in (2, 3, 4))]
    assert others_agreed(answers, 1) is None
    assert others_agreed([*answers, Answer(5, None, agreed=False)], 1) == OthersAgreed(2, 3, 3)


def test_who_sees_two_pages_of_a_proposal_reads_the_same_number_on_both():
    """Agent 9 acts for 1 and 2, agent 8 for 2 and 3: the difference of two numbers would be the answer of 3."""
    hands = [Answer(1, 9, agreed=False), Answer(2, 9, agreed=True), Answer(2, 8, agreed=True), Answer(3, 8, agreed=True)]
    answers = [*hands, *(Answer(one, None, agreed=one < 6) for one in (4, 5, 6, 7))]
    assert {others_agreed(answers, one) for one in (1, 2, 3)} == {OthersAgreed(2, 2, 4)}


def test_an_agent_of_another_is_not_the_own_one():
    assert others_agreed(proposal((2, 9, True), (3, 9, True), (4, None, False)), 1) == OthersAgreed(2, 3, 3)
