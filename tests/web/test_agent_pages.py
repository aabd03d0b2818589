"""Working for many creditors: one list with a choice of creditor, what an agent answered in whose name, taking work back."""

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.notifications.models import Message
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, Proposal
from tests import factory

REJECT = {"answer": "reject", "reason": "policy", "explanation": "Ons beleid.", "revision": "1"}


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def energy(database):
    return factory.organisation(name="Energie Noord")


@pytest.fixture
def agency(water, energy):
    made = factory.organisation(Kind.AGENT, name="Incasso Zuid")
    for creditor in (water, energy):
        factory.mandate(made, creditor)
    return made


@pytest.fixture
def agent(client_of, agency):
    return client_of(factory.person(agency, name="Bo Bakker"))


@pytest.fixture
def manager(client_of, water):
    return client_of(factory.person(water, Role.CREDITOR_MANAGER, name="Els Vermaat"))


@pytest.fixture
def offers(water, energy, agency):
    """Two for the waterworks and one for the energy firm, all with the agent."""
    return [*factory.offers(water, energy, agent_id=agency.id), *factory.offers(water, agent_id=agency.id)]


def now_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id)


def everything(of, *where):
    with db.reading() as session:
        return list(session.scalars(select(of).where(*where)))


def shown(page, offers):
    return [offer.ref in page for offer in offers]


def take_back(browser, offer, revision=1):
    return browser.post(f"/offers/{offer.ref}/take-back", data={"revision": revision})


# ── one list ─────────────────────────────────────────────────────────────────


def test_an_agent_sees_all_creditors_in_one_list_with_how_much_waits_for_each(agent, offers):
    page = agent.get("/offers").text
    assert shown(page, offers) == [True, True, True]
    assert "Waterbedrijf Westerdok (2)" in page
    assert "Energie Noord (1)" in page


def test_one_creditor_chosen_stays_in_the_address_and_in_the_counts(agent, offers, energy):
    page = agent.get(f"/offers?creditor={energy.code}").text
    assert shown(page, offers) == [False, True, False]
    assert f"creditor={energy.code}" in page
    assert "op uw antwoord wachten: 1." in page


def test_a_creditor_without_mandate_is_no_choice_and_shows_nothing(agent, offers):
    other = factory.organisation(name="Ander Bedrijf")
    mine, _ = factory.offers(other, other)
    page = agent.get(f"/offers?creditor={other.code}").text
    assert mine.ref not in page
    assert "Ander Bedrijf" not in page


def test_the_download_holds_the_chosen_creditor_alone(agent, offers, energy):
    text = agent.get(f"/offers/download?creditor={energy.code}").text
    assert shown(text, offers) == [False, True, False]


@pytest.mark.parametrize("place", ["balances", "pauses"])
def test_the_lists_of_balances_and_notices_are_narrowed_likewise(agent, agency, water, energy, place):
    make = factory.balance_request if place == "balances" else factory.notice
    mine, other = (make(factory.claim(factory.case(), one, agent_id=agency.id)) for one in (water, energy))
    page = agent.get(f"/{place}").text
    assert shown(page, [mine, other]) == [True, True]
    assert "Energie Noord (1)" in page
    assert shown(agent.get(f"/{place}?creditor={energy.code}").text, [mine, other]) == [False, True]
    stranger = factory.organisation()
    make(factory.claim(factory.case(), stranger, agent_id=agency.id))
    assert shown(agent.get(f"/{place}?creditor={stranger.code}").text, [mine, other]) == [False, False]


# ── in whose name ────────────────────────────────────────────────────────────


def test_a_creditor_sees_what_its_agent_answered_in_its_name(agent, manager, offers):
    agent.post(f"/offers/{offers[0].ref}", data={"answer": "accept", "revision": "1"})
    own = factory.offers(factory.organisation())[0]
    page = manager.get("/offers?by=agent").text
    assert shown(page, [*offers, own]) == [True, False, True, False]
    assert "Incasso Zuid" in page
    assert "Bo Bakker van Incasso Zuid namens Waterbedrijf Westerdok" in manager.get(f"/offers/{offers[0].ref}").text


def test_what_the_creditor_does_itself_is_apart(manager, offers, water):
    own = factory.offers(water)[0]
    assert shown(manager.get("/offers?by=own").text, [*offers, own]) == [False, False, False, True]


def test_a_creditor_that_answers_for_itself_answers_in_nobodys_name(manager, offers):
    manager.post(f"/offers/{offers[0].ref}", data={"answer": "accept", "revision": "1"})
    assert now_of(offers[0]).answered_agent_id is None
    assert "namens Waterbedrijf" not in manager.get(f"/offers/{offers[0].ref}").text


def test_an_answer_of_an_agent_that_is_taken_back_leaves_no_name(agent, offers, agency):
    agent.post(f"/offers/{offers[0].ref}", data={"answer": "accept", "revision": "1"})
    assert now_of(offers[0]).answered_agent_id == agency.id
    agent.post(f"/offers/{offers[0].ref}/undo", data={"revision": "2"})
    assert now_of(offers[0]).answered_agent_id is None


