"""Answering many offers in one go: each with an outcome of its own, once, and taken back while that is still possible."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.access import Kind, Role
from app.audit.models import Event
from app.db import reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.jobs.models import JobProgress, State
from app.proposals import answering_many, responding
from app.proposals.answering_many import OneAnswer
from app.proposals.inbox_queries import InboxQuery
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason, RowOutcome
from app.proposals.many_queries import many_page
from app.proposals.models import BulkAnswer, BulkAnswerRow, Offer, OfferEvent, Proposal
from app.proposals.responding import Seen
from tests import factory
from tests.conftest import NOW

YES = OneAnswer(OfferState.ACCEPTED)
NO = OneAnswer(OfferState.REJECTED, RejectReason.POLICY, "Ons beleid.")


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


@pytest.fixture
def other(water):
    return factory.organisation(name="Energie Noord")


@pytest.fixture
def three(water, other):
    """Three offers of cases in which another creditor has not answered."""
    return [factory.offers(water, other)[0] for _ in range(3)]


def chosen(worker, offers, key="k" * 20):
    return answering_many.choose_offers(worker, key, [(offer.ref, 1) for offer in offers])


def states(*offers):
    with reading() as session:
        return [session.get(Offer, offer.id).state for offer in offers]


def page_of(worker, ref):
    with reading() as session:
        return many_page(session, worker, ref)


def outcomes(worker, ref):
    return {row.ref: (row.outcome, row.code) for row in page_of(worker, ref).rows}


def count(model, *where):
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


def change(offer, **values):
    with transaction() as session:
        for name, value in values.items():
            setattr(session.get(Offer, offer.id), name, value)


def test_all_chosen_offers_are_accepted_each_with_history_and_audit(worker, three):
    ref = chosen(worker, three)
    answering_many.answer_chosen(worker, ref, YES)
    assert states(*three) == [OfferState.ACCEPTED] * 3
    assert count(OfferEvent, OfferEvent.what == "answered") == 3
    assert count(Event, Event.action == "offers:answer") == 3
    assert set(outcomes(worker, ref).values()) == {(RowOutcome.ANSWERED, "")}


def test_each_row_has_its_own_outcome(worker, water, other, three):
    fresh, changed, answered = three
    change(changed, draft={"remark": "x"}, reminders=1)
    responding.reject_offer(worker, Seen(answered.ref, 1), RejectReason.POLICY, "")
    theirs = factory.offers(other)[0]
    rows = [(fresh.ref, 1), (changed.ref, 1), (answered.ref, 2), (theirs.ref, 1), ("A-2222-2222", 1)]
    ref = answering_many.choose_offers(worker, "k" * 20, rows)
    answering_many.answer_chosen(worker, ref, YES)
    assert outcomes(worker, ref) == {
        fresh.ref: (RowOutcome.ANSWERED, ""), changed.ref: (RowOutcome.CHANGED, ""),
        answered.ref: (RowOutcome.REFUSED, "proposals.answered_already"), theirs.ref: (RowOutcome.MISSING, ""),
        "A-2222-2222": (RowOutcome.MISSING, ""),
    }  # fmt: skip
    assert states(theirs) == [OfferState.OPEN]


def test_somebody_elses_offer_shows_nothing_but_the_reference_that_was_sent(worker, other):
    theirs = factory.offers(other)[0]
    page = page_of(worker, answering_many.choose_offers(worker, "k" * 20, [(theirs.ref, 1), ("A-2222-2222", 1)]))
    assert {(row.client, row.reference, row.claim_cents) for row in page.rows} == {("", "", None)}
    assert (page.total, page.claim_cents, page.covered) == (2, 0, 0)


def test_one_reason_and_words_stand_with_every_rejection(worker, three):
    answering_many.answer_chosen(worker, chosen(worker, three), NO)
    with reading() as session:
        kept = {
            (o.state, o.reject_reason, o.words) for o in session.scalars(select(Offer).where(Offer.creditor_id == three[0].creditor_id))
        }
    assert kept == {(OfferState.REJECTED, RejectReason.POLICY, "Ons beleid.")}


def test_the_reason_other_needs_words_and_nothing_is_answered(worker, three):
    ref = chosen(worker, three)
    with pytest.raises(Refusal, match="words_missing"):
        answering_many.answer_chosen(worker, ref, OneAnswer(OfferState.REJECTED, RejectReason.OTHER, "  "))
    assert states(*three) == [OfferState.OPEN] * 3


@pytest.mark.parametrize(("confirmed", "outcome"), [(False, RowOutcome.REFUSED), (True, RowOutcome.ANSWERED)])
def test_what_the_own_consent_covers_is_rejected_only_when_confirmed(worker, three, confirmed, outcome):
    factory.assessment(three[0], covered=True)
    ref = chosen(worker, three)
    answering_many.answer_chosen(worker, ref, OneAnswer(OfferState.REJECTED, RejectReason.POLICY, "", confirmed=confirmed))
    found = outcomes(worker, ref)
    assert found[three[0].ref][0] is outcome
    assert found[three[1].ref][0] is RowOutcome.ANSWERED


def test_the_same_form_twice_is_the_same_choice_and_answers_once(worker, three):
    refs = {chosen(worker, three) for _ in range(2)}
    for answer in (YES, NO):
        answering_many.answer_chosen(worker, *refs, answer)
    assert states(*three) == [OfferState.ACCEPTED] * 3
    assert (count(BulkAnswer), count(OfferEvent)) == (1, 3)
    assert page_of(worker, *refs).answer is OfferState.ACCEPTED


def test_more_than_two_hundred_cannot_be_marked_and_none_is_nothing(worker):
    for rows, code in ([], "none_chosen"), ([(f"A-{n}", 1) for n in range(201)], "too_many_chosen"):
        with pytest.raises(Refusal, match=code):
            answering_many.choose_offers(worker, "k" * 20, rows)
    assert count(BulkAnswer) == 0


def test_everything_that_the_filters_show_is_answered_by_a_job_with_its_progress(water, three, queue, monkeypatch):
    monkeypatch.setattr(answering_many, "MOST_AT_ONCE", 2)
    worker = factory.actor(water, person_id=factory.person(water, name="Pieter Dros").id)
    ref = answering_many.choose_shown(worker, "k" * 20, InboxQuery())
    answering_many.answer_chosen(worker, ref, YES)
    with reading() as session:
        assert (session.get(JobProgress, ref).state, session.get(JobProgress, ref).total) == (State.QUEUED, 3)
    assert states(*three) == [OfferState.OPEN] * 3
    queue.run_all()
    assert states(*three) == [OfferState.ACCEPTED] * 3
    with reading() as session:
        assert session.get(JobProgress, ref).state is State.DONE


def test_a_job_finishes_what_a_page_left_and_answers_nothing_twice(water, three, queue):
    worker = factory.actor(water, person_id=factory.person(water, name="Pieter Dros").id)
    ref = chosen(worker, three)
    answering_many.answer_chosen(worker, ref, YES)
    with transaction() as session:  # as if the page had broken off before the last
        session.query(BulkAnswerRow).filter_by(offer_ref=three[2].ref).update({"outcome": None})
    queue.run_all()
    assert page_of(worker, ref).counts == {RowOutcome.ANSWERED: 3}
    assert count(OfferEvent) == 3


def test_too_many_shown_is_refused_in_words(worker, three, monkeypatch):
    monkeypatch.setattr(answering_many, "MOST_SHOWN", 2)
    with pytest.raises(Refusal, match="too_many_shown"):
        answering_many.choose_shown(worker, "k" * 20, InboxQuery())


def test_what_is_answered_already_is_not_among_all_that_is_shown(worker, three):
    responding.accept_offer(worker, Seen(three[0].ref, 1))
    ref = answering_many.choose_shown(worker, "k" * 20, InboxQuery(status="all"))
    assert page_of(worker, ref).total == 2


def test_a_choice_is_seen_by_the_own_organisation_alone(worker, water, other, three):
    ref = chosen(worker, three)
    for act in (lambda who: answering_many.answer_chosen(who, ref, YES), lambda who: answering_many.undo_chosen(who, ref)):
        with pytest.raises(NotFound):
            act(factory.actor(other, person_id=8))
    assert page_of(factory.actor(water, person_id=9), ref).total == 3


def test_an_officer_answers_nothing(three):
    bank = factory.organisation(Kind.BANK)
    with pytest.raises(NotFound):
        chosen(factory.actor(bank, Role.OFFICER), three)


# ── taking back ──────────────────────────────────────────────────────────────


def test_many_answers_are_taken_back_each_to_how_it_waited(worker, three):
    change(three[0], state=OfferState.PREPARED)
    ref = answering_many.choose_offers(worker, "k" * 20, [(three[0].ref, 2), (three[1].ref, 1)])
    answering_many.answer_chosen(worker, ref, NO)
    answering_many.undo_chosen(worker, ref)
    assert states(*three[:2]) == [OfferState.PREPARED, OfferState.OPEN]
    assert page_of(worker, ref).counts == {RowOutcome.UNDONE: 2}
    assert count(Event, Event.action == "offers:undo") == 2


def test_of_many_the_one_whose_agreement_stands_stays_and_says_so(worker, water, three):
    alone = factory.offers(water)[0]
    ref = chosen(worker, [three[0], alone])
    answering_many.answer_chosen(worker, ref, YES)
    answering_many.undo_chosen(worker, ref)
    assert states(three[0], alone) == [OfferState.OPEN, OfferState.ACCEPTED]
    assert outcomes(worker, ref)[alone.ref] == (RowOutcome.ANSWERED, "proposals.undo_agreed")


def test_taking_back_twice_changes_nothing_more(worker, three):
    ref = chosen(worker, three)
    answering_many.answer_chosen(worker, ref, YES)
    answering_many.undo_chosen(worker, ref)
    responding.accept_offer(worker, Seen(three[0].ref, 3))
    answering_many.undo_chosen(worker, ref)
    assert states(*three) == [OfferState.ACCEPTED, OfferState.OPEN, OfferState.OPEN]


# ── taking one back ──────────────────────────────────────────────────────────


def test_an_answer_taken_back_leaves_no_trace_in_the_offer_and_both_in_its_history(worker, three):
    responding.accept_with_other_balance(worker, Seen(three[0].ref, 1), 100, "Minder.")
    responding.undo_answer(worker, Seen(three[0].ref, 2))
    with reading() as session:
        kept = session.get(Offer, three[0].id)
        told = list(session.scalars(select(OfferEvent.what).order_by(OfferEvent.id)))
    assert (kept.state, kept.words, kept.other_balance_cents, kept.answered_at, kept.answerer) == (OfferState.OPEN, "", None, None, None)
    assert told == ["answered", "undone"]


@pytest.mark.parametrize(("minutes", "possible"), [(10, True), (11, False)])
def test_an_answer_is_taken_back_within_ten_minutes(worker, three, clock, minutes, possible):
    responding.accept_offer(worker, Seen(three[0].ref, 1))
    clock.move_to(NOW + timedelta(minutes=minutes))
    if possible:
        responding.undo_answer(worker, Seen(three[0].ref, 2))
    else:
        with pytest.raises(Refusal, match="undo_too_late"):
            responding.undo_answer(worker, Seen(three[0].ref, 2))
    assert states(three[0]) == [OfferState.OPEN if possible else OfferState.ACCEPTED]


def test_nothing_is_taken_back_once_the_agreement_stands(worker, water):
    offer = factory.offers(water)[0]
    responding.accept_offer(worker, Seen(offer.ref, 1))
    with pytest.raises(Refusal, match="undo_agreed"):
        responding.undo_answer(worker, Seen(offer.ref, 2))
    assert states(offer) == [OfferState.ACCEPTED]


def test_nothing_is_taken_back_once_the_proposal_is_over(worker, three):
    responding.accept_offer(worker, Seen(three[0].ref, 1))
    with transaction() as session:
        session.get(Proposal, three[0].proposal_id).state = ProposalState.WITHDRAWN
    with pytest.raises(Refusal, match="undo_over"):
        responding.undo_answer(worker, Seen(three[0].ref, 2))


def test_an_asked_again_offer_is_asked_again_when_its_answer_is_taken_back(worker, three):
    change(three[0], state=OfferState.ASKED_AGAIN)
    responding.reject_offer(worker, Seen(three[0].ref, 2), RejectReason.POLICY, "Het blijft te weinig.")
    responding.undo_answer(worker, Seen(three[0].ref, 3))
    assert states(three[0]) == [OfferState.ASKED_AGAIN]


def test_an_answer_after_which_the_bank_asked_again_is_not_said_to_be_taken_back(worker, three):
    responding.reject_offer(worker, Seen(three[0].ref, 1), RejectReason.POLICY, "Ons beleid.")
    change(three[0], state=OfferState.ASKED_AGAIN)
    with pytest.raises(Conflict):
        responding.undo_answer(worker, Seen(three[0].ref, 2))


@pytest.mark.parametrize("by", [AnsweredBy.CODE, AnsweredBy.API])
def test_what_came_in_another_way_stays(worker, three, by):
    responding.accept_offer(worker, Seen(three[0].ref, 1, by))
    with pytest.raises(Refusal, match="nothing_to_undo"):
        responding.undo_answer(worker, Seen(three[0].ref, 2))


def test_a_colleague_may_take_it_back_but_the_agent_may_not(worker, water, other):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    case = factory.case()
    claims = [factory.claim(case, water, agent_id=agent.id), factory.claim(case, other)]
    offer = factory.offer(factory.proposal(case, claims), claims[0])
    responding.ask_reconsideration(worker, Seen(offer.ref, 1), "Klopt het saldo?")
    with pytest.raises(Refusal, match="nothing_to_undo"):
        responding.undo_answer(factory.actor(agent, person_id=9), Seen(offer.ref, 2))
    responding.undo_answer(factory.actor(water, name="Samira Bakali", person_id=8), Seen(offer.ref, 2))
    assert states(offer) == [OfferState.OPEN]


def test_an_answer_that_a_colleague_gave_anew_is_not_taken_back_by_an_old_page(worker, water, three):
    responding.accept_offer(worker, Seen(three[0].ref, 1))
    responding.undo_answer(worker, Seen(three[0].ref, 2))
    responding.reject_offer(worker, Seen(three[0].ref, 3), RejectReason.POLICY, "")
    with pytest.raises(Conflict):
        responding.undo_answer(worker, Seen(three[0].ref, 2))
    assert states(three[0]) == [OfferState.REJECTED]


def test_many_more_are_taken_back_by_a_job_as_of_when_that_was_asked(water, three, queue, clock, monkeypatch):
    worker = factory.actor(water, person_id=factory.person(water, name="Pieter Dros").id)
    ref = chosen(worker, three)
    answering_many.answer_chosen(worker, ref, YES)
    monkeypatch.setattr(answering_many, "MOST_AT_ONCE", 2)
    answering_many.undo_chosen(worker, ref)
    assert page_of(worker, ref).undo_left == 3
    clock.move_to(NOW + timedelta(hours=1))  # the queue was long
    queue.run_all()
    assert (page_of(worker, ref).undo_left, states(*three)) == (0, [OfferState.OPEN] * 3)
