"""The second wall: PostgreSQL itself holds every row to the reach of whoever acts, also when every condition in our queries is gone."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import joinedload

from app import connect, db, load_models
from app.access import Kind, Role
from app.accounts.models import FederatedIdentity, Joining
from app.accounts.totp import code_at
from app.cases.models import Case
from app.clock import now
from app.creditors.models import Organisation
from app.db import Base
from app.notifications.models import Message
from app.practices.questions import SECTIONS
from app.proposals.models import CourtDecision, Offer, OfferEvent
from app.reach import NOBODY, Area, Reach, act_as_before, act_within
from tests import factory
from tests.pages import PageClient
from tests.portals import portal
from tests.security.counting import count
from tests.security.matrix import ask, lines, outcome, unnamed
from tests.security.world import PASSWORD, SECRET, actor

pytestmark = pytest.mark.postgres

load_models()
TABLES = Base.metadata.tables
WALLED = sorted(
    {name for name, table in TABLES.items() if table.info["tenant"]}
    | {"case_file", "proposal", "upload_file", "bulk_answer_row", "upload_row", "court_decision", "creditor_call", "contact_attempt"}
    | {"practice_section", "practice_submission", "practice_remark", "benchmark_basis"}
)
ALL = sa.func.count
FAMILY = "4 row-level security"


@pytest.fixture
def world(walled_world, walled):
    """The world on this test's own copy, with a message, a history and people at the door of each creditor."""
    world = walled_world[2]
    for name in ("ours", "theirs"):
        creditor = world.organisations[name]
        someone = world.people["auditor"].person_id
        asked = {"name": "Ada", "asked_by": "Bo", "asked_at": now(), "role": Role.CREDITOR_WORKER}
        factory.save(Joining(person_id=someone, organisation_id=creditor, **asked))
        factory.save(FederatedIdentity(issuer="https://x.example", subject=name, organisation_id=creditor, created_at=now()))
        facts = {"code": "offers.reminder", "address": "x@y.example", "language": "nl", "path": "/", "facts": {}, "created_at": now()}
        factory.save(Message(organisation_id=creditor, **facts))
        with db.reading() as session:
            offer = session.query(Offer).filter_by(ref=world.things[name]["offer"]).one()
        factory.save(OfferEvent(offer_id=offer.id, creditor_id=creditor, at=now(), what="opened", who="Ada", facts={}))
        decided = {"chosen": True, "reason": "Alle anderen zijn akkoord.", "share": "10.00", "decided_at": now(), "decided_by": "Mila"}
        factory.save(CourtDecision(offer_id=offer.id, case_id=offer.case_id, **decided))
    return world


@pytest.fixture
def shared(world):
    """The world in which the own creditor's proposal asks the other creditor too."""
    with db.reading() as session:
        mine = session.query(Offer).filter_by(ref=world.things["ours"]["offer"]).options(joinedload(Offer.proposal)).one()
        case, theirs = session.get_one(Case, mine.case_id), session.get_one(Organisation, world.organisations["theirs"])
    factory.offer(mine.proposal, factory.claim(case, theirs, number=7777))
    return world


@pytest.fixture
def within():
    """`within(reach)` lets this test's sessions see what the reach says, until the test ends."""
    tokens = []
    yield lambda reach: tokens.append(act_within(reach))
    for token in reversed(tokens):
        act_as_before(token)


def seen(table):
    """Return how many rows of a table a session sees now."""
    with db.reading() as session:
        return session.scalar(sa.select(ALL()).select_from(TABLES[table]))


def own(world, name="worker"):
    return Reach(world.people[name].organisation_id, world.people[name].person_id)


