"""Doubles in the register: what stands under one becomes the other's, its codes stop, and what is told of it later is the other's too."""

import json

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Permission
from app.accounts.models import Signup
from app.accounts.rules import SignupRefusal
from app.audit.models import Event
from app.cases.importing import _parties
from app.cases.models import BalanceRequest, Claim, Notice
from app.consents.models import Assessment
from app.creditors.models import Mandate, Organisation
from app.errors import NotFound, Refusal
from app.notifications.models import MailboxChoice
from app.proposals.calling import note_call
from app.proposals.inbox_queries import InboxQuery, inbox
from app.proposals.merging import OWNERS, doubles_page, merge_double
from app.proposals.models import CreditorCall, Offer, OfferEvent
from app.proposals.new_codes import renew_code
from tests import factory
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def bakery(queue):
    return factory.organisation(name="Bakkerij de Kruimel", kvk="12345678")


@pytest.fixture
def double(queue):
    return factory.organisation(name="De Kruimel BV", kvk="12345678")


@pytest.fixture
def officer(queue):
    return factory.officers()[0]


def read(row):
    with db.reading() as session:
        return session.get(type(row), row.id)


def everything(of):
    with db.reading() as session:
        return list(session.scalars(select(of)))


def merge(officer, bakery, double):
    merge_double(officer, bakery.code, double.code)


def test_everything_under_the_double_is_the_others(officer, bakery, double):
    offer = factory.offers(double)[0]
    rows = [offer, factory.assessment(offer), factory.notices(double)[0]]
    rows += [factory.balance_request(factory.claim(factory.case(), double))]
    merge(officer, bakery, double)
    assert {read(row).creditor_id for row in rows} == {bakery.id}
    for table in (Claim, Offer, OfferEvent, Assessment, Notice, BalanceRequest):
        assert {row.creditor_id for row in everything(table)} <= {bakery.id}


def test_the_earlier_offers_stand_in_the_list_of_the_other(officer, bakery, double):
    offer = factory.offers(double)[0]
    merge(officer, bakery, double)
    with db.reading() as session:
        assert [row.ref for row in inbox(session, factory.actor(bakery), InboxQuery()).rows] == [offer.ref]


def test_the_codes_on_the_letters_of_the_double_stop_working(client, officer, bakery, double):
    offer = factory.offers(double)[0]
    request = factory.balance_request(factory.claim(factory.case(), double))
    merge(officer, bakery, double)
    for code in (offer.code, request.code):
        assert client.post("/answer", data={"code": code}).status_code == 422


def test_who_holds_such_a_letter_may_ask_a_new_code_at_once(officer, bakery, double):
    offer = factory.offers(double)[0]
    merge(officer, bakery, double)
    assert read(offer).recoded_at is None
    renew_code(offer.ref)
    assert read(offer).recoded_at is not None


def test_the_register_and_the_log_say_so(officer, bakery, double):
    factory.offers(double)
    merge(officer, bakery, double)
    assert read(double).merged_into_id == bakery.id
    event = next(one for one in everything(Event) if one.action == "creditors:merge")
    assert (event.subject, event.concerns_id) == (f"creditor/{bakery.code}", bakery.id)
    assert json.loads(event.changes)["offers"][-1] in (1, "1")


def test_a_mandate_of_the_double_goes_along_unless_the_other_gave_one_itself(officer, bakery, double):
    own, new = factory.organisation(Kind.AGENT), factory.organisation(Kind.AGENT)
    factory.mandate(own, bakery)
    factory.mandate(own, double)
    factory.mandate(new, double)
    merge(officer, bakery, double)
    mine = [one.agent_id for one in everything(Mandate) if one.creditor_id == bakery.id]
    assert sorted(mine) == sorted([own.id, new.id])


def test_what_the_banks_system_tells_of_the_double_later_is_told_of_the_other(officer, bakery, double):
    merge(officer, bakery, double)
    with db.reading() as session:
        parties = _parties(session)
    assert (parties[double.code].id, parties[bakery.code].id) == (bakery.id, bakery.id)


def signup(organisation, **over):
    values = {"ref": db.new_ref("T"), "letter_ref": "A-2222-2222", "name": "Bo", "email": "bo@kruimel.example", "kvk": "12345678"}
    return factory.save(Signup(organisation_id=organisation.id, asked_at=NOW, **values | over))


