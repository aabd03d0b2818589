"""The pages of early signals: a reporter's list, report, file and feedback; a team's queue, attempts and household."""

import csv
import io
import re

import pytest
from sqlalchemy import select

from app import db
from app.access import SYSTEM, Kind
from app.early_signals.importing import import_signals
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.rules import State
from tests import factory
from tests.usecases.test_early_signals_import import HEAD, file

REPORT = {
    "sort": "arrears", "reference": "KL-77", "reported_on": "2026-06-03", "surname": "de Wit", "given_name": "Bo", "house_number": "5-2",
    "postcode": "1071ar", "city": "Amsterdam", "arrears_cents": "352,76", "instalments": "2",
}  # fmt: skip
CALL = {"kind": "phone", "on": "2026-06-04", "part": "morning", "reached": "no", "outcome": "", "revision": "1"}


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok", code=4100)


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Pieter Dros"))


@pytest.fixture
def counsellor(client_of, database):
    return client_of(factory.person(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid"), name="Hanna Wouda"))


@pytest.fixture
def signal(clock, water):
    return factory.signal(water, surname="Zonneveld")


def only():
    with db.reading() as session:
        return session.scalar(select(Signal))


# ── a reporter ───────────────────────────────────────────────────────────────


def test_a_reporter_reports_one_and_sees_it_in_its_list(worker):
    assert "Nog niets gemeld" in worker.get("/early-signals").text
    answer = worker.post("/early-signals/new", data=REPORT, follow_redirects=True)
    assert "Binnen vier weken hoort u wat u mag weten." in answer.text
    assert (only().postcode, only().arrears_cents) == ("1071 AR", 35276)
    page = worker.get("/early-signals").text
    assert all(words in page for words in ("de Wit, Bo", "KL-77", "nog geen uitkomst"))


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"birth_date": "2027-01-01"}, "De geboortedatum ligt in de toekomst."),
        ({"postcode": "10"}, "Dit is geen postcode."),
        ({"arrears_cents": "veel"}, "Dit is geen bedrag."),
        ({"arrears_cents": "9"}, "De achterstand is lager dan € 25,00."),
        ({"days": "3"}, "De achterstand is nog geen 30 dagen oud."),
        ({"surname": ""}, "Vul de achternaam in."),
        ({"email": "bo"}, "Dit is geen e-mailadres."),
    ],
)
def test_what_cannot_be_reported_comes_back_with_what_was_typed(worker, over, says):
    answer = worker.post("/early-signals/new", data=REPORT | over)
    assert (answer.status_code, only()) == (422, None)
    assert says in answer.text
    assert 'value="KL-77"' in answer.text


def test_a_landlord_is_asked_what_it_did_before(client_of, database):
    landlord = client_of(factory.person(factory.organisation(branch="huur")))
    answer = landlord.post("/early-signals/new", data=REPORT)
    assert (answer.status_code, "Een verhuurder bevestigt alle vier de stappen." in answer.text) == (422, True)
    steps = re.findall(r'name="confirmed" value="([^"]+)"', answer.text)
    assert landlord.post("/early-signals/new", data=REPORT | {"confirmed": steps}).status_code == 302


def test_a_file_is_tried_first_and_brought_in_after_a_yes(worker):
    content = file({}, {"Kenmerk": "KL2", "Geboortedatum": "01-01-2030"})
    answer = worker.post("/early-signals/import", data={"file": (io.BytesIO(content), "meldingen.csv")})
    trial = worker.get(answer.location)
    assert "De geboortedatum ligt in de toekomst." in trial.text
    assert only() is None
    for _ in range(2):  # a double click
        worker.post(answer.location)
    assert "Het bestand is ingelezen." in worker.get(answer.location).text
    left = worker.get(f"{answer.location}/rejects/signals").text
    assert left.splitlines()[1].endswith('"Geboortedatum: De geboortedatum ligt in de toekomst."')
    assert HEAD.split(";")[1] in left


def test_a_reporter_takes_a_signal_back_with_a_reason(worker, signal):
    at = f"/early-signals/{signal.ref}/withdraw"
    assert worker.post(at, data={"reason": ""}).status_code == 422
    answer = worker.post(at, data={"reason": "paid"}, follow_redirects=True)
    assert "U hebt dit signaal op 4 juni 2026 ingetrokken: betaald." in answer.text
    assert only().state is State.WITHDRAWN


def test_feedback_is_new_until_the_reporter_read_it(worker, counsellor, signal):
    counsellor.post(f"/early-signals/{signal.ref}/attempts", data=CALL | {"reached": "yes", "outcome": "follow-up financial"})
    page = worker.get("/early-signals?status=news").text
    assert "hulp aanvaard" in page
    until = re.search(r'name="until" value="([^"]+)"', page)[1]
    assert "1 terugkoppeling is gelezen." in worker.post("/early-signals/read", data={"until": until}, follow_redirects=True).text
    assert "Niets gevonden" in worker.get("/early-signals?status=news").text


def test_the_file_of_feedback_holds_what_the_list_shows(worker, signal):
    rows = list(csv.reader(io.StringIO(worker.get("/early-signals/download?q=zonneveld").text.lstrip("\ufeff")), delimiter=";"))
    assert [row[1] for row in rows] == ["Uw kenmerk", signal.reference]
    assert worker.get("/early-signals/download?format=xlsx").data[:2] == b"PK"


# ── a team ───────────────────────────────────────────────────────────────────


def test_a_team_sees_its_queue_and_why_a_signal_came_to_it(counsellor, signal):
    assert "Zonneveld, Ömer" in counsellor.get("/early-signals").text
    page = counsellor.get(f"/early-signals/{signal.ref}").text
    assert all(words in page for words in ("Waterbedrijf Westerdok", "Buurtteam Zuid", "Het huishouden is niet bekend bij de gemeente"))
    assert "Niets gevonden" in counsellor.get("/early-signals?q=niemand").text


def test_a_team_is_told_to_ask_a_landlord_what_it_did_before(client_of, counsellor):
    factory.organisation(code=4110, branch="huur")
    import_signals(SYSTEM, file({"CodeEiser": "4110", "Postcode": "1071AR"}), [4110])
    assert "Vraag dat na, voordat u contact zoekt." in counsellor.get(f"/early-signals/{only().ref}").text


def test_an_attempt_is_noted_and_a_stale_page_is_told_so(counsellor, signal):
    at = f"/early-signals/{signal.ref}/attempts"
    assert "Genoteerd bij 1 signaal." in counsellor.post(at, data=CALL, follow_redirects=True).text
    assert "Een collega was u voor." in counsellor.post(at, data=CALL | {"part": "evening"}, follow_redirects=True).text
    answer = counsellor.post(at, data=CALL | {"outcome": "needs no help", "revision": "2"})
    assert (answer.status_code, "Dit resultaat kan alleen als iemand is bereikt." in answer.text) == (422, True)


def test_a_result_is_mended_on_the_page_of_its_signal(counsellor, signal):
    at = f"/early-signals/{signal.ref}/attempts"
    counsellor.post(at, data=CALL | {"outcome": "deceased"})
    assert "Resultaat verbeteren" in counsellor.get(f"/early-signals/{signal.ref}").text
    mended = {"kind": "desk work", "reached": "no", "on": "2026-06-04", "revision": "2"}
    assert counsellor.post(at, data=mended | {"outcome": ""}).status_code == 422
    counsellor.post(at, data=mended | {"outcome": "no resident"})
    assert "Resultaat: geen inwoner (meer)" in counsellor.get(f"/early-signals/{signal.ref}").text
    shown = [counsellor.get(f"/early-signals{part}?status=done").text for part in ("", "/download")]
    assert [("geen inwoner (meer)" in text, "overleden" in text) for text in shown] == [(True, False)] * 2


def test_one_attempt_is_noted_for_all_that_were_chosen(counsellor, water, signal):
    other = factory.signal(water)
    page = counsellor.get(f"/early-signals/attempts?chosen={signal.ref}&chosen={other.ref}")
    assert "U noteert hetzelfde bij 2 signalen." in page.text
    chosen = CALL | {"chosen": [signal.ref, other.ref]}
    assert "Kies een dagdeel." in counsellor.post("/early-signals/attempts", data=chosen | {"part": ""}).text
    assert "Genoteerd bij 2 signalen." in counsellor.post("/early-signals/attempts", data=chosen, follow_redirects=True).text
    assert "Er is niets gekozen" in counsellor.get("/early-signals/attempts").text


def test_households_are_looked_up_for_all_that_were_chosen(counsellor, water, signal):
    chosen = {"chosen": [signal.ref, factory.signal(water).ref]}
    assert counsellor.post("/early-signals/households", data=chosen | {"benefit": "", "children": "no"}).status_code == 422
    answer = counsellor.post("/early-signals/households", data=chosen | {"benefit": "yes", "children": "no"}, follow_redirects=True)
    assert "Genoteerd bij 2 signalen." in answer.text
    assert "Er wacht niets" in answer.text


def test_an_attempt_on_a_signal_that_was_taken_back_is_refused_in_words(worker, counsellor, signal):
    worker.post(f"/early-signals/{signal.ref}/withdraw", data={"reason": "paid"})
    answer = counsellor.post(f"/early-signals/{signal.ref}/attempts", data=CALL)
    assert (answer.status_code, "De melder heeft dit signaal ingetrokken." in answer.text) == (422, True)


def test_the_household_is_looked_up_and_the_signal_moves(counsellor, signal):
    told = {"benefit": "yes", "children": "unknown", "revision": "1"}
    answer = counsellor.post(f"/early-signals/{signal.ref}/household", data=told, follow_redirects=True)
    assert "Dit signaal is bij: WPI Schuldhulpverlening." in answer.text
    assert counsellor.get(f"/early-signals/{signal.ref}").status_code == 404


def test_who_looked_nothing_up_hears_that_nothing_was_noted(counsellor, signal):
    nothing = {"benefit": "unknown", "children": "unknown", "revision": "1"}
    for path, chosen in ((f"/early-signals/{signal.ref}/household", {}), ("/early-signals/households", {"chosen": [signal.ref]})):
        answer = counsellor.post(path, data=nothing | chosen)
        assert (answer.status_code, "Er is niets genoteerd: u keek nog niets na." in answer.text) == (422, True)


def test_everything_about_a_person_is_given_for_a_request_of_access(counsellor, water, signal):
    factory.signal(water, surname="Iemand Anders")
    counsellor.post(f"/early-signals/{signal.ref}/attempts", data=CALL)
    found = counsellor.get(f"/early-signals/{signal.ref}/person").json["signals"]
    assert [(one["surname"], len(one["attempts"]), one["events"][0]["action"]) for one in found] == [("Zonneveld", 1, "signals:report")]


def test_what_is_anothers_is_missing(client_of, worker, counsellor, signal):
    other = client_of(factory.person(factory.organisation()))
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert other.get(f"/early-signals/{signal.ref}").status_code == 404
    assert other.get(f"/early-signals?after={signal.ref}").status_code == 404
    assert [who.get("/early-signals").status_code for who in (officer, worker, counsellor)] == [404, 200, 200]
    assert worker.post(f"/early-signals/{signal.ref}/attempts", data=CALL).status_code == 404
    assert counsellor.get("/early-signals/new").status_code == 404
    with db.reading() as session:
        assert session.scalar(select(ContactAttempt)) is None
