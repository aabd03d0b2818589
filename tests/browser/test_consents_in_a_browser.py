"""Standing consents as a manager works with them: at every width, in light and dark, read by axe, and without JavaScript."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import g
from sqlalchemy import insert

from app import db
from app.access import Kind, Role
from app.accounts import totp
from app.clock import now
from app.consents import service
from app.consents.assessing import assessment_row
from app.consents.models import Assessment
from app.consents.rules import Clauses, Effect, Facts, Product
from app.consents.service import Signing, Terms
from tests import factory
from tests.browser.conftest import opened, serving

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CLAUSES = Clauses(products=frozenset({Product.RESTRUCTURING_LOAN}), zero_offers=False, min_percentage=Decimal("10.00"))
FACTS = Facts(Product.RESTRUCTURING_LOAN, 3000, 20000, 90000, 20000, 20000, 36, False, True, None, True, date(2026, 5, 1), False)


@pytest.fixture
def manager(database, clock):
    creditor = factory.organisation(name="Zorgverzekeraar De Linde")
    person = factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET)
    return factory.actor(creditor, Role.CREDITOR_MANAGER, person_id=person.id)


@pytest.fixture
def ref(queue, manager, clock):
    """A signed version that counts, a draft after it, and offers of every month."""
    ref = service.start_draft(manager)
    service.save_draft(manager, ref, Terms(CLAUSES, Effect.ACCEPT), 1)
    service.sign_draft(manager, ref, Signing(None, totp.code_at(SECRET, now().timestamp()), 2))
    queue.run_all()
    clock.shift(timedelta(days=1))
    service.start_draft(manager)
    service.save_draft(manager, ref, Terms(replace(CLAUSES, max_months=18), Effect.PREPARE), 1)
    facts = [FACTS._replace(issued_on=date(2025, 7, 1) + timedelta(days=7 * n), months=18 * (1 + n % 2)) for n in range(48)]
    rows = [assessment_row(f"A-{n}", manager.organisation_id, None, one, None) for n, one in enumerate(facts)]
    with db.transaction() as session:
        session.execute(insert(Assessment), rows)
    return ref


@pytest.fixture
def place(app, manager, ref):
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", manager))
    with serving(app) as address:
        yield f"{address}/consents"


@pytest.mark.parametrize("path", ["", "?version=1", "/withdraw?version=1", "/missed/max_months?version=2"])
def test_each_page_of_a_consent_fits_and_is_read_by_everybody(place, ref, page, check_page, path):
    page.goto(f"{place}/{ref}{path}")
    check_page(page)


def test_the_list_of_all_consents_fits_and_is_read_by_everybody(app, ref, page, check_page):
    officer = factory.actor(factory.organisation(Kind.BANK))
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", officer))
    with serving(app) as address:
        page.goto(f"{address}/consents")
        page.select_option("#f-status", label="geldt")
        page.click("text=Toon")
        page.locator("main").get_by_text("1 schuldeiser").wait_for()
        check_page(page)


def test_the_faults_of_a_draft_are_shown_at_their_clauses(place, ref, page, check_page):
    page.goto(f"{place}/{ref}")
    page.fill("#min_percentage", "tien")
    page.click("text=Bewaar concept")
    page.locator("#min_percentage-fout").wait_for()
    check_page(page)


def test_a_draft_is_calculated_again_without_javascript(place, ref, chromium):
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(f"{place}/{ref}")
        assert page.locator(".big").inner_text() == "24 van de 48"
        page.fill("#max_months", "36")
        page.click("text=Reken opnieuw")
        assert page.locator(".big").inner_text() == "48 van de 48"
