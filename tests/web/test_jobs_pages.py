import pytest
from flask import g

from app import db
from app.access import Kind
from app.jobs.service import Result, advance, finish, keep_failure, start
from tests import factory


@pytest.fixture
def worker():
    return factory.actor(factory.organisation(Kind.BANK), name="Amina Bakker")


@pytest.fixture
def administrator():
    return factory.actor(factory.organisation(Kind.CITY), name="Bo Beheer")


@pytest.fixture
def as_(app):
    """Return a browser of somebody who is signed in."""

    def sign_in(actor):
        app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", actor))
        return app.test_client()

    return sign_in


@pytest.fixture
def letters(database, worker):
    with db.transaction() as session:
        start(session, worker, "brieven-1", "Brieven maken", 400)


def test_busy_work_shows_its_bar_and_comes_back_without_script(as_, worker, letters):
    with db.transaction() as session:
        advance(session, "brieven-1", 100)
    browser = as_(worker)
    page = browser.get("/jobs/brieven-1").text
    assert "100 van 400 klaar" in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert browser.get("/jobs/brieven-1/state").json == {"done": 100, "total": 400, "state": "running"}


def test_work_that_waits_says_so(as_, worker, letters):
    assert "Wacht op zijn beurt" in as_(worker).get("/jobs/brieven-1").text


def test_work_that_is_done_shows_its_result_and_leads_on(as_, worker, letters):
    with db.transaction() as session:
        finish(session, "brieven-1", Result((("Brieven", "400"),), "/cases", "Naar de dossiers"))
    page = as_(worker).get("/jobs/brieven-1").text
    assert "<dt>Brieven</dt><dd>400</dd>" in page
    assert 'href="/cases"' in page
    assert "http-equiv" not in page


def test_a_stranger_finds_neither_page_nor_state(as_, letters):
    browser = as_(factory.actor(factory.organisation()))
    assert {browser.get(f"/jobs/{path}").status_code for path in ("brieven-1", "brieven-1/state", "niets")} == {404}


def test_an_administrator_runs_failed_work_again(as_, administrator, letters, queue):
    keep_failure("proposals.write_letters", {"proposal": 7}, "proposals.write_letters:brieven-1", "OSError: disk full")
    browser = as_(administrator)
    page = browser.get("/jobs").text
    assert "OSError: disk full" in page
    assert "proposal: 7" in page
    answer = browser.post("/jobs/proposals.write_letters:brieven-1/replay")
    assert (answer.status_code, queue.waiting()) == (302, [("proposals.write_letters", {"proposal": 7})])
    assert "door Bo Beheer" in browser.get("/jobs").text


def test_who_may_not_replay_sees_no_failures(as_, worker, letters):
    keep_failure("proposals.write_letters", {"proposal": 7}, "proposals.write_letters:brieven-1", "OSError: disk full")
    browser = as_(worker)
    assert "OSError" not in browser.get("/jobs").text
    assert "niet gelukt" in browser.get("/jobs/brieven-1").text
    assert browser.post("/jobs/proposals.write_letters:brieven-1/replay").status_code == 404
