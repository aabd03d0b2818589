"""Family 5: every action in every wrong state is refused and changes nothing; random walks agree with a model of the trade's rules.

What is right stands here as the trade says it, not as the tables of moves do: those are what is tested.
"""

from datetime import date

import pytest
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import update

from app import db
from app.access import Kind, Role
from app.accounts import totp
from app.clock import now
from app.consents import service as consents
from app.consents.models import Consent
from app.consents.rules import Clauses, Effect, State
from app.consents.service import Signing, Terms
from app.errors import Conflict, NotFound, Refusal
from app.proposals import drafting, issuing, responding, settling
from app.proposals.agreement import close_if_over
from app.proposals.lifecycle import OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, Proposal
from app.proposals.responding import Seen
from app.relations import addressing, complaints, naming, triage
from app.relations.complaint_lifecycle import State as ComplaintState
from app.relations.complaint_rules import Answer, ComplaintKind, Helped, Outcome, Severity
from app.relations.triage import Sorting
from tests import factory
from tests.security.consent_machine import ConsentMachine
from tests.security.counting import count
from tests.security.proposal_machine import ProposalMachine
from tests.security.walk import WALKS
from tests.security.whole import dump

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
O, P = OfferState, ProposalState  # noqa: E741 - read as a column of the tables below

# ── one offer ────────────────────────────────────────────────────────────────

STILL_OPEN = {O.OPEN, O.PREPARED, O.ASKED_AGAIN, O.NO_RESPONSE}  # a late answer counts until the proposal closes
OFFER_ACTS = {
    "accept": (lambda s: responding.accept_offer(s.worker, s.seen), STILL_OPEN),
    "accept with another balance": (lambda s: responding.accept_with_other_balance(s.worker, s.seen, 320000), STILL_OPEN),
    "reject": (lambda s: responding.reject_offer(s.worker, s.seen, RejectReason.POLICY, "Ons beleid.", confirmed=True), STILL_OPEN),
    # who was asked to reconsider cannot bounce the question
    "ask to reconsider": (lambda s: responding.ask_reconsideration(s.worker, s.seen, "Klopt het?"), STILL_OPEN - {O.ASKED_AGAIN}),
    "put back": (lambda s: responding.put_back_offer(s.worker, s.seen), {O.PREPARED}),
    "keep a draft": (lambda s: responding.save_draft(s.worker, s.offer.ref, {"answer": "accept"}), STILL_OPEN),
    # asked once more is who said no, who asked, or who kept silent
    "ask again": (
        lambda s: settling.ask_again(s.officer, s.offer.ref, "Nog eens?", s.offer.revision),
        {O.REJECTED, O.RECONSIDERATION_ASKED, O.NO_RESPONSE},
    ),
    "take a balance over": (lambda s: settling.take_over_balance(s.officer, s.offer.ref, s.offer.revision), {O.ACCEPTED_OTHER_BALANCE}),
}


class Stage:
    """One proposal with one offer that matters and another that keeps it running, each in a state of the test's choice."""

    def __init__(self, proposal, offer):
        self.officer, self.checker = factory.officers()
        creditor = factory.organisation()
        self.case, self.worker = factory.case(), factory.actor(creditor, name="Els Vermaat")
        claims = [factory.claim(self.case, creditor), factory.claim(self.case, factory.organisation())]
        with db.reading() as session:
            fresh = drafting.facts.grounds(session, [self.case.id], date(2026, 6, 4))
            fingerprint = fresh.fingerprint(fresh.cases[self.case.id])
        approved = {} if proposal is not P.DRAFT else {"approved_by": None, "approved_person_id": None, "approved_at": None}
        made = factory.proposal(self.case, claims, state=proposal, fingerprint=fingerprint, **approved)
        self.ref, self.revision = made.ref, made.revision
        answered = {"answered_at": now(), "answerer": "Iemand anders", "other_balance_cents": 320000} if offer not in STILL_OPEN else {}
        self.offer, _ = factory.offer(made, claims[0], state=offer, **answered), factory.offer(made, claims[1])
        self.seen = Seen(self.offer.ref, self.offer.revision)


