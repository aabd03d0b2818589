"""Family 9, through both doors: a hostile file of each kind, by page and by command, changes nothing and is told in a sentence."""

import io
import re

import pytest
from click.testing import CliRunner

from app import db
from app.access import Kind
from app.cli import portal
from app.creditors.words import REFUSALS
from tests import factory
from tests.security.counting import count
from tests.security.hostile_files import HARMLESS, HOSTILE
from tests.security.whole import dump

# those that are walked in a process of their own, for what they would take
HEAVY = {"bomb", "bomb beside the sheet", "lying sizes", "overlapping parts", "70,000 entries", "many elements", "one text many times"}
HEAVY |= {"many rows", "rows without end", "too large", "one endless line", "endless cells", "endless heads", "a million columns"}
LIGHT = {name: make for name, (make, _) in HOSTILE.items() if name not in HEAVY} | HARMLESS
NAMES = ["../../etc/passwd", "<script>.csv", "a\r\nb.xlsx", "CON", "x" * 400 + ".csv", "\u202egpj.exe", ""]
HEADS = b"RelatieCode;Volgnummer;Achternaam;Geboortedatum;Startdatum;DatumBerekening;Inkomen;VTLB"
GOOD = HEADS + b"\n1;1;Visser;02-05-1987;01-03-2026;12-05-2026;1,00;1,00\n"


@pytest.fixture(scope="module")
def files():
    return {name: make() for name, make in LIGHT.items()}


@pytest.fixture
def browser(client_of):
    return client_of(factory.person(factory.organisation(Kind.BANK)))


def sent(browser, path, **contents):
    """Send files under a bad name as a form does."""
    return browser.post(path, data={name: (io.BytesIO(content), NAMES[0]) for name, content in contents.items()})


@pytest.mark.parametrize("kind", ["creditors", "applications", "claims"])
def test_no_page_takes_a_hostile_file(browser, files, kind):
    before = dump("sign_in")
    for name, content in files.items():
        if kind == "creditors":
            answer = sent(browser, "/creditors/import", file=content)
        else:
            answer = sent(browser, "/cases/import", **{"applications": GOOD, "claims": GOOD, kind: content})
        assert answer.status_code == 422, name
        said = re.search(r'class="[^"]*(?:error|bad)[^"]*"[^>]*>(.*?)</', answer.text, re.DOTALL)
        assert len(said[1].strip()) > 20, name
        assert dump("sign_in") == before, name
    count("9 hostile files", "files refused by a page", len(files))


@pytest.mark.parametrize("kind", ["creditors", "applications", "claims"])
def test_no_command_takes_a_hostile_file(settings, database, clock, files, kind, tmp_path, monkeypatch):
    before, hostile, good = dump(), tmp_path / "hostile.csv", tmp_path / "good.csv"
    good.write_bytes(GOOD)
    words = {"creditors": ["creditors", hostile], "applications": ["cases", hostile, good], "claims": ["cases", good, hostile]}[kind]
    monkeypatch.setattr("app.connect", lambda _: None)  # the test's own database
    for name, content in files.items():
        hostile.write_bytes(content)
        told = CliRunner().invoke(portal, ["import", *map(str, words)])
        assert (told.exit_code, told.stdout) == (1, ""), (name, told.exception)
        assert 20 < len(told.stderr) < 300, name
        assert "Traceback" not in told.stderr
    assert dump() == before
    count("9 hostile files", "files refused by a command", len(files))


def test_a_file_larger_than_the_portal_takes_is_told_on_a_page(browser):
    before = dump("sign_in")
    length = {"CONTENT_LENGTH": str(26 << 20)}  # said before anything is read
    answer = browser.post("/creditors/import", data={"file": (io.BytesIO(b"a"), "a.csv")}, environ_overrides=length)
    assert answer.status_code == 413
    assert "Er is niets ingelezen en niets gewijzigd." in answer.text
    assert dump("sign_in") == before


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_file_is_shown_and_nothing_else(browser, name):
    good = b"CodeEiser;Naam;Soort\n5001;Els;schuldeiser\n"
    answer = browser.post("/creditors/import", data={"file": (io.BytesIO(good), name)}, follow_redirects=True)
    assert answer.status_code in {200, 422}  # without a name, or with one that breaks its line, there is no file
    assert "<script>" not in answer.text
    assert [sign for sign in "\u202e\x00" if sign in answer.text] == []


def test_a_file_that_goes_wrong_half_way_leaves_nothing(browser, database, queue):
    rows = b"".join(b"%d;Schuldeiser;schuldeiser\n" % number for number in range(5000, 9000))
    answer = sent(browser, "/creditors/import", file=b"CodeEiser;Naam;Soort\n" + rows + b'9999;"open;schuldeiser\n')
    assert answer.status_code == 422
    assert str(REFUSALS["exchange.quote_open"])[:20] in answer.text
    with db.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM organisation WHERE code IS NOT NULL").scalar() == 0
