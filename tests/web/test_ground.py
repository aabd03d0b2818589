"""What every page owes: access declared, cross-site posts refused, headers on every status, errors in words."""

import pytest
from flask import Flask

from app import create_app, web
from app.errors import Conflict, NotFound

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
    assert all("Yilmaz" not in web.JsonLines().format(record) for record in caplog.records)
