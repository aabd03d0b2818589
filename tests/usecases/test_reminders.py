"""Reminders: on their days, once, to whoever acts, with numbers only; late runs catch up."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.notifications.models import Message
from app.proposals import reminding
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, OfferEvent
from app.proposals.reminding import Reminded, run_reminders
from tests import factory

FIRST, SECOND, CLOSES = date(2026, 6, 11), date(2026, 6, 19), date(2026, 7, 2)


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok", email="post@water.example")


def everything(of):
    with db.reading() as session:
        return list(session.scalars(select(of)))


def mails():
    return [(mail.address, mail.facts["offers"]) for mail in everything(Message)]


def test_nothing_is_sent_before_the_day(water):
    factory.offers(water)
    assert run_reminders(date(2026, 6, 10)) == Reminded(0, 0)


def test_one_mail_tells_how_many_offers_wait_and_names_nobody(water, capsys, queue):
    for _ in range(3):
        factory.offers(water)
    assert run_reminders(FIRST) == Reminded(1, 3)
    assert mails() == [("post@water.example", "3")]
    assert [event.what for event in everything(OfferEvent)] == ["reminded"] * 3
    queue.run_all()
    said = capsys.readouterr().out
    assert "3 aanbiedingen" in said
    assert "Visser" not in said


def test_a_second_run_on_the_day_sends_nothing_and_the_second_day_sends_again(water):
    factory.offers(water)
    assert [run_reminders(day).offers for day in (FIRST, FIRST, date(2026, 6, 12), SECOND, SECOND)] == [1, 0, 0, 1, 0]


def test_an_outage_over_both_days_is_caught_up_with_one_mail(water):
    offer = factory.offers(water)[0]
    run_reminders(date(2026, 6, 22))
    assert len(mails()) == 1
    with db.reading() as session:
        assert session.get(Offer, offer.id).reminders == 2


@pytest.mark.parametrize("state", [state for state in OfferState if state not in {OfferState.OPEN, OfferState.PREPARED}])
def test_who_answered_or_was_asked_again_is_left_alone(water, state):
    factory.offers(water, state=state, answered_at=datetime(2026, 6, 5, tzinfo=UTC))
    assert run_reminders(FIRST) == Reminded(0, 0)


def test_a_proposal_that_is_over_reminds_nobody(water):
    case = factory.case()
    claim = factory.claim(case, water)
    factory.offer(factory.proposal(case, [claim], state=ProposalState.WITHDRAWN), claim)
    factory.offers(water)
    assert run_reminders(date(2026, 7, 3)) == Reminded(0, 0)


def test_the_agent_that_acts_is_reminded_instead_of_its_creditor(water):
    agent = factory.organisation(Kind.AGENT, email="post@kade.example")
    case = factory.case()
    claim = factory.claim(case, water, agent_id=agent.id)
    factory.offer(factory.proposal(case, [claim]), claim)
    run_reminders(FIRST)
    assert mails() == [("post@kade.example", "1")]


def test_a_reminder_overtakes_nobody_who_is_answering(water):
    offer = factory.offers(water)[0]
    run_reminders(FIRST)
    with db.reading() as session:
        assert session.get(Offer, offer.id).revision == offer.revision


def test_who_acts_no_longer_when_its_turn_comes_is_reminded_of_nothing(water, monkeypatch):
    offer, agent, due = factory.offers(water)[0], factory.organisation(Kind.AGENT, email="post@kade.example"), reminding._due

    def hand_over(*args):
        monkeypatch.setattr(reminding, "_due", due)
        found = due(*args)
        with db.transaction() as session:
            session.get(Offer, offer.id).agent_id = agent.id
        return found

    monkeypatch.setattr(reminding, "_due", hand_over)
    assert (run_reminders(FIRST).offers, mails()) == (0, [])
    assert (run_reminders(FIRST).offers, mails()) == (1, [("post@kade.example", "1")])