@pytest.fixture(autouse=True)
def _ground(queue, clock):
    """Every test here has a database of its own, a queue and a clock that stands still."""


def refused(act, *stages):
    """Assert that an act is refused on each stage in one of the three ways, and that nothing at all changed by it."""
    before = dump()
    for stage in stages:
        with pytest.raises((Refusal, Conflict, NotFound)):
            act(stage)
    assert dump() == before
    count("5 state machines", "actions in wrong states refused", len(stages))


def done(act, stage):
    """Do what may be done, and assert that something changed by it."""
    before = dump()
    act(stage)
    assert dump() != before


@pytest.fixture
def stages():
    return {(proposal, offer): Stage(proposal, offer) for proposal in P for offer in O}


def test_an_offer_is_acted_on_in_the_right_states_only(stages):
    for act, right in OFFER_ACTS.values():
        allowed = {(P.ISSUED, offer) for offer in right}
        refused(act, *(stage for pair, stage in stages.items() if pair not in allowed))
        for pair in allowed:
            done(act, Stage(*pair))


# ── a proposal ───────────────────────────────────────────────────────────────

PROPOSAL_ACTS = {
    "approve": (lambda s: drafting.approve_proposal(s.checker, s.ref, s.revision), {P.DRAFT}),
    "issue": (lambda s: issuing.issue_proposal(s.officer, s.ref), {P.APPROVED}),
    "withdraw": (lambda s: settling.withdraw_proposal(s.officer, s.ref, "Gestopt.", s.revision), {P.DRAFT, P.APPROVED, P.ISSUED}),
    "supersede": (
        lambda s: settling.supersede_proposal(s.officer, s.ref, "Beter.", s.revision),
        {P.DRAFT, P.APPROVED, P.ISSUED, P.CLOSED},
    ),
    # beside a proposal that runs or stands there is no second one
    "draft anew": (lambda s: drafting.draft_proposal(s.officer, s.case.ref), set(P) - {P.ISSUED, P.AGREED}),
}


def before_issue(state):
    """A stage whose proposal was really drafted, and checked if told so; nothing has gone out."""
    stage = Stage(P.WITHDRAWN, O.WITHDRAWN)
    stage.ref = drafting.draft_proposal(stage.officer, stage.case.ref)
    if state is P.APPROVED:
        drafting.approve_proposal(stage.checker, stage.ref, 1)
    stage.revision = 1 if state is P.DRAFT else 2
    return stage


def stage_in(state):
    return before_issue(state) if state in {P.DRAFT, P.APPROVED} else Stage(state, O.OPEN)


@pytest.mark.parametrize("name", PROPOSAL_ACTS)
def test_a_proposal_is_acted_on_in_the_right_states_only(name):
    act, right = PROPOSAL_ACTS[name]
    refused(act, *(stage_in(state) for state in P if state not in right))
    for state in right:
        done(act, stage_in(state))


@pytest.mark.parametrize("state", sorted(set(P) - {P.ISSUED}))
def test_the_end_of_a_term_touches_running_proposals_only(state):
    stage = Stage(state, O.OPEN)
    before = dump()
    with db.transaction() as session:
        assert not close_if_over(session, stage.offer.proposal_id, date(2030, 1, 1))
    assert dump() == before


def test_who_drafted_does_not_check():
    stage = before_issue(P.DRAFT)
    stage.checker = stage.officer
    refused(PROPOSAL_ACTS["approve"][0], stage)


def test_another_creditor_does_nothing_in_any_state(stages):
    stranger = factory.actor(factory.organisation())
    for stage in stages.values():
        stage.worker = stage.officer = stage.checker = stranger
    for act, _ in (OFFER_ACTS | PROPOSAL_ACTS).values():
        refused(act, *stages.values())


@pytest.mark.parametrize("name", [*sorted(set(OFFER_ACTS) - {"keep a draft"}), "approve", "withdraw", "supersede"])
def test_who_looked_at_an_older_version_is_refused(name):
    act, right = (OFFER_ACTS | PROPOSAL_ACTS)[name]
    old = [Stage(P.ISSUED, state) if name in OFFER_ACTS else stage_in(state) for state in right]
    with db.transaction() as session:
        session.execute(update(Offer).values(revision=Offer.revision + 1))
        session.execute(update(Proposal).values(revision=Proposal.revision + 1))
    refused(act, *old)


