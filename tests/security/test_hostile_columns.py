"""Family 10: texts made to hurt in every text column of every file that comes in, and all the ways in which they go out again."""

import csv
import io
import json
import logging
import zipfile
from dataclasses import replace

import pypdf
import pytest
from jinja2 import meta
from python_calamine import load_workbook
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases.importing import import_cases
from app.cases.models import Case
from app.cases.sheets import APPLICATIONS, CLAIMS
from app.cases.words import REFUSALS
from app.creditors.importing import import_creditors
from app.creditors.models import Organisation
from app.creditors.sheets import CREDITORS
from app.documents.writer import write
from app.exchange.formulas import MARKS, SKIPPED, restored
from app.exchange.results import reason
from app.exchange.writing import TEXT, Field, csv_pieces, write_xlsx
from app.logs import JsonLines
from app.notifications import catalogue
from app.notifications import service as notifications
from app.notifications.models import Message
from app.proposals.letter_text import offer_letter
from app.signs import legible
from tests import factory
from tests.pages import WholeClient
from tests.security.counting import count
from tests.security.hostile_text import MARK, TEXTS, bare
from tests.unit.test_letters import OFFER

GOOD = {
    "creditors": {"CodeEiser": "1", "Naam": "Els", "Soort": "schuldeiser"},
    "cases": {
        "RelatieCode": "1", "Volgnummer": "1", "Achternaam": "Visser", "Geboortedatum": "02-05-1987", "Startdatum": "01-03-2026",
        "DatumBerekening": "12-05-2026", "Inkomen": "1842,00", "VTLB": "1656,00",
    },
    "claims": {
        "RelatieCode": "1", "Volgnummer": "1", "UniekVolgnummer": "1", "CodeEiser": "4100", "Preferentie": "C", "AangemeldBedrag": "100,00",
    },
}  # fmt: skip
NUMBER = {"creditors": "CodeEiser", "cases": "RelatieCode", "claims": "UniekVolgnummer"}


def text_columns(sheet):
    return [column.name for column in sheet.columns if column.parse.__qualname__.startswith("text.")]


def hostile_rows(sheet):
    """A good row for each text in each text column, and the names of all columns in them."""
    heads = list(dict.fromkeys([*GOOD[sheet.name], *text_columns(sheet)]))
    pairs = [(column, text) for column in text_columns(sheet) for text in TEXTS.values()]
    numbers = {NUMBER[sheet.name]: None}
    rows = [GOOD[sheet.name] | dict.fromkeys(numbers, str(5000 + at)) | {column: text} for at, (column, text) in enumerate(pairs)]
    return heads, [[row.get(head, "") for head in heads] for row in rows]


def as_file(kind, heads, rows):
    """Write a file as our own exports are written: its guards against formulas are taken off again when it comes back."""
    columns, out = [Field(head, TEXT) for head in heads], io.BytesIO()
    if kind == "csv":
        return b"".join(csv_pieces(columns, rows))
    rows = [[cell.replace("\ufffe\uffff", "") for cell in row] for row in rows]  # no XML holds them
    write_xlsx(columns, rows, out, "Blad")
    return out.getvalue()


@pytest.fixture
def officer(queue, clock):
    return factory.actor(factory.organisation(Kind.BANK))


@pytest.fixture
def browser(app, client_of):
    """An officer's browser that takes a page as it is: these texts look like sentences that were not filled in."""
    app.test_client_class = WholeClient
    return client_of(factory.person(factory.organisation(Kind.BANK)))


def kept(table, *names):
    with db.reading() as session:
        return {getattr(row, name) for row in session.scalars(select(table)) for name in names if MARK in (getattr(row, name) or "")}


