"""Privacy: every column has a rule, and what belongs to a person is in the export, goes in time, and rests when asked."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from app import db, load_models
from app.access import Kind, Role
from app.audit.models import Event
from app.cases.models import Case
from app.cases.rules import Stage
from app.cli import portal
from app.consents.rules import Clauses
from app.consents.simulation import missing_offers
from app.db import Base, Retention
from app.documents.models import Document
from app.documents.service import store
from app.errors import Refusal
from app.notifications.models import Message
from app.privacy.classes import CLASSES
from app.privacy.export_text import COLUMNS, TABLES
from app.privacy.restriction import lift_restriction, restrict_case
from app.privacy.retention import LEFT, PASSED, empty, run_retention
from app.privacy.rules import Ends
from app.proposals import issuing
from app.proposals.agreement import close_if_over
from app.proposals.drafting import approve_proposal, draft_proposal
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, Proposal
from app.proposals.reminding import run_reminders
from app.proposals.settling import ask_again, withdraw_proposal
from app.sealing import blind_index
from tests import factory
from tests.conftest import KEYS
from tests.security.counting import count

load_models()
EVERY_TABLE = {table.name: table for table in Base.metadata.sorted_tables}
EVERY_COLUMN = [(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns]


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_every_column_has_a_rule(table):
    """Whoever adds a column decides in app/privacy/classes.py what becomes of it and whose it is."""
    assert table in CLASSES, f"{table} has no rules in app/privacy/classes.py"
    without = {column.name for column in EVERY_TABLE[table].columns} - set(CLASSES[table].columns)
    assert without == set(), f"columns of {table} without a rule in app/privacy/classes.py"


def test_no_rule_is_about_a_column_that_is_gone():
    ruled = {(name, column) for name, table in CLASSES.items() for column in table.columns}
    assert ruled - set(EVERY_COLUMN) == set()


def test_every_table_is_ended_or_left_for_a_reason():
    assert set(LEFT) <= set(EVERY_TABLE)
    passing = {name for name, table in EVERY_TABLE.items() if table.info["retention"] is Retention.PASSING}
    assert passing - set(LEFT) - {"upload_file", "upload_row", "bulk_answer_row", "message_mark"} == set(PASSED)
    assert [name for name, column in PASSED.items() if column not in EVERY_TABLE[name].columns] == []


def test_a_stub_can_be_written():
    """Each column that is emptied knows what it holds then, and none of them is a key."""
    for name, table in CLASSES.items():
        if table.is_stub:
            values = empty(name)
            assert [one for one in values if EVERY_TABLE[name].columns[one].primary_key] == []


def test_encrypted_columns_never_stay_in_a_stub():
    stays = [
        f"{name}.{column.name}"
        for name, table in EVERY_TABLE.items()
        for column in table.columns
        if type(column.type).__name__.startswith("Encrypted") and CLASSES[name].columns[column.name].ends is Ends.STAYS
    ]
    assert stays == []


def test_every_personal_column_has_a_name_that_people_read():
    personal = {
        (name, column) for name, table in CLASSES.items() for column, rule in table.columns.items() if rule.whose and not rule.is_secret
    }
    assert {name for name, _ in personal} - set(TABLES) == set()
    assert {column for _, column in personal} - set(COLUMNS) == set()


# ── data that rest (art. 18 GDPR) ────────────────────────────────────────────

OFFERS = ("", "?status=all", "?q=Rustig", "?q=RUST-1", "?due=week", "?status=all&sort=claim", "/download?status=all")
YES = {"answer": "accept", "revision": "1"}


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def parties(database):
    """A creditor and the agent that acts for it."""
    water, agent = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    factory.mandate(agent, water)
    return water, agent


@pytest.fixture
def offer(parties):
    """An offer with its letter, issued on 4 June 2026."""
    case = factory.case(surname="Rustig")
    claim = factory.claim(case, parties[0], agent_id=parties[1].id, reference="RUST-1")
    made = factory.offer(factory.proposal(case, [claim]), claim, surname_index=blind_index("Rustig"))
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=made.ref, organisation_id=parties[0].id, content=b"%PDF-1.7 x")
    return made


def loaded(model, id_):
    with db.reading() as session:
        return session.get(model, id_)


def rest(bank, offer, *, lift=False):
    """Let the case of an offer rest, or take it up again."""
    case, officer = loaded(Case, offer.case_id), factory.actor(bank, name="Mila Haverkamp")
    if lift:
        lift_restriction(officer, case.ref, case.revision)
    else:
        restrict_case(officer, case.ref, "De cliënt betwist de gegevens.", case.revision)


def seen_by(browser, offer, letter):
    """Return what a browser gets to see of an offer: statuses, and whether any list shows it."""
    lists = "".join(browser.get(f"/offers{path}").text for path in OFFERS)
    shown = [text in lists for text in (f"/offers/{offer.ref}", "Rustig, X.")]
    return browser.get(f"/offers/{offer.ref}").status_code, browser.get(f"/documents/{letter}").status_code, any(shown)


def test_a_case_that_rests_is_hidden_from_creditor_and_agent_everywhere(client_of, bank, parties, offer):
    with db.reading() as session:
        letter = session.scalar(select(Document.ref))
    browsers = [client_of(factory.person(party)) for party in parties]
    assert [seen_by(browser, offer, letter) for browser in browsers] == [(200, 200, True)] * 2
    rest(bank, offer)
    assert [seen_by(browser, offer, letter) for browser in browsers] == [(404, 404, False)] * 2
    assert [browser.post(f"/offers/{offer.ref}", data={"answer": "accept", "revision": "1"}).status_code for browser in browsers] == [
        404
    ] * 2
    rest(bank, offer, lift=True)
    assert [seen_by(browser, offer, letter) for browser in browsers] == [(200, 200, True)] * 2


def test_its_code_opens_nothing(client, bank, offer):
    rest(bank, offer)
    assert client.post("/answer", data={"code": offer.code}).status_code == 422
    assert "Rustig" not in client.get("/answer/offer", follow_redirects=True).text


def test_who_holds_the_code_already_sees_nothing_more(client, bank, offer):
    client.post("/answer", data={"code": offer.code})
    assert "Rustig" in client.get("/answer/offer").text
    rest(bank, offer)
    assert "Rustig" not in client.get("/answer/offer", follow_redirects=True).text
    client.post("/answer/offer", data={"answer": "accept", "revision": "1", "name": "Mia"})
    assert loaded(Offer, offer.id).state is OfferState.OPEN


def test_nothing_is_sent_and_nothing_closes_while_it_rests(queue, clock, bank, offer):
    rest(bank, offer)
    assert run_reminders(date(2026, 6, 11)).offers == 0
    with db.transaction() as session:
        assert close_if_over(session, offer.proposal_id, date(2026, 12, 1)) is False
    issuing.tell_creditors()
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0
    assert loaded(Offer, offer.id).state is OfferState.OPEN


def test_nothing_is_drafted_issued_or_asked_while_it_rests(queue, clock, bank, offer):
    rest(bank, offer)
    officer, _ = factory.officers(bank)
    with pytest.raises(Refusal, match="case_rests"):
        ask_again(officer, offer.ref, "Nog eens?", loaded(Offer, offer.id).revision)
    proposal = loaded(Proposal, offer.proposal_id)
    withdraw_proposal(officer, proposal.ref, "De cliënt stopt.", proposal.revision)
    with pytest.raises(Refusal, match="case_rests"):
        draft_proposal(officer, loaded(Case, offer.case_id).ref)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_trying_out_a_consent_does_not_show_it(queue, clock, bank, parties, offer):
    factory.assessment(offer)
    terms = Clauses(min_percentage=Decimal(50))

    def missed():
        with db.reading() as session:
            return [one.offer_ref for one in missing_offers(session, parties[0].id, terms, "min_percentage", date(2026, 6, 4))]

    assert missed() == [offer.ref]
    rest(bank, offer)
    assert missed() == []
    rest(bank, offer, lift=True)
    assert missed() == [offer.ref]


def test_a_proposal_that_was_checked_before_is_not_issued(queue, clock, bank, parties):
    case = factory.case()
    factory.claim(case, parties[0])
    officer, other = factory.officers(bank)
    ref = draft_proposal(officer, case.ref)
    approve_proposal(other, ref, revision=1)
    restrict_case(officer, case.ref, "Op verzoek.", loaded(Case, case.id).revision)
    with pytest.raises(Refusal, match="case_rests"):
        issuing.issue_proposal(officer, ref)


def test_terms_stand_still_while_it_rests(queue, clock, bank, offer):
    """Four working days of rest move the last days on by four working days."""
    rest(bank, offer)
    clock.move_to(datetime(2026, 6, 10, 9, tzinfo=UTC))
    rest(bank, offer, lift=True)
    after, proposal = loaded(Offer, offer.id), loaded(Proposal, offer.proposal_id)
    assert (offer.answer_by, after.answer_by) == (date(2026, 6, 18), date(2026, 6, 24))
    assert (proposal.answer_by, proposal.closes_on) == (after.answer_by, after.closes_on)
    assert proposal.remind_on == ["2026-06-17", "2026-06-25"]


def test_letters_that_were_not_written_are_written_when_the_rest_ends(queue, clock, bank, parties):
    case = factory.case()
    factory.claim(case, parties[0])
    factory.issued(case, by=factory.officers(bank))
    with db.reading() as session:
        offer = session.scalar(select(Offer).where(Offer.case_id == case.id))
    rest(bank, offer)
    queue.run_all()
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 0
    rest(bank, offer, lift=True)
    queue.run_all()
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 1


def test_the_reason_is_the_banks_alone_and_not_in_the_log(clock, bank, offer):
    rest(bank, offer)
    assert loaded(Case, offer.case_id).restricted_reason == "De cliënt betwist de gegevens."
    with db.reading() as session:
        changes = session.scalar(select(Event.changes).where(Event.action == "cases:restrict"))
    assert "betwist" not in changes


@pytest.mark.parametrize("kind", [Kind.CREDITOR, Kind.AGENT, Kind.RELATIONS_TEAM, Kind.NEIGHBOURHOOD_TEAM, Kind.CITY])
def test_officers_alone_let_a_case_rest(client_of, kind, offer):
    browser, ref = client_of(factory.person(factory.organisation(kind, name="buurtteam Zuid"))), loaded(Case, offer.case_id).ref
    assert browser.get(f"/cases/{ref}/privacy").status_code == 404
    for step in ("restrict", "lift", "close", "reopen", "pdf", "json"):
        assert browser.post(f"/cases/{ref}/privacy/{step}", data={"revision": "1", "reason": "x"}).status_code == 404
    assert loaded(Case, offer.case_id).restricted_at is None


# ── the page ─────────────────────────────────────────────────────────────────


@pytest.fixture
def officer(client_of, bank):
    return client_of(factory.person(bank, name="Mila Haverkamp"))


def test_an_officer_lets_a_case_rest_and_takes_it_up_again(officer, offer):
    address = f"/cases/{loaded(Case, offer.case_id).ref}/privacy"
    assert officer.post(f"{address}/restrict", data={"revision": "1", "reason": ""}).status_code == 422
    page = officer.post(f"{address}/restrict", data={"revision": "1", "reason": "Op verzoek"}, follow_redirects=True).text
    assert "rusten nu" in page
    assert "Op verzoek" in page
    assert "op verzoek van de cliënt" in officer.get(address.removesuffix("/privacy")).text
    assert officer.post(f"{address}/restrict", data={"revision": "1", "reason": "Nog eens"}).status_code == 409
    assert "weer zichtbaar" in officer.post(f"{address}/lift", data={"revision": "2"}, follow_redirects=True).text


def test_an_officer_closes_a_case_when_nothing_runs(officer, offer):
    case = loaded(Case, offer.case_id)
    address = f"/cases/{case.ref}/privacy"
    with db.transaction() as session:
        session.get(Case, case.id).stage = Stage.PROPOSED
    page = officer.post(f"{address}/close", data={"revision": "2"}, follow_redirects=True).text
    assert "loopt nog een voorstel" in page
    with db.transaction() as session:
        session.get(Case, case.id).stage = Stage.AGREED
    page = officer.post(f"{address}/close", data={"revision": "3"}, follow_redirects=True).text
    assert "4 juni 2031" in page
    assert "weer open" in officer.post(f"{address}/reopen", data={"revision": "4"}, follow_redirects=True).text


def test_the_page_says_that_nothing_is_erased_while_the_data_rest(officer, bank, offer):
    case = loaded(Case, offer.case_id)
    with db.transaction() as session:
        session.get(Case, case.id).closed_on = date(2026, 6, 4)
    assert "4 juni 2031" in officer.get(f"/cases/{case.ref}/privacy").text
    rest(bank, offer)
    page = officer.get(f"/cases/{case.ref}/privacy").text
    assert ("4 juni 2031" in page, "wist het portaal ze niet" in page) == (False, True)


def test_the_page_gives_the_export_in_both_forms(officer, offer):
    address = f"/cases/{loaded(Case, offer.case_id).ref}/privacy"
    assert officer.post(f"{address}/pdf").data.startswith(b"%PDF-1.7")
    assert officer.post(f"{address}/json").json["records"]["case_file"][0]["surname"] == "Rustig"


def test_everybody_takes_the_own_data_along(client, client_of, parties):
    browser = client_of(factory.person(parties[0], name="Mia Vos"))
    assert "Download uw gegevens" in browser.get("/account").text
    assert browser.post("/account/data").json["records"]["person"][0]["name"] == "Mia Vos"
    assert client.post("/account/data").status_code == 302


# ── after the term ───────────────────────────────────────────────────────────


def test_an_erased_case_is_a_missing_case_for_everybody(client_of, officer, parties, offer):
    case = loaded(Case, offer.case_id)
    with db.transaction() as session:
        session.get(Case, case.id).closed_on = date(2021, 6, 4)
    browsers = [officer, *(client_of(factory.person(party)) for party in parties)]
    auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
    assert [browser.get(f"/offers/{offer.ref}").status_code for browser in (*browsers, auditor)] == [200] * 4
    run_retention()
    assert [browser.get(f"/offers/{offer.ref}").status_code for browser in (*browsers, auditor)] == [404] * 4
    for path in ("", "/proposal", "/privacy", "/facts", "/claims"):
        assert officer.get(f"/cases/{case.ref}{path}").status_code == 404, path
    for path in ("/cases", "/cases?status=closed", "/proposals?state=issued", "/offers?status=all"):
        assert case.ref not in officer.get(path).text
    count("2 canaries", "places that an erased case left", 4 + 5 + 4)


def test_the_command_says_in_a_dry_run_what_it_does(settings, database, clock, monkeypatch, parties, offer):
    with db.transaction() as session:
        session.get(Case, offer.case_id).closed_on = date(2021, 1, 1)
    for name, value in {"DATABASE_URL": settings.database_url, "FILES": str(settings.files), "FIELD_KEYS": KEYS.as_text()}.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)
    told = [
        json.loads(CliRunner().invoke(portal, ["retention", "--json", *words], catch_exceptions=False).output)
        for words in (["--dry-run"], [])
    ]
    assert [one.pop("dry_run") for one in told] == [True, False]
    assert told[0] == told[1]
    assert (told[0]["tables"]["case_file"]["stubbed"], told[0]["tables"]["document"]["deleted"], told[0]["files"]) == (1, 1, 1)
