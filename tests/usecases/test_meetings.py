"""Meetings through their use cases: planning, the agenda that draws itself, minutes, notes, and calendars."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.accounts.models import Membership
from app.clock import AMSTERDAM, now
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.relations import calendar_feeds, meeting_queries, meetings
from app.relations.commitment_rules import CommitmentState
from app.relations.meeting_rules import ItemKind, MeetingState
from app.relations.meetings import Plan
from app.relations.models import Meeting
from tests import factory


def at(day, hour, month=6):
    return datetime(2026, month, day, hour, tzinfo=AMSTERDAM)


PLAN = Plan(at(18, 10), at(18, 11), "Dijkgracht 324", theirs=("Noor Wisselink", "", "Noor Wisselink"))


class Place:
    """A creditor with its manager, another one, and the relations team."""

    def __init__(self):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        self.relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        who = factory.person(self.relations, name="Joris Blaauw")
        self.joris = factory.actor(self.relations, person_id=who.id, name="Joris Blaauw")
        self.manager = self._manager(self.creditor)
        self.stranger = self._manager(self.other)

    def _manager(self, creditor):
        who = factory.person(creditor, Role.CREDITOR_MANAGER)
        return factory.actor(creditor, Role.CREDITOR_MANAGER, person_id=who.id)

    def plan(self, plan=PLAN, minutes=None):
        return meetings.plan_meeting(self.joris, self.creditor.code, replace(plan, ours=(self.joris.person_id,)), minutes)

    def act(self, act, ref, *given):
        getattr(meetings, act)(self.joris, ref, loaded(ref).revision, *given)

    def page(self, ref, who=None):
        with db.reading() as session:
            return meeting_queries.meeting_page(session, who or self.joris, ref)

    def agenda(self, ref, who=None):
        return [(point.kind, point.ref or point.words) for point in self.page(ref, who).agenda]


@pytest.fixture
def place(queue, clock):
    return Place()


def loaded(ref):
    with db.reading() as session:
        return session.scalar(select(Meeting).where(Meeting.ref == ref))


def test_a_meeting_is_planned_once_with_both_sides_at_the_table(place):
    ref = place.plan()
    assert place.plan() == ref
    page = place.page(ref)
    assert (page.ours, page.theirs) == ([(place.joris.person_id, "Joris Blaauw")], ["Noor Wisselink"])
    with db.reading() as session:
        sent = session.scalars(select(Message).where(Message.code == "meetings.planned")).all()
    assert [(one.organisation_id, one.facts) for one in sent] == [(place.creditor.id, {"meeting": ref})]


@pytest.mark.parametrize(
    ("plan", "minutes", "code"),
    [
        (Plan(at(3, 10), at(3, 11)), None, "meetings.in_past"),
        (Plan(at(18, 10), at(18, 10)), None, "meetings.ends_wrong"),
        (PLAN, "Er is gesproken.", "meetings.not_yet"),
        (Plan(at(3, 10), at(3, 11)), " ", "meetings.minutes_missing"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_nothing_stays(place, plan, minutes, code):
    with pytest.raises(Refusal, match=code):
        place.plan(plan, minutes)
    with db.reading() as session:
        assert session.scalars(select(Meeting)).all() == []


def test_one_that_was_held_is_written_down_with_its_minutes(place):
    ref = place.plan(Plan(at(3, 10), at(3, 11)), "Zij sturen de brieven op.")
    assert (loaded(ref).state, place.page(ref, place.manager).minutes) == (MeetingState.HELD, "Zij sturen de brieven op.")


def test_the_agenda_draws_itself_from_what_is_open(place):
    ref, open_one = place.plan(), {"state": CommitmentState.OPEN}
    complaint = factory.complaint(place.relations, place.creditor)
    told = factory.complaint(place.relations, place.creditor, addressed_at=now())
    factory.complaint(place.relations, place.other)
    escalation = factory.escalation(place.creditor)
    broken = factory.commitment(place.creditor, state=CommitmentState.NOT_KEPT, due_on=at(1, 0, 9).date())
    due = factory.commitment(place.creditor, due_on=at(18, 0).date(), **open_one)
    factory.commitment(place.creditor, due_on=at(19, 0).date(), **open_one)  # after the meeting
    factory.commitment(place.creditor, state=CommitmentState.KEPT, due_on=at(1, 0).date())
    meetings.add_item(place.joris, ref, "Akkoord vooraf loopt af", is_private=False)
    drawn = place.agenda(ref)
    assert drawn[:2] == [(ItemKind.COMMITMENT, broken.ref), (ItemKind.COMMITMENT, due.ref)]
    assert set(drawn[2:4]) == {(ItemKind.COMPLAINT, complaint.ref), (ItemKind.COMPLAINT, told.ref)}
    assert drawn[4:] == [(ItemKind.ESCALATION, escalation.ref), (ItemKind.OWN, "Akkoord vooraf loopt af")]


def test_the_creditor_sees_its_agenda_without_what_is_the_citys_alone(place):
    ref = place.plan()
    factory.complaint(place.relations, place.creditor)  # not put before it yet
    told = factory.complaint(place.relations, place.creditor, addressed_at=now())
    factory.escalation(place.creditor)
    meetings.add_item(place.joris, ref, "Onze inzet", is_private=True)
    meetings.note_meeting(place.joris, ref, "Zij zijn nerveus.")
    page = place.page(ref, place.manager)
    assert ([(one.kind, one.ref) for one in page.agenda], page.notes) == ([(ItemKind.COMPLAINT, told.ref)], [])
    assert [note.words for note in place.page(ref).notes] == ["Zij zijn nerveus."]
    with pytest.raises(NotFound):
        place.page(ref, place.stranger)


def test_with_the_minutes_the_agenda_stays_as_it_was(place, clock):
    ref = place.plan()
    factory.complaint(place.relations, place.creditor)
    meetings.add_item(place.joris, ref, "Brieven", is_private=False)
    with pytest.raises(Refusal, match=r"meetings.minutes_too_soon"):
        place.act("write_minutes", ref, "Vast geschreven.")
    clock.move_to("2026-06-18T10:30:00+02:00")
    before = place.agenda(ref)
    place.act("write_minutes", ref, "Besproken.")
    factory.escalation(place.creditor)
    place.act("write_minutes", ref, "Beter opgeschreven.")
    assert place.agenda(ref) == before
    assert [point.kind for point in place.page(ref, place.manager).agenda] == [ItemKind.OWN]  # the complaint was never put before it
    with pytest.raises(Refusal, match=r"meetings.held_already"):
        place.act("cancel_meeting", ref, "Noor is ziek.")


def test_moving_and_cancelling_is_told_and_nothing_follows_on_cancelling(place):
    ref, later = place.plan(), replace(PLAN, begins=at(19, 10), ends=at(19, 11))
    seen = loaded(ref).revision
    place.act("change_meeting", ref, later)
    with pytest.raises(Conflict):
        meetings.change_meeting(place.joris, ref, seen, later)
    with pytest.raises(Refusal, match=r"meetings.in_past"):
        place.act("change_meeting", ref, replace(PLAN, begins=at(3, 10), ends=at(3, 11)))
    place.act("cancel_meeting", ref, "Noor is ziek.")
    with db.reading() as session:
        told = session.scalars(select(Message.code).order_by(Message.id)).all()
    assert told == ["meetings.planned", "meetings.changed", "meetings.cancelled"]
    with pytest.raises(Refusal, match=r"meetings.cancelled"):
        meetings.add_item(place.joris, ref, "Toch nog", is_private=False)


def test_a_calendar_shows_the_own_meetings_until_its_address_ends(place):
    ref = place.plan()
    elsewhere = factory.meeting(place.other)
    shown = {}
    for name in ("joris", "manager", "stranger"):
        token = calendar_feeds.make_feed(getattr(place, name))
        with db.reading(as_portal=True) as session:
            shown[name] = [row.ref for row in calendar_feeds.feed_rows(session, token)]
    assert shown == {"joris": [ref], "manager": [ref], "stranger": [elsewhere.ref]}
    calendar_feeds.end_feed(place.stranger)
    for gone in (token, "a-calendar-of-nobody"):
        with db.reading(as_portal=True) as session, pytest.raises(NotFound):
            calendar_feeds.feed_rows(session, gone)


def test_making_an_address_anew_ends_the_old_one_and_leaving_ends_both(place):
    old, new = calendar_feeds.make_feed(place.manager), calendar_feeds.make_feed(place.manager)
    with db.reading(as_portal=True) as session:
        assert calendar_feeds.feed_rows(session, new) == []
        with pytest.raises(NotFound):
            calendar_feeds.feed_rows(session, old)
    with db.transaction(as_portal=True) as session:
        session.query(Membership).filter_by(person_id=place.manager.person_id).update({"ends_on": at(3, 0).date()})
    with db.reading(as_portal=True) as session, pytest.raises(NotFound):
        calendar_feeds.feed_rows(session, new)


def test_another_meeting_at_the_same_time_is_refused_so_that_its_minutes_are_not_lost(place, clock):
    ref = place.plan()
    with pytest.raises(Refusal, match=r"meetings\.same_time"):
        place.plan(replace(PLAN, ends=at(18, 12)))
    clock.move_to(at(18, 12))
    with pytest.raises(Refusal, match=r"meetings\.same_time"):
        place.plan(PLAN, "Zij sturen de brieven op.")
    place.act("write_minutes", ref, "Zij sturen de brieven op.")
    assert place.plan(PLAN, "Zij sturen de brieven op.") == ref


def test_a_second_click_drops_no_second_point_and_writes_no_second_note(place):
    ref = place.plan()
    meetings.add_item(place.joris, ref, "Akkoord vooraf loopt af", is_private=False)
    number = place.page(ref).agenda[0].id
    for _click in range(2):
        meetings.drop_item(place.joris, ref, number)
        meetings.note_meeting(place.joris, ref, "Zij klonken moe.")
    assert (place.agenda(ref), len(place.page(ref).notes)) == ([], 1)
