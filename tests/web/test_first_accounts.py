"""The first account of a creditor: asked after an answer by code, decided by the bank, and then its earlier letters are in it."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.accounts.models import Joining, Membership, Signup
from app.audit.models import Event
from app.clock import today
from app.notifications.models import Message
from tests import factory

YES = {"answer": "accept", "revision": "1", "name": "Mia Kruimel"}
ASKS = {"name": "Mia Kruimel", "email": "Mia@kruimel.example", "kvk": "1234 5678"}


@pytest.fixture
def bakery(database):
    return factory.organisation(name="Bakkerij de Kruimel", kvk="12345678")


@pytest.fixture
def offer(bakery):
    return factory.offers(bakery, factory.organisation(name="Energie Noord"))[0]


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def officer(client_of, bank):
    return client_of(factory.person(bank, name="Mila Haverkamp"))


@pytest.fixture
def answered(client, offer):
    """A browser that has just answered with a code."""
    client.post("/answer", data={"code": offer.code})
    client.post("/answer/offer", data=YES)
    return client


@pytest.fixture
def asked(answered, bank):
    answered.post("/answer/account", data=ASKS)
    return everything(Signup)[0]


def everything(of):
    with db.reading() as session:
        return list(session.scalars(select(of).order_by(of.id if hasattr(of, "id") else of.sequence)))


def approve(officer, signup, **over):
    return officer.post(f"/signups/{signup.ref}/approve", data={"checked": "y", "revision": signup.revision} | over)


def test_the_thanks_offer_an_account_for_whom_the_letter_was(answered):
    assert "/answer/account" in answered.get("/answer/thanks").text
    assert "Bakkerij de Kruimel" in answered.get("/answer/account").text


def test_without_an_answer_by_code_there_is_none_to_ask(client, offer):
    assert client.get("/answer/account").location == "/answer"
    client.post("/answer", data={"code": offer.code})
    assert client.post("/answer/account", data=ASKS).location == "/answer"
    assert everything(Signup) == []


def test_the_letter_of_an_agent_asks_an_account_of_the_agent(client, bakery):
    agent = factory.organisation(Kind.AGENT, name="Incasso Zuid")
    offer = factory.offers(bakery, agent_id=agent.id)[0]
    client.post("/answer", data={"code": offer.code})
    client.post("/answer/offer", data=YES)
    assert "Incasso Zuid" in client.get("/answer/account").text


def test_naming_an_agent_in_the_answer_asks_no_account_of_that_agent(client, bakery):
    agent = factory.organisation(Kind.AGENT, name="Incasso Zuid")
    factory.mandate(agent, bakery)
    request = factory.balance_request(factory.claim(factory.case(), bakery), closes_on=date(2099, 1, 1), sent_on=today())
    client.post("/answer", data={"code": request.code})
    said = {"answer": "state", "principal": "100", "interest": "0", "costs": "", "rank": "concurrent", "agent": agent.id}
    assert client.post("/answer/balance", data=said | {"name": "Mia Kruimel", "revision": "1"}).location == "/answer/balance/thanks"
    page = client.get("/answer/account").text
    assert ("Bakkerij de Kruimel" in page, "Incasso Zuid" in page) == (True, False)


def test_a_request_waits_for_the_bank_which_hears_of_it(asked, bank, bakery):
    assert (asked.organisation_id, asked.email, asked.kvk, asked.decided_at) == (bakery.id, "mia@kruimel.example", "12345678", None)
    assert [one.organisation_id for one in everything(Message) if one.code == "accounts.signup_asked"] == [bank.id]
    assert [one.subject for one in everything(Event) if one.action == "people:ask-access"] == [f"signup/{asked.ref}"]


def test_the_same_request_twice_is_one(answered, bank):
    for _ in range(2):
        assert answered.post("/answer/account", data=ASKS).location == "/answer"
    assert len(everything(Signup)) == 1


def test_a_number_that_is_none_is_told_so_with_what_was_typed(answered):
    answer = answered.post("/answer/account", data=ASKS | {"kvk": "12"})
    assert answer.status_code == 422
    assert "Een KvK-nummer heeft acht cijfers." in answer.text
    assert "Mia@kruimel.example" in answer.text


def test_who_asks_again_and_again_has_to_wait(answered, bank):
    for n in range(5):
        answered.post("/answer/account", data=ASKS | {"email": f"mia{n}@kruimel.example"})
    answer = answered.post("/answer/account", data=ASKS)
    assert (answer.status_code, "te vaak een account" in answer.text) == (422, True)


def test_the_bank_sees_what_was_told_beside_the_register(asked, officer):
    assert "Bakkerij de Kruimel" in officer.get("/signups").text
    page = officer.get(f"/signups/{asked.ref}").text
    for said in ("mia@kruimel.example", "12345678", "Zeilstraat 1", "Hetzelfde KvK-nummer", asked.letter_ref):
        assert said in page, said


def test_approved_the_person_is_invited_as_manager(asked, officer, bakery):
    assert approve(officer, asked).location == f"/signups/{asked.ref}"
    joining = everything(Joining)[0]
    assert (joining.organisation_id, joining.role) == (bakery.id, Role.CREDITOR_MANAGER)
    assert [one.address for one in everything(Message) if one.code == "accounts.invited"] == ["mia@kruimel.example"]


def test_where_people_work_already_their_manager_decides_and_not_a_letter(asked, officer, bakery):
    factory.person(bakery)
    assert "haar beheerder voegt collega’s toe" in approve(officer, asked).text
    assert [one for one in everything(Signup) if one.decided_at] == []


def test_the_invited_manager_finds_the_letters_of_before_in_its_account(client, client_of, asked, officer, offer):
    approve(officer, asked)
    path = next(one.path for one in everything(Message) if one.code == "accounts.invited")
    client.post(path, data={"password": "vier losse woorden paars", "again": "vier losse woorden paars"})
    member = everything(Membership)[-1]
    assert member.role is Role.CREDITOR_MANAGER
    with db.reading() as session:
        mia = session.get(factory.Person, member.person_id)
    browser = client_of(mia)
    assert offer.ref in browser.get("/offers?status=accepted").text
    assert "Mia Kruimel" in browser.get(f"/offers/{offer.ref}").text


def test_the_account_of_a_double_that_was_merged_since_is_the_others(asked, officer, bakery):
    other = factory.organisation(name="De Kruimel BV", kvk="12345678")
    with db.transaction() as session:
        session.get(type(bakery), bakery.id).merged_into_id = other.id
    approve(officer, asked)
    assert [one.organisation_id for one in everything(Joining)] == [other.id]


def test_nobody_approves_without_looking_the_number_up(asked, officer):
    answer = approve(officer, asked, checked="")
    assert (answer.status_code, "Zoek het KvK-nummer eerst op" in answer.text) == (422, True)
    assert everything(Joining) == []


def test_another_number_than_the_register_has_is_not_approved(answered, officer):
    answered.post("/answer/account", data=ASKS | {"kvk": "87654321"})
    signup = everything(Signup)[0]
    assert "Een ander KvK-nummer" in officer.get(f"/signups/{signup.ref}").text
    assert "is een ander dan dat in het register" in approve(officer, signup).text
    assert everything(Joining) == []


def test_a_number_that_the_register_lacks_is_kept_once_it_was_looked_up(client, officer):
    shop = factory.organisation(name="Winkel")
    offer = factory.offers(shop)[0]
    client.post("/answer", data={"code": offer.code})
    client.post("/answer/offer", data=YES)
    client.post("/answer/account", data=ASKS)
    approve(officer, everything(Signup)[0])
    with db.reading() as session:
        assert session.get(type(shop), shop.id).kvk == "12345678"


def test_refused_the_person_hears_the_reason_and_not_the_words(asked, officer):
    data = {"reason": "not somebody of the organisation", "words": "Onbekend bij de receptie", "revision": asked.revision}
    officer.post(f"/signups/{asked.ref}/refuse", data=data)
    told = next(one for one in everything(Message) if one.code == "accounts.signup_refused")
    assert (told.address, told.facts) == ("mia@kruimel.example", {"reason": "not somebody of the organisation"})
    assert (everything(Joining), everything(Signup)[0].words) == ([], "Onbekend bij de receptie")


def test_of_two_officers_the_second_is_told(asked, officer):
    approve(officer, asked)
    late = officer.post(f"/signups/{asked.ref}/refuse", data={"reason": "other", "words": "Nee", "revision": asked.revision})
    assert "Een collega besliste al" in officer.get(late.location).text
    assert len(everything(Joining)) == 1


def test_other_roles_find_no_requests(client_of, asked, bakery):
    for organisation in (
        bakery,
        factory.organisation(Kind.AGENT),
        factory.organisation(Kind.CITY),
        factory.organisation(Kind.NEIGHBOURHOOD_TEAM),
    ):
        browser = client_of(factory.person(organisation))
        assert browser.get("/signups").status_code == 404
        assert browser.get(f"/signups/{asked.ref}").status_code == 404
        assert approve(browser, asked).status_code == 404


def test_a_request_that_is_not_there_does_not_exist(officer):
    assert officer.get("/signups/T-2222-2222").status_code == 404
    assert "Er wacht niemand" in officer.get("/signups").text