# ── taking work back ─────────────────────────────────────────────────────────


def test_a_creditor_takes_one_offer_back_and_the_agent_no_longer_sees_it(agent, manager, offers, agency):
    assert "Neem dit aanbod terug" in manager.get(f"/offers/{offers[0].ref}").text
    assert take_back(manager, offers[0]).location == f"/offers/{offers[0].ref}"
    assert agent.get(f"/offers/{offers[0].ref}").status_code == 404
    assert shown(agent.get("/offers").text, offers) == [False, True, True]
    assert [one.organisation_id for one in everything(Message, Message.code == "offers.taken_back")] == [agency.id]
    assert [one.subject for one in everything(Event, Event.action == "offers:take-back")] == [f"offer/{offers[0].ref}"]


def test_the_code_of_the_letter_that_the_agent_holds_opens_nothing_any_more(client, manager, offers):
    take_back(manager, offers[0])
    assert client.post("/answer", data={"code": offers[0].code}).status_code == 422


def test_it_is_the_creditors_work_then(manager, offers):
    take_back(manager, offers[0])
    manager.post(f"/offers/{offers[0].ref}", data={"answer": "accept", "revision": "2"})
    assert now_of(offers[0]).state is OfferState.ACCEPTED


def test_all_running_offers_of_an_agent_come_back_with_one_mail(agent, manager, offers, agency):
    assert "Neem alle lopende aanbiedingen terug" in manager.get("/organisation").text
    manager.post(f"/offers/agents/{agency.code}/take-back")
    assert shown(agent.get("/offers").text, offers) == [False, True, False]
    told = everything(Message, Message.code == "offers.taken_back")
    assert [one.facts for one in told] == [{"number": "2", "offers": f"{offers[0].ref}, {offers[2].ref}"}]  # and nobody's name


def test_taking_all_back_twice_says_that_nothing_runs(manager, offers, agency):
    manager.post(f"/offers/agents/{agency.code}/take-back")
    manager.post(f"/offers/agents/{agency.code}/take-back")
    assert "Er loopt niets bij deze incassopartij" in manager.get("/organisation").text
    assert len(everything(Message, Message.code == "offers.taken_back")) == 1


def test_what_is_settled_or_over_stays_where_it_was(manager, offers, agency):
    with db.transaction() as session:
        session.get(Offer, offers[0].id).state = OfferState.WITHDRAWN
        session.get(Proposal, offers[2].proposal_id).state = ProposalState.CLOSED
    for offer in (offers[0], offers[2]):
        answer = take_back(manager, offer, now_of(offer).revision)
        assert "Er is niets veranderd." in manager.get(answer.location).text
    manager.post(f"/offers/agents/{agency.code}/take-back")
    assert {now_of(offer).agent_id for offer in offers} == {agency.id}


def test_who_saw_an_older_offer_takes_nothing_back(manager, agent, offers, agency):
    agent.post(f"/offers/{offers[0].ref}", data=REJECT)
    answer = take_back(manager, offers[0])
    assert "intussen veranderd" in manager.get(answer.location).text
    assert now_of(offers[0]).agent_id == agency.id


def test_nobody_else_takes_work_back(agent, client_of, offers, agency, energy):
    stranger = client_of(factory.person(energy, Role.CREDITOR_MANAGER))
    for browser in (agent, stranger):
        assert take_back(browser, offers[0]).status_code == 404
    assert agent.post(f"/offers/agents/{agency.code}/take-back").status_code == 404
    stranger.post(f"/offers/agents/{agency.code}/take-back")
    assert [now_of(offer).agent_id for offer in offers] == [agency.id, None, agency.id]


def test_a_worker_takes_one_back_but_not_everything(client_of, water, offers, agency):
    worker = client_of(factory.person(water))
    assert worker.post(f"/offers/agents/{agency.code}/take-back").status_code == 404
    take_back(worker, offers[0])
    assert now_of(offers[0]).agent_id is None


# ── the creditor's consent ───────────────────────────────────────────────────


def test_an_agent_that_rejects_what_the_creditors_consent_covers_must_confirm_and_sees_by_which_clauses(agent, offers, water):
    consent = factory.consent(water)
    rows = [{"clause": "min_percentage", "required": "8.00", "actual": "10.00", "met": True}]
    factory.assessment(offers[0], covered=True, consent_id=consent.id, rows=rows)
    answer = agent.post(f"/offers/{offers[0].ref}", data=REJECT)
    assert answer.status_code == 422
    assert 'name="confirmed"' in answer.text
    assert "akkoord vooraf van Waterbedrijf Westerdok dit dekt" in answer.text
    assert "8,00%" in answer.text
    assert now_of(offers[0]).state is OfferState.OPEN
    agent.post(f"/offers/{offers[0].ref}", data=REJECT | {"confirmed": "y"})
    assert now_of(offers[0]).state is OfferState.REJECTED