def test_every_table_with_rows_of_an_organisation_has_a_policy_that_holds_the_owner_too(walled):
    """A new table with `kept(…, tenant=…)` needs its policy in a migration, as in 0011."""
    with db.engine().connect() as connection:
        forced = set(connection.scalars(sa.text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")))
        policies = set(connection.scalars(sa.text("SELECT tablename FROM pg_policies")))
    assert set(WALLED) - forced == set()
    assert set(WALLED) - policies == set()
    count(FAMILY, "tables with a policy", len(WALLED))


def test_who_serves_owns_nothing_and_stands_not_above_the_wall(owner_of):
    assert db.is_walled()
    db.engine().dispose()
    connect(owner_of)
    assert not db.is_walled()


@pytest.mark.parametrize("statement", [
    "UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event", "DROP POLICY reach ON offer",
    "ALTER TABLE offer NO FORCE ROW LEVEL SECURITY", "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "UPDATE alembic_version SET version_num = '1'",
])  # fmt: skip
def test_who_serves_can_neither_edit_the_log_nor_take_a_wall_away(walled, statement):
    with db.engine().connect() as connection, pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"):
        connection.execute(sa.text(statement))


def test_without_a_reach_every_table_is_empty(world, within):
    there = {table: seen(table) for table in WALLED}
    assert [table for table, rows in there.items() if rows == 0] == []
    within(NOBODY)
    assert {table: seen(table) for table in WALLED} == dict.fromkeys(WALLED, 0)
    with db.engine().connect() as connection:  # and so for a connection that was told nothing at all
        assert [t for t in WALLED if connection.scalar(sa.select(ALL()).select_from(TABLES[t]))] == []
    count(FAMILY, "tables empty without a reach", len(WALLED))


OWNED = {
    "bulk_answer": "organisation_id",
    "organisation_contact": "organisation_id", "membership": "organisation_id", "message": "organisation_id", "claim": "creditor_id",
    "consent": "creditor_id", "consent_assessment": "creditor_id", "upload": "organisation_id", "mandate": "creditor_id",
}  # fmt: skip


@pytest.mark.parametrize("table", OWNED)
def test_a_creditor_sees_its_own_rows_and_no_others(world, within, table):
    column = TABLES[table].c[OWNED[table]]
    for name in ("worker", "worker2"):
        reach = own(world, name)
        with db.reading(as_portal=True) as session:
            mine = session.scalar(sa.select(ALL()).where(column == reach.organisation_id))
        within(reach)
        assert seen(table) == mine
        with db.reading() as session:
            assert session.scalar(sa.select(ALL()).where(column != reach.organisation_id)) == 0


def test_offers_that_rest_or_are_erased_are_out_of_reach_with_case_letter_and_history(world, within):
    within(own(world))
    for things in ("resting", "erased"):
        found = world.things[things]
        with db.reading() as session:
            for table, column, ref in (("offer", "ref", "offer"), ("case_file", "ref", "case"), ("document", "ref", "document")):
                assert session.scalar(sa.select(ALL()).where(TABLES[table].c[column] == found[ref])) == 0, (things, table)


@pytest.mark.parametrize(("name", "sees"), [("agent", True), ("agent2", False)])
def test_an_agent_reaches_what_its_mandate_of_today_covers(world, within, name, sees):
    within(own(world, name))
    things = world.things["ours" if name == "agent" else "theirs"]
    with db.reading() as session:
        for table, ref in (("offer", "offer"), ("case_file", "case"), ("document", "document")):
            assert bool(session.scalar(sa.select(ALL()).where(TABLES[table].c.ref == things[ref]))) == sees, table


@pytest.mark.parametrize(("team", "sees"), [("buurtteam zuid", "ours"), ("Buurtteam Oost", "theirs")])
def test_a_neighbourhood_team_reaches_its_own_cases_and_no_offers(world, within, team, sees):
    within(Reach(team=team))
    with db.reading() as session:
        cases = set(session.scalars(sa.select(TABLES["case_file"].c.ref)))
    assert world.things[sees]["case"] in cases
    assert world.things["ours" if sees == "theirs" else "theirs"]["case"] not in cases
    assert seen("offer") == seen("consent") == seen("proposal") == 0


def test_a_report_that_is_being_written_is_its_creditors_alone(world, within):
    """The team reaches what was submitted with its files; over whom a benchmark runs no creditor reaches."""
    tables = ("practice_report", "practice_section", "practice_submission", "benchmark_basis")
    within(own(world))
    assert [seen(table) for table in tables] == [2, 2 * len(SECTIONS), 1, 0]
    within(replace(own(world, "relations"), areas=frozenset({Area.PRACTICES})))
    assert [seen(table) for table in tables] == [2, 0, 2, 1]
    with db.reading() as session:
        assert session.scalar(sa.select(ALL()).where(TABLES["attachment"].c.kind == "practice evidence")) == 2


def test_drafts_of_a_consent_are_its_creditors_alone(world, within):
    within(Reach(areas=frozenset(Area) - {Area.EVERYTHING}))
    with db.reading() as session:
        assert set(session.scalars(sa.select(TABLES["consent"].c.state).distinct())) >= {"signed"}
        assert session.scalar(sa.select(ALL()).where(TABLES["consent"].c.state == "draft")) == 0


@pytest.mark.parametrize("name", ["officer", "relations", "auditor", "admin"])
def test_who_is_at_a_door_is_seen_by_who_manages_people(world, within, name):
    within(actor(world.people, name).reach())
    with db.reading() as session:
        for table in (TABLES["joining"], TABLES["federated_identity"]):
            others = sa.select(ALL()).where(table.c.person_id.is_distinct_from(world.people[name].person_id))
            assert bool(session.scalar(others)) == (name == "admin"), table.name


def test_an_officer_reaches_the_log_of_its_own_organisation(world, within):
    within(actor(world.people, "officer").reach())
    log, bank = TABLES["audit_event"].c, world.organisations["bank"]
    others = log.organisation_id.is_distinct_from(bank) & log.concerns_id.is_distinct_from(bank)
    with db.reading() as session:
        assert session.scalar(sa.select(ALL()).where(log.organisation_id == bank))
        assert not session.scalar(sa.select(ALL()).where(others))


# ── writing ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", WALLED)
def test_a_row_of_another_organisation_is_neither_made_nor_changed_nor_deleted(world, within, table):
    found = TABLES[table]
    key = next(iter(found.primary_key))
    theirs = _foreign_row(table, own(world))
    within(own(world))
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), db.transaction() as session:
        session.execute(sa.insert(found).values(theirs | {key.name: _fresh(key, theirs)}))
    if table != "audit_event":  # whose rows nobody who serves may change at all
        with db.transaction() as session:
            mine = found.c[key.name] == theirs[key.name]
            changed = session.connection().execute(sa.update(found).where(mine).values({key.name: theirs[key.name]})).rowcount
            assert changed + session.connection().execute(sa.delete(found).where(mine)).rowcount == 0
    count(FAMILY, "foreign writes refused", 1 if table == "audit_event" else 3)


def _foreign_row(table, reach):
    """Return a row that is out of a reach."""
    with db.reading(as_portal=True) as session:
        everything = [dict(row) for row in session.execute(sa.select(TABLES[table])).mappings()]
    token = act_within(reach)
    with db.reading() as session:
        mine = set(session.scalars(sa.select(next(iter(TABLES[table].primary_key)))))
    act_as_before(token)
    key = next(iter(TABLES[table].primary_key)).name
    return next(row for row in everything if row[key] not in mine)


def _fresh(key, row):
    return 99_999_999 if key.type.python_type is int else f"{row[key.name]}x"


def test_a_row_is_not_given_away_either(world, within):
    within(own(world))
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), db.transaction() as session:
        session.execute(sa.update(TABLES["organisation_contact"]).values(organisation_id=world.people["worker2"].organisation_id))


