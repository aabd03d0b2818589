import pytest
import sqlalchemy as sa

from app import db
from app.jobs.service import enqueue
from tests.worker_ground import done, engine_database, failures, wait_for, work_table, worker

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    given = f"sqlite:///{tmp_path / 'work.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with engine_database(given) as ready:
        yield ready


def queued(job, **argument):
    with db.transaction() as session:
        return enqueue(session, job, argument, argument.get("key"))


def queue_and_break():
    with db.transaction() as session:
        enqueue(session, "test.count", {"key": "never"}, "never")
        raise LookupError


def test_what_was_committed_runs_once_and_what_was_rolled_back_never(url):
    for key in ("een", "een", "twee"):
        queued("test.count", key=key)
    with pytest.raises(LookupError):
        queue_and_break()
    queued("test.count", key="drie")
    with worker(url):
        wait_for(lambda: {"een", "twee", "drie"} <= set(done()))
    assert (done()["een"], "never" in done()) == (1, False)


def test_work_that_breaks_is_tried_again_and_then_shown(url):
    queued("test.break", key="kapot", place="loket 3")
    with worker(url):
        failure = wait_for(failures)[0]
    assert (failure.key, failure.job, failure.error) == ("test.break:kapot", "test.break", "ValueError: nothing at loket 3")
    assert done()["broken"] == 2


def test_a_rule_that_says_no_is_not_asked_again(url):
    queued("test.refuse", key="nee")
    with worker(url):
        wait_for(failures)
    assert done()["refused"] == 1


def test_a_new_daily_job_runs_today_and_missed_days_are_caught_up_once(url):
    with worker(url):
        wait_for(lambda: len(done()) == 1)
    with db.engine().begin() as connection:
        connection.exec_driver_sql(f"UPDATE {work_table()} SET created_at = created_at - 3 * 86400000")  # noqa: S608 (a constant)
    for _ in range(2):
        with worker(url):
            wait_for(lambda: len(done()) >= 3)
    assert set(done().values()) == {1}


def test_the_engine_keeps_off_the_tables_of_the_portal(tmp_path):
    from app import load_models
    from app.jobs.service import prepare

    load_models()
    prepare(f"sqlite:///{tmp_path / 'engine.sqlite'}")
    theirs = sa.inspect(sa.create_engine(f"sqlite:///{tmp_path / 'engine.sqlite'}")).get_table_names()
    assert theirs
    assert not set(theirs) & set(db.Base.metadata.tables)
