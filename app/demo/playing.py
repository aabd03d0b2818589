"""Play some weeks of the demo: officers issue, creditors answer, forget and refuse, reminders go out, terms end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from app import clock
from app.access import Actor, Kind, Role
from app.accounts.people import DEMO_PEOPLE
from app.accounts.queries import actor_by_email
from app.cases.models import Case
from app.cases.service import Facts, change_facts
from app.creditors.models import Organisation
from app.db import reading
from app.deadlines import add_working_days, is_working_day
from app.demo.balancing import Rounds
from app.demo.complaining import complain
from app.demo.dividing import divide_work
from app.demo.lettered import write_for_those_without_account
from app.demo.pauses import Pauses
from app.demo.relating import relate
from app.demo.settling import GROUNDS, settle_some
from app.demo.signals import Signals
from app.errors import Refusal
from app.proposals import drafting, issuing, responding, settling
from app.proposals.jobs import close_over
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, Proposal
from app.proposals.reminding import run_reminders
from app.proposals.responding import Seen

ISSUE_DAYS = (29, 23, 18, 13, 9, 6, 3, 1)  # working days before today
BALANCE_DAYS = (21, 12, 10, 6, 2)  # on which creditors are asked for balances
NOTICE_DAYS = (22, 13, 7, 2)  # on which creditors are asked to pause
CASES_A_DAY = 20
LEFT_AS_DRAFT, LEFT_AS_APPROVED = 6, 4
OFFICERS = (DEMO_PEOPLE[3][0], DEMO_PEOPLE[4][0])
SHOWN = 4100  # the creditor of the demo's sign-ins answers slowly, so that its list has work in it
QUESTION = "Alle gegevens zijn gecontroleerd en er is begeleiding geregeld."
WORDS = {
    RejectReason.PERCENTAGE_TOO_LOW: "Wij zien graag ten minste 8 procent.",
    RejectReason.RELAPSE_FEARED: "Eerder liep een regeling mis.",
    RejectReason.CLAIM_DISPUTED: "Onze vordering is hoger door een tweede contract.",
    RejectReason.NOT_THE_MAXIMUM: "Volgens ons kan er meer worden betaald.",
    RejectReason.POLICY: "Ons beleid laat dit niet toe.",
}


@dataclass(frozen=True)
class Waiting:
    """An offer that waits for its creditor."""

    ref: str
    revision: int
    state: OfferState
    creditor_id: int
    agent_id: int | None
    balance_cents: int
    issued_on: date


@dataclass
class Play:
    """One run over the days, with the same chances every time."""

    chance: Random
    first: date
    today: date
    until: datetime
    work: Callable[[], None]

    def run(self) -> dict[str, int]:
        self.parties = parties()
        self.pace = {id_: self._pace(actor) for id_, (actor, code) in self.parties.items() if code != SHOWN}
        issue_days = {_before(self.today, days) for days in ISSUE_DAYS}
        self.pauses = Pauses({_before(self.today, days) for days in NOTICE_DAYS}, self.parties, SHOWN)
        self.rounds = Rounds({_before(self.today, days) for days in BALANCE_DAYS}, self.parties, SHOWN)
        self.signals = Signals(self.first, self.today)
        for day in working_days(self.first, self.today):
            self._morning(day)
            if day in issue_days:
                self._issue(day)
            self._answers(day)
            self._evening(day)
            self.work()
        self._desk()
        divide_work()
        settle_some(_officers(self.chance)[0])
        write_for_those_without_account()
        complain(self.until)
        relate(self.until)
        self.work()
        return dict(self._count())

    def _pace(self, actor: Actor) -> float:
        """Return the chance that a creditor answers an offer on a day."""
        return self.chance.choice([0.5, 0.5, 0.35, 0.35, 0.2, 0.08]) if actor.kind is Kind.CREDITOR else 0.3

    def _at(self, day: date, hour: int, minute: int = 0) -> bool:
        """Set the clock; False when the demo's own present is not that far yet."""
        moment = datetime.combine(day, time(hour, minute), clock.AMSTERDAM)
        clock.start_at(min(moment, self.until))
        return moment <= self.until

    def _morning(self, day: date) -> None:
        if self._at(day, 6):
            run_reminders(day)
            self.signals.begin(day)
            self.pauses.begin(day, _officers(self.pauses.chance)[0])
            self.rounds.begin(day, _officers(self.rounds.chance)[0])

    def _evening(self, day: date) -> None:
        if self._at(day, 22):
            close_over({"day": day.isoformat()})
            self.signals.end(day)
            self.rounds.end(day)

    def _issue(self, day: date) -> None:
        if not self._at(day, 9, 30):
            return
        drafter, approver = _officers(self.chance)
        cases = _ready(day)[:CASES_A_DAY]
        self._look_for_settlements(drafter, cases)
        refs = _drafted(drafter, cases)
        issuing.issue_proposals(drafter, refs, approver=approver)

    def _look_for_settlements(self, officer: Actor, refs: list[str]) -> None:
        """State for most cases whether there was an earlier settlement: the bank's files do not tell."""
        with reading() as session:
            cases = list(session.scalars(select(Case).where(Case.ref.in_(refs)).order_by(Case.id)))
        for case in cases:
            if self.chance.random() < 0.85:
                last = None if self.chance.random() < 0.95 else clock.today() - timedelta(days=self.chance.randrange(900, 3000))
                change_facts(officer, case.ref, with_settlement(case, last), case.revision)

    def _answers(self, day: date) -> None:
        if not self._at(day, 10 + day.day % 6, self.chance.randrange(60)):
            return
        for offer in _waiting():
            if self.chance.random() < self.pace.get(offer.creditor_id, 0.04):
                self._answer(offer)
        self._ask_again(day)
        self.pauses.answer()
        self.rounds.answer()

    def _answer(self, offer: Waiting) -> None:
        actor, _ = self.parties[offer.agent_id or offer.creditor_id]
        by = AnsweredBy.CODE if actor.kind is Kind.CREDITOR and self.chance.random() < 0.1 else AnsweredBy.HAND
        seen, luck = Seen(offer.ref, offer.revision, by), self.chance.random()
        if luck < 0.92 or (offer.state is OfferState.ASKED_AGAIN and luck < 0.97):
            responding.accept_offer(actor, seen)
        elif luck < 0.94:
            responding.accept_with_other_balance(actor, seen, offer.balance_cents * 103 // 100, "Saldo op de dag van vandaag.")
        elif luck < 0.96 and offer.state is not OfferState.ASKED_AGAIN:
            responding.ask_reconsideration(actor, seen, "Wat is er gedaan om terugval te voorkomen?")
        else:
            reason = self.chance.choice(list(WORDS))
            responding.reject_offer(actor, seen, reason, WORDS[reason], confirmed=True)

    def _ask_again(self, day: date) -> None:
        """Let an officer ask about half of those that refused a day or more ago to think again."""
        officer, _ = _officers(self.chance)
        for ref, revision in _refused(day - timedelta(days=1)):
            if self.chance.random() < 0.5:
                settling.ask_again(officer, ref, QUESTION, revision, GROUNDS)

    def _desk(self) -> None:
        """Leave some drafts for a colleague to check, and some that were checked."""
        clock.start_at(self.until)
        drafter, approver = _officers(self.chance)
        cases = _ready(self.today)
        self._look_for_settlements(drafter, cases)
        refs = _drafted(drafter, cases[: LEFT_AS_DRAFT + LEFT_AS_APPROVED])
        for ref in refs[:LEFT_AS_APPROVED]:
            drafting.approve_proposal(approver, ref, 1)

    def _count(self) -> Counter[str]:
        with reading() as session:
            states = [*session.scalars(select(Proposal.state)), *session.scalars(select(Offer.state))]
        return Counter(f"{'offers' if isinstance(state, OfferState) else 'proposals'} {state}" for state in states)


def with_settlement(case: Case, last_on: date | None) -> Facts:
    """Return the facts of a case, with an earlier settlement that somebody looked for."""
    return Facts(
        case.team, case.programme, case.entrepreneur, settlement_known=True, last_settlement_on=last_on, income_cents=case.income_cents,
        vtlb_cents=case.vtlb_cents, extra_cents=case.extra_cents, calculated_on=case.calculated_on,
    )  # fmt: skip


def _drafted(drafter: Actor, cases: list[str]) -> list[str]:
    """Draft what can be drafted; a case that cannot (its figures, its balances) is left for the officer to see."""
    refs = []
    for case in cases:
        try:
            refs.append(drafting.draft_proposal(drafter, case))
        except Refusal:
            continue
    return refs


def _officers(chance: Random) -> tuple[Actor, Actor]:
    """Return two officers, either of whom may have drafted."""
    with reading() as session:
        first, second = (actor_by_email(session, email, "demo") for email in OFFICERS)
    return (first, second) if chance.random() < 0.5 else (second, first)


def _ready(day: date) -> list[str]:
    """Return the cases that could be calculated on a day, the oldest first."""
    started, running = _surely_stated(day), select(Proposal.case_id)
    ready = select(Case.ref).where(Case.started_on <= started, Case.calculated_on <= day, Case.id.not_in(running))
    with reading() as session:
        return list(session.scalars(ready.order_by(Case.started_on, Case.id)))


def _surely_stated(day: date) -> date:
    """Return a day from which the balance round has surely ended by `day`: 20 working days and the longest run of holidays."""
    return day - timedelta(days=32)


def _waiting() -> list[Waiting]:
    columns = (Offer.ref, Offer.revision, Offer.state, Offer.creditor_id, Offer.agent_id, Offer.balance_cents, Offer.issued_on)
    states = (OfferState.OPEN, OfferState.PREPARED, OfferState.ASKED_AGAIN, OfferState.NO_RESPONSE)
    running = select(*columns).join(Proposal).where(Offer.state.in_(states), Proposal.state == ProposalState.ISSUED).order_by(Offer.id)
    with reading() as session:
        return [Waiting(*row) for row in session.execute(running)]


def _refused(before: date) -> list[tuple[str, int]]:
    states = (OfferState.REJECTED, OfferState.RECONSIDERATION_ASKED)
    midnight = datetime.combine(before, time(23, 59), clock.AMSTERDAM)
    asked = (
        select(Offer.ref, Offer.revision)
        .join(Proposal)
        .where(Offer.state.in_(states), Offer.answered_at < midnight, Proposal.state == ProposalState.ISSUED, Offer.reconsider_by.is_(None))
    )
    with reading() as session:
        return [(row[0], row[1]) for row in session.execute(asked.order_by(Offer.id))]


def parties() -> dict[int, tuple[Actor, int | None]]:
    """Return somebody who answers for each creditor and agent, with its code."""
    with reading() as session:
        found = session.scalars(select(Organisation).where(Organisation.kind.in_([Kind.CREDITOR, Kind.AGENT])).order_by(Organisation.id))
        return {row.id: (_worker(row), row.code) for row in found}


def _worker(row: Organisation) -> Actor:
    role = Role.CREDITOR_WORKER if row.kind is Kind.CREDITOR else Role.AGENT_WORKER
    return Actor(f"Team Schuldhulp {row.name}", frozenset({role}), row.kind, row.id, row.name, origin="demo")


def _before(day: date, working: int) -> date:
    """Return the day that lies so many working days before."""
    while working:
        day -= timedelta(days=1)
        working -= is_working_day(day)
    return day


def working_days(first: date, last: date) -> list[date]:
    """Return the working days from `first` up to and including `last`."""
    day = first if is_working_day(first) else add_working_days(first, 1)
    found = []
    while day <= last:
        found.append(day)
        day = add_working_days(day, 1)
    return found
