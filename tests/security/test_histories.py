"""Family 6: many at once. One of them wins, the others read so; what is sent twice has one effect; the log has no gap.

Each history runs on SQLite, where writers wait for each other, and on PostgreSQL, where only what is locked waits.
"""

import secrets
import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from app import HANDLERS, connect, create_app, db
from app.access import Kind, Role
from app.accounts import totp
from app.accounts.second_factor import Proof, check_second_factor
from app.accounts.service import open_whole
from app.audit.models import Event
from app.audit.service import verify
from app.cases.importing import import_cases
from app.cases.models import Case, Claim
from app.clock import now
from app.consents import service as consents
from app.consents.models import Consent
from app.consents.rules import Clauses, State
from app.consents.service import Signing
from app.creditors import service as register
from app.creditors.importing import import_creditors
from app.creditors.models import Organisation
from app.errors import Conflict, NotFound, Refusal
from app.exchange.uploads import Incoming
from app.jobs import registry
from app.jobs import service as jobs
from app.notifications.models import Message
from app.proposals import drafting, issuing, responding, settling
from app.proposals.agreement import close_if_over
from app.proposals.lifecycle import OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.reminding import run_reminders
from app.proposals.responding import Seen
from tests import factory, portals
from tests.conftest import KEYS, settings_for
from tests.fake_jobs import FakeQueue
from tests.pages import PageClient
from tests.security.counting import count
from tests.worker_ground import engine_database, work_table

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CROWD = 16


@pytest.fixture(scope="module")
def migrated(postgres_server, tmp_path_factory):
    """An empty PostgreSQL database that the migrations made, to copy for each test."""
    name = f"portal_histories_{secrets.token_hex(4)}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    connect(settings_for(tmp_path_factory.mktemp("histories"), _url(postgres_server, name)))
    db.migrate()
    FakeQueue()
    db.engine().dispose()
    yield name
    postgres_server.psql(f"DROP DATABASE {name}")


def _url(server, name):
    return server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def portal(request, settings, clock):
    """The settings of a portal on one of both databases, bound and with a queue."""
    if request.param == "postgres":
        server, name = request.getfixturevalue("postgres_server"), f"portal_{secrets.token_hex(6)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('migrated')}")
        settings = replace(settings, database_url=_url(server, name))
    else:
        portals.fill_from(request.getfixturevalue("empty_database"))
    connect(settings)
    registry.load(HANDLERS)
    jobs.bind(FakeQueue())
    yield settings
    jobs.bind(None)
    db.engine().dispose()
    if request.param == "postgres":
        server.psql(f"DROP DATABASE {name} WITH (FORCE)")


