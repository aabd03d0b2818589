"""The register and the debt files as people see them: at every width, in light and dark, read by axe."""

from datetime import date
from pathlib import Path

import pytest
from flask import g

from app.access import SYSTEM, Kind
from app.cases.importing import import_cases
from app.cases.rules import Rank
from app.creditors.importing import import_creditors
from tests import factory
from tests.browser.conftest import serving

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def place(app):
    """The portal with the sample register and cases, as an officer sees it."""
    import_creditors(SYSTEM, ROOT / "demo" / "creditors.csv")
    import_cases(SYSTEM, ROOT / "demo" / "aanvragen.csv", ROOT / "demo" / "eisers.csv")
    actor = factory.actor(factory.organisation(Kind.BANK, name="Kredietbank"))
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", actor))
    with serving(app) as address:
        yield address


@pytest.mark.parametrize("path", ["/cases", "/cases?q=niemand", "/cases/700004-1", "/creditors", "/creditors/4100", "/cases/import"])
def test_each_page_fits_and_is_read_by_everybody(place, page, check_page, path):
    page.goto(place + path)
    check_page(page)


def test_the_forms_of_a_case_fit_too(place, page, check_page):
    creditor = factory.organisation()
    case = factory.case(calculated_on=date(2025, 1, 1), settlement_known=False)
    claim = factory.claim(case, creditor, rank=Rank.SECURED, security_cents=100, fraud=True)
    for path in (f"/cases/{case.ref}", f"/cases/{case.ref}/facts", f"/cases/{case.ref}/claims/{claim.number}"):
        page.goto(place + path)
        check_page(page)
    page.goto(f"{place}/cases/{case.ref}/facts")
    page.fill("#income", "twaalf")
    page.click("main form button")
    check_page(page)


def test_files_are_chosen_looked_at_and_brought_in(place, page, check_page):
    page.goto(f"{place}/cases/import")
    page.set_input_files("#applications", ROOT / "demo" / "aanvragen.csv")
    page.set_input_files("#claims", ROOT / "tests" / "files" / "messy" / "eisers.csv")
    page.click("main form button")
    check_page(page)
    page.click("text=Lees in")
    page.locator("h1", has_text="Dossiers ingelezen").wait_for()
    check_page(page)


def test_a_mandate_and_a_contact_that_cannot_be_show_their_faults(place, page, check_page):
    page.goto(f"{place}/creditors/4100")
    page.click("text=Geef een machtiging")
    page.select_option("#other", label="Incassobureau Kade")
    page.fill("#ends_on", "2020-01-01")
    page.click("text=Bewaar de machtiging")
    page.locator(".errors").wait_for()
    check_page(page)
    page.fill("#ends_on", "")
    page.click("text=Bewaar de machtiging")
    page.locator("main").get_by_text("Geldt nu").wait_for()
    page.click("summary >> text=Beëindig")
    check_page(page)
