"""The same list, page, answer and reminder on PostgreSQL: its statements are typed, and its rows are locked one by one."""

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app import connect, db
from app.access import Kind
from app.accounts.models import Throttle
from app.audit.service import verify
from app.cases import balance_queries, pause_queries
from app.counts import counted
from app.errors import Conflict, Refusal
from app.jobs import service as jobs
from app.notifications import queries as messages
from app.proposals import answering_many, inbox_queries, responding
from app.proposals.answering_many import OneAnswer
from app.proposals.assigning import assign_offers
from app.proposals.by_code import open_by_code
from app.proposals.inbox_queries import InboxQuery, all_rows, inbox, neighbours, next_open
from app.proposals.inbox_statements import DUES, SORTS
from app.proposals.lifecycle import OfferState, RowOutcome
from app.proposals.many_queries import many_page
from app.proposals.models import BulkAnswerRow, Offer, OfferEvent
from app.proposals.offer_queries import offer_page
from app.proposals.reminding import Reminded, run_reminders
from app.proposals.responding import Seen
from tests import factory
from tests.fake_jobs import FakeQueue

pytestmark = pytest.mark.postgres


@pytest.fixture
def postgres(settings, migrated_url, clock):
    connect(replace(settings, database_url=migrated_url))
    jobs.bind(FakeQueue())
    yield
    jobs.bind(None)
    db.engine().dispose()


@pytest.fixture
def water(postgres):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def offers(water):
    return [factory.offers(water, factory.organisation(), answer_by=date(2026, 6, 2 + n))[0] for n in range(5)]


def test_the_list_reads_alike_by_every_sort_filter_and_page(water, offers):
    actor = factory.actor(water)
    with db.reading() as session:
        assert [row.ref for row in inbox(session, actor, InboxQuery()).rows] == [offer.ref for offer in offers]
        for sort in SORTS:
            first = inbox(session, actor, InboxQuery(sort=sort, status="all"), size=2)
            rest = inbox(session, actor, InboxQuery(sort=sort, status="all", after=first.next_after))
            assert len(first.rows) + len(rest.rows) == len(list(all_rows(session, actor, InboxQuery(status="all")))) == 5
        found = [len(inbox(session, actor, InboxQuery(due=due, cover="no", product="restructuring_loan")).rows) for due in DUES]
        assert found == [2, 1, 2, 0]
        assert len(inbox(session, actor, InboxQuery(q="visser")).rows) == 5
        assert inbox(session, actor, InboxQuery(q="niemand")).rows == []


def test_a_page_with_its_neighbours_reads_alike(water, offers):
    actor = factory.actor(water)
    with db.reading() as session:
        page = offer_page(session, actor, offers[1].ref)
        beside = neighbours(session, actor, offers[1].answer_by, offers[1].id)
        assert next_open(session, actor, offers[4].ref) == offers[0].ref
    assert (page.others, page.can_answer) == (None, True)
    assert (beside.place, beside.total, beside.previous, beside.next) == (2, 5, offers[0].ref, offers[2].ref)


def test_what_waits_is_counted_in_one_statement(water, offers):
    parts = (inbox_queries.open_count, pause_queries.waiting_count, balance_queries.open_count, messages.unread_count)
    with db.reading() as session:
        assert counted(session, factory.actor(water, person_id=1), parts) == [5, 0, 0, 0]


def test_an_agent_sees_what_its_mandate_opens(water):
    agent = factory.organisation(Kind.AGENT)
    case = factory.case()
    claim = factory.claim(case, water, agent_id=agent.id)
    factory.offer(factory.proposal(case, [claim]), claim)
    actor = factory.actor(agent)
    with db.reading() as session:
        assert inbox(session, actor, InboxQuery()).rows == []
    factory.mandate(agent, water)
    with db.reading() as session:
        assert len(inbox(session, actor, InboxQuery()).rows) == 1


def test_sixteen_people_answer_at_once_and_one_wins(water, offers):
    outcomes, start = [], Barrier(16)

    def answer(number):
        start.wait()
        try:
            responding.accept_offer(factory.actor(water, name=f"Collega {number}"), Seen(offers[0].ref, 1))
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [Thread(target=answer, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 15 + ["won"]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(OfferEvent)) == 1
        assert verify(session) == (1, None)


def test_two_choices_of_the_same_offers_in_opposite_order_wait_for_each_other_and_answer_each_once(water, offers):
    start = Barrier(2)

    def answer(number, mine):
        actor = factory.actor(water, name=f"Collega {number}")
        ref = answering_many.choose_offers(actor, str(number) * 20, [(offer.ref, 1) for offer in mine])
        start.wait()
        answering_many.answer_chosen(actor, ref, OneAnswer(OfferState.ACCEPTED))

    threads = [Thread(target=answer, args=(number, mine)) for number, mine in enumerate((offers, offers[::-1]), 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        outcomes = list(session.scalars(select(BulkAnswerRow.outcome).order_by(BulkAnswerRow.outcome)))
        assert (outcomes, session.scalar(select(func.count()).select_from(OfferEvent))) == (
            [RowOutcome.ANSWERED] * 5 + [RowOutcome.CHANGED] * 5, 5
        )  # fmt: skip
        assert verify(session)[1] is None


def test_reminders_go_out_once(water, offers):
    assert [run_reminders(date(2026, 6, 11)) for _ in range(2)] == [Reminded(6, 10), Reminded(0, 0)]
    with db.reading() as session:
        assert set(session.scalars(select(Offer.reminders))) == {1}


def test_wrong_codes_that_come_at_once_are_all_counted(water):
    outcomes, start = [], Barrier(4)

    def guess():
        start.wait()
        try:
            open_by_code("2222222222", "192.0.2.7", "test")
        except Refusal as no:
            outcomes.append(no.code)

    threads = [Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["proposals.code_unknown"] * 4
    with db.reading() as session:
        assert session.scalars(select(Throttle.failures)).all() == [4]


def test_many_are_answered_once_by_two_processes_at_the_same_time_and_taken_back(water, offers):
    worker, start = factory.actor(water, person_id=7), Barrier(2)
    ref = answering_many.choose_offers(worker, "k" * 20, [(offer.ref, 1) for offer in offers])

    def answer():
        start.wait()
        answering_many.answer_chosen(worker, ref, OneAnswer(OfferState.ACCEPTED))

    threads = [Thread(target=answer) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    answering_many.undo_chosen(worker, ref)
    with db.reading() as session:
        assert many_page(session, worker, ref).counts == {RowOutcome.UNDONE: 5}
        assert session.scalar(select(func.count()).where(OfferEvent.what == "answered")) == 5


def test_work_is_divided_and_filtered_alike(water, offers):
    samira = factory.person(water)
    worker = factory.actor(water, person_id=samira.id)
    assign_offers(worker, [offer.ref for offer in offers[:2]], samira.id)
    with db.reading() as session:
        assert [row.ref for row in inbox(session, worker, InboxQuery(who="mine")).rows] == [offer.ref for offer in offers[:2]]
        assert [one.waiting for one in inbox(session, worker, InboxQuery()).team.colleagues] == [2]
        assert len(inbox(session, worker, InboxQuery(who="unassigned")).rows) == 3
