"""Answers that are given together: each is judged and leaves what it leaves alone, and none takes another with it."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.access import Kind
from app.audit.models import Event
from app.audit.service import verify
from app.db import reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.exchange.models import UploadRow
from app.exchange.rules import Fate
from app.exchange.uploads import Incoming
from app.notifications.models import Message
from app.proposals import answer_files, answering, answering_many, responding
from app.proposals.answer_rules import Answer, Given, Seen
from app.proposals.answering import give_answers
from app.proposals.answering_many import OneAnswer
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason, RowOutcome, Visibility
from app.proposals.models import BulkAnswerRow, Offer, OfferEvent, Proposal
from tests import factory
from tests.conftest import NOW

YES, NO = Answer(OfferState.ACCEPTED), Answer(OfferState.REJECTED, "Te laag.", RejectReason.POLICY)
FOUR = (
    YES,
    Answer(OfferState.ACCEPTED_OTHER_BALANCE, "", balance_cents=100),
    NO,
    Answer(OfferState.RECONSIDERATION_ASKED, "Klopt het inkomen?"),
)


@pytest.fixture
def water(database, queue, clock):
    factory.organisation(Kind.BANK)
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


@pytest.fixture
def other(water):
    return factory.organisation(name="Energie Noord")


def given(actor, pairs, by=AnsweredBy.FILE):
    with transaction() as session:
        return give_answers(session, actor, [Given(Seen(offer.ref, 1, by), answer) for offer, answer in pairs])


def change(offer, model=Offer, **values):
    with transaction() as session:
        row = session.get(model, offer.id if model is Offer else offer.proposal_id)
        for name, value in values.items():
            setattr(row, name, value)


def states(*offers):
    with reading() as session:
        return [session.get(Offer, offer.id).state for offer in offers]


def count(model, *where):
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


def left_by(offer):
    """Return what an answer to an offer left: in its row, its history, the audit and the messages."""
    with reading() as session:
        row = session.get(Offer, offer.id)
        kept = (row.state, row.revision, row.words, row.reject_reason, row.other_balance_cents, row.answered_by, row.answerer, row.late)
        history = session.execute(select(OfferEvent.what, OfferEvent.who, OfferEvent.facts).where(OfferEvent.offer_id == offer.id))
        noted = select(Event.action, Event.concerns_id, Event.changes, Event.actor).where(Event.subject == f"offer/{offer.ref}")
        messages = session.execute(select(Message.code, Message.organisation_id, Message.facts).order_by(Message.id))
        told = [(one.code, one.organisation_id) for one in messages if offer.ref in str(one.facts)]
        return kept, row.answered_at, history.all(), session.execute(noted).all(), told


# ── each as alone ────────────────────────────────────────────────────────────


def test_what_is_given_together_leaves_of_each_what_it_leaves_alone(worker, water, other):
    alone, together = ([factory.offers(water, other)[0] for _ in FOUR] for _ in range(2))
    agreed = [factory.offers(water)[0] for _ in range(3)]
    for pair in [*zip(alone, FOUR, strict=True), (agreed[0], YES)]:
        given(worker, [pair])
    given(worker, [*zip(together, FOUR, strict=True), (agreed[1], YES), (agreed[2], YES)])
    assert [left_by(offer) for offer in together] == [left_by(offer) for offer in alone]
    assert left_by(agreed[0]) == left_by(agreed[1]) == left_by(agreed[2])
    assert {code for offer in (*alone, agreed[0]) for code, _ in left_by(offer)[-1]} == {"offers.asks_the_bank", "proposals.agreed"}
    with reading() as session:
        assert verify(session)[1] is None


def test_two_offers_of_one_proposal_let_the_agreement_stand_once(worker, water):
    both = factory.offers(water, water)
    given(worker, [(offer, YES) for offer in both])
    with reading() as session:
        assert session.get(Proposal, both[0].proposal_id).state is ProposalState.AGREED
    assert (count(Event, Event.action == "proposals:agree"), count(Message, Message.code == "proposals.agreed")) == (1, 1)


@pytest.mark.parametrize("answer", [NO, YES])
def test_the_number_of_statements_does_not_grow_with_the_answers(worker, water, other, database, answer):
    parties = (water,) if answer is YES else (water, other)  # each yes lets an agreement stand
    offers, seen = [factory.offers(*parties)[0] for _ in range(12)], []
    event.listen(database, "before_cursor_execute", lambda *args: seen.append(args[2]))
    asked = []
    for some in (offers[:3], offers[3:]):
        seen.clear()
        given(worker, [(offer, answer) for offer in some])
        asked.append([statement.partition(" ")[0] for statement in seen if "fake_job" not in statement])
    assert asked[0] == asked[1]


def test_each_comes_late_or_in_time_by_its_own_last_day(worker, water, other, clock):
    first, second = (factory.offers(water, other)[0] for _ in range(2))
    clock.move_to(NOW + timedelta(days=60))
    change(second, answer_by=(NOW + timedelta(days=60)).date())
    given(worker, [(first, YES), (second, YES)])
    with reading() as session:
        assert [session.get(Offer, offer.id).late for offer in (first, second)] == [True, False]


# ── and none takes another with it ───────────────────────────────────────────


def test_each_that_cannot_be_given_says_why_and_the_others_are_given(worker, water, other):
    good, stale, over, hidden, theirs = (factory.offers(one, other)[0] for one in (water, water, water, water, other))
    change(stale, reminders=1)
    change(over, Proposal, state=ProposalState.CLOSED)
    change(hidden, visibility=Visibility.RESTRICTED)
    outcomes = given(worker, [(one, YES) for one in (stale, over, hidden, theirs, good)])
    assert [type(one) for one in outcomes] == [Conflict, Refusal, NotFound, NotFound, int]
    assert states(good, stale, over, theirs) == [OfferState.ACCEPTED, *[OfferState.OPEN] * 3]
    assert (count(OfferEvent), count(Event, Event.action == "offers:answer")) == (1, 1)


def test_of_two_answers_to_one_offer_the_first_counts(worker, water, other):
    offer = factory.offers(water, other)[0]
    outcomes = given(worker, [(offer, YES), (offer, NO), (offer, YES)])
    assert [outcomes[0], type(outcomes[1]), outcomes[2]] == [2, Conflict, 2]
    assert (states(offer), count(OfferEvent)) == ([OfferState.ACCEPTED], 1)


# ── a piece that breaks ──────────────────────────────────────────────────────


@pytest.fixture
def three(water, other):
    return [factory.offers(water, other)[0] for _ in range(3)]


def file_of(worker, offers):
    rows = "".join(f"{offer.ref};afgewezen;ons beleid\n" for offer in offers)
    ref = answer_files.try_file(worker, Incoming("offers", "lijst.csv", f"Aanbod;Antwoord;Reden afwijzing\n{rows}".encode()))
    return ref, lambda: answer_files.confirm_file(worker, ref), lambda: answer_files.go_on(worker, ref)


def choice_of(worker, offers):
    ref = answering_many.choose_offers(worker, "k" * 20, [(offer.ref, 1) for offer in offers])
    no = OneAnswer(OfferState.REJECTED, RejectReason.POLICY, "Te laag.")
    return ref, lambda: answering_many.answer_chosen(worker, ref, no), lambda: answering_many.go_on_answering(worker, ref)


def _waiting():
    return count(UploadRow, UploadRow.fate == Fate.WAITS) + count(BulkAnswerRow, BulkAnswerRow.outcome.is_(None))


@pytest.mark.parametrize("way", [file_of, choice_of])
@pytest.mark.parametrize("where", ["_remember", "_tell", "notify_all"])
def test_a_piece_whose_process_is_killed_half_way_leaves_nothing_half(worker, three, monkeypatch, way, where):
    _, begin, go_on = way(worker, three)
    with monkeypatch.context() as broken:
        broken.setattr(answering, where, _raise(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            begin()
    assert (states(*three), count(OfferEvent), count(Message), _waiting()) == ([OfferState.OPEN] * 3, 0, 0, 3)
    go_on()
    go_on()
    assert (states(*three), count(OfferEvent), count(Message), _waiting()) == ([OfferState.REJECTED] * 3, 3, 3, 0)
    assert count(Event, Event.action == "offers:answer") == 3


def _raise(error):
    def broken(*args):
        raise error

    return broken


@pytest.mark.parametrize("way", [file_of, choice_of])
def test_a_row_that_breaks_takes_no_other_with_it_and_waits_for_the_next_try(worker, three, monkeypatch, way):
    _, begin, go_on = way(worker, three)
    real = answering.judge

    def breaks_at_the_second(offer, *args, **kwargs):
        return 1 / (offer.ref != three[1].ref) and real(offer, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(answering, "judge", breaks_at_the_second)
        with pytest.raises(ZeroDivisionError):
            begin()
    assert (states(*three), _waiting()) == ([OfferState.REJECTED, OfferState.OPEN, OfferState.REJECTED], 1)
    go_on()
    assert (states(*three), _waiting(), count(OfferEvent)) == ([OfferState.REJECTED] * 3, 0, 3)


@pytest.mark.parametrize("way", [file_of, choice_of])
def test_what_a_colleague_answered_meanwhile_is_told_of_its_row_alone(worker, water, three, way):
    _, begin, _ = way(worker, three)
    responding.accept_offer(factory.actor(water, name="Bo"), Seen(three[1].ref, 1))
    begin()
    assert states(*three) == [OfferState.REJECTED, OfferState.ACCEPTED, OfferState.REJECTED]
    with reading() as session:
        fates = list(session.scalars(select(UploadRow.fate).order_by(UploadRow.line)))
        outcomes = list(session.scalars(select(BulkAnswerRow.outcome).order_by(BulkAnswerRow.id)))
    assert fates + outcomes in (
        [Fate.DONE, Fate.REFUSED, Fate.DONE], [RowOutcome.ANSWERED, RowOutcome.CHANGED, RowOutcome.ANSWERED]
    )  # fmt: skip
