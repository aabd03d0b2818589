"""Rows are locked in one order (`db.transaction`): who waits for a row holds nothing yet of what is locked after it."""

import time
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from app import connect, db
from app.access import Kind
from app.cases import balance_letters
from app.cases.balance_rules import Correction
from app.cases.balance_stating import take_over
from app.cases.models import Case
from app.cases.noticing import end_case_pauses
from app.cases.pause_rules import EndReason
from app.cases.pausing import SeenNotice, name_agent
from app.cases.rules import Rank, Stage
from app.early_signals.following import state_household, state_households
from app.early_signals.models import Signal
from app.early_signals.routing import Rule
from app.early_signals.service import report_signal
from app.jobs import service as jobs
from app.privacy.restriction import lift_restriction, restrict_case
from app.privacy.retention import run_retention
from app.proposals import letters
from app.proposals.agreement import settle_if_agreed
from app.proposals.answering_many import OneAnswer, answer_chosen, choose_offers
from app.proposals.assigning import assign_offers, free_work
from app.proposals.drafting import draft_proposal
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState
from app.proposals.models import Proposal
from app.proposals.settling import take_over_balance
from tests import factory
from tests.conftest import NOW, settings_for
from tests.fake_jobs import FakeQueue

pytestmark = pytest.mark.postgres
ANSWERED = {
    "state": OfferState.ACCEPTED_OTHER_BALANCE, "other_balance_cents": 300_000, "answered_at": NOW, "answered_by": AnsweredBy.HAND,
    "answerer": "Wout",
}  # fmt: skip


@pytest.fixture(scope="module")
def server(postgres_server, tmp_path_factory):
    postgres_server.psql("CREATE DATABASE portal_locks")
    url = postgres_server.get_uri(database="portal_locks").replace("postgresql://", "postgresql+psycopg://")
    settings = settings_for(tmp_path_factory.mktemp("locks"), url)
    connect(settings)
    db.migrate()
    db.engine().dispose()
    return settings


@pytest.fixture
def postgres(server, clock):
    connect(server)
    jobs.bind(FakeQueue())
    yield
    jobs.bind(None)
    db.engine().dispose()


@pytest.fixture
def officer(postgres):
    return factory.actor(factory.organisation(Kind.BANK), person_id=1)


@pytest.fixture
def water(postgres):
    return factory.organisation(name="Waterbedrijf Westerdok")


@contextmanager
def waiting_for(row, act):
    """Hold a row until the block ends, while somebody who wants it waits; afterwards the act must have succeeded."""
    failed = []

    def run():
        try:
            act()
        except Exception as error:  # noqa: BLE001 (it is shown in the test's own thread)
            failed.append(error)

    thread = Thread(target=run)
    with db.engine().connect() as holder:
        lock(holder, row)
        thread.start()
        until_blocked(holder)
        yield
    thread.join(20)
    assert (failed, thread.is_alive()) == ([], False)


def until_blocked(connection):
    blocked = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(500):
        if connection.scalar(blocked):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def lock(connection, row, **how):
    table = type(row).__table__
    connection.execute(sa.select(table.c.id).where(table.c.id == row.id).with_for_update(nowait=True, **how))


def must_be_free(*rows, **how):
    """Lock rows at once, as the use case would that holds what is waited for."""
    with db.engine().connect() as other:
        for row in rows:
            lock(other, row, **how)


def test_a_claim_is_locked_before_its_notice(water):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    claim = factory.claim(factory.case(), water)
    notice = factory.notice(claim)
    with waiting_for(claim, lambda: name_agent(factory.actor(water), SeenNotice(notice.ref, 1), agent.id)):
        must_be_free(notice)


def test_a_request_is_locked_before_the_notice_when_a_case_comes_to_rest_and_goes_on(water, officer):
    case = factory.case()
    claim = factory.claim(case, water)
    notice, request = factory.notice(claim), factory.balance_request(claim)
    with waiting_for(request, lambda: restrict_case(officer, case.ref, "Bezwaar", 1)):
        must_be_free(notice)
    with waiting_for(request, lambda: lift_restriction(officer, case.ref, 2)):
        must_be_free(notice)


def test_a_request_is_locked_before_what_was_stated_and_the_claim(water, officer):
    claim = factory.claim(case := factory.case(), water)
    request = factory.balance_request(claim)
    correction = factory.balance_statement(request, correction=Correction.WAITS, rank=Rank.PREFERENTIAL)
    with waiting_for(request, lambda: take_over(officer, case.ref, correction.id)):
        must_be_free(correction, claim)


def test_proposals_are_locked_before_offers_when_work_is_divided_and_freed(water):
    offer, samira = factory.offers(water)[0], factory.person(water)
    proposal = Proposal(id=offer.proposal_id)
    with waiting_for(proposal, lambda: assign_offers(factory.actor(water), [offer.ref], samira.id)):
        must_be_free(offer)

    def leave():
        with db.transaction() as session:
            free_work(session, samira.id, water.id)

    with waiting_for(proposal, leave):
        must_be_free(offer)