def judged(tally, sent, held):
    """Each text came in whole, or its row came back with a sentence; nothing in between."""
    turned_down = {cell for reject in tally.rejects for cell in reject.cells if MARK in cell}
    assert all(len(reason(reject, {})) > 15 for reject in tally.rejects)
    assert {bare(text) for text in sent} == {bare(text) for text in held | turned_down}
    assert tally.new + len(tally.rejects) == tally.counts.new + tally.counts.rejected
    count("10 hostile text", "strings × columns of files", tally.new + len(tally.rejects))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_register_takes_each_text_whole_or_says_why_not(officer, browser, kind):
    file = as_file(kind, *hostile_rows(CREDITORS))
    tally = import_creditors(officer, file).tallies[0]
    judged(tally, TEXTS.values(), kept(Organisation, "name", "branch", "street", "house_number", "city"))
    again = import_creditors(officer, file).tallies[0]
    assert (again.new, again.changed, again.unchanged) == (0, 0, tally.new)
    leaves_as_text(browser, "/creditors", kept(Organisation, "name", "branch", "city"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_cases_take_each_text_whole_or_say_why_not(officer, browser, kind):
    factory.organisation(code=4100)
    files = [as_file(kind, *hostile_rows(sheet)) for sheet in (APPLICATIONS, CLAIMS)]
    cases, claims = import_cases(officer, *files).tallies
    names = ("initials", "given_name", "surname", "street", "house_number", "city", "household", "programme", "team")
    judged(cases, TEXTS.values(), kept(Case, *names))
    assert all(len(reason(reject, REFUSALS)) > 15 for reject in claims.rejects)
    leaves_as_text(browser, "/cases", kept(Case, "programme", "team"))
    with db.reading() as session:
        refs = session.scalars(select(Case.ref).order_by(Case.id)).all()
    for ref in refs[::9]:
        assert_escaped(browser.get(f"/cases/{ref}").text)


def leaves_as_text(browser, path, texts):
    """The list, its CSV and its XLSX show each text whole, and no cell of them is a formula."""
    assert_escaped(browser.get(f"{path}?size=200").text)
    said = browser.get(f"{path}/download").data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(said, newline=""), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.lstrip(SKIPPED.replace("'", ""))[:1] in MARKS and MARK in cell]
    assert {text for text in texts if text not in {restored(cell) for cell in cells}} == set()
    book = browser.get(f"{path}/download?format=xlsx")
    if book.mimetype.endswith("sheet"):
        with zipfile.ZipFile(io.BytesIO(book.data)) as parts:
            assert not [name for name in parts.namelist() if b"<f>" in parts.read(name) or b"hyperlink" in parts.read(name)]
        rows = load_workbook(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
        assert texts <= {str(cell) for row in rows for cell in row}


def assert_escaped(markup):
    assert MARK in markup
    for raw in ("<script>alert", "<svg onload", "<para>", '" onmouseover="', "<a/>"):
        assert raw not in markup


def test_a_rejects_file_is_no_way_to_a_formula(officer):
    heads, rows = hostile_rows(CREDITORS)
    rejects = import_creditors(officer, as_file("csv", heads, rows), dry_run=True).tallies[0].rejects
    assert rejects
    written = b"".join(csv_pieces([Field(head, TEXT) for head in heads], [reject.cells for reject in rejects])).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(written, newline=""), delimiter=";"):
        assert not [cell for cell in row if cell[:1] in MARKS]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_letter_holds_each_text_as_text(name):
    text = legible(TEXTS[name])
    letter = offer_letter(replace(OFFER, client_name=text[:120], reference=text[:60], recipient=(text[:120], "1077 DN Amsterdam")))
    read = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(write(letter))).pages)
    assert "root:" not in read
    plain = bare(text[:60])
    if plain.isascii():
        assert "".join(plain.split()) in "".join(read.split())
    count("10 hostile text", "strings in letters")


@pytest.mark.parametrize("code", catalogue.codes())
def test_a_mail_has_the_headers_that_we_gave_it(code, queue, clock):
    template = (catalogue._TEMPLATES / f"{code}.txt").read_text()
    asked = meta.find_undeclared_variables(catalogue._environment("nl").parse(template)) - {"link"}
    for text in TEXTS.values():
        with db.transaction() as session:
            notifications.notify(
                session, code, notifications.Recipient("post@organisatie.example"), "/offers", **dict.fromkeys(asked, text[:200])
            )
            message = session.scalars(select(Message).order_by(Message.id.desc())).first()
            mail = notifications._mail(message)
        assert mail["Bcc"] is None
        assert mail.as_bytes()
        assert "\n" not in mail["Subject"]
    count("10 hostile text", "strings in mails", len(TEXTS))


def test_a_line_of_the_log_stays_a_line():
    for text in TEXTS.values():
        record = logging.LogRecord("portal.web", logging.INFO, "", 0, text, (), None)
        line = JsonLines().format(record)
        assert "\n" not in line
        assert MARK in json.dumps(json.loads(line))
    count("10 hostile text", "strings in the log", len(TEXTS))
