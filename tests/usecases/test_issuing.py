"""Issuing: two officers, what changed goes back, consents answer only what they cover, and nothing goes out twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind
from app.audit.models import Event
from app.audit.service import verify
from app.cases.models import Claim
from app.cases.rules import Rank
from app.cases.service import change_claim
from app.consents.models import Assessment
from app.consents.rules import Clauses, Effect, Product
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.proposals.drafting import approve_proposal, draft_proposal, draft_ready
from app.proposals.inputs import Choice
from app.proposals.issuing import issue_proposal, issue_proposals, issue_ready, tell_creditors
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState
from app.proposals.models import Offer, OfferEvent, Proposal
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def officers(queue):
    return factory.officers()


@pytest.fixture
def creditors(queue):
    return [factory.organisation() for _ in range(3)]


@pytest.fixture
def case(creditors):
    """A case of which three creditors stated their balance: its offers are due."""
    made = factory.case()
    for creditor in creditors:
        factory.claim(made, creditor)
    return made


def rows(of, **where):
    with db.reading() as session:
        return list(session.scalars(select(of).filter_by(**where).order_by(of.id if hasattr(of, "id") else of.sequence)))


def proposal(ref):
    (found,) = rows(Proposal, ref=ref)
    return found


def change(row, **values):
    with db.transaction() as session:
        kept = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(kept, name, value)


def refused(code, work, *arguments, **named):
    with pytest.raises(Refusal) as no:
        work(*arguments, **named)
    assert no.value.code == f"proposals.{code}"


# ── drafting ─────────────────────────────────────────────────────────────────


def test_a_draft_keeps_its_calculation(case, officers):
    kept = proposal(draft_proposal(officers[0], case.ref))
    assert (kept.state, kept.product, kept.months, kept.drafted_by) == (ProposalState.DRAFT, "restructuring_loan", 18, "Mila Haverkamp")
    assert kept.available_cents == kept.worked["result"]["available_cents"] == 316324
    assert kept.worked["input"]["debtor"] == {"birth_date": "1987-05-02", "entrepreneur": False, "guidance": True, "last_settlement": None}


@pytest.mark.parametrize(
    ("figures", "choice", "code"),
    [
        ({}, Choice(Product.ZERO_OFFER), "something_can_be_paid"),
        ({"extra_cents": 100, "income_cents": 0}, Choice(Product.ZERO_OFFER), "something_can_be_paid"),
        ({"income_cents": 0}, Choice(Product.RESTRUCTURING_LOAN), "nothing_can_be_paid"),
        ({}, Choice(Product.YOUTH_LOAN), "too_old"),
        ({}, Choice(Product.DEBT_MEDIATION), "mediation_reason_missing"),
        ({}, Choice(Product.RESTRUCTURING_LOAN, months=61), "terms_outside"),
        ({}, Choice(Product.RESTRUCTURING_LOAN, months=0), "terms_outside"),
        ({}, Choice(Product.RESTRUCTURING_LOAN, annual_rate=Decimal("7.125")), "terms_outside"),
        ({}, Choice(Product.RESTRUCTURING_LOAN, annual_rate=Decimal("sNaN")), "terms_outside"),
        ({"calculated_on": date(2025, 12, 3)}, None, "figures_too_old"),
        ({"closed_on": date(2026, 6, 1)}, None, "case_closed"),
    ],
)
def test_a_product_that_is_not_meant_for_this_client_is_refused(case, officers, figures, choice, code):
    change(case, **figures)
    refused(code, draft_proposal, officers[0], case.ref, choice)
    assert rows(Proposal) == []


def test_no_proposal_while_balances_are_open(case, creditors, officers):
    change(case, started_on=date(2026, 5, 20))
    assert draft_proposal(officers[0], case.ref)  # everybody stated a balance, so nobody is waited for
    factory.claim(case, creditors[0], stated_cents=None, stated_on=None)
    refused("balances_open", draft_proposal, officers[0], case.ref)


def test_a_case_without_a_claim_that_takes_part_gets_no_proposal(case, officers):
    for claim in rows(Claim):
        change(claim, rank=Rank.EXCLUDED)
    refused("nothing_takes_part", draft_proposal, officers[0], case.ref)


def test_a_new_draft_takes_the_place_of_the_old_one(case, officers):
    first, second = (draft_proposal(officers[0], case.ref) for _ in range(2))
    assert (proposal(first).state, proposal(second).state) == (ProposalState.SUPERSEDED, ProposalState.DRAFT)


def test_a_running_proposal_is_not_drafted_over(case, officers):
    factory.issued(case, by=officers)
    refused("one_stands", draft_proposal, officers[0], case.ref)


def test_drafting_what_is_ready_names_the_others(case, creditors, officers):
    old = factory.case(calculated_on=date(2025, 1, 1))
    factory.claim(old, creditors[0])
    done = draft_ready(officers[0])
    assert [(left.case, left.no.code) for left in done.left] == [(f"{old.relation_code}-1", "proposals.figures_too_old")]
    assert [proposal(ref).case_id for ref in done.refs] == [case.id]
    assert draft_ready(officers[0]).refs == ()


@pytest.mark.parametrize(
    ("facts", "product", "months"),
    [
        ({"programme": "uit het krijt"}, Product.RESTRUCTURING_LOAN, 12),
        ({"programme": "jongeren schuldenvrije start", "birth_date": date(2004, 1, 1)}, Product.YOUTH_LOAN, 18),
        ({"income_cents": 0}, Product.ZERO_OFFER, 18),
    ],
)
def test_programme_and_capacity_call_for_the_product(case, officers, facts, product, months):
    change(case, **facts)
    (ref,) = draft_ready(officers[0]).refs
    assert (proposal(ref).product, proposal(ref).months) == (product, months)


def test_creditors_draft_nothing(case, creditors):
    with pytest.raises(NotFound):
        draft_proposal(factory.actor(creditors[0]), case.ref)


# ── the second officer ───────────────────────────────────────────────────────


def test_a_draft_is_checked_by_somebody_else(case, officers):
    first, second = officers
    ref = draft_proposal(first, case.ref)
    refused("two_officers", approve_proposal, first, ref, 1)
    approve_proposal(second, ref, 1)
    assert (proposal(ref).state, proposal(ref).approved_by) == (ProposalState.APPROVED, "Ruben Oudkerk")


def test_two_that_check_at_once_do_not_overwrite_each_other(case, officers):
    ref = draft_proposal(officers[0], case.ref)
    approve_proposal(officers[1], ref, 1)
    with pytest.raises(Conflict):
        approve_proposal(officers[1], ref, 1)


def test_a_draft_is_not_issued(case, officers):
    ref = draft_proposal(officers[0], case.ref)
    refused("not_approved", issue_proposal, officers[0], ref)


@pytest.mark.parametrize("step", ["check", "issue"])
def test_what_changed_since_the_draft_asks_for_a_new_check(case, officers, step):
    first, second = officers
    ref = draft_proposal(first, case.ref)
    if step == "issue":
        approve_proposal(second, ref, 1)
    claim = rows(Claim)[0]
    change_claim(first, case.ref, claim.number, fraud=True, security_cents=0, revision=claim.revision)
    change(case, income_cents=190000)
    work = {"check": lambda: approve_proposal(second, ref, 1), "issue": lambda: issue_proposal(first, ref)}[step]
    refused("changed_since_approval", work)
    now = proposal(ref)
    assert (now.state, now.approved_by, rows(Offer)) == (ProposalState.DRAFT, None, [])
    assert now.worked["input"]["income_cents"] == 190000
    approve_proposal(second, ref, now.revision)
    assert issue_proposal(first, ref).offers == 3


def test_what_can_no_longer_be_proposed_says_why(case, officers):
    ref = draft_proposal(officers[0], case.ref)
    change(case, income_cents=0)
    refused("nothing_can_be_paid", approve_proposal, officers[1], ref, 1)
    assert proposal(ref).state is ProposalState.DRAFT


def test_figures_that_grew_old_after_the_check_stay_inside(case, officers, clock):
    ref = draft_proposal(officers[0], case.ref)
    approve_proposal(officers[1], ref, 1)
    clock.move_to("2026-11-13T08:00:00Z")
    refused("figures_too_old", issue_proposal, officers[0], ref)
    assert (proposal(ref).state, rows(Offer)) == (ProposalState.APPROVED, [])


# ── what goes out ────────────────────────────────────────────────────────────


def test_every_claim_that_takes_part_gets_one_offer(case, creditors, officers):
    factory.claim(case, creditors[0], rank=Rank.EXCLUDED)
    factory.claim(case, creditors[1], reported_cents=0, stated_cents=0)
    kept = proposal(factory.issued(case, by=officers))
    offers = rows(Offer)
    assert [offer.creditor_id for offer in offers] == [creditor.id for creditor in creditors]
    assert sum(offer.payment_cents for offer in offers) == kept.available_cents
    assert (kept.issued_on, kept.answer_by, kept.closes_on) == (date(2026, 6, 4), date(2026, 6, 18), date(2026, 7, 2))
    assert kept.remind_on == ["2026-06-11", "2026-06-19"]
    assert {(offer.answer_by, offer.closes_on, offer.state) for offer in offers} == {(kept.answer_by, kept.closes_on, OfferState.OPEN)}


def test_only_what_a_consent_covers_is_answered(case, creditors, officers):
    factory.consent(creditors[0])
    factory.consent(creditors[1], clauses=Clauses(min_percentage=Decimal(90)))
    factory.issued(case, by=officers)
    yes, no, none = rows(Offer)
    assert (yes.state, yes.answered_by) == (OfferState.ACCEPTED, AnsweredBy.CONSENT)
    assert (no.state, none.state) == (OfferState.OPEN, OfferState.OPEN)
    assert [(event.offer_id, event.what) for event in rows(OfferEvent)] == [(yes.id, "covered")]
    kept = rows(Assessment)
    assert [(one.offer_ref, one.covered, one.consent_id is None) for one in kept] == [
        (yes.ref, True, False), (no.ref, False, False), (none.ref, False, True)
    ]  # fmt: skip
    assert kept[1].rows == [{"clause": "min_percentage", "required": "90.00", "actual": no.percentage, "met": False}]


def test_a_consent_never_answers_for_fraud(case, creditors, officers):
    factory.consent(creditors[0])
    change(rows(Claim)[0], fraud=True)
    factory.issued(case, by=officers)
    assert [offer.state for offer in rows(Offer)] == [OfferState.OPEN] * 3


def test_a_consent_can_put_an_offer_ready_for_a_colleague(case, creditors, officers):
    factory.consent(creditors[0], effect=Effect.PREPARE)
    factory.issued(case, by=officers)
    ready = rows(Offer)[0]
    assert (ready.state, ready.answered_at, ready.answered_by) == (OfferState.PREPARED, None, None)


def test_a_withdrawn_consent_answers_nothing(case, creditors, officers):
    factory.consent(creditors[0], ends_on=date(2026, 6, 4))
    factory.issued(case, by=officers)
    assert rows(Offer)[0].state is OfferState.OPEN


@pytest.mark.parametrize(
    ("mandate", "acts"), [({}, True), ({"ends_on": date(2026, 6, 3)}, False), ({"starts_on": date(2026, 6, 5)}, False), (None, False)]
)
def test_an_agent_acts_only_under_a_mandate(case, creditors, officers, mandate, acts):
    agent = factory.organisation(Kind.AGENT)
    change(rows(Claim)[0], agent_id=agent.id)
    if mandate is not None:
        factory.mandate(agent, creditors[0], **mandate)
    factory.issued(case, by=officers)
    assert rows(Offer)[0].agent_id == (agent.id if acts else None)


def test_a_settlement_stands_at_once_when_everybody_agreed_in_advance(case, creditors, officers):
    for creditor in creditors:
        factory.consent(creditor)
    ref = factory.issued(case, by=officers)
    assert proposal(ref).state is ProposalState.AGREED
    assert [message.organisation_id for message in rows(Message, code="proposals.agreed")] == [creditor.id for creditor in creditors]


def test_no_settlement_while_one_is_only_put_ready(case, creditors, officers):
    for creditor, effect in zip(creditors, (Effect.ACCEPT, Effect.ACCEPT, Effect.PREPARE), strict=True):
        factory.consent(creditor, effect=effect)
    assert proposal(factory.issued(case, by=officers)).state is ProposalState.ISSUED


def test_each_act_is_in_the_audit(case, creditors, officers):
    factory.consent(creditors[0])
    factory.issued(case, by=officers)
    acts = [(event.action, event.actor, event.concerns_id) for event in rows(Event)]
    assert acts == [
        ("proposals:draft", "Mila Haverkamp", None),
        ("proposals:approve", "Ruben Oudkerk", None),
        ("proposals:issue", "Mila Haverkamp", None),
        ("offers:accept", "Schuldeisersportaal", creditors[0].id),
    ]
    with db.reading() as session:
        assert verify(session) == (4, None)


# ── many at once ─────────────────────────────────────────────────────────────


@pytest.fixture
def cases(creditors):
    """Sixty cases of two claims: three chunks."""
    made = [factory.case() for _ in range(60)]
    with db.transaction() as session:
        for case in made:
            for number, creditor in enumerate(creditors[:2], 1):
                session.add(
                    Claim(case_id=case.id, number=number, creditor_id=creditor.id, rank=Rank.CONCURRENT, reported_cents=9000 * number)
                )
    return made


def counted(of):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(of))


def test_all_that_is_ready_goes_out_once(cases, officers, queue):
    seen = []
    done = issue_ready(*officers, progress=lambda *so_far: seen.append(so_far))
    assert (done.issued, done.offers, done.covered, done.left, seen) == (60, 120, 0, (), [(25, 60), (50, 60), (60, 60)])
    again = issue_ready(*officers)
    assert (again.issued, again.offers, counted(Offer)) == (0, 0, 120)
    assert sorted(id_ for job, argument in queue.waiting() if job == "proposals.write_letters" for id_ in argument["offers"]) == [
        offer.id for offer in rows(Offer)
    ]


def test_a_run_that_breaks_off_is_taken_up_without_doubles(cases, officers, queue):
    def break_off(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        issue_ready(*officers, progress=break_off)
    assert counted(Offer) == 50
    assert issue_ready(*officers).issued == 35
    letters = [id_ for job, argument in queue.waiting() if job == "proposals.write_letters" for id_ in argument["offers"]]
    assert (counted(Offer), len(letters), len(set(letters))) == (120, 120, 120)


def test_a_creditor_is_told_once_a_run(cases, creditors, officers, clock):
    issue_ready(*officers)
    told = {message.organisation_id: message.facts["offers"] for message in rows(Message)}
    assert told == {creditors[0].id: "60", creditors[1].id: "60"}
    clock.move_to("2026-06-05T07:00:00Z")
    tell_creditors()
    assert counted(Message) == 2


def test_the_same_person_cannot_check_and_issue_everything(cases, officers):
    refused("two_officers", issue_ready, officers[0], replace(officers[0], origin="elsewhere"))
    assert counted(Proposal) == 0


def test_a_case_that_cannot_go_out_does_not_hold_up_the_others(cases, officers):
    drafted = draft_ready(officers[1])  # the checker's own drafts are not its own to check
    change(cases[0], income_cents=200000)
    done = issue_ready(*officers)
    assert done.issued == 0
    assert {left.no.code for left in done.left} == {"proposals.two_officers"}
    for ref in drafted.refs:
        approve_proposal(officers[0], ref, 1) if proposal(ref).case_id != cases[0].id else None
    assert issue_proposals(officers[0], drafted.refs).issued == 59


def test_a_reference_that_does_not_exist_is_not_found(officers):
    with pytest.raises(NotFound):
        issue_proposals(officers[0], ["V-2222-2222"])
