"""The page of a case's privacy as an officer sees it: free, after a mistake, at rest and closed, read by axe at every width."""

from flask import g

from app import db
from app.access import Kind
from app.cases.models import Case
from app.web import act_as
from tests import factory
from tests.browser.conftest import serving


def test_the_privacy_page_in_all_its_states(app, page, check_page):
    officer, _ = factory.officers(factory.organisation(Kind.BANK, name="Kredietbank"))
    case = factory.case(surname="van ’t Hof-Waterschapsbelastingmedewerker")

    def sign_in():
        act_as(officer)
        g.second_factor_at = None

    app.before_request_funcs.setdefault(None, []).append(sign_in)
    with serving(app) as address:
        page.goto(f"{address}/cases/{case.ref}/privacy")
        check_page(page)
        page.get_by_role("button", name="Laat de gegevens rusten").click()
        check_page(page)
        page.get_by_label("Reden").fill("De cliënt betwist wat wij van haar weten.")
        page.get_by_role("button", name="Laat de gegevens rusten").click()
        page.locator("main").get_by_text("De gegevens in dit dossier rusten nu").wait_for()
        check_page(page)
        page.goto(f"{address}/cases/{case.ref}")
        check_page(page)
        page.goto(f"{address}/cases/{case.ref}/privacy")
        page.get_by_role("button", name="Hef de rust op").click()
        page.get_by_role("button", name="Sluit het dossier").click()
        page.locator("main").get_by_text("Persoon wordt gewist vanaf").wait_for()
        check_page(page)
    with db.reading() as session:
        assert session.get(Case, case.id).closed_on is not None
