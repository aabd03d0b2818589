"""The same requests, statements, reminders and closing on PostgreSQL: its statements are typed, and its rows are locked one by one."""

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app import connect, db
from app.access import Kind
from app.cases.balance_asking import close_over, run_reminders, send_to_cases
from app.cases.balance_queries import DUES, SORTS, BalanceQuery, all_rows, balance_list, balance_page, next_open
from app.cases.balance_rules import Statement
from app.cases.balance_stating import Seen, export_requests, save_draft, state_balance, take_over
from app.cases.models import BalanceRequest, BalanceStatement, Claim
from app.cases.rules import Rank
from app.errors import Conflict
from app.jobs import service as jobs
from tests import factory
from tests.fake_jobs import FakeQueue

pytestmark = pytest.mark.postgres
SAID = Statement(100_000, 0, 0, "", Rank.CONCURRENT)


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
def officer(postgres):
    return factory.actor(factory.organisation(Kind.BANK), person_id=1)


@pytest.fixture
def refs(water, officer):
    """Three requests, each in a case of its own."""
    cases = [factory.case() for _ in range(3)]
    for case in cases:
        factory.claim(case, water, stated_cents=None, stated_on=None)
    send_to_cases(officer, [case.id for case in cases])
    with db.reading() as session:
        return list(session.scalars(select(BalanceRequest.ref).order_by(BalanceRequest.id)))


def test_the_list_reads_alike_by_every_sort_filter_and_page(water, refs):
    actor = factory.actor(water)
    with db.reading() as session:
        for sort in SORTS:
            first = balance_list(session, actor, BalanceQuery(sort=sort), 2)
            rest = balance_list(session, actor, BalanceQuery(sort=sort, after=first.next_after), 2)
            assert {row.ref for row in (*first.rows, *rest.rows)} == set(refs)
        assert sum(len(list(all_rows(session, actor, BalanceQuery(due=due)))) for due in DUES) == 3
        assert len(balance_list(session, actor, BalanceQuery(q="visser")).rows) == 3
        assert next_open(session, actor) == refs[0]
    assert len(export_requests(actor, BalanceQuery())) == 3


def test_a_balance_is_stated_kept_and_taken_over(water, officer, refs):
    actor = factory.actor(water)
    save_draft(actor, refs[0], {"principal": "1"})
    state_balance(actor, Seen(refs[0], 1), replace(SAID, rank=Rank.PREFERENTIAL))
    with db.reading() as session:
        page = balance_page(session, actor, refs[0])
    take_over(officer, page.case_ref, page.statements[0].id)
    with db.reading() as session:
        assert session.execute(select(Claim.rank, Claim.stated_cents).order_by(Claim.id).limit(1)).one() == (Rank.PREFERENTIAL, 100_000)


def test_reminders_and_closing_run_once(refs):
    assert [run_reminders(date(2026, 6, 11)) for _ in range(2)] == [3, 0]
    assert [close_over(date(2026, 7, 2)) for _ in range(2)] == [3, 0]


def test_of_two_people_at_the_same_moment_one_states_and_the_other_is_told(water, refs):
    told, start = [], Barrier(2)

    def act(name):
        start.wait()
        try:
            state_balance(factory.actor(water, name=name), Seen(refs[0], 1), SAID)
        except Conflict:
            told.append(name)

    threads = [Thread(target=act, args=(name,)) for name in ("Wout", "Wilma")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        assert (session.scalar(select(func.count()).select_from(BalanceStatement)), len(told)) == (1, 1)
