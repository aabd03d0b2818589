"""The pages of messages: who reads what, what is read, choices, refused addresses, and the one click in a mail."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.creditors.models import Mandate
from app.notifications.mails import Stop, stop_path
from app.notifications.models import Bounce, MailboxChoice, MailChoice, Message, MessageMark
from app.notifications.service import Recipient, notify
from app.proposals.lifecycle import Visibility
from tests import factory
from tests.conftest import NOW

ASKED = {"offer": "A-2222-3333", "total": "3", "agreed": "1", "by": "11-06-2026"}


@pytest.fixture
def water(app):
    return factory.organisation(name="Waterbedrijf Westerdok", email="post@water.example")


@pytest.fixture
def els(water):
    return factory.person(water)


@pytest.fixture
def manager(water, client_of):
    return client_of(factory.person(water, Role.CREDITOR_MANAGER))


@pytest.fixture
def worker(els, client_of):
    return client_of(els)


def tell(organisation, code="proposals.agreed", path="/offers", person=None, **facts):
    with db.transaction() as session:
        to = Recipient(person.email if person else organisation.email, organisation and organisation.id, "nl", person and person.id)
        notify(session, code, to, path, **facts or {"offers": "A-2222-3333"})
    return rows(Message)[-1].id


def rows(model):
    with db.reading() as session:
        return list(session.scalars(select(model)))


def test_what_an_organisation_is_told_its_people_read_as_it_was_mailed(water, worker, queue):
    number = tell(water)
    queue.run_all()
    page = worker.get("/messages")
    assert "De regeling staat: A-2222-3333" in page.text
    message = worker.get(f"/messages/{number}")
    assert "Alle schuldeisers zijn akkoord met het voorstel." in message.text
    assert "post@water.example" in message.text
    assert "gemaild op 4 juni 2026" in message.text


def test_the_menu_counts_what_is_unread_and_only_a_post_makes_it_read(water, worker, els):
    number = tell(water)
    assert "Berichten<span>1</span>" in worker.get("/messages").text
    worker.get(f"/messages/{number}")
    assert rows(MessageMark) == []
    assert worker.post(f"/messages/{number}/read", data={"to": "work"}).location == "/offers"
    assert worker.post(f"/messages/{number}/read").location == f"/messages/{number}"
    assert [mark.person_id for mark in rows(MessageMark)] == [els.id]
    assert "Berichten<span>" not in worker.get("/messages").text


def test_a_colleague_keeps_its_own_unread_ones(water, worker, manager):
    worker.post(f"/messages/{tell(water)}/read")
    assert "Berichten<span>1</span>" in manager.get("/messages").text
    assert "Geen ongelezen berichten" in worker.get("/messages?show=unread").text


def test_all_at_once_reads_what_the_page_showed_and_not_what_came_since(water, worker):
    shown = tell(water)
    later = tell(water)
    worker.post("/messages/read", data={"newest": shown})
    assert [mark.message_id for mark in rows(MessageMark)] == [shown]
    assert worker.post("/messages/read", data={"newest": 10**20}).status_code == 302  # no number of ours
    assert "Berichten<span>1</span>" in worker.get("/messages").text
    assert later == shown + 1


def test_what_was_said_to_one_person_no_colleague_reads(water, els, worker, manager):
    number = tell(water, "accounts.changed", "/account", els)
    assert worker.get(f"/messages/{number}").status_code == 200
    assert manager.get(f"/messages/{number}").status_code == 404
    assert "Er is iets veranderd aan hoe u inlogt" not in manager.get("/messages").text


def test_who_works_for_two_reads_of_each_while_acting_for_it(water, els, client_of):
    kade = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    tell(kade, "offers.reminder", offers="7", first="11-06-2026")
    browser = client_of(factory.person(kade))
    assert "7 aanbiedingen wachten" in browser.get("/messages").text
    assert "7 aanbiedingen wachten" not in client_of(els).get("/messages").text


def test_a_link_that_opened_something_stands_in_no_page(water, els, worker):
    number = tell(water, "accounts.forgotten", "/invitation/geheim", els)
    page = worker.get(f"/messages/{number}").text
    assert "Kies een nieuw wachtwoord" in page
    assert "geheim" not in page
    assert worker.post(f"/messages/{number}/read", data={"to": "work"}).location == "/messages"


def test_a_code_that_was_mailed_stands_nowhere_in_the_portal(water, manager):
    number = tell(water, "accounts.access_code", "/sign-in", access_code="7K3M9QX2")
    assert manager.get(f"/messages/{number}").status_code == 404
    assert "Uw code" not in manager.get("/messages").text


@pytest.mark.parametrize(("visibility", "status"), [(Visibility.VISIBLE, 200), (Visibility.RESTRICTED, 404), (Visibility.ERASED, 404)])
def test_a_message_about_an_offer_is_read_by_who_sees_the_offer(water, worker, visibility, status):
    offer = factory.offers(water, visibility=visibility)[0]
    number = tell(water, "proposals.asked_again", f"/offers/{offer.ref}", **ASKED | {"offer": offer.ref})
    assert worker.get(f"/messages/{number}").status_code == status
    assert (offer.ref in worker.get("/messages").text) == (status == 200)


def test_an_agent_whose_mandate_ended_reads_no_message_about_what_it_saw_by_it(water, client_of):
    kade = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    browser, mandate = client_of(factory.person(kade)), factory.mandate(kade, water)
    case = factory.case()
    claim = factory.claim(case, water, agent_id=kade.id)
    offer = factory.offer(factory.proposal(case, [claim]), claim)
    number = tell(kade, "proposals.asked_again", f"/offers/{offer.ref}", **ASKED)
    assert browser.get(f"/messages/{number}").status_code == 200
    with db.transaction() as session:
        session.get_one(Mandate, mandate.id).ends_on = date(2026, 6, 3)
    assert browser.get(f"/messages/{number}").status_code == 404


@pytest.mark.parametrize(("code", "path"), [("balances.asked", "/balances/S-2222-3333"), ("pauses.sent", "/pauses/K-2222-3333")])
def test_a_message_about_a_request_or_notice_that_is_gone_is_not_there(water, worker, code, path):
    number = tell(water, code, path, number=1, first="11-06-2026", by="11-06-2026")
    assert worker.get(f"/messages/{number}").status_code == 404


def test_an_officer_reads_what_was_said_about_an_offer_and_has_no_unread_one_of_it(water, client_of):
    offer = factory.offers(water)[0]
    number = tell(water, "proposals.asked_again", f"/offers/{offer.ref}", **ASKED)
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert "heroverwegen" in officer.get(f"/messages/about/{offer.ref}").text
    assert officer.get(f"/messages/{number}").status_code == 200
    assert "Berichten<span>" not in officer.get("/messages").text
    other = client_of(factory.person(factory.organisation()))
    assert "heroverwegen" not in other.get(f"/messages/about/{offer.ref}").text


def test_an_auditor_reads_that_the_head_of_the_log_was_mailed(client_of, queue):
    with db.transaction() as session:
        notify(session, "audit.head", Recipient("log@stad.example"), "/audit", events="5", head="5:ab")
    auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
    assert "Logboek van het Schuldeisersportaal" in auditor.get("/messages").text
    assert "Logboek van" not in client_of(factory.person(factory.organisation(Kind.BANK))).get("/messages").text


@pytest.mark.parametrize(("code", "facts"), [("offers.reminder", {}), ("proposals.agreed", {"other": "x"}), ("offers.gone", {})])
def test_a_message_of_an_earlier_release_is_shown_with_what_it_holds(water, worker, code, facts):
    row = {"organisation_id": water.id, "address": "", "language": "nl", "path": "/offers", "created_at": NOW}
    number = factory.save(Message(code=code, facts=facts, **row)).id
    assert worker.get("/messages").status_code == 200
    assert worker.get(f"/messages/{number}").status_code == 200


def test_subjects_are_in_the_language_of_the_page(water, worker):
    tell(water)
    worker.get("/language/en")
    assert "The arrangement stands" in worker.get("/messages").text or "A-2222-3333" in worker.get("/messages").text
    assert "De regeling staat" not in worker.get("/messages").text


# ── choices ──────────────────────────────────────────────────────────────────


def test_a_choice_is_kept_and_a_page_that_is_old_changes_nothing(worker):
    new = {"mode": "at once", "hour": "7", "subjects": ["balances", "consents"], "revision": "0"}
    assert worker.post("/messages/settings", data=new).status_code == 302
    assert worker.post("/messages/settings", data=new | {"mode": "none"}).status_code == 409
    chosen = rows(MailChoice)[0]
    assert (chosen.mode, chosen.hour, "offers" in chosen.muted, "balances" in chosen.muted) == ("at once", 7, True, False)
    boxes = re.findall(r'<input[^>]*name="subjects"[^>]*>', worker.get("/messages/settings").text)
    assert sorted(re.search(r'value="(\w+)"', one)[1] for one in boxes if "checked" in one) == ["balances", "consents"]


@pytest.mark.parametrize("wrong", [{"mode": "sometimes"}, {"hour": "25"}, {"hour": ""}, {"mode": ""}])
def test_what_cannot_be_chosen_is_told_and_not_kept(worker, wrong):
    assert worker.post("/messages/settings", data={"mode": "none", "hour": "7", "revision": "0"} | wrong).status_code == 422
    assert rows(MailChoice) == []


def test_a_manager_spares_the_mailbox_and_a_worker_cannot(water, manager, worker):
    new = {"kinds": ["offers.reminder"], "language": "en", "revision": "0"}
    assert worker.post("/messages/mailbox", data=new).status_code == 404
    assert manager.post("/messages/mailbox", data=new).status_code == 302
    chosen = rows(MailboxChoice)[0]
    assert ("offers.reminder" in chosen.muted, "offers.clock_stopped" in chosen.muted, chosen.language) == (False, True, "en")
    assert manager.post("/messages/mailbox", data=new).status_code == 409


def test_a_mailbox_that_is_offered_an_unknown_kind_keeps_what_it_had(water, manager):
    assert manager.post("/messages/mailbox", data={"kinds": ["proposals.issued"], "language": "nl", "revision": "0"}).status_code == 422
    assert rows(MailboxChoice) == []


# ── one click, and refused addresses ─────────────────────────────────────────


def test_a_look_at_the_link_ends_nothing_and_one_click_does(app, water, client):
    app.config["WTF_CSRF_ENABLED"] = True
    link = stop_path(Stop(organisation_id=water.id, code="offers.clock_stopped"))
    assert "Termijnen die stilstaan" in client.get(link).text
    assert rows(MailboxChoice) == []
    for _ in range(2):
        assert "niet meer" in client.post(link, data={"List-Unsubscribe": "One-Click"}).text
    assert [choice.muted for choice in rows(MailboxChoice)] == [["offers.clock_stopped"]]


def test_a_manager_confirms_an_address_once(water, els, manager, worker):
    bounce = factory.save(Bounce(address=els.email, status="5.1.1", bounced_at=NOW))
    assert "mail komt niet aan" in manager.get("/people").text
    assert els.email in manager.get("/messages/bounced").text
    assert "Mail komt niet aan bij 1 adres" in manager.get("/messages").text
    assert worker.get("/messages/bounced").status_code == 404
    assert manager.post(f"/messages/bounced/{bounce.id}/confirm").status_code == 302
    assert manager.post(f"/messages/bounced/{bounce.id}/confirm").status_code == 404


def test_the_page_of_an_organisation_says_that_its_address_refuses_mail(water, manager, client_of):
    factory.save(Bounce(address=water.email, status="5.1.1", bounced_at=NOW))
    assert "mail komt niet aan" in manager.get("/organisation").text
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert "mail komt niet aan" in officer.get(f"/creditors/{water.code}").text
    assert water.email in officer.get("/messages/bounced").text
