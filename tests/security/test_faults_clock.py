"""The clock jumps, an hour or a day, forth and back: nothing happens twice, nobody gains a session, and the log keeps its order."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app import db
from app.access import SYSTEM, Kind
from app.audit.models import Event
from app.audit.service import record, verify
from app.jobs import registry
from app.jobs.engine import local_day
from app.notifications.models import Message
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, Proposal
from app.proposals.responding import Seen, accept_offer
from tests import factory
from tests.conftest import NOW
from tests.security.counting import count

JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_log_keeps_its_order_by_number_whatever_the_clock_says(database, clock, jump):
    for moment in (NOW, NOW + jump, NOW):
        clock.move_to(moment)
        with db.transaction(as_portal=True) as session:
            record(session, SYSTEM, "test:act", "document/x")
    with db.reading(as_portal=True) as session:
        assert verify(session) == (3, None)
        assert session.scalars(select(Event.at).order_by(Event.sequence)).all() == [NOW, NOW + jump, NOW]
    count("faults", "jumps of the clock")


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_an_answer_during_a_jump_is_kept_once(database, queue, clock, jump):
    creditor = factory.organisation()
    actor, offer = factory.actor(creditor), factory.offers(creditor)[0]
    clock.move_to(NOW + jump)
    for moment in (NOW + jump, NOW):  # the second time is the double click, after the clock was set right
        clock.move_to(moment)
        accept_offer(actor, Seen(offer.ref, 1))
    with db.reading(as_portal=True) as session:
        assert session.scalar(select(Offer.state)) is OfferState.ACCEPTED
        assert session.scalar(select(func.count()).where(Event.action == "offers:answer")) == 1
    count("faults", "jumps of the clock")


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_daily_work_does_its_day_once(database, queue, clock, jump):
    """A day that is run again, or run before the one that it follows, tells and closes nothing twice."""
    offer = factory.offers(factory.organisation())[0]
    day = _reminder_day(offer)
    for moment in (day, day + jump, day):
        clock.move_to(moment)
        for job in ("proposals.remind", "proposals.close_over"):
            registry.JOBS[job].handler({"day": local_day(moment)})
    queue.run_all()
    with db.reading(as_portal=True) as session:
        told = session.scalars(select(Message.id).where(Message.code == "offers.reminder")).all()
        assert (len(told), session.scalar(select(Offer.state))) == (1, OfferState.OPEN)
    count("faults", "jumps of the clock")


def _reminder_day(offer):
    with db.reading(as_portal=True) as session:
        remind_on = session.scalar(select(Proposal.remind_on).where(Proposal.id == offer.proposal_id))
    return NOW + timedelta(days=(date.fromisoformat(remind_on[0]) - NOW.date()).days)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_no_session_outlives_its_end_and_none_is_gained(client_of, clock, jump):
    browser = client_of(factory.person(factory.organisation(Kind.CREDITOR)))
    assert browser.get("/offers").status_code == 200
    clock.move_to(NOW + jump)
    during = browser.get("/offers").status_code
    clock.move_to(NOW + timedelta(minutes=1))
    after = browser.get("/offers").status_code
    assert (during, after) == (302, 200)  # while the clock is wrong, sessions rest
    clock.move_to(NOW + timedelta(hours=13))
    assert browser.get("/offers").status_code == 302
    count("faults", "jumps of the clock")
