"""A year played through the real use cases: cases come in, proposals go out, creditors answer, forget and refuse.

It plays on a database of its own in a folder that its caller throws away, with keys of its own: no setting of the portal is read.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import HANDLERS, clock, connect, db
from app.access import SYSTEM, Actor
from app.accounts.people import ensure_demo_people
from app.accounts.queries import actor_by_email
from app.cases.importing import import_cases
from app.cases.models import Case, Claim
from app.cases.queries import visible_case
from app.cases.service import change_facts
from app.config import FieldKeys, Settings
from app.consents.models import Assessment, Consent
from app.creditors.importing import import_creditors
from app.creditors.models import Organisation
from app.deadlines import add_working_days
from app.demo import rules, samples, seeding
from app.demo.figures import Played, PlayedCase, PlayedConsent
from app.demo.playing import OFFICERS, WORDS, parties, with_settlement, working_days
from app.demo.rules import Answer, Habit
from app.demo.sample_year import SampleCase, files
from app.jobs import registry
from app.jobs import service as jobs
from app.jobs.registry import Argument
from app.proposals import drafting, issuing, responding, settling
from app.proposals.jobs import close_over
from app.proposals.lifecycle import CAN_BE_ANSWERED, AnsweredBy, OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, Proposal
from app.proposals.reminding import run_reminders
from app.proposals.responding import Seen

TAIL = rules.CLOSING_DAYS + rules.ASKED_AGAIN_AFTER + rules.ANSWER_DAYS + 1  # working days until the last proposal has surely ended
Progress = Callable[[int, int], object]


class Turn(NamedTuple):
    """Whose turn it is on a day, and with what: a creditor (or its agent) that answers, or the bank that asks again."""

    offer_ref: str
    party_id: int
    habit: Habit
    is_second: bool = False


class Forgetful:
    """A queue that takes work and forgets it: nobody reads the letters and mails of a simulated year."""

    def put(self, session: Session, job: str, argument: Argument, key: str) -> None:
        """Do nothing."""


@contextmanager
def house_in(folder: Path) -> Iterator[None]:
    """Let this process work on a fresh database in `folder`; afterwards it is bound to none, and its clock is right again."""
    settings = Settings(
        "development", f"sqlite:///{folder / 'year.sqlite'}", secrets.token_hex(32), FieldKeys.parse(FieldKeys.generate()),
        "http://simulatie.example", "console:", folder / "files",
    )  # fmt: skip
    connect(settings)
    db.make_haste()
    db.migrate()
    registry.load(HANDLERS)
    jobs.bind(Forgetful())
    try:
        yield
    finally:
        jobs.bind(None)
        clock.start_at(None)
        db.engine().dispose()


@dataclass
class Year:
    """One play of the cases, with or without standing consents; call `run` within `house_in`."""

    cases: Sequence[SampleCase]
    seed: int
    consents: bool
    share: float | None = None  # of all creditors that have a consent; None: as in the demo
    turns: dict[date, list[Turn]] = field(default_factory=lambda: defaultdict(list))  # who answers on a day
    questions: dict[date, list[Turn]] = field(default_factory=lambda: defaultdict(list))  # whom the bank asks again on a day
    drawn: Counter[Answer] = field(default_factory=Counter)
    late: int = 0
    answers: int = 0
    left: int = 0
    reminders: int = 0

    def run(self, progress: Progress | None = None) -> Played:
        """Play every working day until the last proposal has ended; `progress` hears of each day, with the number of all."""
        first = min(case.issue_on for case in self.cases)
        days = working_days(first, add_working_days(max(case.issue_on for case in self.cases), TAIL))
        self._prepare(first)
        for done, day in enumerate(days, 1):
            self._play(day)
            if progress:
                progress(done, len(days))
        return self._outcome()

    def _prepare(self, first: date) -> None:
        """Fill the register, let agents act, and sign the consents, so that they count from the first day on."""
        _at(first - timedelta(days=7), 9)
        import_creditors(SYSTEM, samples.sample("creditors.csv", timedelta()))
        ensure_demo_people()
        seeding.let_agents_act(first)
        if self.consents:
            seeding.sign_consents(Random(self.seed), self.share)  # noqa: S311 (a play, no secret)
        self.parties = {id_: actor for id_, (actor, _) in parties().items()}
        self.drafter, self.approver = _officers()

    def _play(self, day: date) -> None:
        _at(day, 8)
        self.reminders += run_reminders(day).offers
        if cases := [case for case in self.cases if case.issue_on == day]:
            self._issue(day, cases)
        _at(day, 11)
        for turn in self.questions.pop(day, []):
            self._ask_again(day, turn)
        for turn in self.turns.pop(day, []):
            self._answer(day, turn)
        _at(day, 22)
        close_over({"day": day.isoformat()})

    # ── the bank ──

    def _issue(self, day: date, cases: list[SampleCase]) -> None:
        """Take the cases of a day in as the bank's files tell them, and draft, check and issue them."""
        import_cases(SYSTEM, *files(cases))
        keys = [case.key for case in cases]
        for key in keys:
            self._look_for_settlement(key)
        drafted = drafting.draft_cases(self.drafter, keys)
        issued = issuing.issue_proposals(self.drafter, drafted.refs, approver=self.approver)
        self.left += len(drafted.left) + len(issued.left)
        self._await_answers(day)

    def _look_for_settlement(self, key: str) -> None:
        """State whether there was an earlier settlement: the bank's files do not tell."""
        chance = Random(f"{self.seed}/{key}/settlement")  # noqa: S311 (a play, no secret)
        last = None if chance.random() < 0.95 else clock.today() - timedelta(days=chance.randrange(900, 3000))
        with db.reading() as session:
            case = visible_case(session, self.drafter, key)
        change_facts(self.drafter, case.ref, with_settlement(case, last), case.revision)

    def _await_answers(self, day: date) -> None:
        """Draw how each offer of a day is answered by hand, and note the days of those that no consent answered."""
        columns = (Offer.ref, Offer.state, Offer.agent_id, Offer.creditor_id, Organisation.branch)
        of_case = (Case.relation_code, Case.sequence, Claim.number)
        joined = select(*columns, *of_case).join(Claim, Claim.id == Offer.claim_id).join(Case, Case.id == Offer.case_id)
        today = joined.join(Organisation, Organisation.id == Offer.creditor_id).where(Offer.issued_on == day).order_by(Offer.id)
        with db.reading() as session:
            for row in session.execute(today):
                habit = rules.habit(self.seed, f"{row.relation_code}-{row.sequence}", row.number, row.branch)
                self.drawn[habit.answer] += 1
                self.late += habit.is_late
                if row.state is not OfferState.ACCEPTED and habit.answer is not Answer.FORGETS:
                    turn = Turn(row.ref, row.agent_id or row.creditor_id, habit)
                    self.turns[add_working_days(day, habit.after)].append(turn)

    def _ask_again(self, day: date, turn: Turn) -> None:
        state, revision = _offer(turn.offer_ref)
        if state is OfferState.REJECTED:
            words = "Alle gegevens zijn gecontroleerd en er is begeleiding geregeld."
            settling.ask_again(self.drafter, turn.offer_ref, words, revision)
            self.turns[add_working_days(day, turn.habit.again_after)].append(turn._replace(is_second=True))

    # ── the creditors ──

    def _answer(self, day: date, turn: Turn) -> None:
        """Answer as the habit says; a refusal is asked about again on another day. What is over meanwhile stays as it is."""
        state, revision = _offer(turn.offer_ref)
        if state not in CAN_BE_ANSWERED:
            return
        actor, seen = self.parties[turn.party_id], Seen(turn.offer_ref, revision)
        self.answers += 1
        if turn.habit.answer is Answer.AT_ONCE or (turn.is_second and turn.habit.answer is Answer.WHEN_ASKED_AGAIN):
            responding.accept_offer(actor, seen)
            return
        reason = RejectReason.NOT_THE_MAXIMUM
        responding.reject_offer(actor, seen, reason, WORDS[reason], confirmed=True)
        if not turn.is_second:
            self.questions[add_working_days(day, rules.ASKED_AGAIN_AFTER)].append(turn)

    # ── what came of it ──

    def _outcome(self) -> Played:
        with db.reading() as session:
            cases, consents = tuple(_cases(session)), tuple(_consents(session))
            asked = session.scalar(select(func.count(Offer.creditor_id.distinct()))) or 0
        return Played(cases, consents, asked, dict(self.drawn), self.late, self.answers, self.reminders, self.left)


