"""A random walk of bank and creditors around one case, beside a model of what the trade says should come of it."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import select

from app import db
from app.access import Kind
from app.audit.service import verify
from app.cases.models import Case
from app.consents.rules import Effect
from app.errors import Refusal
from app.proposals import agreement, drafting, issuing, reminding, responding, settling
from app.proposals.lifecycle import OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.responding import Seen
from tests import factory
from tests.security.walk import SELDOM, Walk
from tests.security.whole import dump

WAYS = ("accept", "other", "reject", "reconsider")
GIVES = {"accept": "accepted", "other": "accepted with another balance", "reject": "rejected", "reconsider": "reconsideration asked"}
OPEN = ("open", "prepared", "asked again", "no response")
UNSETTLED = ("rejected", "reconsideration asked", "no response")
ASKED = {"open", "prepared", "reconsideration asked", "asked again"}


def working_days(start, number):
    """Count working days; between June and December 2026 only Saturday and Sunday are none."""
    while number:
        start += timedelta(days=1)
        number -= start.weekday() < 5
    return start


@dataclass
class Wanted:
    """What the model holds of one offer."""

    state: str
    last_day: date
    reconsider_by: date | None = None
    late: bool = False
    other: int | None = None


@dataclass
class Model:
    """What the model holds of the newest proposal of the case."""

    state: str | None = None
    fresh: bool = True  # the case is as it was when the sums were made
    drafter: int = 0
    issued_on: date | None = None
    offers: list[Wanted] = field(default_factory=list)


class ProposalMachine(Walk):
    """Drafting, checking, issuing, answering, asking again, taking over, ending, and days that pass."""

    def __init__(self):
        super().__init__()
        self.model, self.history = Model(), []

    @initialize(
        effects=st.lists(st.sampled_from([None, None, Effect.PREPARE, Effect.ACCEPT]), min_size=2, max_size=3), ahead=st.integers(0, 5)
    )
    def a_case_with_creditors(self, effects, ahead):
        """Most walks begin with a proposal that runs, for there the most can happen."""
        bank = factory.organisation(Kind.BANK)
        self.people = [factory.actor(bank, name=name, person_id=7000 + n) for n, name in enumerate(("Mila", "Ruben"))]
        self.case, self.effects = factory.case(), effects
        self.creditors = [factory.organisation() for _ in effects]
        for creditor, effect in zip(self.creditors, effects, strict=True):
            factory.claim(self.case, creditor)
            if effect:
                factory.consent(creditor, effect)
        if ahead:
            self.draft(0)
            self.approve(1, stale=False)
            self.issue(0)

    def rows(self):
        with db.reading() as session:
            proposal = session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()
            mine = select(Offer).where(Offer.proposal_id == (proposal.id if proposal else 0)).order_by(Offer.id)
            return proposal, list(session.scalars(mine))

    # ── the bank before anything leaves the house ────────────────────────────

    @rule(who=st.integers(0, 1))
    def draft(self, who):
        if self.step(self.model.state not in {"issued", "agreed"}, drafting.draft_proposal, self.people[who], self.case.ref):
            self.model = Model("draft", drafter=who)

    @rule(cents=st.integers(1, 99999))
    @precondition(lambda self: self.model.state in {"draft", "approved"})
    def the_case_changes(self, cents):
        with db.transaction() as session:
            session.get_one(Case, self.case.id).extra_cents += cents
        self.model.fresh = False

    @rule(who=st.integers(0, 1), stale=SELDOM)
    @precondition(lambda self: self.model.state)
    def approve(self, who, stale):
        proposal, _ = self.rows()
        asked = proposal.revision - stale
        right = self.model.state == "draft" and who != self.model.drafter and not stale
        if right and not self.model.fresh:
            self.drafted_anew(drafting.approve_proposal, self.people[who], proposal.ref, asked)
        elif self.step(right, drafting.approve_proposal, self.people[who], proposal.ref, asked):
            self.model.state = "approved"

    @rule(who=st.integers(0, 1))
    @precondition(lambda self: self.model.state)
    def issue(self, who):
        proposal, _ = self.rows()
        if self.model.state == "approved" and not self.model.fresh:
            self.drafted_anew(issuing.issue_proposal, self.people[who], proposal.ref)
        elif self.step(self.model.state == "approved", issuing.issue_proposal, self.people[who], proposal.ref):
            answers = {None: "open", Effect.PREPARE: "prepared", Effect.ACCEPT: "accepted"}
            last = working_days(self.today, 10)
            self.model.state, self.model.issued_on = "issued", self.today
            self.model.offers = [Wanted(answers[effect], last) for effect in self.effects]
            self.agree_if_all()

    def drafted_anew(self, act, *args):
        """What changed since the check is refused, and is a draft with the sums of now."""
        try:
            act(*args)
        except Refusal as no:
            assert no.code == "proposals.changed_since_approval"  # noqa: PT017 - anything else went wrong
        else:
            raise AssertionError("went out with old sums")
        self.model.state, self.model.fresh = "draft", True

    # ── creditors ────────────────────────────────────────────────────────────

    @rule(at=st.integers(0, 6), way=st.sampled_from(WAYS), stale=SELDOM, cents=st.sampled_from([1, 400000]))
    @precondition(lambda self: self.model.offers)
    def answer(self, at, way, stale, cents):
        wanted, offer, worker = self.chosen(at, OPEN)
        seen = Seen(offer.ref, offer.revision + stale)
        right = self.model.state == "issued" and wanted.state in OPEN and not stale
        right = right and not (wanted.state == "asked again" and way == "reconsider")
        worker = factory.actor(worker, name=f"Collega {self.steps}")  # never the second click of a double one
        if self.step(right, *self.answering(way, worker, seen, cents)):
            wanted.state, wanted.late = GIVES[way], self.today > wanted.last_day
            wanted.other = cents if way == "other" else None
            self.agree_if_all()

    def answering(self, way, worker, seen, cents):
        if way == "accept":
            return responding.accept_offer, worker, seen
        if way == "other":
            return responding.accept_with_other_balance, worker, seen, cents
        if way == "reject":
            return lambda: responding.reject_offer(worker, seen, RejectReason.POLICY, "Beleid.", confirmed=True), *()
        return responding.ask_reconsideration, worker, seen, "Klopt dit?"

    @rule(at=st.integers(0, 6))
    @precondition(lambda self: self.model.offers)
    def put_back(self, at):
        wanted, offer, worker = self.chosen(at, {"prepared"})
        right = self.model.state == "issued" and wanted.state == "prepared"
        if self.step(right, responding.put_back_offer, factory.actor(worker), Seen(offer.ref, offer.revision)):
            wanted.state = "open"

    @rule(at=st.integers(0, 6))
    @precondition(lambda self: self.model.offers)
    def keep_a_draft(self, at):
        wanted, offer, worker = self.chosen(at, OPEN)
        right = self.model.state == "issued" and wanted.state in OPEN
        self.step(right, responding.save_draft, factory.actor(worker), offer.ref, {"answer": "accept"})

    def chosen(self, at, states):
        """Choose an offer, most times one in a state that fits."""
        fit = [place for place, wanted in enumerate(self.model.offers) if wanted.state in states and at < 6]
        place = fit[at % len(fit)] if fit else at % len(self.creditors)
        return self.model.offers[place], self.rows()[1][place], self.creditors[place]

    def agree_if_all(self):
        if all(offer.state == "accepted" for offer in self.model.offers):
            self.model.state = "agreed"

    # ── the bank on a running proposal ───────────────────────────────────────

    @rule(at=st.integers(0, 6), stale=SELDOM)
    @precondition(lambda self: self.model.offers)
    def ask_again(self, at, stale):
        wanted, offer, _ = self.chosen(at, UNSETTLED)
        right = self.model.state == "issued" and wanted.state in UNSETTLED and not stale
        if self.step(right, settling.ask_again, self.people[0], offer.ref, "Nog eens?", offer.revision - stale):
            wanted.state, wanted.reconsider_by = "asked again", working_days(self.today, 10)
            wanted.last_day = wanted.reconsider_by

    @rule(at=st.integers(0, 6))
    @precondition(lambda self: self.model.offers)
    def take_over_balance(self, at):
        wanted, offer, _ = self.chosen(at, {GIVES["other"]})
        right = self.model.state == "issued" and wanted.state == GIVES["other"] and wanted.other >= offer.payment_cents
        if self.step(right, settling.take_over_balance, self.people[0], offer.ref, offer.revision):
            wanted.state = "accepted"
            self.agree_if_all()

    @rule(act=st.sampled_from(["withdraw", "supersede"]), meant=SELDOM, stale=SELDOM)
    @precondition(lambda self: self.model.state)
    def end(self, act, meant, stale):
        """Without a reason nothing ends; the walk seldom gives one, for then it is over."""
        (proposal, _), reason = self.rows(), "Gestopt." if meant else " "
        states = {"draft", "approved", "issued"} | ({"closed"} if act == "supersede" else set())
        right = self.model.state in states and meant and not stale
        use_case = settling.withdraw_proposal if act == "withdraw" else settling.supersede_proposal
        if self.step(right, use_case, self.people[0], proposal.ref, reason, proposal.revision - stale):
            self.model.state = {"withdraw": "withdrawn", "supersede": "superseded"}[act]
            for offer in self.model.offers:
                offer.state = "withdrawn"

    # ── days that pass ───────────────────────────────────────────────────────

    @rule(days=st.sampled_from([1, 3, 14, 28]))
    def days_pass(self, days):
        if self.today + timedelta(days=days) < date(2026, 10, 1):  # before the figures of the case are too old
            self.pass_days(days)

    @rule()
    @precondition(lambda self: self.model.state)
    def the_evening_closes_what_is_over(self):
        proposal, _ = self.rows()
        with db.transaction() as session:
            agreement.close_if_over(session, proposal.id, self.today)
        if self.model.state != "issued" or self.today < working_days(self.model.issued_on, 20):
            return
        for offer in self.model.offers:
            waits = offer.state in ASKED
            if waits and (offer.reconsider_by is None or offer.reconsider_by <= self.today):
                offer.state = "no response"
        states = {offer.state for offer in self.model.offers}
        if states & {"no response", "rejected"} and not states & ASKED:
            self.model.state = "closed"

    @rule()
    def the_morning_reminds(self):
        reminding.run_reminders(self.today)
        before = dump()
        reminding.run_reminders(self.today)
        after = dump()
        assert len(after.pop("daily_run")) == len(before.pop("daily_run")) + 1  # that it ran, and that it did nothing
        assert after == before

    # ── what always holds ────────────────────────────────────────────────────

    @invariant()
    def the_portal_is_where_the_model_is(self):
        if not self.model.state:
            return
        proposal, offers = self.rows()
        assert proposal.state == self.model.state
        assert [offer.state for offer in offers] == [wanted.state for wanted in self.model.offers]
        assert [offer.late for offer in offers] == [wanted.late for wanted in self.model.offers]
        assert [offer.other_balance_cents for offer in offers] == [wanted.other for wanted in self.model.offers]

    @invariant()
    def an_agreement_stands_when_all_accepted_and_only_then(self):
        proposal, offers = self.rows()
        if proposal and proposal.state in {ProposalState.ISSUED, ProposalState.AGREED}:
            assert (proposal.state is ProposalState.AGREED) == all(offer.state is OfferState.ACCEPTED for offer in offers)

    @invariant()
    def history_is_only_appended(self):
        with db.reading() as session:
            events = [
                (row.id, row.offer_id, row.at, row.what, row.facts) for row in session.scalars(select(OfferEvent).order_by(OfferEvent.id))
            ]
            assert verify(session)[1] is None
        assert events[: len(self.history)] == self.history
        self.history = events
