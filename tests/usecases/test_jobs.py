from datetime import timedelta

import pytest

from app import db
from app.access import Kind
from app.clock import now
from app.errors import Conflict, NotFound
from app.jobs import queries, service
from app.jobs.models import State
from app.jobs.registry import daily, job
from app.jobs.service import Result, advance, enqueue, finish, keep_failure, replay_failure, start
from tests import factory

ran = []


@job("test.remember")
def remember(argument):
    ran.append(argument["n"])
    if argument["n"] < 0:
        with db.transaction() as session:
            enqueue(session, "test.remember", {"n": -argument["n"]})


@pytest.fixture(autouse=True)
def _fresh(queue):
    ran.clear()


@pytest.fixture
def creditor():
    return factory.organisation()


@pytest.fixture
def administrator():
    return factory.actor(factory.organisation(Kind.CITY))


def queued(n, key=None):
    with db.transaction() as session:
        return enqueue(session, "test.remember", {"n": n}, key)


def started(actor, key="lezen-1", total=10):
    with db.transaction() as session:
        start(session, actor, key, "Bestand inlezen", total)
        enqueue(session, "test.remember", {"n": 1}, key)


def waiting_failures():
    with db.reading() as session:
        return queries.waiting_failures(session)


def page(actor, key="lezen-1"):
    with db.reading() as session:
        return queries.progress_page(session, actor, key)


def test_work_runs_in_its_order_and_may_queue_more(queue):
    queued(1)
    queued(-2)
    assert (queue.run_all(), ran) == (3, [1, -2, 2])


def queue_and_break():
    with db.transaction() as session:
        enqueue(session, "test.remember", {"n": 1})
        raise LookupError


def test_a_transaction_that_is_rolled_back_leaves_no_work(queue):
    with pytest.raises(LookupError):
        queue_and_break()
    assert queue.waiting() == []


def test_the_same_key_is_queued_once(queue):
    assert [queued(1, "brief-7"), queued(2, "brief-7")] == ["brief-7", "brief-7"]
    assert queue.waiting() == [("test.remember", {"n": 1})]


@pytest.mark.parametrize("key", ["a/b", "a~1", "a b", "x" * 141])
def test_a_key_that_does_not_fit_an_address_is_a_bug(key):
    with pytest.raises(ValueError, match="not a key"):
        queued(1, key)


def test_progress_goes_from_waiting_over_busy_to_a_result(creditor):
    worker = factory.actor(creditor)
    started(worker)
    states = [page(worker).state]
    with db.transaction() as session:
        advance(session, "lezen-1", 4)
    states.append((page(worker).state, page(worker).done))
    with db.transaction() as session:
        finish(session, "lezen-1", Result((("Nieuw", "10"),), "/cases", "Naar de dossiers"))
    seen = page(worker)
    assert [*states, seen.state] == [State.QUEUED, (State.RUNNING, 4), State.DONE]
    assert (seen.done, seen.lines, seen.path) == (10, (("Nieuw", "10"),), "/cases")


def test_progress_is_seen_by_the_own_organisation_only(creditor, administrator):
    started(factory.actor(creditor))
    assert page(factory.actor(creditor, name="Collega")).title == "Bestand inlezen"
    assert page(administrator).title == "Bestand inlezen"
    with pytest.raises(NotFound):
        page(factory.actor(factory.organisation()))


def test_work_that_failed_shows_on_its_page_and_to_administrators_only(creditor, administrator):
    worker = factory.actor(creditor)
    started(worker)
    keep_failure("test.remember", {"n": 1}, "test.remember:lezen-1", "OSError: disk full")
    with db.reading() as session:
        seen, hidden = queries.work_page(session, administrator), queries.work_page(session, worker)
    assert (page(worker).state, hidden.failures) == (State.FAILED, None)
    assert [(row.job, row.argument, row.error) for row in seen.failures] == [("test.remember", "n: 1", "OSError: disk full")]


def test_a_replay_queues_the_work_again_and_is_audited(queue, creditor, administrator, monkeypatch):
    events = []
    monkeypatch.setattr(service, "_record", lambda *event: events.append(event[2:]))
    started(factory.actor(creditor))
    queue.run_all()
    keep_failure("test.remember", {"n": 1}, "test.remember:lezen-1", "OSError")
    replay_failure(administrator, "test.remember:lezen-1")
    assert (queue.run_all(), ran, page(administrator).state) == (1, [1, 1], State.QUEUED)
    assert events == [("jobs:replay", "job/test.remember:lezen-1")]


def test_a_failure_is_replayed_once_until_it_fails_again(queue, administrator):
    keep_failure("test.remember", {"n": 1}, "test.remember:7", "OSError")
    assert waiting_failures() == 1
    replay_failure(administrator, "test.remember:7")
    assert waiting_failures() == 0
    with pytest.raises(Conflict):
        replay_failure(administrator, "test.remember:7")
    keep_failure("test.remember", {"n": 1}, "test.remember:7~1", "OSError")
    replay_failure(administrator, "test.remember:7")
    assert len(queue.waiting()) == 2


def test_only_who_may_replays(creditor, administrator):
    keep_failure("test.remember", {"n": 1}, "test.remember:7", "OSError")
    with pytest.raises(NotFound):
        replay_failure(factory.actor(creditor), "test.remember:7")
    with pytest.raises(NotFound):
        replay_failure(administrator, "test.remember:8")


def test_a_daily_time_must_be_a_time_and_stand_above_a_job():
    with pytest.raises(ValueError, match="not a time"):
        daily("6:00")
    with pytest.raises(ValueError, match="stands above"):
        daily("06:00")(print)


def test_work_that_ended_is_forgotten_in_time_and_open_work_is_not(creditor, administrator, clock):
    for key in ("oud", "open"):
        started(factory.actor(creditor), key)
    with db.transaction() as session:
        finish(session, "oud", Result())
    keep_failure("test.remember", {"n": 1}, "test.remember:7", "OSError")
    clock.shift(timedelta(days=91))
    service.forget(now() - timedelta(days=90))
    with db.reading() as session:
        left = queries.work_page(session, administrator)
    assert ([row.key for row in left.work], left.failures) == (["open"], ())
