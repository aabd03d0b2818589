"""Balance requests: who is asked and until when, what a statement changes, what comes too late, and what waits for an officer."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import cli, db
from app.access import Kind
from app.cases import balance_asking, balance_stating
from app.cases.balance_asking import close_over, run_reminders, send_requests
from app.cases.balance_queries import BalanceQuery, balance_list, balance_page, open_count
from app.cases.balance_rules import BalanceAnswer, Correction, Ground, Obstacle, Statement
from app.cases.balance_stating import Seen, decline, state_balance
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim, Notice
from app.cases.queries import case_page
from app.cases.rules import Balances, Rank, Status
from app.config import Settings
from app.consents.models import Assessment
from app.counts import counted
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.privacy import restriction
from app.proposals.drafting import draft_proposal
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, Proposal
from app.proposals.settling import supersede_proposal
from tests import factory

TODAY = date(2026, 6, 4)
SAID = Statement(200_000, 12_000, 0, "KL-77", Rank.CONCURRENT)


@pytest.fixture
def bank(database, queue, clock):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def officer(bank):
    return factory.actor(bank, name="Mila Haverkamp", person_id=1)


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf")


@pytest.fixture
def worker(water):
    return factory.actor(water, name="Wout Water", person_id=2)


def asked(officer, *creditors, **over):
    """A case whose creditors are asked for their balances; return it with the requests in that order."""
    case = factory.case(**over)
    for creditor in creditors:
        factory.claim(case, creditor, stated_cents=None, stated_on=None)
    send_requests(officer, case.ref)
    return case, all_of(BalanceRequest)


def all_of(table):
    with db.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def seen(request):
    with db.reading() as session:
        return Seen(request.ref, session.get(BalanceRequest, request.id).revision)


def one(table):
    (found,) = all_of(table)
    return found


def mails(code):
    with db.reading() as session:
        found = select(Message.organisation_id, Message.facts, Message.path).where(Message.code == code).order_by(Message.id)
        return [tuple(row) for row in session.execute(found)]


# ── asking ───────────────────────────────────────────────────────────────────


def test_every_creditor_without_a_balance_is_asked_once(officer, water):
    case = factory.case()
    factory.claim(case, water)
    factory.claim(case, water, stated_cents=None, stated_on=None)
    assert send_requests(officer, case.ref) == 1
    with pytest.raises(Refusal) as no:
        send_requests(officer, case.ref)
    assert (no.value.code, len(all_of(BalanceRequest)), len(mails("balances.asked"))) == ("cases.balance_nothing_to_ask", 1, 1)


def test_the_days_of_a_request_are_working_days(officer, water):
    asked(officer, water)
    request = one(BalanceRequest)
    assert (request.sent_on, request.answer_by, request.closes_on) == (TODAY, date(2026, 6, 18), date(2026, 7, 2))
    assert request.remind_on == ["2026-06-11", "2026-06-19"]


def test_the_agent_with_a_mandate_is_asked_and_mailed(officer, water):
    agent, other = factory.organisation(Kind.AGENT), factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    case = factory.case()
    factory.claim(case, water, stated_cents=None, stated_on=None, agent_id=agent.id)
    factory.claim(case, water, stated_cents=None, stated_on=None, agent_id=other.id)
    send_requests(officer, case.ref)
    assert [request.agent_id for request in all_of(BalanceRequest)] == [agent.id, None]
    assert {place for place, *_ in mails("balances.asked")} == {agent.id, water.id}


def test_the_round_counts_from_the_day_that_was_asked(officer, water):
    case, _ = asked(officer, water, started_on=date(2026, 1, 5))
    with db.reading() as session:
        facts = case_page(session, officer, case.ref).case
    assert (facts.balances.state, facts.balances.closes_on, facts.status) == (Balances.OPEN, date(2026, 7, 2), Status.BALANCES_OPEN)


def test_a_case_that_was_never_asked_counts_from_its_start(officer, water):
    case = factory.case(started_on=date(2026, 1, 5))
    factory.claim(case, water, stated_cents=None, stated_on=None)
    with db.reading() as session:
        facts = case_page(session, officer, case.ref).case
    assert (facts.balances.state, facts.status) == (Balances.CLOSED, Status.READY)


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"closed_on": TODAY}, "cases.balance_case_closed"),
        ({"restricted_at": datetime(2026, 6, 1, tzinfo=UTC)}, "cases.balance_case_rests"),
        ({"stage": "proposed"}, "cases.balance_proposal_made"),
    ],
)
def test_a_case_that_cannot_be_asked_says_why(officer, water, over, code):
    case = factory.case(**over)
    factory.claim(case, water, stated_cents=None, stated_on=None)
    with pytest.raises(Refusal) as no:
        send_requests(officer, case.ref)
    assert no.value.code == code


def test_many_cases_are_asked_as_work_with_one_mail_for_each_creditor(officer, water, queue):
    ids = []
    for _ in range(3):
        case = factory.case()
        factory.claim(case, water, stated_cents=None, stated_on=None)
        ids.append(case.id)
    closed = factory.case(closed_on=TODAY)
    assert balance_asking.send_to_cases(officer, [*ids, closed.id]) == balance_asking.Sent(3, 3, 1)
    assert balance_asking.send_to_cases(officer, ids).requests == 0
    assert [facts["number"] for _, facts, _ in mails("balances.asked")] == ["3"]


def test_only_the_bank_asks(worker, officer, water):
    case = factory.case()
    with pytest.raises(NotFound):
        send_requests(worker, case.ref)


# ── stating ──────────────────────────────────────────────────────────────────


def test_a_statement_counts_for_the_claim_with_who_and_when(officer, water, worker):
    _, (request,) = asked(officer, water)
    state_balance(worker, seen(request), SAID)
    claim, statement = one(Claim), one(BalanceStatement)
    assert (claim.stated_cents, claim.stated_on, claim.stated_by) == (212_000, TODAY, "Wout Water, Waterbedrijf")
    assert (claim.reported_cents, claim.reference) == (312_764, "KL-77")
    assert (statement.principal_cents, statement.interest_cents, statement.costs_cents, statement.late) == (200_000, 12_000, 0, False)
    assert one(BalanceRequest).state is BalanceAnswer.STATED


def test_a_round_in_which_all_stated_is_complete(officer, water, worker):
    case, (request,) = asked(officer, water)
    state_balance(worker, seen(request), SAID)
    with db.reading() as session:
        assert case_page(session, officer, case.ref).case.balances.state is Balances.COMPLETE


def test_a_statement_makes_the_pause_last_longer(officer, water, worker):
    _, (request,) = asked(officer, water)
    factory.notice(one(Claim), sent_on=date(2026, 1, 5), pause_until=date(2026, 9, 5))
    state_balance(worker, seen(request), SAID)
    assert one(Notice).pause_until == date(2027, 2, 4)


def test_who_does_not_cooperate_gets_no_longer_pause(officer, water, worker):
    _, (request,) = asked(officer, water)
    factory.notice(one(Claim), sent_on=date(2026, 1, 5), pause_until=date(2026, 9, 5))
    decline(worker, seen(request), Ground.CLIENT_UNKNOWN)
    assert one(Notice).pause_until == date(2026, 9, 5)


def test_a_double_click_states_once(officer, water, worker):
    _, (request,) = asked(officer, water)
    before = seen(request)
    state_balance(worker, before, SAID)
    state_balance(worker, before, SAID)
    assert len(all_of(BalanceStatement)) == 1


def test_of_two_people_who_answer_one_is_told(officer, water, worker):
    _, (request,) = asked(officer, water)
    before = seen(request)
    state_balance(worker, before, SAID)
    with pytest.raises(Conflict):
        state_balance(factory.actor(water, name="Wilma Water"), before, SAID)


def test_another_creditors_request_does_not_exist(officer, water, worker):
    _, (request,) = asked(officer, factory.organisation())
    for act in (lambda: state_balance(worker, Seen(request.ref, 1), SAID), lambda: state_balance(worker, Seen("S-0000-0000", 1), SAID)):
        with pytest.raises(NotFound):
            act()


def test_an_agent_states_under_a_mandate_of_today_only(officer, water, clock):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water, ends_on=TODAY)
    case = factory.case()
    factory.claim(case, water, stated_cents=None, stated_on=None, agent_id=agent.id)
    send_requests(officer, case.ref)
    who, request = factory.actor(agent), one(BalanceRequest)
    state_balance(who, seen(request), Statement(100, 0, 0, "", Rank.CONCURRENT, agent_id=agent.id))
    clock.move_to(datetime(2026, 6, 5, 7, tzinfo=UTC))
    with pytest.raises(NotFound):
        state_balance(who, seen(request), SAID)
    assert one(Claim).stated_by == f"Pieter Dros, {agent.name}"


def test_no_cooperation_is_said_with_its_ground(officer, water, worker):
    _, (request,) = asked(officer, water)
    decline(worker, seen(request), Ground.RECENTLY_DISCHARGED)
    claim, found = one(Claim), one(BalanceRequest)
    assert (found.state, claim.stated_cents, claim.obstacle) == (BalanceAnswer.NO_COOPERATION, None, True)


def test_another_ground_needs_words(officer, water, worker):
    _, (request,) = asked(officer, water)
    with pytest.raises(Refusal) as no:
        decline(worker, seen(request), Ground.OTHER, " ")
    assert (no.value.code, all_of(BalanceStatement)) == ("cases.balance_words_missing", [])


def test_who_stated_a_balance_does_not_take_it_back(officer, water, worker):
    _, (request,) = asked(officer, water)
    state_balance(worker, seen(request), SAID)
    with pytest.raises(Refusal) as no:
        decline(worker, seen(request), Ground.CLIENT_UNKNOWN)
    assert (no.value.code, one(Claim).stated_cents) == ("cases.balance_no_going_back", 212_000)


def test_a_creditor_names_who_collects_for_it(officer, water, worker):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    _, (request,) = asked(officer, water)
    state_balance(worker, seen(request), Statement(100, 0, 0, "", Rank.CONCURRENT, agent_id=agent.id))
    assert (one(Claim).agent_id, one(BalanceRequest).agent_id) == (agent.id, agent.id)


def test_an_agent_that_could_not_be_asked_stays_on_the_claim(officer, water, worker):
    agent, case = factory.organisation(Kind.AGENT), factory.case()
    factory.claim(case, water, stated_cents=None, stated_on=None, agent_id=agent.id, agent_reference="K-1")
    send_requests(officer, case.ref)
    state_balance(worker, seen(one(BalanceRequest)), SAID)
    assert (one(Claim).agent_id, one(Claim).agent_reference) == (agent.id, "K-1")


def test_a_creditor_takes_its_claim_back_from_its_agent(officer, water, worker):
    agent, case = factory.organisation(Kind.AGENT), factory.case()
    factory.mandate(agent, water)
    factory.claim(case, water, stated_cents=None, stated_on=None, agent_id=agent.id, agent_reference="K-1")
    send_requests(officer, case.ref)
    state_balance(worker, seen(one(BalanceRequest)), SAID)
    assert (one(Claim).agent_id, one(Claim).agent_reference) == (None, "")


def test_an_agent_does_not_say_who_acts_for_its_creditor(officer, water):
    agent, case = factory.organisation(Kind.AGENT), factory.case()
    factory.mandate(agent, water)
    factory.claim(case, water, stated_cents=None, stated_on=None, agent_id=agent.id)
    send_requests(officer, case.ref)
    state_balance(factory.actor(agent), seen(one(BalanceRequest)), SAID)
    assert (one(Claim).agent_id, one(BalanceRequest).agent_id) == (agent.id, agent.id)


def test_an_agent_without_a_mandate_is_not_named(officer, water, worker):
    _, (request,) = asked(officer, water)
    with pytest.raises(Refusal) as no:
        state_balance(worker, seen(request), Statement(100, 0, 0, "", Rank.CONCURRENT, agent_id=factory.organisation(Kind.AGENT).id))
    assert no.value.code == "cases.balance_agent_unknown"


def test_costs_above_the_scale_are_shown_before_they_are_taken(officer, water, worker):
    _, (request,) = asked(officer, water)
    much = Statement(100_000, 0, 15_001, "", Rank.CONCURRENT, notice_on=date(2026, 5, 1))
    with pytest.raises(Refusal) as no:
        state_balance(worker, seen(request), much)
    assert (no.value.code, all_of(BalanceStatement)) == ("cases.balance_costs_above_scale", [])
    state_balance(worker, seen(request), Statement(**vars(much) | {"costs_confirmed": True}))
    assert (one(BalanceStatement).allowed_cents, one(Claim).stated_cents) == (15_000, 115_001)


def test_costs_within_the_scale_are_taken_at_once(officer, water, worker):
    _, (request,) = asked(officer, water)
    state_balance(worker, seen(request), Statement(100_000, 0, 15_000, "", Rank.CONCURRENT, notice_on=date(2026, 5, 1)))
    assert one(Claim).stated_cents == 115_000


@pytest.mark.parametrize("notice_on", [None, date(2026, 6, 1)])
def test_costs_that_a_consumer_does_not_owe_yet_are_shown_too(officer, water, worker, notice_on):
    _, (request,) = asked(officer, water)
    with pytest.raises(Refusal) as no:
        state_balance(worker, seen(request), Statement(100_000, 0, 4_000, "", Rank.CONCURRENT, notice_on=notice_on))
    assert no.value.code == "cases.balance_costs_above_scale"


# ── too late, reminders ──────────────────────────────────────────────────────


def test_reminders_go_out_on_two_days_and_once_a_day(officer, water):
    asked(officer, water)
    days = [date(2026, 6, 10), date(2026, 6, 11), date(2026, 6, 11), date(2026, 6, 12), date(2026, 6, 19), date(2026, 6, 22)]
    assert [run_reminders(day) for day in days] == [0, 1, 0, 0, 1, 0]
    assert one(BalanceRequest).reminders == 2


def test_after_an_outage_one_mail_catches_up(officer, water):
    asked(officer, water, water)
    assert run_reminders(date(2026, 6, 25)) == 2
    assert [(place, facts["number"]) for place, facts, _ in mails("balances.reminder")] == [(water.id, "2")]


def test_who_answered_is_not_reminded(officer, water, worker):
    _, (request,) = asked(officer, water)
    state_balance(worker, seen(request), SAID)
    assert run_reminders(date(2026, 6, 19)) == 0


def test_a_round_closes_on_its_last_day_and_once(officer, water):
    asked(officer, water)
    assert [close_over(day) for day in (date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 2))] == [0, 1, 0]
    assert one(BalanceRequest).state is BalanceAnswer.NOT_STATED


@pytest.mark.parametrize("closed", [True, False])
def test_what_comes_too_late_is_kept_and_does_not_count(officer, water, worker, clock, closed):
    _, (request,) = asked(officer, water)
    clock.move_to(datetime(2026, 7, 3, 7, tzinfo=UTC))
    if closed:
        close_over(date(2026, 7, 3))
    taken = state_balance(worker, seen(request), SAID)
    assert (taken.late, one(Claim).stated_cents, one(BalanceStatement).total_cents) == (True, None, 212_000)
    assert one(BalanceRequest).state is BalanceAnswer.NOT_STATED


@pytest.mark.parametrize(("late", "counts"), [(Ground.RECENTLY_DISCHARGED, True), (Obstacle.DISPUTED, True), (None, False)])
def test_what_comes_too_late_keeps_a_consent_from_answering_and_makes_the_pause_longer(officer, water, worker, clock, late, counts):
    _, (request,) = asked(officer, water)
    factory.notice(one(Claim))
    clock.move_to(datetime(2026, 7, 3, 7, tzinfo=UTC))
    if isinstance(late, Ground):
        balance_stating.decline(worker, seen(request), late)
    else:
        state_balance(worker, seen(request), replace(SAID, obstacle=late))
    assert (one(Claim).obstacle, one(Claim).stated_cents) == (counts, None)
    assert one(Notice).pause_until == (date(2027, 2, 1) if isinstance(late, Ground) else date(2027, 3, 3))


def test_who_stated_in_time_corrects_later_as_long_as_nothing_went_out(officer, water, worker, clock):
    _, (request,) = asked(officer, water)
    state_balance(worker, seen(request), SAID)
    clock.move_to(datetime(2026, 7, 10, 7, tzinfo=UTC))
    taken = state_balance(worker, seen(request), Statement(150_000, 0, 0, "KL-77", Rank.CONCURRENT))
    assert (taken.late, taken.waits, one(Claim).stated_cents) == (False, False, 150_000)


# ── corrections that wait ────────────────────────────────────────────────────


@pytest.fixture
def corrected(bank, officer, water, worker):
    """A proposal went out on a stated balance, and its creditor states another one after it."""
    case, (request,) = asked(officer, water)
    state_balance(worker, seen(request), SAID)
    factory.issued(case, by=factory.officers(bank))
    taken = state_balance(worker, seen(request), Statement(250_000, 0, 0, "KL-77", Rank.CONCURRENT))
    assert taken.waits
    return case


def test_a_correction_after_the_proposal_waits_for_an_officer(corrected, bank):
    assert (one(Claim).stated_cents, all_of(BalanceStatement)[1].correction) == (212_000, Correction.WAITS)
    assert [place for place, *_ in mails("balances.asks_the_bank")] == [bank.id]


def test_what_waits_for_an_officer_is_counted_and_listed(corrected, officer, worker):
    for who in (officer, worker):
        with db.reading() as session:
            page = balance_list(session, who, BalanceQuery(status="decide"))
        assert ([row.ref for row in page.rows], page.deciding) == ([one(BalanceRequest).ref], 1)
    with db.reading() as session:
        assert [counted(session, who, (open_count,)) for who in (officer, worker)] == [[1], [0]]
    balance_stating.take_over(officer, corrected.ref, all_of(BalanceStatement)[1].id)
    with db.reading() as session:
        assert counted(session, officer, (open_count,)) == [0]


def test_an_officer_takes_a_correction_over_once(corrected, officer):
    balance_stating.take_over(officer, corrected.ref, all_of(BalanceStatement)[1].id)
    assert (one(Claim).stated_cents, all_of(BalanceStatement)[1].correction) == (250_000, Correction.TAKEN_OVER)
    with pytest.raises(Conflict):
        balance_stating.refuse(officer, corrected.ref, all_of(BalanceStatement)[1].id, "te laat")


def test_an_officer_refuses_a_correction_with_a_reason(corrected, officer):
    number = all_of(BalanceStatement)[1].id
    with pytest.raises(Refusal):
        balance_stating.refuse(officer, corrected.ref, number, " ")
    balance_stating.refuse(officer, corrected.ref, number, "Het voorstel is al akkoord.")
    last = all_of(BalanceStatement)[1]
    assert (last.correction, last.refusal, one(Claim).stated_cents) == (Correction.REFUSED, "Het voorstel is al akkoord.", 212_000)


def test_a_newer_correction_takes_the_place_of_one_that_waits(corrected, worker):
    state_balance(worker, seen(one(BalanceRequest)), Statement(170_000, 0, 0, "KL-77", Rank.CONCURRENT))
    assert [one.correction for one in all_of(BalanceStatement)] == [None, Correction.REPLACED, Correction.WAITS]


def test_a_balance_below_what_is_paid_is_not_taken_over(corrected, officer, worker):
    state_balance(worker, seen(one(BalanceRequest)), Statement(1, 0, 0, "KL-77", Rank.CONCURRENT))
    with pytest.raises(Refusal) as no:
        balance_stating.take_over(officer, corrected.ref, all_of(BalanceStatement)[2].id)
    assert (no.value.code, one(Claim).stated_cents) == ("cases.balance_paid_above", 212_000)


def test_another_rank_changes_the_division_and_waits_until_the_proposal_is_replaced(corrected, bank, officer, worker):
    state_balance(worker, seen(one(BalanceRequest)), Statement(250_000, 0, 0, "KL-77", Rank.PREFERENTIAL))
    number = all_of(BalanceStatement)[2].id
    with pytest.raises(Refusal) as no:
        balance_stating.take_over(officer, corrected.ref, number)
    assert (no.value.code, one(Claim).rank) == ("cases.balance_rank_proposed", Rank.CONCURRENT)
    proposal = one(Proposal)
    supersede_proposal(officer, proposal.ref, "Andere rang", proposal.revision)
    balance_stating.take_over(officer, corrected.ref, number)
    assert (one(Claim).rank, one(Claim).stated_cents) == (Rank.PREFERENTIAL, 250_000)


def test_a_correction_of_another_case_does_not_exist(corrected, officer):
    with pytest.raises(NotFound):
        balance_stating.take_over(officer, factory.case().ref, all_of(BalanceStatement)[1].id)


def test_another_rank_counts_once_an_officer_saw_it(officer, water, worker):
    case, (request,) = asked(officer, water)
    taken = state_balance(worker, seen(request), Statement(100_000, 0, 0, "", Rank.PREFERENTIAL))
    assert (taken.waits, one(Claim).stated_cents, one(Claim).rank) == (True, 100_000, Rank.CONCURRENT)
    balance_stating.take_over(officer, case.ref, one(BalanceStatement).id)
    assert one(Claim).rank is Rank.PREFERENTIAL


# ── consent in advance ───────────────────────────────────────────────────────


@pytest.mark.parametrize(("obstacle", "state"), [(None, OfferState.ACCEPTED), (Obstacle.DISPUTED, OfferState.OPEN)])
def test_no_consent_answers_for_a_claim_with_an_obstacle(bank, officer, water, worker, obstacle, state):
    factory.consent(water)
    case, (request,) = asked(officer, water)
    state_balance(worker, seen(request), Statement(100_000, 0, 0, "", Rank.CONCURRENT, obstacle=obstacle))
    factory.issued(case, by=factory.officers(bank))
    assert (one(Offer).state, one(Assessment).obstacle) == (state, obstacle is not None)
    missed = [row["clause"] for row in one(Assessment).rows if not row["met"]]
    assert missed == (["obstacle"] if obstacle else [])


def test_an_obstacle_of_another_kind_needs_words(officer, water, worker):
    _, (request,) = asked(officer, water)
    with pytest.raises(Refusal) as no:
        state_balance(worker, seen(request), Statement(1, 0, 0, "", Rank.CONCURRENT, obstacle=Obstacle.OTHER))
    assert no.value.code == "cases.balance_words_missing"


# ── drafts, the list, what rests ─────────────────────────────────────────────


def test_a_draft_is_kept_and_goes_when_the_answer_is_given(officer, water, worker):
    _, (request,) = asked(officer, water)
    balance_stating.save_draft(worker, request.ref, {"principal": "2000"})
    with db.reading() as session:
        assert balance_page(session, worker, request.ref).draft == {"principal": "2000"}
    state_balance(worker, seen(request), SAID)
    assert one(BalanceRequest).draft is None


def test_the_list_holds_the_own_requests_by_their_last_day(officer, water, worker):
    _, (mine,) = asked(officer, water)
    asked(officer, factory.organisation())
    with db.reading() as session:
        page = balance_list(session, worker, BalanceQuery())
        assert [row.ref for row in page.rows] == [mine.ref]
        assert (page.counts.later, page.counts.open) == (1, 1)
        assert balance_list(session, worker, BalanceQuery(q="Visser")).rows != []
        assert balance_list(session, worker, BalanceQuery(q="Bakker")).rows == []


def test_pages_of_the_list_follow_each_other(officer, water, worker):
    _, requests = asked(officer, water, water, water)
    with db.reading() as session:
        first = balance_list(session, worker, BalanceQuery(), 2)
        second = balance_list(session, worker, BalanceQuery(after=first.next_after), 2)
    assert [row.ref for row in (*first.rows, *second.rows)] == [request.ref for request in requests]
    assert second.next_after == ""


def test_what_rests_is_not_there_for_a_creditor_and_its_days_move_on(officer, water, worker, clock):
    case, (request,) = asked(officer, water)
    restriction.restrict_case(officer, case.ref, "op verzoek", 1)
    with pytest.raises(NotFound):
        state_balance(worker, seen(request), SAID)
    clock.move_to(datetime(2026, 6, 11, 7, tzinfo=UTC))
    assert (run_reminders(date(2026, 6, 11)), close_over(date(2026, 8, 1))) == (0, 0)
    restriction.lift_restriction(officer, case.ref, 2)
    moved = one(BalanceRequest)
    assert (moved.answer_by, moved.closes_on, one(Case).balances_asked_on) == (date(2026, 6, 25), date(2026, 7, 9), date(2026, 6, 11))
    state_balance(worker, seen(request), SAID)


def test_a_letter_with_the_code_is_kept_for_each_request(officer, water, queue):
    asked(officer, water)
    queue.run_all()
    request = one(BalanceRequest)
    with db.reading() as session:
        (letter,) = balance_page(session, factory.actor(water), request.ref).documents
    assert letter.kind == "balance letter"
    assert len(request.code) == 10


def test_a_case_whose_round_runs_gets_no_proposal(officer, water):
    case, _ = asked(officer, water, started_on=TODAY - timedelta(days=200))
    with pytest.raises(Refusal) as no:
        draft_proposal(officer, case.ref)
    assert no.value.code == "proposals.balances_open"


def test_the_command_reminds_of_balances_too(officer, water, clock, settings, monkeypatch):
    monkeypatch.setattr(Settings, "from_env", lambda: settings)
    asked(officer, water)
    clock.move_to(datetime(2026, 6, 11, 7, tzinfo=UTC))
    told = [CliRunner().invoke(cli.portal, ["reminders", "run", "--json"]).stdout for _ in range(2)]
    assert [json.loads(one) for one in told] == [{"mails": 0, "offers": 0, "balances": number, "notices": 0} for number in (1, 0)]
