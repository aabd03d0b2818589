"""Commitments through their use cases: making, checks by hand and by figures, and the whole story to the next meeting."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.clock import AMSTERDAM
from app.errors import Conflict, NotFound, Refusal
from app.jobs.registry import JOBS
from app.notifications.models import Message
from app.proposals.lifecycle import OfferState
from app.relations import addressing, commitment_queries, commitments, escalations, meeting_queries, meetings
from app.relations.commitment_rules import CommitmentState, Measure, Norm
from app.relations.commitments import Origin, Promise
from app.relations.complaint_rules import Answer, ComplaintKind
from app.relations.escalation_rules import Level, Result, Way
from app.relations.escalations import Ground, Step
from app.relations.meetings import Plan
from app.relations.models import Commitment, CommitmentCheck, Complaint
from tests import factory

PROMISE = Promise("Brieven testen met vijf klanten.", "Noor Wisselink", date(2026, 6, 30), "Zij sturen de brieven.")
NORM = Norm(Measure.ANSWERS_IN_TIME, 90, 10)


class Place:
    """A creditor with its manager, another one, and the relations team."""

    def __init__(self):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        self.relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.joris = factory.actor(self.relations, person_id=factory.person(self.relations).id, name="Joris Blaauw")
        self.manager, self.stranger = (factory.actor(one, Role.CREDITOR_MANAGER) for one in (self.creditor, self.other))

    def make(self, promise=PROMISE, **origin):
        return commitments.make_commitment(self.joris, self.creditor.code, promise, Origin(**origin))

    def act(self, act, ref, *given, **more):
        getattr(commitments, act)(self.joris, ref, loaded(ref).revision, *given, **more)

    def page(self, ref, who=None):
        with db.reading() as session:
            return commitment_queries.commitment_page(session, who or self.joris, ref)


@pytest.fixture
def place(queue, clock):
    return Place()


def loaded(ref, table=Commitment):
    with db.reading() as session:
        return session.scalar(select(table).where(table.ref == ref))


def mails():
    with db.reading() as session:
        return [(one.code, one.organisation_id) for one in session.scalars(select(Message).order_by(Message.id))]


def test_a_commitment_is_kept_once_and_its_creditor_reads_it(place):
    ref = place.make()
    assert place.make() == ref
    row = place.page(ref, place.manager).row
    assert (row.state, row.due_on, row.check_on) == (CommitmentState.OPEN, date(2026, 6, 30), date(2026, 6, 30))
    assert mails() == [("commitments.made", place.creditor.id)]
    with pytest.raises(NotFound):
        place.page(ref, place.stranger)


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"due_on": date(2026, 6, 3)}, "commitments.day_in_past"),
        ({"how": " "}, "relations.words_missing"),
        ({"by_whom": ""}, "relations.words_missing"),
        ({"norm": replace(NORM, threshold=101)}, "commitments.threshold"),
    ],
)
def test_what_cannot_be_checked_is_no_commitment(place, over, code):
    with pytest.raises(Refusal, match=code):
        place.make(replace(PROMISE, **over))


def test_it_comes_from_a_meeting_or_escalation_with_the_same_organisation(place):
    meeting, elsewhere = factory.meeting(place.creditor), factory.meeting(place.other)
    assert place.page(place.make(meeting=meeting.ref)).meeting == meeting.ref
    with pytest.raises(Refusal, match=r"commitments.other_party"):
        place.make(replace(PROMISE, words="Iets anders."), meeting=elsewhere.ref)


def test_a_check_by_hand_says_kept_or_not_and_plans_the_next(place):
    ref, next_on = place.make(), date(2026, 9, 1)
    seen = loaded(ref).revision
    place.act("check_commitment", ref, "Twee van de vijf.", next_on, is_kept=False)
    with pytest.raises(Conflict):
        commitments.check_commitment(place.joris, ref, seen, "Alle vijf.", None, is_kept=True)
    page = place.page(ref, place.manager)
    assert (page.row.state, page.row.check_on) == (CommitmentState.NOT_KEPT, next_on)
    assert [(check.is_kept, check.words, check.planned_on) for check in page.checks] == [(False, "Twee van de vijf.", date(2026, 6, 30))]
    assert mails()[-1] == ("commitments.not_kept", place.creditor.id)
    place.act("check_commitment", ref, "Nu alle vijf.", None, is_kept=True)
    place.act("end_commitment", ref, "Een nieuwe afspraak geldt.")
    with pytest.raises(Refusal, match=r"commitments.ended_already"):
        place.act("check_commitment", ref, "Nog eens.", None, is_kept=True)


def offers(place, *answered, issued_on=date(2026, 6, 8), **over):
    """Offers of one day, each answered on a moment or never; those of 8 June are due on the 22nd."""
    for moment in answered:
        case = factory.case()
        claim = factory.claim(case, place.creditor)
        state = OfferState.ACCEPTED if moment else OfferState.OPEN
        values = {"issued_on": issued_on, "answer_by": date(2026, 6, 22), "answered_at": moment, "state": state}
        factory.offer(factory.proposal(case, [claim]), claim, **values | over)


def on(day, hour=12):
    return datetime(2026, 6, day, hour, tzinfo=AMSTERDAM)


def run():
    JOBS["relations.check_commitments"].handler({})


def checks():
    with db.reading() as session:
        return [
            (one.first_day, one.met, one.counted, one.threshold, one.is_kept)
            for one in session.scalars(select(CommitmentCheck).order_by(CommitmentCheck.id))
        ]


def test_the_portals_figure_checks_each_month_once_and_keeps_what_it_counted(place, clock):
    ref = place.make(replace(PROMISE, due_on=date(2026, 6, 4), norm=NORM))
    with db.transaction() as session:  # as if it had been agreed before
        session.query(Commitment).update({"made_on": date(2026, 5, 20), "due_on": date(2026, 6, 1)})
    offers(place, *[on(10)] * 8, on(22, 23), on(23, 1))  # nine of ten within their days, to the last hour
    offers(place, None, state=OfferState.WITHDRAWN)
    run()
    assert checks() == []  # the month runs
    clock.move_to("2026-07-01T05:20:00+02:00")
    run()
    run()
    assert checks() == [(date(2026, 6, 1), 9, 10, 90, True)]
    clock.move_to("2026-08-02T05:20:00+02:00")
    run()
    assert checks()[1:] == [(date(2026, 7, 1), 0, 0, 90, None)]
    assert loaded(ref).state is CommitmentState.KEPT  # nothing to count changes nothing


def test_a_number_of_the_portal_is_kept_by_a_month_without_and_read_with_what_was_counted(place, clock):
    ref = place.make(replace(PROMISE, due_on=date(2026, 6, 4), norm=Norm(Measure.PAUSE_COMPLAINTS, 0)))
    factory.notices(place.creditor)
    for month, complaints in (("2026-08-01", 0), ("2026-09-01", 1)):
        for _ in range(complaints):
            at = {"kind": ComplaintKind.DURING_PAUSE, "addressed_at": datetime(2026, 8, 5, 9, tzinfo=UTC)}
            factory.complaint(place.relations, place.creditor, **at)
        clock.move_to(f"{month}T05:20:00+02:00")
        run()
    assert checks() == [(date(2026, 7, 1), 0, 1, 0, True), (date(2026, 8, 1), 1, 1, 0, False)]
    assert loaded(ref).state is CommitmentState.NOT_KEPT


def test_days_on_which_the_clock_stood_still_do_not_count_against_the_creditor(place, clock):
    place.make(replace(PROMISE, due_on=date(2026, 6, 4), norm=NORM))
    with db.transaction() as session:
        session.query(Commitment).update({"due_on": date(2026, 6, 1), "made_on": date(2026, 6, 1)})
    offers(place, on(25), answer_by=date(2026, 6, 26))
    clock.move_to("2026-07-01T05:20:00+02:00")
    run()
    assert checks() == [(date(2026, 6, 1), 1, 1, 90, True)]


def test_from_a_complaint_to_the_agenda_of_the_next_meeting(place, clock):
    complaint = factory.complaint(place.relations, place.creditor)
    addressing.address_complaint(place.joris, complaint.ref, 1, "Er zijn te hoge kosten gerekend.", tell_agent=False)
    seen = loaded(complaint.ref, Complaint).revision
    worker = factory.actor(place.creditor, name="Wout Water")
    addressing.answer_complaint(worker, complaint.ref, seen, Answer.RIGHT, "De kosten kloppen.")
    step = Step(Level.MANAGEMENT, Way.CALL, "Betaal de kosten terug.")
    escalation = escalations.start_escalation(place.joris, place.creditor.code, "Kosten", step, Ground(complaint=complaint.ref))
    first = plan(place, 9)
    assert [point.ref for point in agenda(place, first)] == [complaint.ref, escalation]
    clock.move_to("2026-06-09T11:30:00+02:00")
    meetings.write_minutes(place.joris, first, 1, "Zij antwoorden voortaan op tijd.")
    ref = place.make(replace(PROMISE, norm=NORM), meeting=first)
    escalations.close_escalation(place.joris, escalation, 1, Result.PROMISED, "In het overleg toegezegd.")
    offers(place, None, issued_on=date(2026, 7, 1), answer_by=date(2026, 7, 15))
    clock.move_to("2026-08-01T05:20:00+02:00")
    run()
    second = plan(place, 20, month=8)
    assert (loaded(ref).state, ref in {point.ref for point in agenda(place, second)}) == (CommitmentState.NOT_KEPT, True)
    assert [point.ref for point in agenda(place, second, place.manager)] == [ref, complaint.ref]
    assert mails()[-3:-1] == [("commitments.not_kept", place.creditor.id), ("commitments.check_failed", place.relations.id)]
    assert ref not in {point.ref for point in agenda(place, first)}  # what was held stays as it was


def plan(place, day, month=6):
    begins = datetime(2026, month, day, 9, tzinfo=UTC)
    return meetings.plan_meeting(place.joris, place.creditor.code, Plan(begins, begins.replace(hour=10)))


def agenda(place, ref, who=None):
    with db.reading() as session:
        return meeting_queries.meeting_page(session, who or place.joris, ref).agenda
