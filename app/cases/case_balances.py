"""Read the balance round of one case, for the bank: who was asked, who stated nothing yet, and what waits for an officer."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.cases.balance_queries import StatementRow, statements_of
from app.cases.balance_rules import BalanceAnswer, Correction
from app.cases.models import BalanceRequest, BalanceStatement, Claim
from app.cases.rules import Rank
from app.creditors.models import Organisation
from app.money import Cents


@dataclass(frozen=True)
class CaseBalance:
    """What one claim of a case has: the request (none without a reference) and its newest statement."""

    claim: int
    creditor: str
    phone: str
    agent: str
    rank: Rank
    reported_cents: Cents
    stated_cents: Cents | None
    stated_by: str
    ref: str
    state: BalanceAnswer | None
    answer_by: date | None
    closes_on: date | None
    reminders: int
    statements: list[StatementRow]
    recoded_at: datetime | None = None  # a new code was asked by post

    @property
    def last(self) -> StatementRow | None:
        return self.statements[0] if self.statements else None

    @property
    def waiting(self) -> StatementRow | None:
        """Return the correction that waits for an officer."""
        return next((one for one in self.statements if one.correction is Correction.WAITS), None)


@dataclass(frozen=True)
class CaseBalances:
    """How the balance round of a case stands."""

    claims: list[CaseBalance]

    @property
    def asked(self) -> int:
        return sum(one.state is not None for one in self.claims)

    @property
    def unasked(self) -> int:
        """Return how many claims have no balance and no request yet."""
        return sum(one.state is None and one.stated_cents is None for one in self.claims)

    @property
    def silent(self) -> list[CaseBalance]:
        """Return the claims whose creditors were asked and said nothing, or nothing in time."""
        return [one for one in self.claims if one.state in (BalanceAnswer.OPEN, BalanceAnswer.NOT_STATED)]

    @property
    def told(self) -> list[CaseBalance]:
        """Return the claims with a statement to look at: no cooperation, an obstacle, costs above the scale, or too late."""
        return [one for one in self.claims if one.last and _is_remarkable(one.last)]

    @property
    def corrections(self) -> list[CaseBalance]:
        return [one for one in self.claims if one.waiting]


def _is_remarkable(last: StatementRow) -> bool:
    return bool(last.ground or last.obstacle or last.late or last.excess_cents)


def balances_of(session: Session, case_id: int) -> CaseBalances:
    """Return the balance round of a case. The caller looked whether the actor sees the case."""
    agent, creditor = aliased(Organisation), aliased(Organisation)
    found = (
        select(Claim, creditor.name, creditor.phone, agent.name, agent.phone, BalanceRequest)
        .join(creditor, creditor.id == Claim.creditor_id)
        .outerjoin(BalanceRequest, BalanceRequest.claim_id == Claim.id)
        .outerjoin(agent, agent.id == BalanceRequest.agent_id)
        .where(Claim.case_id == case_id)
        .order_by(creditor.name, Claim.number)
    )
    said: dict[int, list[StatementRow]] = {}
    of_case = select(BalanceStatement.id, BalanceStatement.claim_id).join(Claim, Claim.id == BalanceStatement.claim_id)
    claims = {row[0]: row[1] for row in session.execute(of_case.where(Claim.case_id == case_id).order_by(BalanceStatement.id))}
    for one in statements_of(session, BalanceStatement.id.in_(list(claims))):
        said.setdefault(claims[one.id], []).append(one)
    return CaseBalances([_claim(*row, said.get(row[0].id, [])) for row in session.execute(found)])


def _claim(
    claim: Claim, creditor: str, phone: str, agent: str | None, agent_phone: str | None, request: BalanceRequest | None,
    said: list[StatementRow],
) -> CaseBalance:  # fmt: skip
    return CaseBalance(
        claim.number, creditor, agent_phone or phone, agent or "", claim.rank, claim.reported_cents, claim.stated_cents,
        claim.stated_by or "", request.ref if request else "", request.state if request else None,
        request.answer_by if request else None, request.closes_on if request else None, request.reminders if request else 0, said,
        request.recoded_at if request else None,
    )  # fmt: skip