def at_once(*acts):
    """Let everybody act at the same moment; return what each came to: its value, or the name of its error."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            return act()
        except (Conflict, NotFound, Refusal) as no:
            return type(no).__name__

    with ThreadPoolExecutor(len(acts)) as crowd:
        outcomes = list(crowd.map(run, acts))
    count("6 histories", "acts at the same moment", len(acts))
    with db.reading() as session:
        assert verify(session)[1] is None  # each event once, in a row without gaps
    return outcomes


def counted(table, *conditions):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions))


def loaded(table):
    with db.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


# ── answers ──────────────────────────────────────────────────────────────────


def answers(creditor, offer, number):
    """The answer that client `number` gives: each another one, so that the end tells whose it was."""
    who, seen = factory.actor(creditor, name=f"Collega {number}"), Seen(offer.ref, 1)
    return [
        lambda: responding.accept_offer(who, seen, f"woorden van {number}"),
        lambda: responding.accept_with_other_balance(who, seen, 100_000 + number),
        lambda: responding.reject_offer(who, seen, RejectReason.POLICY, f"woorden van {number}"),
        lambda: responding.ask_reconsideration(who, seen, f"woorden van {number}"),
    ][number % 4]


def test_of_many_answers_to_an_offer_one_wins_and_the_others_conflict(portal):
    water = factory.organisation()
    for offer in [factory.offers(water, factory.organisation())[0] for _ in range(4)]:
        outcomes = at_once(*(answers(water, offer, number) for number in range(CROWD)))
        assert sorted(map(str, outcomes)) == ["Conflict"] * (CROWD - 1) + ["None"]
        winner = outcomes.index(None)
        with db.reading() as session:
            end = session.get(Offer, offer.id)
            events = session.scalars(select(OfferEvent).where(OfferEvent.offer_id == offer.id)).all()
            logged = session.scalars(select(Event.actor).where(Event.subject == f"offer/{offer.ref}")).all()
        assert (end.answerer, end.revision) == (f"Collega {winner}", 2)
        assert [event.who for event in events] == logged == [f"Collega {winner}"]
        assert str(winner) in (end.words or str(end.other_balance_cents))


def test_a_form_that_is_sent_fifty_times_has_one_effect(portal):
    water = factory.organisation()
    offer, clerk = factory.offers(water, factory.organisation())[0], factory.actor(water, name="Els")
    again = [lambda: responding.ask_reconsideration(clerk, Seen(offer.ref, 1), "Klopt het?") for _ in range(10)]
    factory.organisation(Kind.BANK)
    outcomes = [outcome for _ in range(5) for outcome in at_once(*again)]
    assert outcomes == [None] * 50
    assert (counted(OfferEvent), counted(Event), counted(Message)) == (1, 1, 1)


def test_a_page_tells_the_losers_who_was_first(portal):
    db.engine().dispose()
    app = create_app(portal)
    jobs.bind(FakeQueue())
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = PageClient
    water = factory.organisation()
    offer = factory.offers(water, factory.organisation())[0]
    browsers = [_browser(app, factory.person(water, name=f"Collega {n}")) for n in range(8)]
    yes = {"answer": "accept", "revision": "1"}
    posts = [lambda browser=browser: browser.post(f"/offers/{offer.ref}", data=yes) for browser in browsers]
    shown = [answer.headers["Location"] for answer in at_once(*posts)]
    assert sorted(shown) == [*[f"/offers/{offer.ref}"] * 7, f"/offers?answered={offer.ref}"]
    first = shown.index(f"/offers?answered={offer.ref}")
    for place, browser in enumerate(browsers):
        if place != first:
            assert f"Collega {first} was u voor" in browser.get(f"/offers/{offer.ref}").text


def _browser(app, person):
    with db.transaction() as session:
        token = open_whole(session, person.id, "127.0.0.1", "test")
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(token=token, seen=int(now().timestamp()))
    return browser


def test_the_last_two_yeses_at_once_make_one_agreement(portal):
    one, two = factory.organisation(), factory.organisation()
    for _ in range(4):
        first, second = factory.offers(one, two)
        yes = [
            lambda creditor=c, offer=o: responding.accept_offer(factory.actor(creditor), Seen(offer.ref, 1))
            for c, o in ((one, first), (two, second))
        ]
        assert at_once(*yes) == [None, None]
    assert {proposal.state for proposal in loaded(Proposal)} == {ProposalState.AGREED}
    assert counted(Message, Message.code == "proposals.agreed") == 8
    assert counted(Event, Event.action == "proposals:agree") == 4


def test_an_answer_and_the_end_of_its_proposal_come_one_after_the_other(portal):
    officer, _ = factory.officers()
    for number in range(6):
        water = factory.organisation()
        offer = factory.offers(water, factory.organisation())[0]
        with db.reading() as session:
            proposal = session.get(Proposal, offer.proposal_id)
        end = lambda: settling.withdraw_proposal(officer, proposal.ref, "Gestopt.", proposal.revision)  # noqa: E731, B023 - run at once
        outcomes = at_once(answers(water, offer, number), end)
        assert outcomes[1] is None
        assert outcomes[0] in {None, "Conflict", "Refusal"}
        with db.reading() as session:
            assert session.get(Offer, offer.id).state is OfferState.WITHDRAWN
            said = session.scalars(select(OfferEvent.what).where(OfferEvent.offer_id == offer.id).order_by(OfferEvent.id)).all()
        assert said == (["answered", "closed"] if outcomes[0] is None else ["closed"])


def test_two_evenings_close_a_proposal_once(portal):
    first, _ = factory.offers(factory.organisation(), factory.organisation())

    def close():
        with db.transaction() as session:
            return close_if_over(session, first.proposal_id, date(2026, 7, 10))

    assert sorted(at_once(close, close, close, close)) == [False, False, False, True]
    assert counted(OfferEvent, OfferEvent.what == "no response") == 2


def test_two_workers_remind_once(portal):
    factory.offers(factory.organisation(), factory.organisation())
    at_once(*[lambda: run_reminders(date(2026, 6, 11)) for _ in range(4)])
    assert counted(Message, Message.code == "offers.reminder") == 2
    assert {offer.reminders for offer in loaded(Offer)} == {1}


# ── the bank ─────────────────────────────────────────────────────────────────


@pytest.fixture
def approved(portal):
    """Forty proposals to the same three creditors that two officers may issue."""
    by = factory.officers()
    creditors = [factory.organisation() for _ in range(3)]
    refs = []
    for _ in range(12):
        case = factory.case()
        for creditor in creditors:
            factory.claim(case, creditor)
        refs.append(drafting.draft_proposal(by[0], case.ref))
        drafting.approve_proposal(by[1], refs[-1], 1)
    return by, creditors, refs


def test_officers_who_issue_the_same_at_once_send_each_offer_once(approved):
    by, _, refs = approved
    issued = at_once(*[lambda who=who: issuing.issue_proposals(who, refs).issued for who in by * 2])
    assert sum(issued) == len(refs)
    assert counted(Offer) == 3 * len(refs)


def test_two_runs_that_end_at_once_tell_each_creditor_once_of_each_offer(approved):
    by, creditors, refs = approved
    at_once(*[lambda part=refs[at::4]: issuing.issue_proposals(by[0], part) for at in range(4)])
    at_once(*[issuing.tell_creditors for _ in range(4)])
    told = dict.fromkeys((creditor.id for creditor in creditors), 0)
    for message in loaded(Message):
        told[message.organisation_id] += int(message.facts["offers"])
    assert set(told.values()) == {len(refs)}


def test_officers_who_draft_the_same_case_at_once_leave_one_draft(portal):
    by, case = factory.officers(), factory.case()
    factory.claim(case, factory.organisation())
    at_once(*[lambda who=who: drafting.draft_proposal(who, case.ref) for who in by * 4])
    assert counted(Proposal, Proposal.state == ProposalState.DRAFT) == 1
    assert counted(Proposal) == counted(Event, Event.action == "proposals:draft") == 8


def test_one_check_of_many_counts(portal):
    by, case = factory.officers(), factory.case()
    factory.claim(case, factory.organisation())
    ref = drafting.draft_proposal(by[0], case.ref)
    outcomes = at_once(*[lambda: drafting.approve_proposal(by[1], ref, 1) for _ in range(8)])
    assert sorted(map(str, outcomes)) == ["Conflict"] * 7 + ["None"]


# ── standing consents ────────────────────────────────────────────────────────


@pytest.fixture
def managers(portal):
    creditor = factory.organisation()
    people = [factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET) for _ in range(4)]
    return [factory.actor(creditor, Role.CREDITOR_MANAGER, name=one.name, person_id=one.id) for one in people]


def test_of_four_managers_who_sign_at_once_one_signed(managers):
    creditor_id = managers[0].organisation_id
    with db.reading() as session:
        creditor = session.get(Organisation, creditor_id)
    draft = factory.consent(
        creditor, clauses=Clauses(zero_offers=True, max_months=36), state=State.DRAFT, signed_at=None, signed_by=None, starts_on=None
    )
    signing = Signing(None, totp.code_at(SECRET, now().timestamp()), draft.revision)
    outcomes = at_once(*[lambda who=who: consents.sign_draft(who, draft.ref, signing) for who in managers])
    assert sorted(map(str, outcomes)) == ["Conflict"] * 3 + ["None"]
    assert [version.signed_by for version in loaded(Consent)] == [managers[outcomes.index(None)].name]
    assert counted(Event, Event.action == "consents:sign") == 1


def test_managers_who_begin_at_once_begin_one_draft(managers):
    assert len(set(at_once(*[lambda who=who: consents.start_draft(who) for who in managers * 2]))) == 1
    assert counted(Consent) == counted(Event) == 1


def test_a_code_is_used_once_however_often_it_comes_at_once(managers):
    code = totp.code_at(SECRET, now().timestamp())

    def use():
        with db.transaction() as session:
            check_second_factor(session, managers[0], Proof(code))

    assert sorted(map(str, at_once(*[use] * 8))) == ["None"] + ["Refusal"] * 7


# ── files and jobs ───────────────────────────────────────────────────────────

CREDITORS = b"CodeEiser;Naam;Soort\n" + b"".join(b"%d;Schuldeiser %d;schuldeiser\n" % (n, n) for n in range(4100, 4150))
APPLICATIONS = b"RelatieCode;Volgnummer;Achternaam;Geboortedatum;Startdatum;DatumBerekening;Inkomen;VTLB\n" + b"".join(
    b"%d;1;Visser;02-05-1987;01-03-2026;12-05-2026;1842,00;1656,00\n" % n for n in range(700001, 700031)
)
CLAIMS = b"RelatieCode;Volgnummer;UniekVolgnummer;CodeEiser;Preferentie;AangemeldBedrag\n" + b"".join(
    b"%d;1;%d;4100;C;100,00\n" % (n, n) for n in range(700001, 700031)
)


def test_a_register_that_comes_in_twice_at_once_is_there_once(portal):
    officer = factory.actor(factory.organisation(Kind.BANK))
    outcomes = at_once(*[lambda: import_creditors(officer, CREDITORS).tallies[0].new for _ in range(4)])
    assert {str(outcome) for outcome in outcomes} <= {"50", "0", "Conflict"}
    assert outcomes.count(50) == 1
    assert counted(Organisation, Organisation.kind == Kind.CREDITOR) == counted(Event, Event.action == "creditors:add") == 50


def test_cases_that_come_in_twice_at_once_are_there_once(portal):
    officer = factory.actor(factory.organisation(Kind.BANK))
    import_creditors(officer, CREDITORS)
    outcomes = at_once(*[lambda: import_cases(officer, APPLICATIONS, CLAIMS).tallies[0].new for _ in range(4)])
    assert {str(outcome) for outcome in outcomes} <= {"30", "0", "Conflict"}
    assert outcomes.count(30) == 1
    assert (counted(Case), counted(Claim)) == (30, 30)


def test_a_yes_that_is_clicked_eight_times_brings_a_file_in_once(portal):
    officer = factory.actor(factory.organisation(Kind.BANK))
    outcome = import_creditors(officer, CREDITORS, dry_run=True)
    ref = register.keep_upload(officer, Incoming("creditors", "register.csv", CREDITORS), outcome)
    assert at_once(*[lambda: register.confirm_upload(officer, ref) for _ in range(8)]) == [None] * 8
    assert counted(Organisation, Organisation.kind == Kind.CREDITOR) == 50
    assert counted(Event, Event.action == "creditors:import") == 1


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_work_with_one_key_is_queued_once_by_the_real_engine(kind, request, tmp_path):
    url = f"sqlite:///{tmp_path / 'work.sqlite'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")

    def put():
        with db.transaction() as session:
            return jobs.enqueue(session, "test.note", {"key": "een"}, "een")

    with engine_database(url):
        with ThreadPoolExecutor(8) as crowd:
            assert {one.result() for one in [crowd.submit(put) for _ in range(50)]} == {"een"}
        with db.engine().connect() as connection:
            assert connection.scalar(text(f"SELECT count(*) FROM {work_table()}")) == 1  # noqa: S608 - a constant
    count("6 histories", "acts at the same moment", 50)


# ── several processes ────────────────────────────────────────────────────────

FIELD_KEYS = f"index:{b64encode(KEYS.index).decode()},1:{b64encode(KEYS.ring[1]).decode()}"
ANSWER = """
import sys
from app import connect, db
from app.access import Actor, Kind, Role
from app.config import Settings
from app.errors import Conflict
from app.jobs import service as jobs
from app.proposals import responding
from app.proposals.responding import Seen
from tests.fake_jobs import FakeQueue
connect(Settings.from_env())
jobs.bind(FakeQueue())
me = Actor(name=sys.argv[1], roles=frozenset({Role.CREDITOR_WORKER}), kind=Kind.CREDITOR, organisation_id=int(sys.argv[2]), origin="test")
print("ready", flush=True)
input()
for ref in sys.argv[3:]:
    try:
        responding.accept_offer(me, Seen(ref, 1))
        print(ref, flush=True)
    except Conflict:
        pass
"""


def test_processes_that_answer_the_same_offers_share_them_without_doubles(portal):
    water = factory.organisation()
    refs = [factory.offers(water, factory.organisation())[0].ref for _ in range(20)]
    ours = {"PORTAL_DATABASE_URL": portal.database_url, "PORTAL_FIELD_KEYS": FIELD_KEYS, "PORTAL_CLOCK": now().isoformat()}
    start = [[sys.executable, "-c", ANSWER, name, str(water.id), *order] for name, order in (("Els", refs), ("Bas", refs[::-1]))]
    running = [subprocess.Popen(words, env=ours, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for words in start]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    won = [process.communicate("\n", timeout=60)[0].split() for process in running]
    assert sorted(won[0] + won[1]) == sorted(refs)
    answered = {offer.ref: offer.answerer for offer in loaded(Offer) if offer.ref in refs}
    assert answered == dict.fromkeys(won[0], "Els") | dict.fromkeys(won[1], "Bas")
    with db.reading() as session:
        assert verify(session) == (20, None)
    count("6 histories", "acts at the same moment", 40)
