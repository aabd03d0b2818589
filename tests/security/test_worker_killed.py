"""A worker that is killed loses nothing: what it was doing is done again, and what waited still waits."""

import pytest

from app import db
from app.jobs.service import enqueue
from tests.worker_ground import done, engine_database, failures, wait_for, work_table, worker

pytestmark = pytest.mark.slow
WORK = [f"werk-{n}" for n in range(60)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    given = f"sqlite:///{tmp_path / 'work.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with engine_database(given) as ready:
        yield ready


@pytest.fixture
def half_done(url):
    with db.transaction() as session:
        for key in WORK:
            enqueue(session, "test.note", {"key": key, "seconds": 0.3}, key)
    with worker(url) as first:
        wait_for(lambda: _noted() >= 10)
        first.kill()
        first.wait()
    assert _noted() < len(WORK)
    return url


def test_the_next_worker_in_its_slot_finishes_everything(half_done):
    with worker(half_done):
        wait_for(lambda: _noted() == len(WORK))


def test_two_kills_in_a_row_lose_nothing(half_done):
    with worker(half_done) as second:
        wait_for(lambda: _noted() >= 25)
        second.kill()
    with worker(half_done):
        wait_for(lambda: _noted() == len(WORK))


def test_a_worker_beside_it_takes_over_what_the_dead_one_held(url):
    with db.transaction() as session:
        for key in WORK[:16]:
            enqueue(session, "test.note", {"key": key, "seconds": 3}, key)
    with worker(url) as first, worker(url) as second:
        wait_for(lambda: len(_holders()) == 2)
        first.kill()
        wait_for(lambda: _noted() == 16)
        assert second.poll() is None


def test_a_worker_that_is_told_to_stop_leaves_its_work_to_the_next(url):
    with db.transaction() as session:
        enqueue(session, "test.note", {"key": "lang", "seconds": 5}, "lang")
    with worker(url) as first:
        wait_for(_holders)
        first.terminate()
        assert first.wait(15) == 0
    assert "lang" not in done()
    with worker(url):
        wait_for(lambda: "lang" in done())


def test_work_that_takes_its_worker_down_is_put_aside_and_the_rest_goes_on(url):
    with db.transaction() as session:
        enqueue(session, "test.crash", {}, "gif")
    for _ in range(3):
        with worker(url) as victim:
            assert victim.wait(30) == 3
    with db.transaction() as session:
        enqueue(session, "test.note", {"key": "werk-1"}, "werk-1")
    with worker(url):
        wait_for(lambda: _noted() and failures())
    put_aside = {row.key: (row.job, row.argument) for row in failures()}
    assert put_aside.pop("test.crash:gif") == ("test.crash", {})
    assert {job for job, argument in put_aside.values() if argument["day"]} <= {"test.day"}  # it ran beside the culprit each time


def _noted():
    return len(set(done()) & set(WORK))


def _holders():
    """Return the slots that have work in hand."""
    query = f"SELECT DISTINCT executor_id FROM {work_table()} WHERE status = 'PENDING' AND queue_name = 'jobs'"  # noqa: S608 (a constant)
    with db.engine().connect() as connection:
        return set(connection.exec_driver_sql(query).scalars())