def test_offers_that_are_answered_together_are_locked_by_their_proposals(water):
    cases = [factory.case() for _ in range(2)]
    claims = [factory.claim(case, water) for case in cases]
    first, second = (factory.proposal(case, [claim]) for case, claim in zip(cases, claims, strict=True))
    later, sooner = factory.offer(second, claims[1]), factory.offer(first, claims[0])  # issued the other way round
    worker = factory.actor(water, person_id=1)

    def answer():
        ref = choose_offers(worker, "0123456789abcdef", [(later.ref, 1), (sooner.ref, 1)])
        answer_chosen(worker, ref, OneAnswer(OfferState.ACCEPTED))

    with waiting_for(sooner, answer):
        must_be_free(later)


def test_a_letter_is_kept_once_nobody_else_writes_it_or_changes_its_code(water, monkeypatch):
    def drawn(_, found):
        return [letters.Written(id_, index, offer.ref, water.id, b"%PDF") for id_, index in found.items()]

    monkeypatch.setattr(letters, "written", drawn)
    claim = factory.claim(case := factory.case(), water)
    offer, request = factory.offer(factory.proposal(case, [claim]), claim), factory.balance_request(claim)
    with waiting_for(offer, lambda: letters.write_letters([offer.id])):
        must_be_free(Proposal(id=offer.proposal_id))
    with waiting_for(request, lambda: balance_letters.write_letters([request.id])):
        must_be_free(claim)


def test_a_proposal_is_locked_before_its_case_when_it_is_drafted_anew(water, officer):
    case = factory.case()
    proposal = factory.proposal(case, [factory.claim(case, water)], state=ProposalState.DRAFT)
    with waiting_for(proposal, lambda: draft_proposal(officer, case.ref)):
        must_be_free(case)


def test_a_case_is_locked_before_its_claim_when_a_balance_is_taken_over(water, officer):
    case = factory.case()
    claim = factory.claim(case, water)
    offer = factory.offer(factory.proposal(case, [claim]), claim, **ANSWERED)
    with waiting_for(case, lambda: take_over_balance(officer, offer.ref, 1)):
        must_be_free(claim)


def test_the_case_whose_pauses_end_can_still_be_named_by_what_is_written_under_a_notice(water, officer):
    case = factory.case()
    notice = factory.notice(factory.claim(case, water))
    with waiting_for(notice, lambda: end_case_pauses(officer, case.ref, EndReason.CLIENT_STOPPED)):
        must_be_free(case, read=True, key_share=True)  # as the database itself does for a row that refers to the case


def test_cases_whose_agreements_stand_together_are_locked_in_their_order(water):
    offers = [factory.offers(water, **ANSWERED | {"state": OfferState.ACCEPTED, "other_balance_cents": None})[0] for _ in range(2)]
    first, second = (Case(id=offer.case_id) for offer in offers)

    def settle():
        with db.transaction(as_portal=True) as session:
            settle_if_agreed(session, [offer.proposal_id for offer in offers])

    with db.transaction(as_portal=True) as session:
        session.execute(sa.update(Case).where(Case.id == first.id).values(stage=Stage.PROPOSED))  # it lies behind the other from now on
    with waiting_for(first, settle):
        must_be_free(second)


def test_a_report_waits_for_what_a_team_notes_about_the_household_and_goes_in(water):
    home = {"surname": "Vrolijk", "street": "Zeilstraat", "house_number": "991", "arrears_cents": 9_900}
    first, energy, refs = factory.signal(water, **home), factory.actor(factory.organisation(branch="energie")), []
    told = factory.signal_report(**home)
    thread = Thread(target=lambda: refs.append(report_signal(energy, told)))
    with db.engine().begin() as team:
        team.execute(sa.update(Signal).where(Signal.id == first.id).values(attempts=1, revision=2))
        thread.start()
        until_blocked(team)
    thread.join(20)
    with db.reading() as session:
        found = [(one.rule, one.attempts) for one in session.scalars(sa.select(Signal).order_by(Signal.id))]
    assert (found, len(refs)) == ([(Rule.UNKNOWN, 1), (Rule.UNKNOWN, 0)], 1)


def test_the_signals_of_a_household_are_locked_from_the_first_one_on(water):
    home = {"surname": "Vreugde", "street": "Zeilstraat", "house_number": "992"}
    first, second = factory.signal(water, **home), factory.signal(factory.organisation(branch="energie"), **home)
    desk = factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Meldpunt Vroegsignalering"), person_id=1)
    with waiting_for(first, lambda: state_household(desk, second.ref, benefit=True, children=None, revision=1)):
        must_be_free(second)
    with waiting_for(first, lambda: state_households(desk, [second.ref], benefit=True, children=None)):
        must_be_free(second)


def test_a_proposal_is_locked_before_its_case_when_retention_ends_it(water):
    offer = factory.offers(water)[0]
    with db.transaction() as session:
        session.execute(sa.update(Case).where(Case.id == offer.case_id).values(closed_on=NOW.date() - timedelta(days=6 * 365)))
    with waiting_for(Proposal(id=offer.proposal_id), run_retention):
        must_be_free(Case(id=offer.case_id))
