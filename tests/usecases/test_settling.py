"""The bank on a running proposal: asking once more, taking over a balance, withdrawing; and what each does to the creditors."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import db
from app.access import Kind
from app.audit.models import Event
from app.cases.models import Case
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.proposals import drafting, issuing, responding, settling
from app.proposals.lifecycle import OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.responding import Seen
from app.proposals.settling_queries import settle_page
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def officers(database):
    bank = factory.organisation(Kind.BANK)
    people = [factory.person(bank), factory.person(bank)]
    return [factory.actor(bank, person_id=person.id, name=person.name) for person in people]


@pytest.fixture
def creditors(database):
    return [factory.organisation() for _ in range(3)]


@pytest.fixture
def running(officers, creditors):
    """A proposal to three creditors that waits for their answers."""
    case = factory.case()
    for creditor in creditors:
        factory.claim(case, creditor)
    ref = drafting.draft_proposal(officers[0], case.ref)
    issuing.issue_proposals(officers[0], [ref], approver=officers[1])
    return ref


def offers(ref):
    with db.reading() as session:
        mine = select(Offer).join(Proposal).where(Proposal.ref == ref).order_by(Offer.id)
        return list(session.scalars(mine))


def proposal(ref):
    with db.reading() as session:
        return session.scalar(select(Proposal).where(Proposal.ref == ref))


def worker(creditors, offer):
    return factory.actor(next(one for one in creditors if one.id == offer.creditor_id))


def reject(creditors, offer):
    responding.reject_offer(worker(creditors, offer), Seen(offer.ref, offer.revision), RejectReason.POLICY, "Ons beleid.")
    return next(one for one in offers(proposal_ref(offer)) if one.ref == offer.ref)


def proposal_ref(offer):
    with db.reading() as session:
        return session.scalar(select(Proposal.ref).where(Proposal.id == offer.proposal_id))


def accept(creditors, offer):
    responding.accept_offer(worker(creditors, offer), Seen(offer.ref, offer.revision))


@pytest.mark.parametrize(("others", "told"), [(2, {}), (4, {"least": 3, "most": 4, "others": 4})])
def test_asking_again_tells_how_many_agreed_when_that_tells_nobodys_answer(officers, others, told):
    parties = [factory.organisation() for _ in range(others + 1)]
    first, *rest = factory.offers(*parties)
    refused = reject(parties, first)
    for offer in rest:
        accept(parties, offer)
    settling.ask_again(officers[0], refused.ref, "Er is begeleiding.", refused.revision)
    with db.reading() as session:
        event = session.scalar(select(OfferEvent).where(OfferEvent.what == "asked again"))
        message = session.scalar(select(Message).where(Message.code == "proposals.asked_again"))
    assert {name: event.facts[name] for name in event.facts if name not in {"words", "court", "guidance", "own_share"}} == told
    assert set(message.facts) == {"offer", "by"}


def test_who_was_asked_again_has_ten_working_days(running, officers, creditors):
    refused = reject(creditors, offers(running)[0])
    settling.ask_again(officers[0], refused.ref, "Denk nog eens na.", refused.revision)
    asked = offers(running)[0]
    assert (asked.state, asked.reconsider_by.isoformat()) == (OfferState.ASKED_AGAIN, "2026-06-18")


@pytest.mark.parametrize("state", ["open", "accepted"])
def test_only_a_no_or_silence_can_be_asked_again(running, officers, creditors, state):
    if state == "accepted":
        accept(creditors, offers(running)[0])
    offer = offers(running)[0]
    with pytest.raises(Refusal, match="move_not_possible"):
        settling.ask_again(officers[0], offer.ref, "", offer.revision)


def test_the_last_balance_taken_over_lets_the_agreement_stand(running, officers, creditors):
    first, second, third = offers(running)
    responding.accept_with_other_balance(worker(creditors, first), Seen(first.ref, first.revision), 320000)
    accept(creditors, second)
    accept(creditors, third)
    assert proposal(running).state is ProposalState.ISSUED
    changed = offers(running)[0]
    settling.take_over_balance(officers[0], changed.ref, changed.revision)
    assert proposal(running).state is ProposalState.AGREED


def test_a_balance_below_the_payment_is_not_taken_over(running, officers, creditors):
    first = offers(running)[0]
    responding.accept_with_other_balance(worker(creditors, first), Seen(first.ref, first.revision), first.payment_cents - 1)
    changed = offers(running)[0]
    with pytest.raises(Refusal, match="paid_above_balance"):
        settling.take_over_balance(officers[0], changed.ref, changed.revision)
    assert offers(running)[0].state is OfferState.ACCEPTED_OTHER_BALANCE


@pytest.mark.parametrize("state", ["open", "asked again", "no response", "prepared"])
def test_nobody_says_yes_in_a_creditors_name(running, officers, creditors, state):
    reject(creditors, offers(running)[0])
    with db.transaction() as session:  # a zero offer, so that no sum stands in the way
        session.execute(update(Offer).values(state=OfferState(state), payment_cents=0))
    offer = offers(running)[0]
    with pytest.raises(Refusal, match="move_not_possible"):
        settling.take_over_balance(officers[0], offer.ref, offer.revision)


@pytest.mark.parametrize(
    ("use_case", "state"),
    [(settling.withdraw_proposal, ProposalState.WITHDRAWN), (settling.supersede_proposal, ProposalState.SUPERSEDED)],
)
def test_an_ended_proposal_closes_its_offers_and_tells_the_creditors(running, officers, use_case, state):
    use_case(officers[0], running, "De cliënt stopt.", proposal(running).revision)
    with db.reading() as session:
        told = list(session.scalars(select(Message).where(Message.code == "proposals.withdrawn")))
    assert proposal(running).state is state
    assert {offer.state for offer in offers(running)} == {OfferState.WITHDRAWN}
    assert len(told) == 3
    assert not [message for message in told if "cliënt" in str(message.facts)]  # the reason stays in the portal


def test_a_creditor_with_three_claims_gets_one_mail_of_the_end(officers, creditors):
    case = factory.case()
    for _ in range(3):
        factory.claim(case, creditors[0])
    ref = drafting.draft_proposal(officers[0], case.ref)
    issuing.issue_proposals(officers[0], [ref], approver=officers[1])
    settling.withdraw_proposal(officers[0], ref, "De cliënt stopt.", proposal(ref).revision)
    with db.reading() as session:
        told = list(session.scalars(select(Message).where(Message.code == "proposals.withdrawn")))
    assert [message.facts["number"] for message in told] == ["3"]


def test_ending_without_a_reason_changes_nothing(running, officers):
    with pytest.raises(Refusal, match="reason_missing"):
        settling.withdraw_proposal(officers[0], running, " ", proposal(running).revision)
    assert proposal(running).state is ProposalState.ISSUED


def test_a_case_whose_proposal_was_superseded_can_get_a_new_one(running, officers):
    settling.supersede_proposal(officers[0], running, "Het inkomen is veranderd.", proposal(running).revision)
    with db.reading() as session:
        case_ref = session.scalar(select(Case.ref).join(Proposal, Proposal.case_id == Case.id).where(Proposal.ref == running))
    assert drafting.draft_proposal(officers[0], case_ref) != running


def test_the_second_officer_to_end_it_learns_that_it_changed(running, officers):
    revision = proposal(running).revision
    settling.withdraw_proposal(officers[0], running, "De cliënt stopt.", revision)
    with pytest.raises((Conflict, Refusal)):
        settling.withdraw_proposal(officers[1], running, "De cliënt stopt.", revision)


def test_a_creditor_settles_nothing(running, creditors):
    offer = offers(running)[0]
    with pytest.raises(NotFound):
        settling.ask_again(worker(creditors, offer), offer.ref, "", offer.revision)
    with pytest.raises(NotFound):
        settling.withdraw_proposal(worker(creditors, offer), running, "x", 1)


def test_every_settling_act_is_in_the_audit(running, officers):
    settling.withdraw_proposal(officers[0], running, "De cliënt stopt.", proposal(running).revision)
    with db.reading() as session:
        event = session.scalar(select(Event).order_by(Event.sequence.desc()))
    assert (event.action, event.subject, event.person_id) == ("proposals:withdrawn", f"proposal/{running}", officers[0].person_id)


def test_the_words_of_a_withdrawal_stay_with_the_case_and_out_of_the_audit(running, officers):
    settling.withdraw_proposal(officers[0], running, "De cliënt is ziek.", proposal(running).revision)
    with db.reading() as session:
        kept = [event.changes for event in session.scalars(select(Event))]
        event = session.scalar(select(Event).where(Event.action == "proposals:withdrawn"))
    assert proposal(running).end_reason == "De cliënt is ziek."
    assert "given" in event.changes
    assert not [changes for changes in kept if "ziek" in changes]


# ── the way to court ─────────────────────────────────────────────────────────


def test_a_decision_about_the_court_goes_with_the_refusal_that_is_taken_back(running, officers, creditors, clock):
    offer = reject(creditors, offers(running)[0])
    settling.ask_again(officers[0], offer.ref, "Denk nog eens na.", offer.revision)
    for _ in range(2):
        offer = reject(creditors, offers(running)[0])
        settling.decide_court(officers[0], offer.ref, offer.revision, chosen=True, reason="Alle anderen zijn akkoord.")
        assert decided(officers, offer) == [True]
        clock.shift(timedelta(minutes=5))
        responding.undo_answer(worker(creditors, offer), Seen(offer.ref, offer.revision))
        assert decided(officers, offer) == []
        clock.shift(timedelta(minutes=1))


def decided(officers, offer):
    with db.reading() as session:
        return [one.chosen for one in settle_page(session, officers[0], offer.ref).decisions]