# ── a standing consent ───────────────────────────────────────────────────────

TERMS = Terms(Clauses(zero_offers=True, max_months=36), Effect.PREPARE)
CONSENT_ACTS = {
    "save": (lambda s: consents.save_draft(s.manager, s.ref, TERMS, s.revision), {State.DRAFT}),
    "throw away": (lambda s: consents.discard_draft(s.manager, s.ref, s.revision), {State.DRAFT}),
    "sign": (lambda s: consents.sign_draft(s.manager, s.ref, Signing(None, s.code, s.revision)), {State.DRAFT}),
    "withdraw": (
        lambda s: consents.withdraw_consent(s.manager, s.ref, 1, date(2026, 6, 9), "Nieuw beleid.", s.revision),
        {State.SIGNED},
    ),
}


class ConsentStage:
    """A creditor's manager and one version of its consent in a state of the test's choice."""

    def __init__(self, state):
        creditor = factory.organisation()
        person = factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET)
        self.manager = factory.actor(creditor, Role.CREDITOR_MANAGER, person_id=person.id)
        made = factory.consent(creditor, clauses=Clauses(zero_offers=True, max_months=18))
        self.ref, self.code = made.ref, totp.code_at(SECRET, now().timestamp())
        unsigned = {"signed_at": None, "signed_by": None, "starts_on": None} if state is State.DRAFT else {}
        with db.transaction() as session:
            session.execute(update(Consent).where(Consent.id == made.id).values(state=state, **unsigned))
        self.revision = made.revision


@pytest.mark.parametrize("name", CONSENT_ACTS)
def test_a_consent_is_acted_on_in_the_right_states_only(name):
    act, right = CONSENT_ACTS[name]
    refused(act, *(ConsentStage(state) for state in State if state not in right))
    for state in right:
        done(act, ConsentStage(state))


@pytest.mark.parametrize("name", CONSENT_ACTS)
def test_a_consent_of_somebody_else_or_of_an_older_version_is_refused(name):
    act, right = CONSENT_ACTS[name]
    foreign, old = (ConsentStage(next(iter(right))) for _ in range(2))
    foreign.manager = factory.actor(factory.organisation(Kind.CREDITOR), Role.CREDITOR_MANAGER, person_id=1)
    old.revision -= 1
    refused(act, foreign, old)


# ── a complaint of harsh collection ──────────────────────────────────────────

C = ComplaintState
STILL_RUNS = set(C) - {C.DRAFT, C.CLOSED, C.MERGED}
TRIAGE_ACTS = {
    "confirm": (lambda s: triage.confirm_receipt(s.joris, s.ref, s.revision), {C.NEW}),
    "sort": (lambda s: triage.sort_complaint(s.joris, s.ref, s.revision, s.sorting), STILL_RUNS),
    "relate": (lambda s: triage.relate_to_case(s.joris, s.ref, s.revision, s.case), STILL_RUNS),
    "pass on": (lambda s: triage.pass_on(s.joris, s.ref, s.revision, s.code, "Van een ander."), STILL_RUNS),
    "merge": (lambda s: triage.merge_into(s.joris, s.ref, s.revision, s.twin), STILL_RUNS),
    "split": (lambda s: triage.split_off(s.joris, s.ref, s.revision, ComplaintKind.TONE, "Ook dit."), STILL_RUNS),
    "pause": (lambda s: triage.pause_clock(s.joris, s.ref, s.revision, "Wacht."), STILL_RUNS),
    "resume": (lambda s: triage.resume_clock(s.joris, s.ref, s.revision), set()),  # no clock stands still here
    "address": (lambda s: addressing.address_complaint(s.joris, s.ref, s.revision, "Kosten.", tell_agent=False), {C.NEW, C.TRIAGE}),
    "reply": (lambda s: addressing.reply(s.joris, s.ref, s.revision, "Nog eens."), {C.ADDRESSED, C.QUESTION, C.ANSWERED, C.DISAGREED}),
    "name": (lambda s: naming.let_be_named_by_team(s.joris, s.ref, s.revision, agrees=True, name="X. Hof"), STILL_RUNS),
    "close": (lambda s: addressing.close_complaint(s.joris, s.ref, s.revision, Outcome.UPHELD, "Klaar."), STILL_RUNS),
    "reopen": (lambda s: addressing.reopen_complaint(s.joris, s.ref, s.revision, "Weer."), {C.CLOSED}),
}
PARTY_ACTS = {
    "answer": (
        lambda s: addressing.answer_complaint(s.worker, s.ref, s.revision, Answer.MENDED, "Hersteld."),
        {C.ADDRESSED, C.QUESTION, C.DISAGREED},
    ),
    "disagree": (lambda s: addressing.disagree(s.worker, s.ref, s.revision, "Nee."), {C.ADDRESSED, C.QUESTION}),
    "ask": (lambda s: addressing.ask_question(s.worker, s.ref, s.revision, "Welke?"), {C.ADDRESSED}),
}
HELPED = {
    "say whether it helped": (lambda s: complaints.say_helped(s.helper, s.ref, Helped.YES, "Ja.", s.revision), {C.CLOSED}),
    "let be named": (lambda s: naming.let_be_named(s.helper, s.ref, s.revision, agrees=True, name="X. Hof"), STILL_RUNS),
}
REPORTER_ACTS = {
    "tell more": (lambda s: complaints.add_to_complaint(s.helper, s.ref, "En dit."), STILL_RUNS),
    "throw away": (lambda s: complaints.discard_draft(s.helper, s.ref), {C.DRAFT}),
}


