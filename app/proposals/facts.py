"""Read what proposals rest on, for many cases at once: cases with their claims, consents in force, mandates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.cases.models import Case, Claim
from app.cases.rules import Balances, balance_state
from app.consents.assessing import InForce, consents_in_force
from app.creditors.models import Mandate, Organisation
from app.creditors.queries import in_force
from app.errors import Refusal
from app.proposals import calculation, inputs
from app.proposals.inputs import Choice
from app.proposals.lifecycle import eligibility, figures_obstacles, product_for

WITHOUT_CODE = 900_000_000  # an organisation that the bank's own system does not know still needs a number of its own


@dataclass(frozen=True)
class Grounds:
    """Everything that the calculations of some cases need, read once."""

    on: date
    cases: dict[int, Case]
    codes: dict[int, int]
    in_force: dict[int, InForce] = field(default_factory=dict)
    mandates: frozenset[tuple[int, int]] = frozenset()  # agent and creditor

    def claims(self, case: Case) -> tuple[calculation.Claim, ...]:
        return inputs.claims_of(case.claims, self.codes)

    def worked(self, case: Case, choice: Choice) -> calculation.Case:
        """Return the input of a calculation, with the consents in force of the creditors in this case."""
        creditors = dict.fromkeys(claim.creditor_id for claim in case.claims if claim.creditor_id in self.in_force)
        consents = [_consent(self.codes[id_], self.in_force[id_]) for id_ in creditors]
        return inputs.worked(case, self.claims(case), choice, self.on, consents)

    def agent_of(self, claim: Claim) -> int | None:
        """Return who acts on a claim: its bailiff, else its collection agency, whichever holds a mandate of the creditor."""
        named = (agent for agent in (claim.bailiff_id, claim.agent_id) if agent is not None)
        return next((agent for agent in named if (agent, claim.creditor_id) in self.mandates), None)

    def fingerprint(self, case: Case) -> str:
        return inputs.fingerprint(case, self.claims(case))


def _consent(code: int, version: InForce) -> calculation.Consent:
    return calculation.Consent(code, version.version, version.clauses)


def grounds(session: Session, case_ids: Iterable[int], on: date, *, consents: bool = False) -> Grounds:
    """Read cases with their claims; with `consents` also what counts when they are issued on that day."""
    query = select(Case).where(Case.id.in_(list(case_ids))).options(selectinload(Case.claims)).order_by(Case.id)
    cases = {case.id: case for case in session.scalars(query)}
    claims = [claim for case in cases.values() for claim in case.claims]
    creditors = {claim.creditor_id for claim in claims}
    codes = _codes(session, creditors)
    if not consents:
        return Grounds(on, cases, codes)
    return Grounds(on, cases, codes, consents_in_force(session, creditors, on), _mandates(session, claims, on))


def _codes(session: Session, creditors: set[int]) -> dict[int, int]:
    found = session.execute(select(Organisation.id, Organisation.code).where(Organisation.id.in_(creditors)).order_by(Organisation.id))
    return {id_: WITHOUT_CODE + id_ if code is None else code for id_, code in found}


def _mandates(session: Session, claims: Sequence[Claim], on: date) -> frozenset[tuple[int, int]]:
    agents = {agent for claim in claims for agent in (claim.bailiff_id, claim.agent_id) if agent is not None}
    held = select(Mandate.agent_id, Mandate.creditor_id).where(Mandate.agent_id.in_(agents), in_force(on))
    return frozenset((row[0], row[1]) for row in session.execute(held.order_by(Mandate.id)))


# ── whether and with what a case can be proposed ─────────────────────────────


def bank_key(case: Case) -> str:
    """Return how the bank's own system calls a case: RelatieCode-Volgnummer."""
    return f"{case.relation_code}-{case.sequence}"


def choice_for(case: Case, on: date) -> Choice:
    """Return the product and months that the programme and the capacity of a case call for."""
    capacity = calculation.capacity(case.income_cents, case.vtlb_cents)
    return Choice(*product_for(case.programme, capacity, case.extra_cents, on))


def check(case: Case, choice: Choice, worked: calculation.Case) -> None:
    """Check that a case can be proposed with a choice on the day of `worked`. Raises Refusal with the first reason why not."""
    on = worked.issued_on
    if case.closed_on is not None:
        raise Refusal("proposals.case_closed")
    if case.restricted_at is not None:
        raise Refusal("proposals.case_rests")
    parts = sum(claim.takes_part_cents for claim in worked.claims)
    if not parts:
        raise Refusal("proposals.nothing_takes_part")
    balances = balance_state(case.balances_since, [claim.stated_cents for claim in case.claims], on)
    if balances.state is Balances.OPEN:
        raise Refusal("proposals.balances_open", until=f"{balances.closes_on:%d-%m-%Y}", stated=balances.stated, claims=balances.claims)
    capacity = calculation.capacity(case.income_cents, case.vtlb_cents)
    obstacles = figures_obstacles(case.calculated_on, on) + eligibility(
        choice.product, worked.debtor, capacity, case.extra_cents, choice.reason, on, total_cents=parts
    )
    if obstacles:
        raise Refusal(f"proposals.{obstacles[0]}")