def test_a_part_of_a_use_case_that_acts_as_the_portal_gives_its_reach_back(world, within):
    within(own(world))
    counted = sa.select(ALL()).select_from(TABLES["consent"])
    with db.transaction() as session:
        before = session.scalar(counted)
        with db.as_portal(session):
            assert session.scalar(counted) > before
        assert session.scalar(counted) == before


# ── either wall alone ────────────────────────────────────────────────────────

EVERY_ROLE = frozenset(Role) - {Role.SYSTEM}
# The register, which also names the organisations whose people are managed, is for all staff; anybody may ask whether a letter is ours.
# A link of a mail is its own key, whoever holds it.
OPEN = (
    "/mail/stop/", "/relations/calendar/", "/messages/mailbox?", "/creditors/{code}", "/practices/agents/", "/relations/creditors/{code}",
    "/board/calls/{organisation}", "/people?", "/verify",
)  # fmt: skip
LISTS = ("/offers?status=all", "/offers/download?status=all", "/cases", "/cases/download", "/board", "/jobs", "/people")


@pytest.fixture
def without_the_first_wall(walled, monkeypatch):
    """The portal as it would be if our queries judged nobody: each person has every role and is the bank's, only its reach is its own."""

    def act_as(person):
        act_within(person.reach())
        g.actor = replace(person, roles=EVERY_ROLE, kind=Kind.BANK)

    monkeypatch.setattr("app.accounts.routes.act_as", act_as)
    return _app(walled)