class ComplaintStage:
    """A complaint about a creditor in a state of the test's choice, and who has to do with it."""

    def __init__(self, state):
        creditor, team = factory.organisation(), factory.organisation(Kind.NEIGHBOURHOOD_TEAM)
        relations = factory.organisation(Kind.RELATIONS_TEAM)
        self.worker, self.helper, self.joris = factory.actor(creditor), factory.actor(team, person_id=7), factory.actor(relations)
        self.twin, self.case, self.code = factory.complaint(team, creditor).ref, factory.case().ref, factory.organisation().code
        self.sorting = Sorting(ComplaintKind.TONE, Severity.GRAVE, None, is_urgent=True, owner_id=None)
        told = {} if state in {C.DRAFT, C.NEW, C.TRIAGE} else {"addressed_at": now()}
        answered = {"answered_at": now()} if state in {C.ANSWERED, C.DISAGREED} else {}
        ended = {"outcome": Outcome.UPHELD, "closed_on": date(2026, 6, 3)} if state is C.CLOSED else {}
        if state is C.MERGED:
            ended = {"merged_into_id": factory.complaint(team, creditor).id}
        made = factory.complaint(team, creditor, state=state, reporter_person_id=7, **told, **answered, **ended)
        self.ref, self.revision = made.ref, made.revision


def test_a_complaint_is_acted_on_in_the_right_states_only():
    there = {state: ComplaintStage(state) for state in C}
    for act, right in (TRIAGE_ACTS | PARTY_ACTS | HELPED | REPORTER_ACTS).values():
        refused(act, *(stage for state, stage in there.items() if state not in right))
        for state in right:
            done(act, ComplaintStage(state))


def test_a_complaint_of_somebody_else_or_of_an_older_version_is_refused():
    stranger = factory.actor(factory.organisation())
    for name, (act, right) in (TRIAGE_ACTS | PARTY_ACTS | HELPED | REPORTER_ACTS).items():
        foreign, old = (ComplaintStage(next(iter(right), C.NEW)) for _ in range(2))
        foreign.worker = foreign.helper = foreign.joris = stranger
        old.revision -= 1
        refused(act, foreign, *([] if name in REPORTER_ACTS else [old]))


# ── random walks ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("machine", [ProposalMachine, ConsentMachine])
def test_random_walks_agree_with_the_model(machine, tmp_path, empty_database):
    machine.template, machine.folder, machine.steps = empty_database, tmp_path, 0
    run_state_machine_as_test(machine, settings=WALKS)
    assert machine.steps > 200
    count("5 state machines", "steps of random walks as the model says", machine.steps)