def _at(day: date, hour: int) -> None:
    clock.start_at(datetime.combine(day, time(hour), clock.AMSTERDAM))


def _officers() -> tuple[Actor, Actor]:
    with db.reading() as session:
        first, second = (actor_by_email(session, email, "demo") for email in OFFICERS)
    return first, second


def _offer(ref: str) -> tuple[OfferState, int]:
    """Return the state of an offer and its revision; what belongs to a proposal that is over counts as withdrawn."""
    found = select(Offer.state, Offer.revision, Proposal.state).join(Proposal, Proposal.id == Offer.proposal_id).where(Offer.ref == ref)
    with db.reading() as session:
        state, revision, proposal = session.execute(found).one()
    return (state if proposal is ProposalState.ISSUED else OfferState.WITHDRAWN), revision


_SAVED = func.count().filter(Offer.answered_by == AnsweredBy.CONSENT)
_PREPARED = func.count().filter(Assessment.covered, func.coalesce(Offer.answered_by, AnsweredBy.HAND) != AnsweredBy.CONSENT)


def _cases(session: Session) -> Iterator[PlayedCase]:
    columns = (Case.relation_code, Case.sequence, Proposal.issued_on, Proposal.state, Proposal.ended_at)
    counted = select(*columns, func.count().label("offers"), _SAVED.label("saved"), _PREPARED.label("prepared"))
    joined = counted.select_from(Proposal).join(Case, Case.id == Proposal.case_id).join(Offer, Offer.proposal_id == Proposal.id)
    rows = joined.join(Assessment, Assessment.offer_ref == Offer.ref).where(Proposal.issued_on.is_not(None))
    for row in session.execute(rows.group_by(Proposal.id, *columns).order_by(Case.relation_code, Case.sequence)):
        key, agreed = f"{row.relation_code}-{row.sequence}", row.state is ProposalState.AGREED
        days = (clock.local(row.ended_at).date() - row.issued_on).days if agreed else None
        yield PlayedCase(key, row.issued_on, row.offers, row.saved, row.prepared, days)


def _consents(session: Session) -> Iterator[PlayedConsent]:
    columns = (Organisation.code, Organisation.name)
    counted = select(*columns, func.count().label("offers"), _SAVED.label("saved"), _PREPARED.label("prepared"))
    joined = counted.select_from(Offer).join(Organisation, Organisation.id == Offer.creditor_id)
    signed = select(Consent.creditor_id).where(Consent.signed_at.is_not(None))
    rows = joined.join(Assessment, Assessment.offer_ref == Offer.ref).where(Offer.creditor_id.in_(signed))
    for row in session.execute(rows.group_by(*columns).order_by(Organisation.code)):
        yield PlayedConsent(row.code, row.name, row.offers, row.saved, row.prepared)
