"""Bring the register of creditors and agents in from a file: the same code for a command, a page and a dry run."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.creditors.models import Organisation
from app.creditors.sheets import CREDITORS, CreditorRow
from app.errors import Conflict
from app.exchange.imports import Outcome, Tally, trial
from app.exchange.reading import Source
from app.exchange.sheets import Reading, Row, open_sheet

KIND = "creditors"


def import_creditors(actor: Actor, file: Source, *, dry_run: bool = False) -> Outcome:
    """Bring a file into the register. Unchanged rows stay untouched; a dry run does the same and keeps nothing.

    Raises Refusal for a file that cannot be read at all, Conflict, NotFound without the permission.
    """
    actor.must(Permission.EDIT_CREDITORS)
    with trial(dry_run=dry_run) as session:
        return take_creditors(session, actor, file)


def take_creditors(session: Session, actor: Actor, file: Source) -> Outcome:
    """Insert and update the organisations of a file, each change with its audit event."""
    tally = Tally(KIND)
    with open_sheet(CREDITORS, file) as reading:
        for batch in reading.batches():
            known = _known(session, [row.values.code for row in batch])
            for row in batch:
                _take(session, actor, reading, tally, row, known.get(row.values.code))
            _flush(session)
    tally.close(reading)
    counts: dict[str, Any] = {name: (None, number) for name, number in tally.counts.as_dict().items()}
    record(session, actor, "creditors:import", "import/creditors", **counts)
    return Outcome((tally,))


def _flush(session: Session) -> None:
    """Write what is new and changed. Raises Conflict when another import brought the same rows in meanwhile."""
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict from error


def _known(session: Session, codes: list[int]) -> dict[int | None, Organisation]:
    found = select(Organisation).where(Organisation.code.in_(codes)).order_by(Organisation.id).with_for_update()
    return {organisation.code: organisation for organisation in session.scalars(found)}


def _take(
    session: Session, actor: Actor, reading: Reading[CreditorRow], tally: Tally, row: Row[CreditorRow], known: Organisation | None
) -> None:
    values = _values(row.values)
    if known:
        values = {field: value for field, value in values.items() if field not in reading.absent}
    if known is None:
        session.add(Organisation(**values))
        record(session, actor, "creditors:add", f"creditor/{row.values.code}", name=(None, row.values.name))
        tally.new += 1
        tally.show(row.line, _name(row.values))
    elif known.kind is not values["kind"]:
        reading.reject(row, "Soort", "creditors.sort_changed")
    elif changes := {field: (getattr(known, field), new) for field, new in values.items() if getattr(known, field) != new}:
        for field, (_, new) in changes.items():
            setattr(known, field, new)
        record(session, actor, "creditors:change", f"creditor/{known.code}", concerns_id=known.id, **changes)
        tally.changed += 1
        tally.show(row.line, _name(row.values), tuple((field, old, new) for field, (old, new) in changes.items()))
    else:
        tally.unchanged += 1


def _values(row: CreditorRow) -> dict[str, object]:
    """Return the columns of an organisation that the file tells."""
    values = row._asdict()
    values["kind"], values["is_bailiff"] = values.pop("sort")
    return values


def _name(row: CreditorRow) -> str:
    return f"{row.code} {row.name}"
