"""Notices and pauses on PostgreSQL as production has it: each does its own work under the role that owns nothing, within its reach."""

from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases import noticing, pausing
from app.cases.listing import ListQuery
from app.cases.models import Claim, Notice, PauseBreach
from app.cases.pause_queries import ORDERS, STATUSES, PauseQuery, all_rows, notice_page, pause_list
from app.cases.pause_rules import NoticeState
from app.cases.pauses import extend_pause
from app.cases.pausing import SeenNotice
from app.cases.queries import case_page
from app.errors import NotFound, Refusal
from app.privacy.restriction import close_case
from tests import factory
from tests.security.acting import acting

pytestmark = pytest.mark.postgres


@pytest.fixture
def water(walled):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def officer(walled):
    return factory.actor(factory.organisation(Kind.BANK, name="Kredietbank"), name="Mila Haverkamp", person_id=7001)


def now_of(row):
    with db.reading(as_portal=True) as session:
        return session.get(type(row), row.id)


def case_of(notice):
    with db.reading(as_portal=True) as session:
        return session.get(factory.Case, notice.case_id)


def test_the_bank_sends_and_closes_within_its_reach(officer, water):
    case = factory.case(team="buurtteam Zuid")
    factory.claim(case, water)
    with acting(officer):
        assert noticing.send_notices(officer, case.ref) == 1
        assert noticing.unnoticed(officer, ListQuery(q=case.ref)) == 0
        close_case(officer, case.ref, 1)
    with db.reading(as_portal=True) as session:
        assert session.scalar(select(Notice.ended_on).where(Notice.case_id == case.id)) == date(2026, 6, 4)


def test_a_creditor_reads_its_list_by_every_filter_and_answers(water):
    first, second = factory.notices(water, water)
    with acting(factory.actor(water)) as worker, db.reading() as session:
        for status in STATUSES:
            for sort in ORDERS:
                rows = pause_list(session, worker, PauseQuery(status=status, sort=sort), size=1)
                assert len(list(all_rows(session, worker, PauseQuery(status=status, sort=sort)))) == rows.counts[status]
        assert [row.ref for row in pause_list(session, worker, PauseQuery(after=first.ref)).rows] == [second.ref]
        assert notice_page(session, worker, first.ref).name == "X. Visser"
    with acting(factory.actor(water)) as worker:
        assert pausing.confirm_notices(worker, [first.ref, second.ref]).refs == (first.ref, second.ref)


def test_a_creditor_names_another_agent_and_the_one_before_no_longer_sees_it(water):
    agent, other = factory.organisation(Kind.AGENT), factory.organisation(Kind.AGENT, is_bailiff=True)
    for one in (agent, other):
        factory.mandate(one, water)
    notice = factory.notice(factory.claim(factory.case(), water, agent_id=agent.id))
    with acting(factory.actor(water)) as worker:
        pausing.name_agent(worker, SeenNotice(notice.ref, 1), other.id)
    with acting(factory.actor(agent)) as before, pytest.raises(NotFound):
        pausing.note_opened(before, notice.ref)
    with acting(factory.actor(other)) as bailiff:
        pausing.confirm_notice(bailiff, SeenNotice(notice.ref, now_of(notice).revision))
    with db.reading(as_portal=True) as session:
        claim = session.get_one(Claim, notice.claim_id)
        assert (claim.agent_id, claim.bailiff_id) == (None, other.id)


def test_whoever_states_a_balance_extends_the_pause(water):
    agent, stranger = factory.organisation(Kind.AGENT), factory.organisation()
    factory.mandate(agent, water)
    (notice,) = factory.notices(water)
    for place in (agent, stranger):
        with acting(factory.actor(place)), db.transaction() as session:
            assert extend_pause(session, notice.claim_id, date(2026, 6, 4)) == date(2027, 2, 4)
            assert session.scalar(select(Notice.id).where(Notice.id == notice.id)) is None, "the reach is given back"


def test_a_complaint_is_noted_by_the_clients_team_and_read_by_the_bank_alone(water, officer):
    (notice,), team = factory.notices(water), factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="buurtteam Zuid")
    with acting(factory.actor(team)) as counsellor:
        noticing.note_complaint(counsellor, case_of(notice).ref, notice.ref, date(2026, 6, 2), "Er kwam een deurwaarder.")
        with db.reading() as session:
            assert session.scalar(select(PauseBreach.id)) is None
            assert len(case_page(session, counsellor, case_of(notice).ref).pauses.open_breaches) == 1
    with acting(factory.actor(water)) as worker, db.reading() as session:
        assert notice_page(session, worker, notice.ref).breaches == []
        assert session.scalar(select(PauseBreach.id)) is None
    with acting(officer), db.reading() as session:
        assert len(notice_page(session, officer, notice.ref).breaches) == 1


def test_a_creditor_sees_what_it_told_itself_and_nobody_elses(water):
    mine, theirs = factory.notices(water, factory.organisation())
    with acting(factory.actor(water)) as worker:
        pausing.report_collecting(worker, mine.ref, date(2026, 6, 3), "Een aanmaning ging uit.")
        with pytest.raises(NotFound):
            pausing.report_collecting(worker, theirs.ref, date(2026, 6, 3), "Een aanmaning ging uit.")
        with db.reading() as session:
            assert list(session.scalars(select(PauseBreach.creditor_id))) == [water.id]


def test_two_officers_at_once_send_one_notice(officer, water):
    case = factory.case()
    factory.claim(case, water)
    start, outcomes = Barrier(2), []

    def send():
        with acting(officer):
            start.wait()
            try:
                outcomes.append(noticing.send_notices(officer, case.ref))
            except Refusal as no:
                outcomes.append(no.code)

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["1", "pauses.nothing_to_send"]


def test_two_colleagues_at_once_give_one_answer(water):
    (notice,) = factory.notices(water)
    start, names = Barrier(2), ["Els Vermaat", "Pieter Dros"]

    def confirm(name):
        with acting(factory.actor(water, name=name)) as worker:
            start.wait()
            pausing.confirm_notices(worker, [notice.ref])

    threads = [Thread(target=confirm, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (now_of(notice).state, now_of(notice).revision) == (NoticeState.CONFIRMED, 2)