def test_calls_and_waiting_sign_ups_go_along_and_the_mailbox_of_the_double_decides_nothing(officer, bakery, double):
    note_call(officer, double.id, NOW.date(), "Bo", "belt terug")
    factory.save(MailboxChoice(organisation_id=double.id, muted=["offers.reminder"]))
    waits = signup(double)
    merge(officer, bakery, double)
    assert (everything(CreditorCall)[0].organisation_id, everything(MailboxChoice)) == (bakery.id, [])
    moved = read(waits)
    assert (moved.organisation_id, moved.decided_at) == (bakery.id, None)


def test_who_asked_at_both_waits_once(officer, bakery, double):
    first, second = signup(bakery), signup(double)
    merge(officer, bakery, double)
    assert (read(first).decided_at, read(second).refusal) == (None, SignupRefusal.OTHER)
    assert read(second).decided_by == officer.name


def test_whatever_table_names_a_creditor_has_its_place_in_merging():
    """Consents stay with who signed them; what only people have, no double has: it would not be merged."""
    elsewhere = {"consent", "mandate", "mailbox_choice", "audit_event", "organisation"}
    elsewhere |= {"membership", "joining", "saved_filter", "federated_identity", "sign_in", "bulk_answer", "upload", "job_progress"}
    below = tuple(
        f"app.{name}." for name in ("proposals", "cases", "consents", "accounts", "creditors", "exchange", "documents", "notifications")
    )
    tables = {mapper.local_table for mapper in db.Base.registry.mappers if mapper.class_.__module__.startswith(below)}
    named = {table.name for table in tables if {"creditor_id", "organisation_id"} & set(table.c.keys())}
    assert named - elsewhere - {column.class_.__tablename__ for column in OWNERS.values()} == set()


def test_a_double_of_a_double_ends_at_the_last(officer, bakery, double):
    third = factory.organisation(kvk="12345678")
    merge(officer, double, third)
    merge(officer, bakery, double)
    assert read(third).merged_into_id == bakery.id


def test_who_has_people_or_a_consent_is_not_merged(officer, bakery, double):
    factory.consent(double)
    with pytest.raises(Refusal, match="double_has_consent"):
        merge(officer, bakery, double)
    factory.person(double)
    with pytest.raises(Refusal, match="double_has_people"):
        merge(officer, bakery, double)
    assert read(double).merged_into_id is None


def test_another_number_establishment_or_kind_is_no_double(officer, bakery):
    others = [factory.organisation(kvk="87654321"), factory.organisation(kvk="12345678", establishment="000012345678")]
    for other in [*others, factory.organisation(Kind.AGENT, kvk="12345678"), bakery]:
        with pytest.raises(NotFound):
            merge(officer, bakery, other)


def test_merging_twice_does_nothing_more(officer, bakery, double):
    merge(officer, bakery, double)
    with pytest.raises(NotFound):
        merge(officer, bakery, double)


def test_the_page_counts_what_would_move(officer, bakery, double):
    factory.offers(double)
    with db.reading() as session:
        found = doubles_page(session, officer, bakery.code).doubles[0]
    assert (found.name, found.counts) == ("De Kruimel BV", {"claims": 1, "offers": 1, "requests": 0, "notices": 0})


def test_only_the_bank_merges(bakery, double):
    for kind in Kind:
        somebody = factory.actor(factory.organisation(kind))
        if somebody.may(Permission.ADMIT_CREDITORS):
            continue
        with pytest.raises(NotFound):
            merge(somebody, bakery, double)
    assert [one.merged_into_id for one in everything(Organisation) if one.merged_into_id] == []


def test_the_pages_lead_to_merging_and_back(client_of, bakery, double):
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert f"/creditors/{bakery.code}/doubles" in officer.get(f"/creditors/{bakery.code}").text
    assert "De Kruimel BV" in officer.get(f"/creditors/{bakery.code}/doubles").text
    assert officer.post(f"/creditors/{bakery.code}/doubles/{double.code}").location == f"/creditors/{bakery.code}/doubles"
    assert "Bakkerij de Kruimel" in officer.get(f"/creditors/{double.code}").text
