"""The bank's pages of proposals: compare, draft, check by a second officer, issue, and see who still blocks."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.proposals.lifecycle import ProposalState
from app.proposals.models import Offer, Proposal
from tests import factory


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK)


@pytest.fixture
def drafter(bank, client_of):
    return client_of(factory.person(bank))


@pytest.fixture
def checker(bank, client_of):
    return client_of(factory.person(bank))


@pytest.fixture
def case(database):
    case = factory.case()
    for rank in ("concurrent", "preferential"):
        factory.claim(case, factory.organisation(), rank=rank)
    return case


def newest():
    with db.reading() as session:
        return session.scalar(select(Proposal).order_by(Proposal.id.desc()))


def page_of(case):
    return f"/cases/{case.ref}/proposal"


def draft(browser, case, **over):
    return browser.post(page_of(case), data={"product": "restructuring_loan"} | over)


def move_on(browser, case, act):
    return browser.post(f"{page_of(case)}/{act}", data={"revision": newest().revision}, follow_redirects=True)


def test_products_stand_side_by_side_with_why_not(drafter, case):
    text = drafter.get(page_of(case)).text
    assert "ja, met reden" in text  # mediation is the exception
    assert "nee: er is afloscapaciteit" in text  # no zero offer for who can pay
    assert "nee: ouder dan 26 jaar" in text


def test_from_draft_by_a_second_officer_to_issued(drafter, checker, case):
    draft(drafter, case)
    assert "Een collega moet dit controleren" in drafter.get(page_of(case)).text
    assert "Gecontroleerd. Het voorstel kan uit." in move_on(checker, case, "approve").text
    assert "Uitgebracht" in move_on(drafter, case, "issue").text
    assert "0 van de 2 zijn akkoord" in drafter.get(page_of(case)).text


def test_who_drafted_cannot_check(drafter, case):
    draft(drafter, case)
    move_on(drafter, case, "approve")
    assert newest().state is ProposalState.DRAFT


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"product": "zero_offer"}, "afloscapaciteit"),
        ({"product": "debt_mediation"}, "reden"),
        ({"product": "youth_loan"}, "26"),
        ({"months": "61"}, "60 maanden"),
    ],
)
def test_a_draft_that_may_not_be_is_refused_in_words(drafter, case, over, words):
    answer = draft(drafter, case, **over)
    assert answer.status_code == 422
    assert words in answer.text
    assert newest() is None


def test_a_double_click_issues_once(drafter, checker, case):
    draft(drafter, case)
    move_on(checker, case, "approve")
    move_on(drafter, case, "issue")
    move_on(drafter, case, "issue")
    with db.reading() as session:
        assert len(list(session.scalars(select(Offer)))) == 2


def test_figures_that_changed_after_the_check_ask_for_another(drafter, checker, case):
    draft(drafter, case)
    move_on(checker, case, "approve")
    with db.transaction() as session:
        session.merge(case).income_cents = 999900
    assert "opnieuw" in move_on(drafter, case, "issue").text
    assert newest().state is ProposalState.DRAFT


def test_ending_needs_a_reason_and_keeps_what_was_typed(drafter, case):
    draft(drafter, case)
    answer = drafter.post(f"{page_of(case)}/withdraw", data={"revision": newest().revision, "reason": ""})
    assert (answer.status_code, "schuldeisers lezen deze reden" in answer.text) == (422, True)
    drafter.post(f"{page_of(case)}/withdraw", data={"revision": newest().revision, "reason": "De cliënt stopt."})
    assert newest().state is ProposalState.WITHDRAWN


def test_a_stale_page_ends_nothing(drafter, case):
    draft(drafter, case)
    answer = drafter.post(f"{page_of(case)}/withdraw", data={"revision": 99, "reason": "De cliënt stopt."})
    assert answer.status_code == 409
    assert newest().state is ProposalState.DRAFT


def test_the_board_puts_what_hangs_on_one_first(drafter, database):
    many, one = factory.case(surname="Veel"), factory.case(surname="Een")
    for found, creditors in ((many, 3), (one, 1)):
        for _ in range(creditors):
            factory.claim(found, factory.organisation())
        factory.issued(found)
    text = drafter.get("/board").text
    assert text.index("Een") < text.index("Veel")


@pytest.mark.parametrize("role", [Role.CREDITOR_MANAGER, Role.COUNSELLOR, Role.RELATIONSHIP_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("path", ["/board", "/proposals", "proposal"])
def test_others_find_no_page_of_the_bank(client_of, case, role, path):
    kinds = {Role.CREDITOR_MANAGER: Kind.CREDITOR, Role.COUNSELLOR: Kind.NEIGHBOURHOOD_TEAM, Role.RELATIONSHIP_MANAGER: Kind.RELATIONS_TEAM}
    browser = client_of(factory.person(factory.organisation(kinds.get(role, Kind.CITY)), role))
    assert browser.get(page_of(case) if path == "proposal" else path).status_code == 404


def test_a_case_that_cannot_be_calculated_yet_says_why(drafter, database):
    case = factory.case(started_on=date(2026, 6, 1))
    factory.claim(case, factory.organisation(), stated_cents=None, stated_on=None)
    answer = draft(drafter, case)
    assert (answer.status_code, "saldo" in answer.text) == (422, True)


@pytest.mark.parametrize("rate", ["NaN", "sNaN", "Infinity", "1e-400", "1e2", "-1", "31", "7.125", "7,5,0", "٣", "7\x00"])
def test_a_rate_that_is_no_percentage_is_refused_in_words(drafter, case, rate):
    answer = draft(drafter, case, annual_rate=rate)
    assert answer.status_code == 422
    assert newest() is None


@pytest.mark.parametrize("rate", ["7,5", "7.50", " 7,50 % "])
def test_a_rate_is_read_as_people_write_it(drafter, case, rate):
    draft(drafter, case, annual_rate=rate)
    assert newest().annual_rate == "7.50"


@pytest.mark.parametrize("after", ["0", "1.2.3", "1.2026-01-01.99999999999999999999999", "1.2026-99-01.1", "\x00"])
def test_an_address_changed_by_hand_starts_at_the_top(drafter, after):
    assert drafter.get("/board", query_string={"after": after}).status_code == 200
