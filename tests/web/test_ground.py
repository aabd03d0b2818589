"""What every page owes: access declared, cross-site posts refused, headers on every status, errors in words."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app, db, web
from app.access import Kind, Role
from app.audit.models import Event
from app.errors import Conflict, NotFound
from app.logs import JsonLines
from tests import factory

PATHS = ["/", "/sign-in", "/no-such-page", "/static/portal.css", "/language/xx"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in web.HEADERS} == web.HEADERS
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers or "HttpOnly" in headers["Set-Cookie"]


def test_pages_are_never_kept_by_a_browser_and_static_files_are(client):
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get("/static/portal.css").headers["Cache-Control"]


def test_a_view_without_declared_access_stops_the_start():
    app = Flask("app")
    app.add_url_rule("/open", "open", lambda: "open")
    with pytest.raises(RuntimeError, match="open"):
        web.refuse_undeclared(app)


def test_a_post_without_token_is_refused_in_words(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/sign-in", data={"email": "a@b.example"})
    assert answer.status_code == 400
    assert "niets" in answer.text.lower()


ELSEWHERE = ["https://elders.example/", "//elders.example", "/\\elders.example", "javascript:alert(1)", "/a\nb", "", None]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_link_never_leads_elsewhere(target):
    assert web.local_target(target) is None


@pytest.mark.parametrize(("error", "status"), [(NotFound(), 404), (Conflict(), 409), (ZeroDivisionError(), 500)])
def test_what_goes_wrong_is_said_in_words_with_the_id_of_the_request(settings, database, queue, clock, error, status):
    app = create_app(settings)

    def fail():
        raise error

    app.add_url_rule("/fails", "fails", web.public(fail))
    answer = app.test_client().get("/fails")
    assert answer.status_code == status
    assert answer.headers["X-Request-Id"] in answer.text or status != 500
    assert "<h1" in answer.text


def test_the_language_can_be_chosen_and_stays(client):
    client.get("/language/en?next=/sign-in")
    assert 'lang="en"' in client.get("/sign-in").text


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0,00"), (5, "0,05"), (123456, "1.234,56"), (-100, "−1,00"), (10**17, "1.000.000.000.000.000,00"), (None, "–")]
)
def test_money_is_written_the_dutch_way(app, cents, text):
    with app.test_request_context():
        assert web.money(cents) == text


def test_no_log_line_holds_what_a_person_typed(client, caplog):
    with caplog.at_level("INFO"):
        client.get("/sign-in?next=/offers?q=Yilmaz")
    assert caplog.records
    assert all("Yilmaz" not in JsonLines().format(record) for record in caplog.records)


def test_who_asks_for_what_it_may_not_do_stands_in_the_log(client_of, database, caplog):
    worker = factory.person(factory.organisation())
    with caplog.at_level("WARNING"):
        assert client_of(worker).get("/cases").status_code == 404
    said = [(record.getMessage(), record.route, record.person) for record in caplog.records]
    assert said == [("denied cases:read", "GET /cases", worker.id)]


@pytest.mark.parametrize(
    "path", ["/audit?after=%C2%B2", "/audit?after=99999999999999999999", "/audit?size=%C2%B2", "/creditors?size=%C2%B2"]
)
def test_numbers_that_are_none_are_passed_over(client_of, path):
    auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
    assert auditor.get(path).status_code == 200


def test_a_number_that_no_row_can_have_is_a_missing_page(client_of):
    manager = client_of(factory.person(factory.organisation(), Role.CREDITOR_MANAGER))
    for path in ("/people/99999999999999999999/end", "/organisation/contacts/99999999999999999999/end"):
        assert manager.post(path).status_code == 404
    for number in ("99999999999999999999", "²", "-1", "0", ""):
        assert manager.post("/account/organisation", data={"organisation": number}).status_code == 404


@pytest.mark.parametrize("path", ["/help/%00", "/jobs/%00", "/consents/a%00b"])
def test_an_address_with_a_sign_that_no_database_holds_is_a_missing_page(client_of, path):
    assert client_of(factory.person(factory.organisation())).get(path).status_code == 404


def test_a_form_is_taken_over_tls_although_browsers_send_no_referrer(settings, database, queue, clock):
    app = create_app(replace(settings, proxies=1))
    client = app.test_client()
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7, 192.0.2.8"}
    page = client.get("/sign-in", headers=forwarded)
    token = re.search('name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    answer = client.post("/sign-in", headers=forwarded, data={"csrf_token": token, "email": "a@b.example", "password": "x"})
    assert (answer.status_code, "Strict-Transport-Security" in answer.headers) == (422, True)
    with db.reading() as session:
        assert "192.0.2.8" in session.scalar(select(Event.changes).where(Event.action == "session:fail"))


def test_a_forwarded_address_is_not_believed_without_a_proxy(client):
    assert "Strict-Transport-Security" not in client.get("/sign-in", headers={"X-Forwarded-Proto": "https"}).headers


def test_the_button_of_a_demo_that_is_not_loaded_says_so(client):
    assert client.post("/demo/sign-in", data={"email": "kredietbank@stad.example"}).location == "/sign-in"
