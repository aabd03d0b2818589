"""Pages of balance requests: the list and its files, one request, its answer by hand and by code, and the bank's side of a case."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.cases.balance_asking import send_requests
from app.cases.balance_rules import BalanceAnswer, Correction
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim
from app.exchange.reading import open_table
from tests import factory

GIVEN = {"answer": "state", "principal": "2.000,00", "interest": "120", "costs": "", "reference": "KL-77", "rank": "concurrent"}


@pytest.fixture
def water(app):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def bank(app):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Wout Water"))


@pytest.fixture
def officer(client_of, bank):
    return client_of(factory.person(bank, name="Mila Haverkamp"))


def ask(creditor, **over):
    """Send the request about one claim of a new case."""
    case = factory.case(**over)
    factory.claim(case, creditor, stated_cents=None, stated_on=None)
    send_requests(factory.actor(factory.organisation(Kind.BANK), person_id=1), case.ref)
    with db.reading() as session:
        return case, session.scalar(select(BalanceRequest).where(BalanceRequest.case_id == case.id))


def one(table):
    with db.reading() as session:
        return session.scalar(select(table).order_by(table.id.desc()).limit(1))


def test_the_list_shows_what_waits(worker, water):
    _, request = ask(water)
    page = worker.get("/balances")
    assert "Visser, X." in page.text
    assert "312.764" not in page.text
    assert "3.127,64" in page.text
    assert f"/balances/{request.ref}" in page.text


def test_the_list_says_that_nothing_waits(worker):
    assert "Er wacht niets" in worker.get("/balances").text


def test_the_list_finds_and_finds_not(worker, water):
    ask(water)
    assert "Visser, X." in worker.get("/balances?q=visser").text
    assert "Niets gevonden" in worker.get("/balances?q=niemand").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_download_holds_the_rows_that_are_shown(worker, water, form):
    _, request = ask(water)
    ask(factory.organisation())
    answer = worker.get(f"/balances/download?format={form}")
    with open_table(answer.data) as table:
        assert [record.cells[0] for record in table.records] == [request.ref]


def test_a_balance_is_stated_and_the_next_one_opens(worker, water):
    _, first = ask(water)
    _, second = ask(water)
    worker.get(f"/balances/{first.ref}")
    answer = worker.post(f"/balances/{first.ref}", data=GIVEN | {"revision": "1"})
    assert answer.location == f"/balances/{second.ref}"
    with db.reading() as session:
        assert session.get(Claim, first.claim_id).stated_cents == 212_000


def test_costs_above_the_scale_come_back_with_the_reckoning(worker, water):
    _, request = ask(water)
    given = GIVEN | {"costs": "400,00", "notice_on": "2026-05-01", "revision": "1"}
    page = worker.post(f"/balances/{request.ref}", data=given)
    assert (page.status_code, one(BalanceStatement)) == (422, None)
    assert "Zo rekenen wij de incassokosten na" in page.text
    assert "300,00" in page.text
    assert worker.post(f"/balances/{request.ref}", data=given | {"confirmed": "y"}).status_code == 302
    assert one(BalanceStatement).costs_cents == 40_000


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"principal": ""}, "Vul de hoofdsom in"),
        ({"principal": "veel"}, "Dit is geen bedrag"),
        ({"interest": "1,234"}, "meer dan twee cijfers"),
        ({"answer": ""}, "Kies een antwoord"),
        ({"answer": "decline", "ground": ""}, "Kies waarom u niet meewerkt"),
        ({"answer": "decline", "ground": "other"}, "Schrijf in een paar woorden"),
        ({"obstacle": "other"}, "Schrijf in een paar woorden"),
        ({"notice_on": "2027-01-01"}, "tot en met vandaag"),
        ({"agent": "99999"}, "geen machtiging"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(worker, water, over, words):
    _, request = ask(water)
    page = worker.post(f"/balances/{request.ref}", data=GIVEN | over | {"revision": "1"})
    assert page.status_code == 422
    assert words in page.text
    assert one(BalanceStatement) is None


def test_a_stale_page_does_not_answer_over_a_colleague(worker, water):
    _, request = ask(water)
    worker.post(f"/balances/{request.ref}", data=GIVEN | {"revision": "1"})
    answer = worker.post(f"/balances/{request.ref}", data=GIVEN | {"principal": "5", "revision": "1"})
    assert answer.location == f"/balances/{request.ref}"
    assert "was u voor" in worker.get(answer.location).text


def test_a_late_answer_says_that_it_does_not_count(client_of, water, clock):
    _, request = ask(water)
    clock.move_to(datetime(2026, 7, 3, 7, 10, tzinfo=UTC))
    with db.transaction() as session:
        session.get(BalanceRequest, request.id).state = BalanceAnswer.NOT_STATED
    browser = client_of(factory.person(water))
    answer = browser.post(f"/balances/{request.ref}", data=GIVEN | {"revision": "2"})
    assert "Het telt als niet opgegeven" in browser.get(answer.location).text
    assert "te laat: telt als niet opgegeven" in browser.get(f"/balances/{request.ref}").text


def test_a_draft_is_kept_and_shown_again(worker, water):
    _, request = ask(water)
    worker.post(f"/balances/{request.ref}", data=GIVEN | {"notice_on": "2026-05-01", "keep": "yes", "revision": "1"})
    page = worker.get(f"/balances/{request.ref}").text
    assert 'value="2.000,00"' in page
    assert 'value="2026-05-01"' in page
    assert "Het is nog niet verstuurd" in page


def test_an_agent_answers_in_a_creditors_name(client_of, water):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    request = factory.balance_request(factory.claim(factory.case(), water, stated_cents=None, stated_on=None, agent_id=agent.id))
    browser = client_of(factory.person(agent))
    assert "Waterbedrijf Westerdok" in browser.get("/balances").text
    assert browser.post(f"/balances/{request.ref}", data=GIVEN | {"agent": str(agent.id), "revision": "1"}).status_code == 302
    assert one(Claim).stated_by.endswith(agent.name)


@pytest.mark.parametrize("ref", ["S-2222-2222", None])
def test_another_creditors_request_looks_like_a_missing_one(worker, ref):
    _, request = ask(factory.organisation())
    page = worker.get(f"/balances/{ref or request.ref}")
    assert page.status_code == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RELATIONSHIP_MANAGER, Role.ADMINISTRATOR])
def test_others_have_no_such_pages(client_of, role):
    browser = client_of(factory.person(factory.organisation(Kind.CITY), role))
    assert browser.get("/balances").status_code == 404


# ── the bank ─────────────────────────────────────────────────────────────────


def test_an_officer_sends_requests_for_a_case(officer, water):
    case = factory.case()
    factory.claim(case, water, stated_cents=None, stated_on=None)
    assert "Er is nog geen saldoverzoek gestuurd" in officer.get(f"/cases/{case.ref}").text
    assert officer.post(f"/cases/{case.ref}/balances/send").status_code == 302
    page = officer.get(f"/cases/{case.ref}/balances").text
    assert "Waterbedrijf Westerdok" in page
    assert "wacht op antwoord" in page


def test_requests_for_a_list_go_out_as_work(officer, water, queue):
    factory.claim(factory.case(), water, stated_cents=None, stated_on=None)
    assert "1 dossier" in officer.get("/cases/balance-requests").text
    answer = officer.post("/cases/balance-requests")
    assert re.fullmatch(r"/jobs/[0-9a-f]+", answer.location)
    queue.run_all()
    assert "Saldoverzoeken" in officer.get(answer.location).text
    assert one(BalanceRequest).state is BalanceAnswer.OPEN


def test_an_officer_decides_on_what_came_after_a_proposal(officer, water):
    claim = factory.claim(factory.case(), water)
    request = factory.balance_request(claim, state=BalanceAnswer.STATED, answered_at=datetime(2026, 6, 2, tzinfo=UTC))
    statement = factory.balance_statement(request, correction=Correction.WAITS)
    case_ref = one(Case).ref
    assert "Een opgave wacht op uw besluit" in officer.get(f"/cases/{case_ref}").text
    at = f"/cases/{case_ref}/balances/{statement.id}"
    assert officer.post(f"{at}/refuse", data={"reason": " "}).status_code == 422
    assert officer.post(f"/cases/{case_ref}/balances/{10**20}/take-over").status_code == 404
    assert officer.post(f"{at}/take-over").status_code == 302
    assert (one(Claim).stated_cents, one(BalanceStatement).correction) == (212_000, Correction.TAKEN_OVER)


# ── by the code of the letter ────────────────────────────────────────────────


@pytest.fixture
def opened(client, water):
    """A browser without an account that opened a request with its code."""
    _, request = ask(water)
    assert client.post("/answer", data={"code": f"{request.code[:5]}-{request.code[5:]}"}).location == "/answer/balance"
    return client


def test_the_code_of_a_letter_opens_its_request(opened):
    page = opened.get("/answer/balance").text
    assert "Waterbedrijf Westerdok" in page
    assert "X. Visser" in page


def test_who_holds_the_code_states_the_balance_with_a_name(opened):
    assert opened.post("/answer/balance", data=GIVEN | {"revision": "1"}).status_code == 422
    assert opened.post("/answer/balance", data=GIVEN | {"name": "Mia Kas", "revision": "1"}).location == "/answer/balance/thanks"
    assert "Uw antwoord is verstuurd" in opened.get("/answer/balance/thanks").text
    assert (one(BalanceStatement).who, one(BalanceStatement).by) == ("Mia Kas", "by code")


def test_a_rank_that_there_is_not_is_no_answer(opened):
    said = GIVEN | {"rank": "koning", "confirmed": "y", "name": "Mia Kas", "revision": "1"}
    assert opened.post("/answer/balance", data=said).status_code == 422


def test_a_letter_states_a_balance_once(opened):
    for name, revision in (("Mia Kas", "1"), ("Mia Kas", "1"), ("Iemand Anders", "2")):
        said = GIVEN | {"name": name, "revision": revision}
        assert opened.post("/answer/balance", data=said).location == "/answer/balance/thanks"
    assert one(BalanceStatement).who == "Mia Kas"


def test_a_code_that_was_used_opens_nothing(opened, water, client):
    opened.post("/answer/balance", data=GIVEN | {"name": "Mia Kas", "revision": "1"})
    assert client.post("/answer", data={"code": one(BalanceRequest).code}).status_code == 422
    assert opened.get("/answer/balance").location == "/answer"


def test_ten_wrong_codes_lock_a_request(client, water, clock):
    _, request = ask(water)
    with db.transaction() as session:
        session.get(BalanceRequest, request.id).code_tries = 10
    page = client.post("/answer", data={"code": request.code})
    assert (page.status_code, "op slot" in page.text) == (422, True)


def test_a_wrong_code_counts_for_the_request_that_it_nearly_names(client, water):
    _, request = ask(water)
    wrong = ("2" if request.code[0] != "2" else "3") + request.code[1:]
    assert client.post("/answer", data={"code": wrong}).status_code == 422
    assert one(BalanceRequest).code_tries == 1


def test_a_code_is_good_until_the_round_closes(client, water, clock):
    _, request = ask(water)
    clock.move_to(datetime(2026, 7, 3, 7, tzinfo=UTC))
    assert client.post("/answer", data={"code": request.code}).status_code == 422


def test_a_letter_that_asks_for_a_balance_is_known_as_ours(client, water, queue):
    _, request = ask(water)
    assert "kennen wij niet" in client.post("/verify", data={"code": request.ref}).text
    queue.run_all()
    page = client.post("/verify", data={"code": request.ref}).text
    assert "brief met een saldoverzoek" in page
    assert "Visser" not in page
