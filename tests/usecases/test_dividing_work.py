"""Whose work an offer is: a colleague's of the organisation that acts, and nobody's once that colleague leaves."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.accounts import people
from app.accounts.models import Membership
from app.audit.models import Event
from app.errors import NotFound, Refusal
from app.proposals import responding, saved_filters
from app.proposals.assigning import assign_offers
from app.proposals.inbox_queries import InboxQuery, inbox
from app.proposals.models import Offer, SavedFilter
from app.proposals.responding import Seen
from tests import factory


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def samira(water):
    return factory.person(water, name="Samira Bakali")


@pytest.fixture
def manager(water):
    boss = factory.person(water, Role.CREDITOR_MANAGER, name="Pieter Dros")
    return factory.actor(water, Role.CREDITOR_MANAGER, person_id=boss.id)


@pytest.fixture
def offer(water):
    return factory.offers(water, factory.organisation())[0]


def now_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id)


def shown(actor, **query):
    with db.reading() as session:
        return [row.ref for row in inbox(session, actor, InboxQuery(**query)).rows]


def membership_of(person):
    with db.reading() as session:
        return session.scalar(select(Membership.id).where(Membership.person_id == person.id))


def test_assigning_leaves_an_event_and_does_not_overtake_whoever_is_answering(manager, samira, offer):
    assert assign_offers(manager, [offer.ref], samira.id) == 1
    responding.accept_offer(manager, Seen(offer.ref, 1))
    assert (now_of(offer).assigned_id, now_of(offer).revision) == (samira.id, 2)
    with db.reading() as session:
        assert offer.ref in session.scalar(select(Event.changes).where(Event.action == "offers:assign"))


def test_an_offer_is_nobodys_work_again(manager, samira, offer):
    assign_offers(manager, [offer.ref], samira.id)
    assign_offers(manager, [offer.ref], None)
    assert now_of(offer).assigned_id is None
    assert shown(manager, who="unassigned") == [offer.ref]


def test_somebody_of_elsewhere_and_somebody_who_left_are_refused_alike(manager, water, samira, offer):
    with db.transaction() as session:
        session.query(Membership).filter_by(person_id=samira.id).update({"ends_on": date(2026, 6, 3)})
    for whom in (samira.id, factory.person(factory.organisation()).id, 999_999):
        with pytest.raises(Refusal, match="no_colleague"):
            assign_offers(manager, [offer.ref], whom)
    assert now_of(offer).assigned_id is None


def test_one_offer_of_somebody_else_among_them_and_nothing_is_assigned(manager, samira, offer):
    theirs = factory.offers(factory.organisation())[0]
    with pytest.raises(NotFound):
        assign_offers(manager, [offer.ref, theirs.ref], samira.id)
    assert now_of(offer).assigned_id is None


def test_who_leaves_leaves_no_work_behind(manager, water, samira, offer):
    assign_offers(manager, [offer.ref], samira.id)
    saved_filters.save_filter(factory.actor(water, person_id=samira.id), "offers", "Te laat", "due=late")
    people.end_membership(manager, membership_of(samira))
    assert now_of(offer).assigned_id is None
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SavedFilter)) == 0
        assert session.scalar(select(func.count()).where(Event.action == "offers:free")) == 1


def test_a_closed_account_holds_no_work(manager, samira, offer):
    assign_offers(manager, [offer.ref], samira.id)
    people.disable_person(samira.email)
    assert now_of(offer).assigned_id is None


def test_who_keeps_another_role_there_keeps_its_work(manager, water, samira, offer):
    factory.save(Membership(person_id=samira.id, organisation_id=water.id, role=Role.CREDITOR_MANAGER, starts_on=date(2020, 1, 1)))
    assign_offers(manager, [offer.ref], samira.id)
    people.end_membership(manager, membership_of(samira))
    assert now_of(offer).assigned_id == samira.id


def test_an_agent_divides_its_own_work_and_the_creditor_is_not_told_among_whom(manager, water):
    agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    factory.mandate(agent, water)
    case = factory.case()
    claim = factory.claim(case, water, agent_id=agent.id)
    offer = factory.offer(factory.proposal(case, [claim]), claim)
    kees = factory.person(agent, name="Kees Tuinstra")
    assign_offers(factory.actor(agent, person_id=kees.id), [offer.ref], kees.id)
    assert shown(factory.actor(agent, person_id=kees.id), who="mine") == [offer.ref]
    assert shown(manager, who=str(kees.id)) == shown(manager)  # somebody of elsewhere is no filter
    with db.reading() as session:
        assert "Kees Tuinstra" not in inbox(session, manager, InboxQuery()).team.names.values()
