"""What the second officer sees of a draft: each creditor's part, and its letter, with a code that opens nothing."""

from io import BytesIO

import pypdf
import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind
from app.cases.rules import Rank
from app.documents.models import Document
from app.proposals.models import Offer
from tests import factory


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK)


@pytest.fixture
def officer(bank, client_of):
    return client_of(factory.person(bank))


@pytest.fixture
def claims(database):
    case = factory.case()
    ranks = (Rank.PREFERENTIAL, Rank.CONCURRENT, Rank.EXCLUDED)
    return case, [factory.claim(case, factory.organisation(name=f"Schuldeiser {rank}"), rank=rank) for rank in ranks]


@pytest.fixture
def drafted(officer, claims):
    case, made = claims
    officer.post(f"/cases/{case.ref}/proposal", data={"product": "restructuring_loan"})
    return f"/cases/{case.ref}/proposal", made


def letter(browser, page, claim):
    return browser.get(f"{page}/letters/{claim.number}")


def test_a_draft_shows_what_each_creditor_would_get(officer, drafted):
    page, _ = drafted
    text = officer.get(page).text
    assert "Zo gaat het uit" in text
    assert "Schuldeiser preferential" in text
    assert "Schuldeiser excluded" not in text.partition("Zo gaat het uit")[2].partition("Producten vergeleken")[0]


def test_the_letter_of_a_draft_can_be_read_and_is_kept_nowhere(officer, drafted):
    page, made = drafted
    answer = letter(officer, page, made[0])
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(answer.data)).pages)
    assert answer.mimetype == "application/pdf"
    assert "A-VOOR-BEELD" in text
    assert "VOORB-EELD0" in text
    with db.reading() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Offer, Document)] == [0, 0]


def test_a_claim_outside_the_settlement_has_no_letter(officer, drafted):
    page, made = drafted
    assert letter(officer, page, made[2]).status_code == 404
    assert officer.get(f"{page}/letters/999999").status_code == 404


def test_what_went_out_has_no_preview_any_more(officer, bank, client_of, drafted):
    page, made = drafted
    client_of(factory.person(bank)).post(f"{page}/approve", data={"revision": 1})
    assert letter(officer, page, made[0]).status_code == 200
    officer.post(f"{page}/issue", data={"revision": 2})
    assert letter(officer, page, made[0]).status_code == 404


def test_a_creditor_finds_no_preview(client_of, drafted):
    page, made = drafted
    assert letter(client_of(factory.person(factory.organisation())), page, made[0]).status_code == 404
