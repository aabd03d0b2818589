"""The log of the auditor and the history of a creditor: who sees which events, what a search finds, and the files."""

import csv
import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app import db
from app.access import SYSTEM, Kind, Role
from app.audit import queries
from app.audit.models import Event
from app.audit.service import record, record_refused
from app.proposals import responding
from tests import factory
from tests.conftest import NOW


@pytest.fixture
def auditor(client_of):
    return client_of(factory.person(factory.organisation(Kind.CITY, name="Gemeente"), Role.AUDITOR, name="Ida Audit"))


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def energy(database):
    return factory.organisation(name="Energie Zuid")


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Els Vermaat"))


@pytest.fixture
def officer(database):
    return factory.actor(
        factory.organisation(Kind.BANK, name="Kredietbank"), name="Mila Haverkamp", person_id=501, origin="GET /x 10.9.8.7 r1"
    )


def note(actor, action, subject, append=record, **known):
    with db.transaction() as session:
        append(session, actor, action, subject, **known)


@pytest.fixture
def log(water, energy, officer):
    """Five events: by the bank, the portal and both creditors, two of them about the water company."""
    els = factory.actor(water, name="Els Vermaat", person_id=502, origin="POST /offers 10.0.0.5 r2")
    note(
        officer,
        "cases:edit",
        "case/D-2222-3333",
        income_cents=(184200, 200000),
        entrepreneur=(False, True),
        calculated_on=(None, "2026-05-12"),
    )
    note(els, "offers:answer", "offer/A-2222-3333", concerns_id=water.id, state=("open", "accepted"), answered_by=(None, "by hand"))
    note(
        officer,
        "offers:ask-again",
        "offer/A-2222-3333",
        concerns_id=water.id,
        state=("rejected", "asked again"),
        secret=(None, "vertrouwelijk"),
    )
    note(
        SYSTEM,
        "offers:code-fail",
        "offer/A-4444-5555",
        concerns_id=energy.id,
        append=record_refused,
        origin=(None, "POST /answer 10.1.2.3 r3"),
    )
    note(factory.actor(energy, name="Bas Smit"), "offers:export", "offers", concerns_id=energy.id, rows=(None, 2))


def rows_of(response):
    """Return the rows of the list on a page as text."""
    body = response.text.partition('<tbody role="rowgroup">')[2].partition("</tbody>")[0]
    return body.split("<tr")[1:]


# ── the auditor ──────────────────────────────────────────────────────────────


def test_the_log_shows_the_newest_first_with_differences_in_words(auditor, log):
    page = auditor.get("/audit")
    rows = rows_of(page)
    assert "Bas Smit" in rows[0]
    edit = next(row.replace("\xa0", " ") for row in rows if "case/D" in row or "dossier D" in row)
    assert "Mila Haverkamp" in edit
    assert "inkomen: € 1.842,00 → € 2.000,00" in edit
    assert "ondernemer: nee → ja" in edit
    assert "dag van de berekening: 12 mei 2026" in edit
    assert "stand: open → geaccepteerd" in page.text
    assert "geweigerd" in rows[1]
    assert 'href="/offers/A-2222-3333"' in page.text, "an auditor reads offers"
    assert 'href="/cases/D-2222-3333"' not in page.text, "but no cases"


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ("q=vermaat", ["offer/A-2222-3333"]),
        ("q=energie", ["offers"]),
        ("q=a-4444-5555", ["offer/A-4444-5555"]),
        ("q=case/D-2222-3333", ["case/D-2222-3333"]),
        ("q=4444", ["offer/A-4444-5555"]),
        ("action=offers:answer", ["offer/A-2222-3333"]),
        ("action=cases:", ["case/D-2222-3333"]),
        ("status=refused", ["offer/A-4444-5555"]),
        ("origin=10.9.8.7", ["offer/A-2222-3333", "case/D-2222-3333"]),
        ("person=502", ["offer/A-2222-3333"]),
        ("subject=offer/A-2222-3333", ["offer/A-2222-3333", "offer/A-2222-3333"]),
        ("q=%25", []),
        ("q=niemand", []),
        ("from=2026-06-04&to=2026-06-04&q=bas", ["offers"]),
        ("to=2026-06-03", []),
        ("from=2026-06-05", []),
        ("from=geen&to=dag&q=bas", ["offers"]),
    ],
)
def test_each_filter_finds_its_events(auditor, log, asked, subjects):

    file = list(csv.reader(io.StringIO(auditor.get(f"/audit/download?{asked}").text.lstrip("\ufeff")), delimiter=";"))[1:]
    with db.reading() as session:
        codes = {event.sequence: event.subject for event in session.scalars(select(Event))}
    # signing in is in the log as well: only what the fixture wrote counts, and the download itself is never in its own file
    known = [codes[int(row[0])] for row in file if int(row[0]) > 0 and row[8] not in {"session:begin", "audit:export"}]
    assert known == subjects
    page = auditor.get(f"/audit?{asked}")
    shown = len([row for row in rows_of(page) if "logboek gedownload" not in row])
    assert shown == len(subjects)


