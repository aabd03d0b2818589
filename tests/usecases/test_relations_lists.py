"""The lists of relations page by page: each row once in the order of the list, whatever stands where a page begins."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app import db
from app.access import Kind, Role
from app.errors import NotFound
from app.relations import commitment_queries, escalation_queries, meeting_queries, paging, triage_queries
from app.relations.commitment_queries import CommitmentQuery
from app.relations.complaint_access import triaged_by
from app.relations.complaint_lifecycle import State
from app.relations.complaint_queries import rows_where
from app.relations.complaint_rules import Outcome
from app.relations.escalation_queries import EscalationQuery
from app.relations.escalation_rules import EscalationState, Result
from app.relations.meeting_queries import MeetingQuery
from app.relations.triage_queries import QueueQuery
from tests import factory
from tests.conftest import NOW

CLOSED = {"state": State.CLOSED, "outcome": Outcome.UPHELD, "closed_on": date(2026, 6, 2), "due_on": None}
SETTLED = {"state": EscalationState.CLOSED, "closed_on": date(2026, 6, 2), "result": Result.SETTLED}
LISTS = {
    "complaints": (triage_queries.queue, QueueQuery(show="all")),
    "escalations": (escalation_queries.escalations, EscalationQuery(show="all")),
    "meetings": (meeting_queries.meetings, MeetingQuery(show="all")),
    "commitments": (commitment_queries.commitments, CommitmentQuery(show="all")),
}


class World:
    """Five rows in each list, by their name in the order in which the list shows them."""

    def __init__(self):
        self.relations, self.water = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer"), factory.organisation()
        self.joris = factory.actor(self.relations, person_id=1)
        self.made = {"complaints": self._complaints(), "escalations": self._escalations()}
        self.made["meetings"] = [self._meeting(NOW + timedelta(days=day)) for day in (9, 3, 3, -2, -5)]
        self.made["meetings"][1:3] = reversed(self.made["meetings"][1:3])
        self.made["commitments"] = [self._commitment(due, check) for due, check in ((30, 8), (12, None), (12, 12), (13, None), (28, 20))]

    def _complaints(self):
        today = date(2026, 6, 4)
        days = [{"due_on": today}, {"due_on": today, "is_urgent": True}, {"due_on": date(2026, 6, 5)}, CLOSED, CLOSED]
        plain, urgent, later, old, new = [factory.complaint(self.relations, self.water, **over).ref for over in days]
        return [urgent, plain, later, new, old]

    def _escalations(self):
        terms = [{"due_on": date(2026, 6, day)} for day in (9, 3, 9)] + [SETTLED | {"due_on": date(2026, 6, 1)}, SETTLED]
        first, late, second, old, new = [factory.escalation(self.water, **over).ref for over in terms]
        return [late, first, second, new, old]

    def _meeting(self, begins):
        return factory.meeting(self.water, begins=begins, ends=begins + timedelta(hours=1)).ref

    def _commitment(self, due, check):
        return factory.commitment(self.water, due_on=date(2026, 6, due), check_on=check and date(2026, 6, check)).ref

    def page(self, name, after="", size=2):
        """Return the references on a page and after which the next one begins."""
        query, asked = LISTS[name]
        with db.reading() as session:
            page = query(session, self.joris, type(asked)(show="all", after=after), size)
        rows = [row for _, group in page.groups for row in group] if name == "complaints" else page.rows
        return [row.ref for row in rows], page.next_after, page.counts


@pytest.fixture
def world(queue, clock):
    return World()


def test_every_row_stands_once_on_the_pages_of_its_list_in_its_order(world):
    for name, made in world.made.items():
        found, after = [], None
        while after != "":
            refs, after, _ = world.page(name, after or "")
            found += refs
        assert found == made, name


def test_a_page_after_a_row_that_nobody_sees_is_missing(world):
    for name in LISTS:
        with pytest.raises(NotFound):
            world.page(name, "H-9999-9999")


def test_a_page_begins_where_a_row_stands_that_fits_the_filters_no_more(world):
    urgent, _, later, *_ = world.made["complaints"]
    with db.reading() as session:
        page = triage_queries.queue(session, world.joris, QueueQuery(show="week", after=urgent))
    assert [row.ref for _, group in page.groups for row in group] == [later]


def test_a_creditor_pages_through_its_own_meetings_alone(world):
    other = factory.organisation(name="Zilverreiger")
    strangers = factory.meeting(other).ref
    manager = factory.actor(world.water, Role.CREDITOR_MANAGER)
    with db.reading() as session, pytest.raises(NotFound):
        meeting_queries.meetings(session, manager, MeetingQuery(show="all", after=strangers))


def test_counts_stop_where_the_page_says_so(world, monkeypatch):
    monkeypatch.setattr(paging, "MOST", 2)
    assert (world.page("meetings")[2][""], world.page("escalations")[2]["open"], world.page("commitments")[2][""]) == (2, 2, 2)


def test_the_queue_is_read_by_its_days_and_sorts_no_more_than_one_of_them(world):
    with db.reading() as session:
        found = triage_queries.RUNNING.ordered(rows_where(triaged_by(world.joris))).limit(51)
        asked = found.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in session.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
    assert any("ix_complaint_due_on" in step for step in plan)
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan
