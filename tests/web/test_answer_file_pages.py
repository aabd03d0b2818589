"""The pages of files of answers: the file to fill in, its trial, the yes, the rest, and who may see them."""

import csv
import io
import zipfile
from dataclasses import fields

import pytest
import xlsxwriter
from python_calamine import load_workbook
from sqlalchemy import func, select

from app import db
from app.access import Kind
from app.cases.balance_queries import BalanceQuery
from app.cases.pause_queries import PauseQuery
from app.exchange import answering
from app.exchange.models import Upload
from app.exchange.reading import open_table
from app.jobs.models import JobProgress
from app.proposals.inbox_queries import InboxQuery
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from tests import factory
from tests.security.matrix import bare

PLACES = ("offers", "balances", "pauses")


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Pieter Dros"))


@pytest.fixture
def other(database):
    return factory.organisation(name="Energie Noord")


@pytest.fixture
def three(water, other):
    return [factory.offers(water, other)[0] for _ in range(3)]


def csv_of(*rows):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def upload(browser, content, place="offers", name="lijst.csv"):
    return browser.post(f"/{place}/file", data={"file": (io.BytesIO(content), name)})


def yes(*offers):
    return csv_of(("Aanbod", "Antwoord"), *((offer.ref, "akkoord") for offer in offers))


def state_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id).state


def kept():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Upload))


# ── the file to fill in ──────────────────────────────────────────────────────


def rows_of(browser, path):
    """Return the rows of the first sheet of a workbook, its heads first."""
    return load_workbook(io.BytesIO(browser.get(path).data)).get_sheet_by_index(0).to_python()


def part_of(browser, path, part):
    """Return one XML part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(browser.get(path).data)) as archive:
        return archive.read(part).decode()


def test_the_file_to_fill_in_has_exactly_the_rows_that_the_filters_show(worker, three):
    rows = rows_of(worker, f"/offers/file/sheet?q={three[1].reference}")
    assert [row[0] for row in rows] == ["Aanbod", three[1].ref]
    assert rows[0][-5:] == ["Antwoord", "Reden afwijzing", "Toelichting", "Ander saldo", "Toch afwijzen"]
    assert rows[1][-5:] == [""] * 5


def test_keys_are_locked_and_answers_are_chosen_from_a_list(worker, three):
    path = "/offers/file/sheet"
    sheet, styles = part_of(worker, path, "xl/worksheets/sheet1.xml"), part_of(worker, path, "xl/styles.xml")
    assert "<sheetProtection" in sheet
    assert "Keuzes!$A$1:$A$4" in sheet
    assert styles.count('locked="0"') == 2  # the open columns, of text and of amounts; all else is locked
    lists = load_workbook(io.BytesIO(worker.get(path).data)).get_sheet_by_index(1).to_python()
    assert [row[0] for row in lists[:4]] == ["akkoord", "akkoord met ander saldo", "afgewezen", "heroverweging"]


def test_what_was_downloaded_and_filled_in_comes_back_as_it_is(worker, three):
    rows = rows_of(worker, "/offers/file/sheet")
    answer, out = rows[0].index("Antwoord"), io.BytesIO()
    rows[1][answer] = rows[2][answer] = "akkoord"
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, [str(cell) for cell in row])
    path = worker.post(upload(worker, out.getvalue(), name="Aanbiedingen.xlsx").location).location
    assert "2 antwoorden verstuurd" in worker.get(path).text
    assert sorted(state_of(offer).value for offer in three) == ["accepted", "accepted", "open"]


@pytest.mark.parametrize(
    ("place", "name", "head"),
    [
        ("offers", "Betaalvoorstel antwoord.csv", "Referentienummer;Klant;"),
        ("balances", "Saldoverzoek antwoord vooraf akkoord.csv", "Referentienummer;KlantnummerSHV;"),
        ("pauses", "Kennisgeving antwoord.csv", "Referentienummer;Klant;"),
    ],
)
def test_the_file_is_written_under_the_names_of_the_hub_too(worker, place, name, head):
    answer = worker.get(f"/{place}/file/sheet?format=csv&names=hub")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.data.decode("utf-8-sig").replace('"', "").startswith(head)


@pytest.mark.parametrize("place", PLACES)
def test_each_list_leads_to_its_file_and_the_file_to_what_is_shown(worker, water, place):
    factory.notices(water)
    claim = factory.claim(factory.case(), water, stated_cents=None, stated_on=None)
    factory.balance_request(claim)
    factory.offers(water)
    assert f'href="/{place}/file' in worker.get(f"/{place}").text
    page = worker.get(f"/{place}/file?q=Visser&status=all").text
    assert f"/{place}/file/sheet?" in page
    assert "q=~" in page
    assert len(rows_of(worker, f"/{place}/file/sheet?q=Visser")) == 2


@pytest.mark.parametrize(("place", "query"), [("offers", InboxQuery), ("balances", BalanceQuery), ("pauses", PauseQuery)])
def test_every_filter_of_a_list_goes_along_to_its_file(worker, place, query):
    names = {field.name for field in fields(query)} - {"after"}
    page = worker.get(f"/{place}/file", query_string=dict.fromkeys(names, "1")).text
    assert sorted(name for name in names if f"{name}={'~' if name == 'q' else 1}" not in page) == []


def test_a_name_that_looks_like_a_formula_stays_text_in_the_file(worker, water, other):
    factory.offer(*_strange(water, other))
    assert "'=1+1" in worker.get("/offers/file/sheet?format=csv").data.decode("utf-8-sig")


def _strange(water, other):
    case = factory.case()
    claims = [factory.claim(case, water, reference="=1+1"), factory.claim(case, other)]
    return factory.proposal(case, claims), claims[0]


# ── the trial, the yes and the rest ──────────────────────────────────────────


def test_a_trial_shows_the_outcome_of_each_row_and_sends_nothing(worker, three):
    content = csv_of(("Aanbod", "Antwoord"), (three[0].ref, "akkoord"), (three[1].ref, "misschien"), (three[2].ref, ""))
    page = worker.get(upload(worker, content).location).text
    assert all(words in page for words in ("Er is nog niets verstuurd.", "Verstuur 1 antwoord", "Kies uit: akkoord", "wordt verstuurd"))
    assert state_of(three[0]) is OfferState.OPEN


def test_sending_twice_leads_to_the_same_result(worker, three):
    path = upload(worker, yes(*three)).location
    first, second = worker.post(path), worker.post(path)
    assert first.location == second.location == path
    assert "3 antwoorden verstuurd" in worker.get(path).text


def test_the_rest_can_be_downloaded_with_the_reason(worker, three):
    path = upload(worker, csv_of(("Aanbod", "Antwoord"), (three[0].ref, "akkoord"), (three[1].ref, "afgewezen"))).location
    worker.post(path)
    rest = worker.get(f"{path}/left")
    rows = list(csv.reader(io.StringIO(rest.data.decode("utf-8-sig")), delimiter=";"))
    assert rows == [["Aanbod", "Antwoord", "Reden"], [three[1].ref, "afgewezen", "Reden afwijzing: Kies waarom u afwijst."]]
    assert "left?format=xlsx" in worker.get(path).text
    book = worker.get(f"{path}/left?format=xlsx")
    with open_table(book.data) as table:
        assert [list(cells) for cells in (table.head, *(record.cells for record in table.records))] == rows
    assert book.headers["Content-Disposition"].endswith("niet-verstuurd.xlsx")


def test_a_rest_whose_text_is_too_long_for_excel_comes_as_csv(worker, three):
    path = upload(worker, csv_of(("Aanbod", "Antwoord"), (three[1].ref, "x" * 40_000))).location
    assert worker.get(f"{path}/left?format=xlsx").mimetype == "text/csv"


def test_a_long_file_shows_its_progress_and_a_reload_finds_it_again(worker, three, queue, monkeypatch):
    monkeypatch.setattr(answering, "AT_ONCE", 2)
    path = upload(worker, yes(*three)).location
    going = worker.post(path).location
    assert "Wacht op zijn beurt" in worker.get(going).text
    assert worker.get(path).location == going
    queue.run_all()
    assert path in worker.get(going).text
    assert "3 antwoorden verstuurd" in worker.get(path).text


def test_a_file_without_anything_to_send_offers_no_button(worker, three):
    page = worker.get(upload(worker, csv_of(("Aanbod", "Antwoord"), (three[0].ref, ""))).location).text
    assert "In dit bestand staat niets dat u nu kunt versturen." in page


def test_the_files_of_today_can_be_found_again(worker, water, three, clock):
    path = upload(worker, yes(*three), name="Lijst van Pieter.csv").location
    page = worker.get("/offers/file").text
    assert all(words in page for words in (path, "Lijst van Pieter.csv", "3 regels", "nog niet verstuurd"))
    clock.shift(86_401)
    with db.reading() as session:
        assert answering.recent_files(session, factory.actor(water), "offers") == []


# ── bad input ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7", "brief.pdf", "Dit is geen CSV- of Excel-bestand (XLSX)."),
        (b"Kolom;Andere\n1;2\n", "x.csv", "De kolom Aanbod ontbreekt."),
        (b"Saldoverzoek;Hoofdsom\nS-2;1\n", "x.csv", "Dit bestand hoort bij Saldoverzoeken. Lees het daar in."),
        (b"Aanbod;Antwoord\n", "x.csv", "In dit bestand staan geen regels."),
        (b"", "x.csv", "Het bestand is leeg."),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence_and_nothing_is_kept(worker, content, name, said):
    answer = upload(worker, content, name=name)
    assert answer.status_code == 422
    assert said in answer.text
    assert kept() == 0


def test_no_file_at_all_is_asked_for(worker):
    answer = worker.post("/offers/file", data={})
    assert (answer.status_code, "Kies het bestand dat u invulde." in answer.text) == (422, True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the half file of the form parser is dropped
def test_an_upload_that_broke_off_half_way_leaves_nothing(worker, three):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 1000)
    answer = upload(worker, book.getvalue()[:400], name="lijst.xlsx")
    assert (answer.status_code, "beschadigd" in answer.text) == (422, True)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nAanbod;Antw'
    broken = worker.post("/offers/file", data=head, content_type="multipart/form-data; boundary=x")
    assert broken.status_code in {400, 422}
    assert kept() == 0


# ── whose ────────────────────────────────────────────────────────────────────


def test_the_file_of_another_organisation_is_answered_like_one_that_never_was(client_of, worker, other, three):
    path = upload(worker, yes(*three)).location
    stranger = client_of(factory.person(other))
    missing = "/offers/file/I-2222-2222"
    assert bare(stranger.get(path), path) == bare(stranger.get(missing), missing)
    assert stranger.post(path).status_code == stranger.get(f"{path}/left").status_code == 404
    assert state_of(three[0]) is OfferState.OPEN


def test_a_file_of_one_kind_is_no_file_of_another(worker, three):
    ref = upload(worker, yes(*three)).location.rpartition("/")[2]
    assert worker.get(f"/balances/file/{ref}").status_code == worker.post(f"/pauses/file/{ref}").status_code == 404


@pytest.mark.parametrize("place", PLACES)
def test_who_answers_nothing_finds_no_page_of_files(client_of, place):
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert officer.get(f"/{place}/file").status_code == officer.get(f"/{place}/file/sheet").status_code == 404


def test_a_colleague_sees_and_sends_the_file_that_somebody_left(client_of, water, worker, three):
    path = upload(worker, yes(three[0])).location
    client_of(factory.person(water)).post(path)
    assert state_of(three[0]) is OfferState.ACCEPTED
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(JobProgress)) == 0
