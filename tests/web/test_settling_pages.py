"""The officer's page of one offer, the call list and the page of daily work; and what a creditor sees of them."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.proposals import responding, settling
from app.proposals.clocks import stop_clock
from app.proposals.lifecycle import OfferState, RejectReason
from app.proposals.models import CourtDecision, CreditorCall, Offer
from app.proposals.reminding import run_reminders
from app.proposals.responding import Seen
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def officer(client_of, bank):
    return client_of(factory.person(bank, name="Mila Haverkamp"))


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok", phone="020 555 01 11")


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Pieter Dros"))


@pytest.fixture
def refused(water):
    """An offer that the water company refuses, while another creditor still has to answer."""
    offer, _ = factory.offers(water, factory.organisation())
    responding.reject_offer(factory.actor(water), Seen(offer.ref, 1), RejectReason.POLICY, "Ons beleid.")
    return now(offer)


def now(offer):
    with db.reading() as session:
        return session.scalar(select(Offer).where(Offer.ref == offer.ref))


def page_of(offer):
    return f"/proposals/offers/{offer.ref}"


def asked(offer, bank):
    settling.ask_again(factory.actor(bank), offer.ref, "Er is begeleiding.", offer.revision)
    return now(offer)


def refused_twice(offer, water, bank):
    again = asked(offer, bank)
    responding.reject_offer(factory.actor(water), Seen(again.ref, again.revision), RejectReason.POLICY, "Wij blijven erbij.")
    return now(offer)


QUESTION = {"words": "Alles is nagekeken.", "court": ["safeguards", "equal treatment"], "guidance": ["budget management"]}


# ── reconsideration ──────────────────────────────────────────────────────────


def test_the_creditor_reads_reason_its_share_points_and_guidance(officer, worker, refused):
    answer = officer.post(f"{page_of(refused)}/ask", data=QUESTION | {"revision": refused.revision})
    assert answer.location == page_of(refused)
    page = worker.get(f"/offers/{refused.ref}").text
    said = (
        "Alles is nagekeken.",
        "Uw vordering is 50,00%",
        "Alle schuldeisers worden gelijk behandeld",
        "budgetbeheer",
    )
    assert [words for words in said if words not in page] == []
    assert "andere schuldeisers zijn akkoord" not in page  # of the only other one nothing is told


def test_a_question_without_a_reason_keeps_what_was_ticked(officer, refused):
    answer = officer.post(f"{page_of(refused)}/ask", data=QUESTION | {"words": "", "revision": refused.revision})
    assert (answer.status_code, now(refused).state) == (422, OfferState.REJECTED)
    assert 'value="safeguards" checked' in answer.text


def test_a_second_click_asks_once_and_says_that_it_changed(officer, refused):
    data = QUESTION | {"revision": refused.revision}
    officer.post(f"{page_of(refused)}/ask", data=data)
    officer.post(f"{page_of(refused)}/ask", data=data)
    assert "intussen veranderd" in officer.get(page_of(refused)).text
    assert officer.get(page_of(refused)).text.count("Alles is nagekeken.") == 1


def test_a_second_no_without_an_explanation_is_asked_for_one(worker, bank, refused):
    again = asked(refused, bank)
    answer = worker.post(f"/offers/{refused.ref}", data={"answer": "reject", "reason": "policy", "revision": again.revision})
    assert (answer.status_code, "voor de tweede keer" in answer.text) == (422, True)
    assert now(refused).state is OfferState.ASKED_AGAIN


# ── the way to court ─────────────────────────────────────────────────────────


def test_a_second_refusal_opens_the_way_to_court_on_offer_proposal_and_case(officer, water, bank, refused):
    refused_twice(refused, water, bank)
    with db.reading() as session:
        case = session.get(factory.Case, refused.case_id).ref
    for path in (page_of(refused), f"/cases/{case}", f"/cases/{case}/proposal", "/board"):
        assert "aar de rechter (dwangakkoord) mogelijk" in officer.get(path).text, path
    page = officer.get(page_of(refused)).text
    assert ("50,00%" in page, "nog verzamelen" in page, "staat in het portaal" in page) == (True, True, True)


def test_a_decision_about_the_court_is_kept_with_its_reason(officer, water, bank, refused):
    again = refused_twice(refused, water, bank)
    data = {"decision": "go", "court_reason": "Alle anderen zijn akkoord.", "revision": again.revision}
    officer.post(f"{page_of(refused)}/court", data=data)
    officer.post(f"{page_of(refused)}/court", data=data)
    with db.reading() as session:
        assert [row.chosen for row in session.scalars(select(CourtDecision))] == [True]
    assert "Alle anderen zijn akkoord." in officer.get(page_of(refused)).text


def test_without_a_second_refusal_there_is_no_way_to_court(officer, refused):
    data = {"decision": "go", "court_reason": "Nu al.", "revision": refused.revision}
    answer = officer.post(f"{page_of(refused)}/court", data=data)
    assert (answer.status_code, "na een heroverweging" in answer.text) == (422, True)


# ── the clock ────────────────────────────────────────────────────────────────


def test_the_list_marks_an_offer_whose_clock_stands(officer, worker, water, bank):
    stands, _ = factory.offers(water, water, answer_by=date(2026, 6, 2))
    stop_clock(factory.actor(bank), stands.ref, "Nazoeken.", stands.revision)
    page = worker.get("/offers").text
    assert (page.count("klok staat stil"), page.count("dagen te laat")) == (1, 1)


def test_a_clock_that_stands_is_shown_to_the_creditor_with_the_reason(officer, worker, water):
    (offer,) = factory.offers(water)
    officer.post(f"{page_of(offer)}/stop", data={"why": "Wij zoeken het saldo na.", "revision": offer.revision})
    page = worker.get(f"/offers/{offer.ref}").text
    assert ("staat stil sinds 4 juni 2026" in page, "Wij zoeken het saldo na." in page) == (True, True)
    officer.post(f"{page_of(offer)}/start", data={"revision": now(offer).revision})
    assert "staat stil" not in worker.get(f"/offers/{offer.ref}").text.partition("Geschiedenis")[0]


def test_stopping_without_a_reason_or_of_a_stale_page_stops_nothing(officer, water):
    (offer,) = factory.offers(water)
    assert officer.post(f"{page_of(offer)}/stop", data={"why": "", "revision": offer.revision}).status_code == 422
    officer.post(f"{page_of(offer)}/stop", data={"why": "Nazoeken.", "revision": 99})
    assert now(offer).paused_on is None


# ── the page of daily work ───────────────────────────────────────────────────


def test_the_page_of_daily_work_tells_what_each_day_did(officer, water):
    factory.offers(water)
    assert "Nog niets gelopen" in officer.get("/reminders").text
    run_reminders(date(2026, 6, 11))
    page = officer.get("/reminders").text
    assert ("11 juni 2026" in page, '<td class="num">1</td>' in page, "klaar" in page) == (True, True, True)


# ── the call list ────────────────────────────────────────────────────────────


def test_whom_a_case_waits_on_alone_is_called_first(officer, water):
    factory.offers(*(busy := [factory.organisation(name="Bankbedrijf Baak") for _ in range(2)]))
    factory.offers(busy[0], busy[1])
    factory.offers(water)
    text = officer.get("/board/calls").text
    assert text.index("Waterbedrijf Westerdok") < text.index("Bankbedrijf Baak")
    assert "020 555 01 11" in text


def test_the_menu_says_of_the_call_list_that_one_is_there_and_of_the_board_not(officer):
    page = officer.get("/board/calls").text
    here = [line for line in page.splitlines() if 'aria-current="page"' in line]
    assert len(here) == 1
    assert "/board/calls" in here[0]


def test_a_call_is_shown_with_day_and_name_and_can_be_undone(officer, water):
    factory.offers(water)
    data = {"called_on": "2026-06-04", "spoken_to": "mevrouw Baas", "note": "Belt morgen terug."}
    officer.post(f"/board/calls/{water.id}", data=data)
    officer.post(f"/board/calls/{water.id}", data=data)
    assert "gebeld op 4 juni" in officer.get("/board/calls").text
    with db.reading() as session:
        (call,) = session.scalars(select(CreditorCall))
    officer.post(f"/board/calls/{water.id}/{call.id}/undo")
    officer.post(f"/board/calls/{water.id}/{call.id}/undo")
    assert "gebeld op" not in officer.get("/board/calls").text
    assert "ongedaan gemaakt" in officer.get(f"/board/calls/{water.id}").text


def test_not_called_since_leaves_out_who_was_called(officer, water):
    factory.offers(water, factory.organisation(name="Bankbedrijf Baak"))
    officer.post(f"/board/calls/{water.id}", data={"called_on": "2026-06-03", "spoken_to": "de balie"})
    shown = {day: "Waterbedrijf" in officer.get(f"/board/calls?since={day}").text for day in ("2026-06-03", "2026-06-04", "morgen")}
    assert shown == {"2026-06-03": False, "2026-06-04": True, "morgen": True}
    assert "Waterbedrijf" not in officer.get("/board/calls/download?since=2026-06-03").text
    assert officer.get("/board/calls/download?format=xlsx").data[:2] == b"PK"


@pytest.mark.parametrize("data", [{"called_on": "2026-06-05", "spoken_to": "x"}, {"called_on": "2026-06-04"}, {"spoken_to": "x"}])
def test_a_call_needs_a_day_that_was_and_a_word(officer, water, data):
    answer = officer.post(f"/board/calls/{water.id}", data=data)
    assert answer.status_code == 422
    with db.reading() as session:
        assert session.scalar(select(CreditorCall)) is None


def test_the_board_shows_per_case_who_stated_no_balance_or_confirmed_nothing(officer, water):
    claim = factory.claim(factory.case(surname="Veldman"), water, stated_cents=None, stated_on=None)
    factory.balance_request(claim)
    factory.notice(claim)
    for wait in ("balance", "notice"):
        page = officer.get(f"/board?wait={wait}").text
        assert ("Veldman" in page, "Waterbedrijf Westerdok" in page) == (True, True)
    assert "Wie nog niet heeft geantwoord" in officer.get(f"/cases/{case_ref(claim)}").text


def case_ref(claim):
    with db.reading() as session:
        return session.get(factory.Case, claim.case_id).ref


# ── who may ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [Role.CREDITOR_MANAGER, Role.COUNSELLOR, Role.RELATIONSHIP_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_others_find_no_page_to_settle_or_call(client_of, water, bank, role):
    (offer,) = factory.offers(water)
    stop_clock(factory.actor(bank), offer.ref, "Nazoeken.", offer.revision)
    kinds = {Role.CREDITOR_MANAGER: Kind.CREDITOR, Role.COUNSELLOR: Kind.NEIGHBOURHOOD_TEAM, Role.RELATIONSHIP_MANAGER: Kind.RELATIONS_TEAM}
    browser = client_of(factory.person(factory.organisation(kinds.get(role, Kind.CITY)), role))
    paths = [page_of(offer), "/reminders", "/board/calls", "/board/calls/download", f"/board/calls/{water.id}"]
    assert {browser.get(path).status_code for path in paths} == {404}
    assert {browser.post(f"{page_of(offer)}/{act}", data={"why": "x", "revision": 2}).status_code for act in ("ask", "start", "court")} == {
        404
    }
