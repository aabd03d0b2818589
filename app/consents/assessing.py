"""What issuing asks of standing consents: which version counts on a day, and the row that keeps how an offer compared with it.

Works inside somebody's transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.consents.models import Consent
from app.consents.rules import Clauses, Coverage, Effect, Facts, State, from_json


@dataclass(frozen=True)
class InForce:
    """The version of a creditor's standing consent that counts on a day."""

    id: int
    ref: str
    version: int
    effect: Effect
    clauses: Clauses
    creditor_id: int


def counts_on(day: date) -> ColumnElement[bool]:
    """Say in SQL that a version counts for proposals issued on a day: signed, begun, and not ended by then."""
    return (Consent.state != State.DRAFT) & (Consent.starts_on <= day) & or_(Consent.ends_on.is_(None), Consent.ends_on > day)


def consents_in_force(session: Session, creditor_ids: Collection[int], on: date) -> dict[int, InForce]:
    """Return for each creditor that has one the version that counts for proposals issued on a day."""
    columns = (Consent.id, Consent.ref, Consent.version, Consent.effect, Consent.clauses, Consent.creditor_id)
    found = select(*columns).where(Consent.creditor_id.in_(creditor_ids), counts_on(on)).order_by(Consent.creditor_id, Consent.version)
    return {row.creditor_id: _in_force(row) for row in session.execute(found)}


def _in_force(row: Any) -> InForce:
    return InForce(row.id, row.ref, row.version, row.effect, from_json(row.clauses), row.creditor_id)


def assessment_row(offer_ref: str, creditor_id: int, in_force: InForce | None, facts: Facts, coverage: Coverage | None) -> dict[str, Any]:
    """Return the values of one `consent_assessment`, for a bulk insert; no coverage: nothing was compared."""
    return facts._asdict() | {
        "offer_ref": offer_ref,
        "creditor_id": creditor_id,
        "consent_id": in_force.id if in_force and coverage else None,
        "covered": bool(coverage and coverage.covered),
        "rows": [row._asdict() for row in coverage.rows] if coverage else [],
    }
