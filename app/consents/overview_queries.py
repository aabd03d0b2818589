"""Read the standing consents of every creditor together, for who looks after them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import today
from app.consents import moves, rules
from app.consents.assessing import counts_on
from app.consents.models import Assessment, Consent
from app.consents.queries import last_day
from app.consents.rules import Effect
from app.creditors.models import Organisation
from app.deadlines import months_before


class Standing(StrEnum):
    """How a creditor stands with its consent on a day."""

    EXPIRING = "expiring"  # counts, and its last day is near enough to remind of
    IN_FORCE = "in force"
    COMING = "coming"  # signed, and begins later
    ENDED = "ended"
    NONE = "none"


ORDER = tuple(Standing)  # what needs somebody's attention first


@dataclass(frozen=True)
class OverviewRow:
    """A creditor that joined, or has a consent, and what stands now."""

    creditor: str
    code: int | None
    standing: Standing
    ref: str | None
    version: int | None
    effect: Effect | None
    starts_on: date | None
    last_day: date | None
    offers: int
    covered: int


@dataclass(frozen=True)
class Overview:
    """The rows that were asked for, and how many creditors stand how."""

    rows: list[OverviewRow]
    counts: dict[Standing, int]
    total: int


def overview(session: Session, actor: Actor, q: str = "", status: str = "") -> Overview:
    """List every creditor that joined or has a consent, expiring ones first, with what its consent covered in twelve months.

    `q` is part of a name or a code, `status` a Standing; any other status shows all.
    """
    actor.must(Permission.READ_ALL_CONSENTS)
    rows = [row for row in _all_rows(session) if _fits(row, q.casefold())]
    counts = Counter(row.standing for row in rows)
    shown = [row for row in rows if status not in ORDER or row.standing == status]
    return Overview(sorted(shown, key=_place), {standing: counts[standing] for standing in ORDER}, len(rows))


def waiting(session: Session, actor: Actor) -> dict[str, int]:
    """Count the consents that count today and whose last day is near, for who sees those of every creditor."""
    if not actor.may(Permission.READ_ALL_CONSENTS):
        return {}
    found = session.execute(select(Consent.starts_on, Consent.clauses, Consent.ends_on).where(counts_on(today())))
    standing = [_standing(starts, last_day(rules.from_json(clauses), ends)) for starts, clauses, ends in found]
    return {"consents expiring": standing.count(Standing.EXPIRING)}


def _fits(row: OverviewRow, q: str) -> bool:
    return q in row.creditor.casefold() or q == str(row.code) or q == (row.ref or "").casefold()


def _place(row: OverviewRow) -> tuple[int, date, str]:
    return ORDER.index(row.standing), row.last_day or date.max, row.creditor.casefold()


def _all_rows(session: Session) -> Iterable[OverviewRow]:
    current = {c.creditor_id: c for c in session.scalars(select(Consent).where(counts_on(today())).order_by(Consent.version))}
    newest = {c.creditor_id: c for c in session.scalars(select(Consent).where(Consent.signed_at.is_not(None)).order_by(Consent.version))}
    counted = {row[0]: (int(row[1]), int(row[2] or 0)) for row in session.execute(_year_counts())}
    creditors = select(Organisation.id, Organisation.name, Organisation.code).where(
        Organisation.kind == Kind.CREDITOR, Organisation.joined_on.is_not(None) | Organisation.id.in_(newest)
    )
    for row in session.execute(creditors.order_by(Organisation.name, Organisation.id)):
        yield _row(row.name, row.code, current.get(row.id), newest.get(row.id), counted.get(row.id, (0, 0)))


def _year_counts() -> Select[int, int, int]:
    covered = func.count().filter(Assessment.covered)
    year = Assessment.issued_on > months_before(today(), 12)
    return select(Assessment.creditor_id, func.count(), covered).where(year).group_by(Assessment.creditor_id)


def _row(name: str, code: int | None, current: Consent | None, newest: Consent | None, counts: tuple[int, int]) -> OverviewRow:
    shown = current or newest
    if shown is None:
        return OverviewRow(name, code, Standing.NONE, None, None, None, None, None, *counts)
    last = last_day(rules.from_json(shown.clauses), shown.ends_on)
    standing = _standing(shown.starts_on, last)
    return OverviewRow(name, code, standing, shown.ref, shown.version, shown.effect, shown.starts_on, last, *counts)


def _standing(starts_on: date | None, last: date | None) -> Standing:
    """Tell how a signed version stands today by its first and last day."""
    if last is not None and (last < today() or (starts_on and last < starts_on)):
        return Standing.ENDED
    if starts_on and starts_on > today():
        return Standing.COMING
    near = last is not None and last <= today() + timedelta(days=max(moves.REMINDERS))
    return Standing.EXPIRING if near else Standing.IN_FORCE
