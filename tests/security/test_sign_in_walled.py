"""Accounts under the role that serves: being asked, accepting, changing roles and passwords work behind row-level security."""

import pytest
from sqlalchemy import select

from app import create_app, db
from app.access import Kind, Role
from app.accounts.joining import NewColleague, accept_joining, ask_colleague
from app.accounts.models import Joining, Membership
from app.accounts.passwords import mail_reset
from app.accounts.people import DEMO_SECRET
from app.accounts.queries import actor_of
from app.accounts.service import hash_password, open_whole
from app.accounts.totp import code_at
from app.clock import now
from app.errors import NotFound
from app.notifications.models import Message
from app.reach import act_as_before, act_within
from tests import factory
from tests.pages import PageClient

pytestmark = pytest.mark.postgres
PASSWORD = "paard batterij nietje juist"


@pytest.fixture
def browser_of(walled):
    app = create_app(walled)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = PageClient

    def signed_in(person):
        with db.transaction(as_portal=True) as session:
            token = open_whole(session, person.id, "127.0.0.1", "test")
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["token"] = token
        return browser

    return signed_in


def one(query):
    with db.reading(as_portal=True) as session:
        return session.scalar(query)


def membership(person, organisation):
    mine = select(Membership.id).where(Membership.person_id == person.id, Membership.organisation_id == organisation.id)
    return one(mine.order_by(Membership.id.desc()).limit(1))


def test_being_asked_accepting_and_another_role(browser_of):
    water, bank = factory.organisation(), factory.organisation(Kind.BANK)
    manager, officer = factory.person(water, Role.CREDITOR_MANAGER), factory.person(bank)
    managing, officers = browser_of(manager), browser_of(officer)
    assert managing.post("/people", data={"name": "Naam", "email": officer.email, "role": "creditor worker"}).status_code == 302
    assert "uitgenodigd" in managing.get("/people").text
    assert water.name in officers.get("/account").text
    asked = one(select(Joining.id).where(Joining.person_id == officer.id))
    assert officers.post(f"/account/invitations/{asked}/accept").status_code == 302
    joined = membership(officer, water)
    managing.post(f"/people/{joined}/role", data={"role": "creditor manager"})
    assert one(select(Membership.role).where(Membership.id == joined)) is Role.CREDITOR_MANAGER


def test_a_new_colleague_and_a_role_of_the_city(browser_of):
    city = factory.organisation(Kind.CITY)
    first, second = factory.person(city, Role.ADMINISTRATOR), factory.person(city, Role.ADMINISTRATOR)
    browser = browser_of(first)
    sent = browser.post("/people", data={"name": "Nieuw", "email": "nieuw@stad.example", "role": "auditor"})
    assert sent.status_code == 302
    assert one(select(Message.address).where(Message.code == "accounts.role_given", Message.address == second.email))
    path = one(select(Message.path).where(Message.address == "nieuw@stad.example"))
    assert browser.post(path, data={"password": "zeven groene fietsen zwemmen"}).status_code == 302
    assert (
        one(select(Membership.role).join(Joining, Joining.person_id == Membership.person_id).where(Joining.name == "Nieuw")) is Role.AUDITOR
    )


def test_a_stranger_accepts_nothing_and_sees_nothing(walled):
    water = factory.organisation()
    manager, worker = factory.person(water, Role.CREDITOR_MANAGER), factory.person(factory.organisation())
    managing, asked_one = acting(manager), acting(worker)
    stranger = factory.actor(factory.organisation(), person_id=factory.person(factory.organisation()).id)
    within(managing, ask_colleague, NewColleague("Naam", worker.email, Role.CREDITOR_WORKER, water.id))
    asked = one(select(Joining.id).where(Joining.person_id == worker.id))
    assert within(stranger, seen_joinings) == []
    with pytest.raises(NotFound):
        within(stranger, accept_joining, asked)
    assert within(asked_one, seen_joinings) == [asked]
    within(asked_one, accept_joining, asked)


def acting(person):
    with db.reading(as_portal=True) as session:
        return actor_of(session, person.id, None, "test")


def seen_joinings(_):
    with db.reading() as session:
        return session.scalars(select(Joining.id)).all()


def within(actor, act, *given):
    token = act_within(actor.reach())
    try:
        return act(actor, *given)
    finally:
        act_as_before(token)


def test_the_own_account(browser_of, clock):
    """A name, a language, a password, a session: all that somebody does to the own account."""
    water = factory.organisation()
    person = factory.person(water, Role.CREDITOR_MANAGER, password_hash=hash_password(PASSWORD), totp_secret=DEMO_SECRET)
    browser, other = browser_of(person), browser_of(person)
    for path, data in (
        ("/account/name", {"name-name": "Els Vermaat"}), ("/account/language", {"language": "en"}), ("/account/end-others", {}),
        ("/account/recovery-codes", {}),
    ):  # fmt: skip
        assert browser.post(path, data=data).status_code in {200, 302}
    assert other.get("/account").status_code == 302
    clock.shift(600)
    code = code_at(DEMO_SECRET, now().timestamp())
    assert browser.post("/account/name", data={"name-name": "Els"}).status_code == 403
    assert browser.post("/confirm?to=/account/name&method=POST", data={"confirm-code": code}).status_code == 307
    clock.shift(60)
    change = {"password-old": PASSWORD, "password-password": "zeven groene fietsen zwemmen"}
    assert browser.post("/account/password", data=change | {"password-code": code_at(DEMO_SECRET, now().timestamp())}).status_code == 302
    browser.post("/sign-in/forgotten", data={"email": person.email})
    mail_reset(person.id)
    assert one(select(Message.path).where(Message.code == "accounts.forgotten")).startswith("/invitation/")
