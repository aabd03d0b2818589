"""The clock of one offer: it stands still with a reason, its days move along in working days, and it goes on where it was."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from app import clock as portal_clock
from app import db
from app.access import Kind
from app.audit.models import Event
from app.errors import Conflict, NotFound, Refusal
from app.jobs.models import DailyRun
from app.notifications.models import Message
from app.privacy.restriction import lift_restriction, restrict_case
from app.proposals import responding, settling
from app.proposals.agreement import close_if_over
from app.proposals.clocks import move_clocks, start_clock, stop_clock
from app.proposals.lifecycle import OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.reminding import Reminded, run_reminders
from app.proposals.responding import Seen
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")
# issued on Thursday 4 June: answer by the 18th, reminders on the 11th and 19th, closes on 2 July
LATER, LATE, CLOSES = date(2026, 6, 11), date(2026, 6, 25), date(2026, 7, 2)


@pytest.fixture
def officer(database):
    return factory.actor(factory.organisation(Kind.BANK), name="Mila Haverkamp")


@pytest.fixture
def water(database):
    return factory.organisation(email="post@water.example")


@pytest.fixture
def offer(water):
    return factory.offers(water)[0]


def now(offer):
    with db.reading() as session:
        return session.scalar(select(Offer).where(Offer.ref == offer.ref))


def at(day):
    portal_clock.start_at(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def stop(officer, offer, reason="Wij zoeken het saldo na."):
    stop_clock(officer, offer.ref, reason, now(offer).revision)


def close(offer, day):
    with db.transaction() as session:
        return close_if_over(session, offer.proposal_id, day)


def test_five_working_days_of_standing_still_move_every_day_by_five(officer, offer):
    stop(officer, offer)
    at(LATER)
    start_clock(officer, offer.ref, now(offer).revision)
    moved = now(offer)
    days = (moved.answer_by, moved.closes_on, moved.remind_on, moved.paused_on)
    assert days == (date(2026, 6, 25), date(2026, 7, 9), ["2026-06-18", "2026-06-26"], None)


def test_the_days_move_along_each_day_and_a_second_run_moves_nothing(officer, offer):
    stop(officer, offer)
    revision = now(offer).revision
    assert [move_clocks(day) for day in (date(2026, 6, 5), date(2026, 6, 5), date(2026, 6, 6), date(2026, 6, 8))] == [1, 0, 0, 1]
    assert now(offer).answer_by == date(2026, 6, 22)
    assert now(offer).revision == revision  # nobody who answers is overtaken by the calendar


def test_an_outage_of_a_week_is_caught_up_at_once(officer, offer):
    stop(officer, offer)
    move_clocks(LATER)
    assert now(offer).answer_by == date(2026, 6, 25)


def test_a_last_day_on_the_friday_of_stopping_is_moved_after_the_weekend(officer, offer):
    with db.transaction() as session:
        session.execute(update(Offer).values(answer_by=date(2026, 6, 5)))
    at(date(2026, 6, 5))
    stop(officer, offer)
    for day in (date(2026, 6, 6), date(2026, 6, 7), date(2026, 6, 8)):
        move_clocks(day)
    assert now(offer).answer_by == date(2026, 6, 8)


def test_of_an_offer_whose_clock_stands_nobody_is_reminded(officer, offer):
    stop(officer, offer)
    assert run_reminders(LATER) == Reminded(0, 0)
    at(LATER)
    start_clock(officer, offer.ref, now(offer).revision)
    assert [run_reminders(day).offers for day in (LATER, date(2026, 6, 17), date(2026, 6, 18))] == [0, 0, 1]


def test_a_proposal_does_not_close_over_a_clock_that_stands(officer, offer):
    stop(officer, offer)
    assert close(offer, CLOSES) is False
    assert now(offer).state is OfferState.OPEN


def test_after_it_went_on_the_proposal_closes_on_the_day_that_moved(officer, offer):
    stop(officer, offer)
    at(LATER)
    start_clock(officer, offer.ref, now(offer).revision)
    assert [close(offer, day) for day in (CLOSES, date(2026, 7, 9))] == [False, True]
    assert now(offer).state is OfferState.NO_RESPONSE


def test_the_others_become_no_response_on_their_own_day(officer, water):
    mine, theirs = factory.offers(water, factory.organisation())
    stop(officer, mine)
    close(mine, CLOSES)
    with db.reading() as session:
        assert session.get(Proposal, mine.proposal_id).state is ProposalState.ISSUED
    assert (now(mine).state, now(theirs).state) == (OfferState.OPEN, OfferState.NO_RESPONSE)


def test_an_answer_while_the_clock_stands_is_not_late(officer, offer, water):
    stop(officer, offer)
    at(LATE)
    responding.accept_offer(factory.actor(water), Seen(offer.ref, now(offer).revision))
    assert now(offer).late is False


def test_asking_again_lets_the_clock_go_on(officer, offer, water):
    responding.ask_reconsideration(factory.actor(water), Seen(offer.ref, 1), "Klopt het inkomen?")
    stop(officer, offer)
    settling.ask_again(officer, offer.ref, "Ja, nagekeken.", now(offer).revision)
    asked = now(offer)
    assert (asked.state, asked.paused_on, asked.reconsider_by) == (OfferState.ASKED_AGAIN, None, date(2026, 6, 18))


def test_days_in_which_the_case_rested_as_well_do_not_count_twice(officer, offer):
    stop(officer, offer)
    with db.reading() as session:
        case = session.get(factory.Case, offer.case_id)
    restrict_case(officer, case.ref, "De cliënt vraagt het.", case.revision)
    at(LATER)
    with db.reading() as session:
        case = session.get(factory.Case, offer.case_id)
    lift_restriction(officer, case.ref, case.revision)
    start_clock(officer, offer.ref, now(offer).revision)
    assert (now(offer).answer_by, now(offer).remind_on) == (date(2026, 6, 25), ["2026-06-18", "2026-06-26"])


@pytest.mark.parametrize("state", [OfferState.ACCEPTED, OfferState.REJECTED, OfferState.NO_RESPONSE])
def test_where_no_term_runs_there_is_nothing_to_stop(officer, water, state):
    (offer,) = factory.offers(water, state=state, answered_at=datetime(2026, 6, 4, tzinfo=UTC))
    with pytest.raises(Refusal, match="no_clock_runs"):
        stop(officer, offer)


def test_stopping_asks_a_reason_and_happens_once(officer, offer):
    with pytest.raises(Refusal, match="clock_reason_missing"):
        stop(officer, offer, " ")
    stop(officer, offer)
    with pytest.raises(Refusal, match="clock_stands"):
        stop(officer, offer)
    with pytest.raises(Conflict):
        start_clock(officer, offer.ref, 1)


def test_a_clock_that_runs_is_not_started(officer, offer):
    with pytest.raises(Refusal, match="clock_runs"):
        start_clock(officer, offer.ref, offer.revision)


def test_a_creditor_stops_no_clock(offer, water):
    with pytest.raises(NotFound):
        stop_clock(factory.actor(water), offer.ref, "Wij willen meer tijd.", 1)


def test_the_creditor_is_told_and_the_reason_stays_out_of_the_mail(officer, offer):
    stop(officer, offer, "De cliënt is ziek.")
    with db.reading() as session:
        told = session.scalar(select(Message).where(Message.code == "offers.clock_stopped"))
        event = session.scalar(select(OfferEvent).where(OfferEvent.what == "clock stopped"))
        audit = session.scalar(select(Event).where(Event.action == "offers:stop-clock"))
    assert (told.address, event.facts["reason"]) == ("post@water.example", "De cliënt is ziek.")
    assert "ziek" not in str(told.facts) + audit.changes


def test_each_run_tells_what_it_did_and_one_that_breaks_off_has_no_end(offer, monkeypatch):
    run_reminders(LATER)
    monkeypatch.setattr("app.proposals.reminding._due", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_reminders(LATE)
    with db.reading() as session:
        first, second = session.scalars(select(DailyRun).order_by(DailyRun.id))
    assert (first.day, first.counts, first.finished_at is not None) == (LATER, {"parties": 1, "offers": 1}, True)
    assert (second.day, second.finished_at) == (LATE, None)


def test_silence_after_the_second_question_opens_the_way_to_court(officer, offer, water):
    responding.reject_offer(factory.actor(water), Seen(offer.ref, 1), RejectReason.POLICY, "Nee.")
    settling.ask_again(officer, offer.ref, "Denk nog eens na.", now(offer).revision)
    with pytest.raises(Refusal, match="no_way_to_court"):
        settling.decide_court(officer, offer.ref, now(offer).revision, chosen=True, reason="Nu.")
    close(offer, CLOSES)
    settling.decide_court(officer, offer.ref, now(offer).revision, chosen=True, reason="Alle anderen zijn akkoord.")
    with pytest.raises(Refusal, match="court_reason_missing"):
        settling.decide_court(officer, offer.ref, now(offer).revision, chosen=False, reason="")