def test_pages_follow_each_other_without_a_gap_or_a_double(auditor, officer):
    for number in range(7):
        note(officer, "cases:open", f"case/D-{number}")
    seen, after = [], ""
    for _ in range(4):
        page = auditor.get(f"/audit?size=2&q=D-&action=cases:open{after}")
        seen += rows_of(page)
        following = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        after = f"&after={following.rpartition('after=')[2]}"
    assert [f"D-{number}" in row for number, row in zip(reversed(range(7)), seen, strict=True)] == [True] * 7


def test_a_search_looks_through_a_window_and_says_how_far(auditor, officer, clock, monkeypatch):
    note(officer, "cases:open", "case/naald")
    for number in range(6):
        clock.move_to(NOW + timedelta(minutes=number + 1))
        note(officer, "cases:open", f"case/{number}")
    monkeypatch.setattr(queries, "WINDOW", 3)
    found, path, said = [], "/audit?q=naald", 0
    while path:
        page = auditor.get(path)
        found += rows_of(page)
        said += "Doorzocht tot" in page.text
        path = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert len(found) == 1
    assert said == 2
    with db.reading() as session:
        page = queries.audit_page(session, factory.actor(factory.organisation(Kind.CITY), Role.AUDITOR), queries.AuditQuery(q="naald"))
    assert page.found == 0, "nothing is looked for beyond the window"
    assert page.rows == []


