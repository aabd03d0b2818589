"""Answering an offer: each answer with its history, its refusals beside it, and what the last acceptance does."""

from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from app.access import Kind, Role
from app.audit.models import Event
from app.db import reading
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.proposals import responding
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.responding import Seen
from tests import factory


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


@pytest.fixture
def offer(water):
    """One of two offers of a case; the other creditor has not answered."""
    return factory.offers(water, factory.organisation())[0]


def seen(offer, **over):
    return Seen(**{"ref": offer.ref, "revision": 1} | over)


def now_of(offer):
    with reading() as session:
        return session.get(Offer, offer.id)


def everything(of):
    with reading() as session:
        return list(session.scalars(select(of)))


def test_accepting_leaves_the_answer_its_history_and_one_audit_event(offer, worker, water):
    responding.accept_offer(worker, seen(offer))
    kept = now_of(offer)
    assert (kept.state, kept.answered_by, kept.answerer, kept.late) == (OfferState.ACCEPTED, AnsweredBy.HAND, "Pieter Dros", False)
    assert [(event.what, event.who) for event in everything(OfferEvent)] == [("answered", "Pieter Dros")]
    assert [(event.action, event.subject, event.concerns_id) for event in everything(Event)] == [
        ("offers:answer", f"offer/{offer.ref}", water.id)
    ]


def test_the_last_acceptance_lets_the_agreement_stand(water, worker):
    only = factory.offers(water)[0]
    responding.accept_offer(worker, seen(only))
    assert everything(Proposal)[0].state is ProposalState.AGREED


def test_while_one_creditor_is_silent_nothing_stands(offer, worker):
    responding.accept_offer(worker, seen(offer))
    assert everything(Proposal)[0].state is ProposalState.ISSUED


def test_another_balance_waits_for_an_officer_and_the_bank_hears_of_it(water, worker):
    bank, only = factory.organisation(Kind.BANK), factory.offers(water)[0]
    responding.accept_with_other_balance(worker, seen(only), 300_000, " rente betaald ")
    kept = now_of(only)
    assert (kept.state, kept.other_balance_cents, kept.words) == (OfferState.ACCEPTED_OTHER_BALANCE, 300_000, "rente betaald")
    assert everything(Proposal)[0].state is ProposalState.ISSUED
    assert [message.organisation_id for message in everything(Message)] == [bank.id]


def test_a_rejection_keeps_its_reason_and_words(offer, worker):
    responding.reject_offer(worker, seen(offer), RejectReason.POLICY, "ons beleid")
    kept = now_of(offer)
    assert (kept.state, kept.reject_reason, kept.words) == (OfferState.REJECTED, RejectReason.POLICY, "ons beleid")


def test_another_reason_needs_words_and_so_does_a_question(offer, worker):
    with pytest.raises(Refusal, match="words_missing"):
        responding.reject_offer(worker, seen(offer), RejectReason.OTHER, " ")
    with pytest.raises(Refusal, match="words_missing"):
        responding.ask_reconsideration(worker, seen(offer), "")
    assert now_of(offer).state is OfferState.OPEN


def test_a_rejection_against_the_own_consent_is_pointed_out_before_it_is_kept(offer, worker):
    factory.assessment(offer, covered=True)
    with pytest.raises(Refusal, match="covered_by_consent"):
        responding.reject_offer(worker, seen(offer), RejectReason.POLICY, "")
    assert (now_of(offer).state, everything(OfferEvent)) == (OfferState.OPEN, [])
    responding.reject_offer(worker, seen(offer), RejectReason.POLICY, "", confirmed=True)
    assert now_of(offer).state is OfferState.REJECTED


def test_a_question_can_be_asked_once_and_not_when_asked_again(offer, water, worker):
    responding.ask_reconsideration(worker, seen(offer), "Is er vermogen?")
    assert now_of(offer).state is OfferState.RECONSIDERATION_ASKED
    again = factory.offers(water, state=OfferState.ASKED_AGAIN)[0]
    with pytest.raises(Refusal, match="answer_not_possible"):
        responding.ask_reconsideration(worker, seen(again), "Nogmaals?")


def test_an_answer_after_the_last_day_counts_and_is_marked_late(offer, worker, clock):
    clock.move_to("2026-06-19T08:00:00+02:00")
    responding.accept_offer(worker, seen(offer))
    assert now_of(offer).late is True