def _app(settings):
    db.engine().dispose()
    app = portal(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = PageClient
    return app


@pytest.mark.parametrize("name", ["worker", "manager", "agent"])
def test_what_is_foreign_is_missing_by_the_second_wall_alone(world, without_the_first_wall, name):
    foreign_lines = [line for line in lines() if line.things == "theirs" and not line.path.startswith(OPEN)]
    different = []
    for line in foreign_lines:
        foreign = ask(world.browser(without_the_first_wall, name), world, line)
        missing = ask(world.browser(without_the_first_wall, name), world, replace(line, things="missing"))
        if unnamed(foreign, world, line) != unnamed(missing, world, replace(line, things="missing")):
            different.append((line.name, foreign[0].status_code, missing[0].status_code))
    assert not different, "\n".join(map(str, different))
    count(FAMILY, "requests for foreign things with the first wall off", len(foreign_lines))


@pytest.mark.parametrize("name", ["worker", "agent"])
def test_lists_hold_the_own_things_by_the_second_wall_alone(world, without_the_first_wall, name):
    browser = world.browser(without_the_first_wall, name)
    text = "".join(browser.get(path).get_data(as_text=True) for path in LISTS)
    assert world.things["ours"]["offer"] in text
    assert world.things["ours"]["case"] in text
    for kind in ("offer", "case", "work"):
        assert world.things["theirs"][kind] not in text, kind


def test_of_a_foreign_creditor_its_profile_holds_the_register_alone_by_the_second_wall_alone(world, without_the_first_wall):
    """The register is for all staff; what is known of a creditor beyond it shows to who reaches it."""
    theirs = world.things["theirs"]
    known = [theirs[kind] for kind in ("escalation", "meeting", "commitment", "complaint", "practice")]
    for name, reaches in (("relations", True), ("worker", False), ("agent", False)):
        text = world.browser(without_the_first_wall, name).get(f"/relations/creditors/{theirs['code']}").text
        assert "Zilverreiger Energie" in text
        assert [ref in text for ref in known] == [reaches] * len(known), name


# ── and both together let everybody work ─────────────────────────────────────

AT_WORK = ("code", "worker", "manager", "agent", "officer", "relations", "team", "auditor", "admin")
ELSEWHERE = ("/health", "/static/")


def test_signing_in_begins_as_nobody_and_ends_as_oneself(world, walled):
    browser = _app(walled).test_client()
    browser.post("/sign-in", data={"email": "worker@wereld.example", "password": PASSWORD})
    answer = browser.post("/sign-in/code", data={"code": code_at(SECRET, now().timestamp())}, follow_redirects=True)
    assert answer.request.path == "/offers"
    assert world.things["ours"]["offer"] in browser.get("/offers?status=all").text


@pytest.mark.parametrize("name", AT_WORK)
def test_everybody_sees_behind_both_walls_what_the_table_says(world, walled, name):
    app, wrong = _app(walled), []
    looks = [line for line in lines() if line.method == "GET" and not line.path.startswith(ELSEWHERE)]
    for line in looks:
        answer, _ = ask(world.browser(app, name), world, line)
        if outcome(answer) != line.cells[name]:
            wrong.append(f"{line.name}: {outcome(answer)}, not {line.cells[name]}")
    assert not wrong, "\n".join(wrong)
    count(FAMILY, "pages behind both walls as the table says", len(looks))


CHANGES = ("/audit", "/account/app")  # the log grows while it is read; a secret is made each time
TOKEN = r'name="csrf_token" value="[^"]+"'
MADE = r'(?:,\s*)?\{[^{}]*"action": "signals:export-person"\s*\}'  # each file about a person tells of those made before it
PASSING = re.compile(f"{TOKEN}|{MADE}")


@pytest.mark.parametrize("name", AT_WORK)
def test_the_second_wall_keeps_nothing_from_who_may_see_it(shared, walled, owner_of, name):
    """Who stands above the wall gets the same pages: whatever our queries show, and count, the policies let through."""
    looks = [line for line in lines() if line.method == "GET" and line.cells[name] == "200"]
    kept = [line for line in looks if not line.path.startswith((*ELSEWHERE, *CHANGES))]

    def pages(settings):
        app = _app(settings)
        return {line.name: PASSING.sub("", ask(shared.browser(app, name), shared, line)[0].get_data().decode("latin-1")) for line in kept}

    pages(walled)  # what is opened for the first time is noted, and its page tells so from then on
    behind, above = pages(walled), pages(owner_of)
    assert [line for line in behind if behind[line] != above[line]] == []
    count(FAMILY, "pages the same behind and above the wall", len(kept))


def _who_does(line):
    """Return the first person who does what a line asks, or who is told what is wrong with it."""
    return next((name for result in ("302", "422") for name in AT_WORK if line.cells[name] == result), None)


ALONE = ("/people/identities/{identity}/admit",)  # one person came in two ways: who let the one in meets a page that has moved on


def _acts():
    """Return what is asked of each address: its things do not touch each other, so that one world does for all of them."""
    acts = {}
    for line in lines():
        if line.method == "POST" and _who_does(line):
            acts.setdefault((line.path, line.things if line.path in ALONE else ""), []).append(line)
    return acts


ACTS = _acts()


@pytest.mark.slow
@pytest.mark.parametrize("key", ACTS, ids=" ".join)
def test_everybody_does_behind_both_walls_what_the_table_says(world, walled, key):
    app, wrong = _app(walled), []
    for line in ACTS[key]:
        name = _who_does(line)
        answer, _ = ask(world.browser(app, name), world, line)
        if outcome(answer) != line.cells[name]:
            wrong.append(f"{line.name} by {name}: {outcome(answer)}, not {line.cells[name]}")
    assert not wrong, "\n".join(wrong)
    count(FAMILY, "acts behind both walls as the table says", len(ACTS[key]))