def test_a_search_in_the_own_history_shows_nothing_twice(water, officer, clock, monkeypatch):
    """What is about an organisation and what it did itself are looked through apart, each with its own window."""
    els = factory.actor(water, name="Els Vermaat")
    for number in range(12):
        clock.move_to(NOW + timedelta(minutes=number))
        about = number > 4
        note(officer if about else els, "offers:open", f"offer/naald-{number}", concerns_id=water.id if about else None)
    monkeypatch.setattr(queries, "WINDOW", 3)
    found, after = [], None
    for _ in range(9):
        with db.reading() as session:
            page = queries.own_page(session, els, queries.AuditQuery(q="naald", after=after))
        found += [row.subject for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert found == [f"offer/naald-{number}" for number in reversed(range(12))]


def test_one_event_is_shown_with_everything_that_is_kept(auditor, log, officer):
    with db.reading() as session:
        event = session.scalar(select(Event).where(Event.action == "cases:edit"))
        number, digest = event.sequence, event.hash.hex()
    page = auditor.get(f"/audit/{number}").text
    assert all(text in page for text in (digest, "GET /x 10.9.8.7 r1", "case/D-2222-3333", "Kredietbank", "cases:edit"))
    assert auditor.get("/audit/999999").status_code == 404
    assert auditor.get("/audit/99999999999999999999").status_code == 404


def test_a_download_is_itself_in_the_log(auditor, log):
    auditor.get("/audit/download?q=bas&status=done")
    with db.reading() as session:
        event = session.scalar(select(Event).order_by(Event.sequence.desc()).limit(1))
    assert (event.action, event.actor) == ("audit:export", "Ida Audit")
    assert "q=bas status=done" in event.changes


def test_a_workbook_holds_the_same_rows_and_never_a_formula(auditor, officer):
    note(
        factory.actor(factory.organisation(), name='=HYPERLINK("http://evil.example")'),
        "offers:open",
        "offer/A-2222-3333",
        words=(None, "+1"),
    )
    note(officer, "offers:export", "offers", refs=(None, "A-2222-3333 " * 4000))
    answer = auditor.get("/audit/download?action=offers:&format=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[2] for row in sheet[1:]] == ["Mila Haverkamp", '=HYPERLINK("http://evil.example")']
    text = auditor.get("/audit/download?action=offers:").text
    assert "\"'=HYPERLINK" in text
    assert len(max(text.split(";"), key=len)) > 40_000, "the csv cuts nothing"


def test_too_many_rows_for_a_workbook_are_refused_in_words(auditor, officer, monkeypatch):
    from app.audit import routes

    monkeypatch.setattr(routes, "SHEET_ROWS", 1)
    for number in range(3):
        note(officer, "cases:open", f"case/{number}")
    answer = auditor.get("/audit/download?action=cases:open&format=xlsx")
    assert answer.status_code == 302
    assert "te veel voor Excel" in auditor.get(answer.location).text
    with db.reading() as session:
        assert session.scalar(select(Event.sequence).where(Event.action == "audit:export")) is None


def test_reading_about_a_case_beside_its_own_page_is_noted_once_a_day_for_each_person(client_of, clock):
    bank, case = factory.organisation(Kind.BANK), factory.case()
    mila, ruben = factory.person(bank, name="Mila"), factory.person(bank, name="Ruben")
    for day, person in enumerate((mila, mila, ruben)):
        clock.move_to(NOW + timedelta(days=day))
        browser = client_of(person)
        for page in ("facts", "proposal", "facts"):
            assert browser.get(f"/cases/{case.ref}/{page}").status_code == 200
    clock.move_to(NOW + timedelta(days=3))
    assert client_of(ruben).get(f"/cases/{case.ref}/proposal").status_code == 200
    assert client_of(ruben).get("/cases/D-2222-2222/facts").status_code == 404
    with db.reading() as session:
        seen = select(Event.actor).where(Event.action == "cases:open", Event.subject == f"case/{case.ref}").order_by(Event.sequence)
        assert list(session.scalars(seen)) == ["Mila", "Mila", "Ruben", "Ruben"]


def test_the_list_says_how_many_events_fit(worker, log, auditor, monkeypatch):
    assert "3 gebeurtenissen" in worker.get("/audit/own").text  # the two about it, and its own sign-in
    monkeypatch.setattr(queries, "MOST", 2)
    assert "2 gebeurtenissen" in auditor.get("/audit").text


# ── an organisation's own history ────────────────────────────────────────────


def test_a_creditor_sees_its_own_events_and_no_others(worker, log):
    page = worker.get("/audit/own")
    shown = "".join(rows_of(page))
    assert "Els Vermaat" in shown
    assert "Mila Haverkamp" in shown, "who of the bank did it"
    assert "Bas Smit" not in shown
    assert "A-4444-5555" not in shown
    assert "dossier" not in shown
    assert 'href="/offers/A-2222-3333"' in shown


@pytest.mark.parametrize("hidden", ["vertrouwelijk", "10.9.8.7", "10.0.0.5", "secret"])
def test_a_creditor_reads_neither_origins_nor_what_is_not_meant_for_it(worker, log, hidden):
    assert hidden not in worker.get("/audit/own").text
    assert hidden not in worker.get("/audit/own/download").text


def test_the_origin_of_a_wrong_code_is_not_shown_to_the_creditor(client_of, energy, log):
    other = client_of(factory.person(energy))
    page = other.get("/audit/own")
    assert "verkeerde code ingevuld" in page.text
    assert "10.1.2.3" not in page.text + other.get("/audit/own/download").text


def test_no_filter_reaches_beyond_the_own_events(worker, log):
    for asked in ("q=bas", "q=A-4444-5555", "subject=offer/A-4444-5555", "subject=case/D-2222-3333", "action=cases:edit"):
        assert rows_of(worker.get(f"/audit/own?{asked}")) == []
    everything = len(rows_of(worker.get("/audit/own")))
    assert len(rows_of(worker.get("/audit/own?origin=10.9.8.7&person=501"))) == everything, "guesses at origins find nothing out"


def test_an_agent_sees_what_it_did_for_others_but_not_what_they_did(client_of, water):
    agent = factory.organisation(Kind.AGENT, name="Incasso Kade")
    factory.mandate(agent, water)
    offer = factory.offers(water, factory.organisation(), agent_id=agent.id)[0]
    acting = factory.actor(agent, name="Joris Kade")
    responding.accept_offer(acting, responding.Seen(offer.ref, 1))
    note(factory.actor(water, name="Els Vermaat"), "offers:open", f"offer/{offer.ref}", concerns_id=water.id)
    shown = "".join(rows_of(client_of(factory.person(agent)).get("/audit/own")))
    assert "Joris Kade" in shown
    assert "beantwoord" in shown
    assert "Els Vermaat" not in shown


@pytest.mark.parametrize(
    ("kind", "role", "paths"),
    [
        (Kind.CREDITOR, Role.CREDITOR_MANAGER, ["/audit", "/audit/1", "/audit/download"]),
        (Kind.BANK, Role.OFFICER, ["/audit", "/audit/own", "/audit/1", "/audit/download", "/audit/own/download"]),
        (Kind.CITY, Role.ADMINISTRATOR, ["/audit", "/audit/own", "/audit/1"]),
        (Kind.CITY, Role.AUDITOR, ["/audit/own", "/audit/own/download"]),
    ],
)
def test_who_may_not_finds_nothing_there(client_of, log, kind, role, paths):
    browser = client_of(factory.person(factory.organisation(kind), role))
    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
