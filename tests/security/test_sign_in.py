"""Signing in as a stranger tries it: nothing tells who exists, guessing waits, sessions end on the server, and what matters asks again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import db
from app.access import Kind, Role
from app.accounts import joining, passwords, people, service
from app.accounts.joining import NewColleague
from app.accounts.models import Invitation, Joining, Membership, Person, SignIn
from app.accounts.people import DEMO_SECRET
from app.accounts.queries import actor_of
from app.accounts.rules import hash_token
from app.accounts.totp import code_at
from app.audit.models import Event
from app.clock import now
from app.errors import NotFound, Refusal
from app.notifications.models import Message
from tests import factory

PASSWORD = "paard batterij nietje juist"
NEW = "zeven groene fietsen zwemmen"
STALE = timedelta(minutes=5)


@pytest.fixture(scope="module")
def password_hash():
    return service.hash_password(PASSWORD)


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf")


@pytest.fixture
def manager(water, password_hash):
    return factory.person(water, Role.CREDITOR_MANAGER, password_hash=password_hash, totp_secret=DEMO_SECRET)


def code():
    return code_at(DEMO_SECRET, now().timestamp())


def acting(person):
    with db.reading(as_portal=True) as session:
        return actor_of(session, person.id, None, "test")


def one(query):
    with db.reading(as_portal=True) as session:
        return session.scalar(query)


def told(answer, email):
    """What an answer tells, but for the address that was typed and the number of the request."""
    headers = {name: value for name, value in answer.headers if name not in {"X-Request-Id", "Set-Cookie"}}
    return answer.status_code, answer.text.replace(email, "…"), {k: v for k, v in headers.items() if k != "Content-Length"}


def ways(known):
    """A known address, an unknown one, one of a closed account, one that was asked only."""
    closed = factory.person(factory.organisation(), disabled_at=now(), password_hash="x")
    return [known.email, "niemand@organisatie.example", closed.email]


# ── nothing tells who exists ─────────────────────────────────────────────────


@pytest.mark.parametrize("times", [1, 6])
def test_signing_in_tells_the_same_of_everybody(client, manager, times):
    answers = []
    for email in ways(manager):
        for _ in range(times):
            answer = client.post("/sign-in", data={"email": email, "password": "verkeerd wachtwoord"})
        answers.append(told(answer, email))
    assert answers[0][0] == 422
    assert all(answer == answers[0] for answer in answers)
    assert ("te vaak" in answers[0][1]) is (times == 6)


@pytest.mark.parametrize("times", [1, 6])
def test_a_forgotten_password_tells_the_same_of_everybody(client, manager, queue, times):
    answers = []
    for email in ways(manager):
        for _ in range(times):
            answer = client.post("/sign-in/forgotten", data={"email": email})
        answers.append(told(answer, email))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == (200 if times == 1 else 422)


def test_a_forgotten_password_does_the_same_work_for_everybody(client, manager, queue, monkeypatch):
    """The job finds out whether there is anybody: the request takes no longer for one who exists."""
    shapes = []
    for email in ways(manager):
        before = len(queue.waiting()), one(select(func.count()).select_from(Event)), one(select(func.count()).select_from(Message))
        client.post("/sign-in/forgotten", data={"email": email})
        after = len(queue.waiting()), one(select(func.count()).select_from(Event)), one(select(func.count()).select_from(Message))
        shapes.append([b - a for a, b in zip(before, after, strict=True)])
    assert shapes == [[1, 1, 0]] * 3


def test_a_manager_sees_the_same_of_everybody_who_is_asked(client_of, manager):
    """Known elsewhere, known and closed, or unknown: the page shows what was typed and nothing else."""
    officer = factory.person(factory.organisation(Kind.BANK), name="Geheime Naam", totp_secret=DEMO_SECRET)
    browser, pages = client_of(manager), []
    for email in [officer.email, *ways(manager)[1:]]:
        sent = browser.post("/people", data={"name": "Getypte Naam", "email": email, "role": "creditor worker"})
        page = browser.get("/people").text
        number = one(select(func.max(Joining.id)))
        pages.append((sent.status_code, sent.location, page.replace(email, "…").replace(f"/people/invitations/{number}/", "/…/")))
        with db.transaction() as session:
            session.execute(update(Joining).values(ended_at=now()))
    assert pages[0] == pages[1] == pages[2]
    assert "Getypte Naam" in pages[0][2]
    assert "Geheime Naam" not in pages[0][2]


# ── a new password by mail ───────────────────────────────────────────────────


def link(client, manager, queue):
    """Ask a link and read it from the mail."""
    client.post("/sign-in/forgotten", data={"email": manager.email.upper()})
    queue.run_all()
    return one(select(Message.path).where(Message.code == "accounts.forgotten").order_by(Message.id.desc()).limit(1))


def test_a_link_sets_a_new_password_once_and_ends_all_sessions(client, client_of, manager, queue):
    browser = client_of(manager)
    path = link(client, manager, queue)
    assert client.post(path, data={"password": NEW}).location == "/sign-in"
    assert browser.get("/account").status_code == 302
    assert client.get(path).status_code == 404
    assert service.sign_in(manager.email, NEW, "192.0.2.9", "test")


def test_the_second_factor_is_still_asked_after_a_new_password(client, manager, queue):
    client.post(link(client, manager, queue), data={"password": NEW})
    assert client.post("/sign-in", data={"email": manager.email, "password": NEW}).location == "/sign-in/code"
    assert client.get("/account").status_code == 302
    assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 422


def test_a_link_works_an_hour_and_only_its_hash_is_kept(client, manager, queue, clock):
    path = link(client, manager, queue)
    token = path.rpartition("/")[2]
    assert one(select(Invitation.person_id).where(Invitation.token_hash == hash_token(token))) == manager.id
    clock.shift(timedelta(hours=1))
    assert client.get(path).status_code == 404
    assert client.post(path, data={"password": NEW}).status_code == 404


def test_a_newer_link_closes_the_older(client, manager, queue):
    older, newer = link(client, manager, queue), link(client, manager, queue)
    assert (client.get(older).status_code, client.get(newer).status_code) == (404, 200)


@pytest.mark.parametrize("closed", ["disabled", "without membership", "without password"])
def test_who_may_not_sign_in_gets_no_link(client, water, password_hash, queue, closed):
    person = factory.person(
        water, password_hash=None if closed == "without password" else password_hash, disabled_at=now() if closed == "disabled" else None
    )
    if closed == "without membership":
        with db.transaction() as session:
            session.execute(update(Membership).where(Membership.person_id == person.id).values(ends_on=now().date() - timedelta(days=1)))
    client.post("/sign-in/forgotten", data={"email": person.email})
    queue.run_all()
    assert one(select(func.count()).select_from(Invitation)) == 0


def test_a_reset_is_in_the_audit_and_its_owner_hears_of_the_change(client, manager, queue):
    client.post(link(client, manager, queue), data={"password": NEW})
    with db.reading(as_portal=True) as session:
        actions = session.scalars(select(Event.action).order_by(Event.sequence)).all()
    assert actions == ["person:ask-reset", "person:set-password"]
    assert one(select(func.count()).select_from(Message).where(Message.code == "accounts.changed")) == 1


# ── sessions ─────────────────────────────────────────────────────────────────


def token_of(browser):
    with browser.session_transaction() as cookie:
        return cookie.get("token")


def test_the_token_changes_at_each_step_and_an_older_one_opens_nothing(client, manager):
    client.get("/sign-in")
    client.post("/sign-in", data={"email": manager.email, "password": PASSWORD})
    begun = token_of(client)
    client.post("/sign-in/code", data={"code": code()})
    whole = token_of(client)
    assert begun
    assert begun != whole
    for token, status in ((whole, 200), (begun, 302)):
        with client.session_transaction() as cookie:
            cookie["token"] = token
        assert client.get("/account").status_code == status


def test_signing_in_anew_ends_the_session_of_before(client_of, manager):
    browser = client_of(manager)
    before = token_of(browser)
    browser.post("/sign-in", data={"email": manager.email, "password": PASSWORD})
    assert one(select(SignIn.ended_at).where(SignIn.token_hash == hash_token(before))) is not None


@pytest.mark.parametrize(("rest", "steps", "status"), [(29, 3, 200), (30, 1, 302), (29, 25, 302)])
def test_a_session_ends_by_rest_and_by_age_on_the_server(client_of, manager, clock, rest, steps, status):
    """What the cookie says of the last use is not listened to."""
    browser = client_of(manager)
    for _ in range(steps):
        clock.shift(timedelta(minutes=rest))
        with browser.session_transaction() as cookie:
            cookie["seen"] = int(now().timestamp())
        answer = browser.get("/account")
    assert answer.status_code == status


def test_a_page_more_within_the_minute_writes_nothing(client_of, manager, clock):
    browser = client_of(manager)
    seen = select(SignIn.seen_at).where(SignIn.person_id == manager.id)
    began = one(seen)
    clock.shift(59)
    browser.get("/account")
    assert one(seen) == began
    clock.shift(1)
    browser.get("/account")
    assert one(seen) == now()


def test_signing_out_ends_it_on_the_server(client_of, manager):
    browser = client_of(manager)
    token = token_of(browser)
    browser.post("/sign-out")
    with browser.session_transaction() as cookie:
        cookie["token"] = token
    assert browser.get("/account").status_code == 302


def test_one_session_can_be_ended_and_so_can_all_others(client_of, manager, water):
    first, second, third = (client_of(manager) for _ in range(3))
    number = one(select(SignIn.id).order_by(SignIn.id).limit(1))
    page = third.get("/account").text
    assert page.count("laatst gebruikt") == 3
    third.post(f"/account/sessions/{number}/end")
    assert [browser.get("/account").status_code for browser in (first, second, third)] == [302, 200, 200]
    third.post("/account/end-others")
    assert [browser.get("/account").status_code for browser in (second, third)] == [302, 200]
    assert one(select(func.count()).select_from(Event).where(Event.action.in_(["session:end-one", "session:end-others"]))) == 2


def test_the_sessions_of_others_do_not_exist(client_of, manager, water):
    colleague = client_of(factory.person(water))
    client_of(manager)
    number = one(select(SignIn.id).where(SignIn.person_id == manager.id))
    assert colleague.post(f"/account/sessions/{number}/end").status_code == 404


def test_a_role_that_changes_ends_the_sessions_under_the_old_one_at_once(client_of, manager, water):
    worker = factory.person(water)
    browser = client_of(worker)
    membership = one(select(Membership.id).where(Membership.person_id == worker.id))
    people.change_role(acting(manager), membership, Role.CREDITOR_MANAGER)
    assert browser.get("/offers").status_code == 302


def test_a_disabled_person_is_out_at_once(client_of, manager):
    browser = client_of(manager)
    people.disable_person(manager.email)
    assert browser.get("/account").status_code == 302


def test_rights_that_changed_take_effect_on_the_next_request(client_of, manager):
    """Whatever changed them: who may do what is read anew for each request."""
    browser = client_of(manager)
    assert browser.get("/people").status_code == 200
    with db.transaction() as session:
        session.execute(update(Membership).where(Membership.person_id == manager.id).values(role=Role.CREDITOR_WORKER))
    assert browser.get("/people").status_code == 404


# ── the second factor again ──────────────────────────────────────────────────

GUARDED = {
    "accounts.end_others", "accounts.end_session", "accounts.rename",
    "accounts.recovery_codes", "accounts.app", "accounts.remove_app", "accounts.new_passkey", "accounts.ask_new_passkey",
    "accounts.change_passkey", "accounts.unlink", "accounts.colleagues", "accounts.change_colleague", "accounts.take_back",
    "consents.withdraw", "proposals.move_on", "proposals.issue_approved",
}  # fmt: skip


def test_what_matters_most_asks_the_second_factor_again(app):
    guarded = {name for name, view in app.view_functions.items() if "POST" in getattr(view, "confirmed", ())}
    assert guarded >= GUARDED


def test_a_form_waits_for_the_second_factor_and_goes_on_with_what_was_typed(client_of, manager, clock):
    browser = client_of(manager)
    clock.shift(STALE)
    typed = {"name": "Nieuw <b>", "email": "nieuw@organisatie.example", "role": "creditor worker"}
    asked = browser.post("/people?organisation=", data=typed)
    assert (asked.status_code, one(select(func.count()).select_from(Joining))) == (403, 0)
    assert 'name="name" value="Nieuw &lt;b&gt;"' in asked.text
    typed |= {"confirm-code": code()}
    confirmed = browser.post("/confirm?to=/people%3Forganisation%3D&method=POST", data=typed)
    assert (confirmed.status_code, confirmed.location) == (307, "/people?organisation=")
    assert browser.post(confirmed.location, data=typed).status_code == 302
    assert one(select(Joining.name)) == "Nieuw <b>"


def test_a_wrong_code_does_nothing_and_keeps_what_was_typed(client_of, manager, clock):
    browser = client_of(manager)
    clock.shift(STALE)
    answer = browser.post("/confirm?to=/people&method=POST", data={"name": "Nieuw", "confirm-code": "000000"})
    assert (answer.status_code, 'value="Nieuw"' in answer.text) == (422, True)
    assert browser.post("/people", data={}).status_code == 403
    assert one(select(Event.action).order_by(Event.sequence.desc()).limit(1)) == "session:fail"


def test_a_page_that_shows_a_secret_asks_first_and_then_opens(client_of, manager, clock):
    browser = client_of(manager)
    clock.shift(STALE)
    assert browser.get("/account/app").status_code == 403
    answer = browser.post("/confirm?to=/account/app&method=GET", data={"confirm-code": code()})
    assert (answer.status_code, answer.location) == (303, "/account/app")
    assert browser.get("/account/app").status_code == 200


@pytest.mark.parametrize(
    "to",
    [
        "/sign-out",
        "/account/language",
        "/account",
        "//evil.example/people",
        "https://evil.example/people",
        "/people/../people",
        "/nothing",
        "",
    ],
)
def test_confirming_leads_to_what_asked_for_it_only(client_of, manager, to):
    assert client_of(manager).post("/confirm", query_string={"to": to, "method": "POST"}, data={"confirm-code": code()}).status_code == 404


def test_a_form_that_waited_too_long_is_kept_for_after_signing_in(client_of, manager, clock):
    browser = client_of(manager)
    clock.shift(timedelta(hours=1))
    answer = browser.post("/confirm?to=/people&method=POST", data={"name": "Nieuwe Collega", "confirm-code": code()})
    assert answer.location.startswith("/sign-in")
    browser.post("/sign-in", data={"email": manager.email, "password": PASSWORD})
    assert browser.post("/sign-in/code", data={"code": code()}).location == "/sign-in/unsent"
    assert "Nieuwe Collega" in browser.get("/sign-in/unsent").text


def test_who_has_no_second_factor_here_signs_in_again_where_it_was_given(client_of, water, clock):
    browser = client_of(factory.person(water, Role.CREDITOR_MANAGER))
    clock.shift(STALE)
    assert browser.post("/people", data={"name": "Nieuwe Collega"}).location == "/sign-in"
    assert browser.get("/account").status_code == 302
    assert one(select(func.count()).select_from(SignIn).where(SignIn.unsent.is_not(None))) == 1


# ── who gives which role ─────────────────────────────────────────────────────


def test_an_administrator_gives_oneself_no_role_anywhere(database, queue):
    city, bank = factory.organisation(Kind.CITY), factory.organisation(Kind.BANK)
    person = factory.person(city, Role.ADMINISTRATOR)
    with pytest.raises(Refusal, match="own_role"):
        joining.ask_colleague(acting(person), NewColleague("Ik", person.email, Role.OFFICER, bank.id))
    assert one(select(func.count()).select_from(Joining)) == 0


def test_the_other_administrators_hear_of_a_role_of_the_city(database, queue):
    city, bank = factory.organisation(Kind.CITY), factory.organisation(Kind.BANK)
    first, second = factory.person(city, Role.ADMINISTRATOR), factory.person(city, Role.ADMINISTRATOR)
    joining.ask_colleague(acting(first), NewColleague("Nieuw", "nieuw@stad.example", Role.OFFICER, bank.id))
    assert one(select(Message.address).where(Message.code == "accounts.role_given")) == second.email
    people.change_role(acting(first), one(select(Membership.id).where(Membership.person_id == second.id)), Role.AUDITOR)
    assert one(select(func.count()).select_from(Event).where(Event.action.like("people:%"))) == 2


def test_a_membership_begins_when_its_person_accepts(client_of, manager, queue, water):
    officer = factory.person(factory.organisation(Kind.BANK))
    joining.ask_colleague(acting(manager), NewColleague("Naam", officer.email, Role.CREDITOR_WORKER, water.id))
    number = one(select(Joining.id))
    here = select(func.count()).select_from(Membership).where(Membership.organisation_id == water.id, Membership.person_id == officer.id)
    browser = client_of(officer)
    assert (one(here), "Waterbedrijf" in browser.get("/account").text) == (0, True)
    browser.post(f"/account/invitations/{number}/accept")
    assert one(here) == 1
    assert browser.post(f"/account/invitations/{number}/accept").status_code == 404


@pytest.mark.parametrize("act", ["decline", "take back", "too late"])
def test_an_invitation_that_is_over_is_not_accepted(client_of, manager, queue, water, act, clock):
    officer = factory.person(factory.organisation(Kind.BANK))
    joining.ask_colleague(acting(manager), NewColleague("Naam", officer.email, Role.CREDITOR_WORKER, water.id))
    number = one(select(Joining.id))
    if act == "decline":
        joining.decline_joining(acting(officer), number)
    elif act == "take back":
        joining.take_back(acting(manager), number)
    else:
        clock.shift(timedelta(days=7))
    with pytest.raises(NotFound):
        joining.accept_joining(acting(officer), number)


def test_nobody_accepts_for_somebody_else_and_no_stranger_takes_back(manager, queue, water):
    officer = factory.person(factory.organisation(Kind.BANK))
    joining.ask_colleague(acting(manager), NewColleague("Naam", officer.email, Role.CREDITOR_WORKER, water.id))
    number = one(select(Joining.id))
    with pytest.raises(NotFound):
        joining.accept_joining(acting(manager), number)
    stranger = factory.person(factory.organisation(), Role.CREDITOR_MANAGER)
    with pytest.raises(NotFound):
        joining.take_back(acting(stranger), number)


def test_a_link_that_was_taken_back_opens_nothing(manager, queue, water):
    path = joining.ask_colleague(acting(manager), NewColleague("Naam", "nieuw@organisatie.example", Role.CREDITOR_WORKER, water.id))
    joining.take_back(acting(manager), one(select(Joining.id)))
    with pytest.raises(NotFound):
        passwords.check_link(path.rpartition("/")[2])


def test_people_change_the_own_name_and_the_audit_remembers(client_of, manager):
    browser = client_of(manager)
    browser.post("/account/name", data={"name-name": "  Els Vermaat "})
    assert one(select(Person.name).where(Person.id == manager.id)) == "Els Vermaat"
    assert browser.post("/account/name", data={"name-name": " "}).status_code == 422
    assert one(select(func.count()).select_from(Event).where(Event.action == "person:rename")) == 1
