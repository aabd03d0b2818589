"""Play the balance rounds of some young cases of the demo: the bank asks, most creditors state, some refuse, some forget."""

from datetime import date
from random import Random

from sqlalchemy import exists, select

from app.access import Actor
from app.cases import balance_asking, balance_stating
from app.cases.balance_rules import BalanceAnswer, Ground, Obstacle, Statement
from app.cases.balance_stating import Seen
from app.cases.models import BalanceRequest, Case, Claim
from app.cases.rules import Rank, Stage
from app.creditors.models import Organisation
from app.db import reading

CASES_A_DAY = 4


class Rounds:
    """The rounds of one demo, with chances of their own, so that the rest of the demo plays as it did."""

    def __init__(self, ask_days: set[date], parties: dict[int, tuple[Actor, int | None]], shown: int) -> None:
        self.ask_days, self.parties, self.shown = ask_days, parties, shown
        self.chance = Random(20260701)  # noqa: S311 (a demo that is the same every time, no secret)

    def begin(self, day: date, officer: Actor) -> None:
        """Remind of what waits, and on some days ask the creditors of a few cases."""
        balance_asking.run_reminders(day)
        for ref in _young(day, self.shown) if day in self.ask_days else ():
            balance_asking.send_requests(officer, ref)

    def answer(self) -> None:
        """Let creditors answer; the one of the demo's sign-ins is slow, so that its list has work in it."""
        for request, rank, reported in _open():
            actor, code = self.parties[request.agent_id or request.creditor_id]
            if self.chance.random() < (0.03 if code == self.shown else 0.3):
                self._answer(actor, request, rank, reported)

    def _answer(self, actor: Actor, request: BalanceRequest, rank: Rank, reported: int) -> None:
        seen, luck = Seen(request.ref, request.revision), self.chance.random()
        if luck < 0.04:
            balance_stating.decline(actor, seen, Ground.CLIENT_UNKNOWN)
            return
        interest = reported * self.chance.randrange(6) // 100
        obstacle = Obstacle.DISPUTED if luck > 0.95 else None
        said = Statement(reported - interest, interest * 2, 0, request.reference, rank, agent_id=request.agent_id, obstacle=obstacle)
        balance_stating.state_balance(actor, seen, said)

    def end(self, day: date) -> None:
        """Close the rounds that are over."""
        balance_asking.close_over(day)


def _young(day: date, shown: int) -> list[str]:
    """Return some cases without a proposal of which nobody was asked yet: the youngest, in which the shown creditor states nothing yet."""
    own = select(Organisation.id).where(Organisation.code == shown).scalar_subquery()
    unstated = exists().where(Claim.case_id == Case.id, Claim.stated_cents.is_(None), Claim.creditor_id == own)
    asked = exists().where(BalanceRequest.case_id == Case.id)
    young = (Case.started_on <= day, Case.stage == Stage.INTAKE, Case.closed_on.is_(None))
    found = select(Case.ref).where(*young, unstated, ~asked).order_by(Case.started_on.desc(), Case.id)
    with reading() as session:
        return list(session.scalars(found.limit(CASES_A_DAY)))


def _open() -> list[tuple[BalanceRequest, Rank, int]]:
    found = select(BalanceRequest, Claim.rank, Claim.reported_cents).join(Claim, Claim.id == BalanceRequest.claim_id)
    with reading() as session:
        rows = session.execute(found.where(BalanceRequest.state == BalanceAnswer.OPEN).order_by(BalanceRequest.id))
        return [(row[0], row[1], row[2]) for row in rows]