def test_asked_again_gives_a_new_last_day(water, worker, clock):
    again = factory.offers(water, state=OfferState.ASKED_AGAIN, reconsider_by=date(2026, 7, 1))[0]
    clock.move_to("2026-06-30T08:00:00+02:00")
    responding.accept_offer(worker, seen(again))
    assert now_of(again).late is False


def test_silence_can_still_be_broken_until_the_proposal_closes(water, worker):
    silent = factory.offers(water, state=OfferState.NO_RESPONSE)[0]
    responding.accept_offer(worker, seen(silent))
    assert now_of(silent).state is OfferState.ACCEPTED


@pytest.mark.parametrize("state", [ProposalState.AGREED, ProposalState.CLOSED, ProposalState.WITHDRAWN, ProposalState.SUPERSEDED])
def test_a_proposal_that_is_over_takes_no_answer(water, worker, state):
    case = factory.case()
    claim = factory.claim(case, water)
    offer = factory.offer(factory.proposal(case, [claim], state=state), claim)
    with pytest.raises(Refusal, match="proposal_over"):
        responding.accept_offer(worker, seen(offer))


def test_an_answer_stands(offer, worker):
    responding.accept_offer(worker, seen(offer))
    with pytest.raises(Refusal, match="answered_already"):
        responding.reject_offer(worker, seen(offer, revision=2), RejectReason.POLICY, "toch niet")


def test_the_second_click_of_a_double_one_answers_once(offer, worker):
    responding.accept_offer(worker, seen(offer))
    responding.accept_offer(worker, seen(offer))
    assert len(everything(OfferEvent)) == len(everything(Event)) == 1


def test_the_second_of_two_colleagues_learns_that_it_changed(offer, water, worker):
    responding.accept_offer(worker, seen(offer))
    with pytest.raises(Conflict):
        responding.accept_offer(factory.actor(water, name="Hanna Wouda"), seen(offer))


def test_a_draft_is_kept_without_getting_in_a_colleagues_way(offer, water, worker):
    responding.save_draft(worker, offer.ref, {"answer": "reject", "explanation": "te laag"})
    assert now_of(offer).draft == {"answer": "reject", "explanation": "te laag"}
    responding.accept_offer(factory.actor(water, name="Hanna Wouda"), seen(offer))
    assert now_of(offer).draft is None


def test_what_a_consent_put_ready_is_confirmed_or_put_back(water, worker):
    first, second = (factory.offers(water, state=OfferState.PREPARED)[0] for _ in range(2))
    responding.accept_offer(worker, seen(first))
    responding.put_back_offer(worker, seen(second))
    assert (now_of(first).state, now_of(second).state) == (OfferState.ACCEPTED, OfferState.OPEN)
    with pytest.raises(Refusal, match="move_not_possible"):
        responding.put_back_offer(worker, seen(second, revision=2))


def test_an_agent_answers_while_its_mandate_is_in_force(water, clock):
    agent = factory.organisation(Kind.AGENT)
    case = factory.case()
    claim = factory.claim(case, water, agent_id=agent.id)
    offer = factory.offer(factory.proposal(case, [claim]), claim)
    actor = factory.actor(agent)
    with pytest.raises(NotFound):
        responding.accept_offer(actor, seen(offer))
    factory.mandate(agent, water, ends_on=date(2026, 6, 4))
    responding.accept_offer(actor, seen(offer))
    assert now_of(offer).state is OfferState.ACCEPTED


@pytest.mark.parametrize(("kind", "role"), [(Kind.BANK, Role.OFFICER), (Kind.CITY, Role.AUDITOR), (Kind.CITY, Role.ADMINISTRATOR)])
def test_nobody_of_the_city_answers_for_a_creditor(offer, kind, role):
    with pytest.raises(NotFound):
        responding.accept_offer(factory.actor(factory.organisation(kind), role), seen(offer))


def test_sixteen_people_answer_at_once_and_one_wins(offer, water):
    outcomes, start = [], Barrier(16)

    def answer(number):
        actor = factory.actor(water, name=f"Collega {number}")
        start.wait()
        try:
            responding.accept_offer(actor, seen(offer)) if number % 2 else responding.reject_offer(
                actor, seen(offer), RejectReason.POLICY, "nee"
            )
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [Thread(target=answer, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 15 + ["won"]
    assert len(everything(OfferEvent)) == len(everything(Event)) == 1
