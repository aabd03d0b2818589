"""Bring early signals in from a reporter's file: the same code for a command, a page and a dry run."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.creditors.models import Organisation
from app.early_signals.filing import FIELDS, Report, Reporter, change, check, find_households, keep_reports
from app.early_signals.models import Signal
from app.early_signals.rules import OPEN, Confirmation, Sort
from app.early_signals.sheets import SIGNALS, SignalRow
from app.early_signals.telling import late_by_team, tell_late
from app.errors import Conflict, NotFound, Refusal
from app.exchange.imports import Outcome, Tally, trial
from app.exchange.reading import Source
from app.exchange.sheets import Reading, Row, open_sheet

KIND = "signals"
COLUMNS = {column.field: column.name for column in SIGNALS.columns}
CELLS = {"contact": Confirmation.CONTACT, "help": Confirmation.HELP, "reminder": Confirmation.REMINDER, "offer": Confirmation.OFFER}
NEEDS_CELLS = ", ".join(COLUMNS[field] for field in CELLS)
Reporters = dict[int, Reporter]


def import_signals(actor: Actor, file: Source, codes: Collection[int] = (), *, confirmed: bool = False, dry_run: bool = False) -> Outcome:
    """Bring a file of reports in, all good rows or (a file that cannot be read) nothing.

    `codes` are the reporters whose rows it may hold; without any: the own organisation's, or for the portal itself everybody's.
    `confirmed` says that a landlord did for each row what the law asks before it reports (Bgs 2). Raises Refusal, NotFound.
    """
    actor.must(Permission.REPORT_SIGNALS)
    with trial(dry_run=dry_run) as session:
        return take_signals(session, actor, file, codes, confirmed=confirmed)


def take_signals(session: Session, actor: Actor, file: Source, codes: Collection[int] = (), *, confirmed: bool = False) -> Outcome:
    """Bring a file in within somebody's transaction."""
    reporters = _reporters(session, actor, codes)
    tally, late = Tally(KIND), Counter[str]()
    with open_sheet(SIGNALS, file) as reading:
        for batch in reading.batches():
            late += _take(session, actor, reading, tally, reporters, batch, confirmed=confirmed)
    tally.close(reading)
    tell_late(session, late)  # one message for the whole file
    counts: dict[str, Any] = {name: (None, number) for name, number in tally.counts.as_dict().items()}
    record(session, actor, "signals:import", "import/signals", concerns_id=actor.organisation_id, **counts)
    return Outcome((tally,))


def _reporters(session: Session, actor: Actor, codes: Collection[int]) -> Reporters:
    """Return by code whose rows may come in: an organisation reports for itself alone, for keys of others tell what they reported."""
    found = select(Organisation).where(Organisation.kind.in_([Kind.CREDITOR, Kind.AGENT]), Organisation.code.is_not(None))
    if actor.organisation_id is not None and actor.kind in {Kind.CREDITOR, Kind.AGENT}:
        found = found.where(Organisation.id == actor.organisation_id)
    if codes:
        found = found.where(Organisation.code.in_(codes))
    reporters = {row.code: Reporter(row.id, row.code, row.branch) for row in session.scalars(found.order_by(Organisation.id)) if row.code}
    if unknown := sorted(set(codes) - set(reporters)):
        raise Refusal("early_signals.unknown_reporter", reporter=unknown[0])
    if not reporters:
        raise NotFound
    return reporters


def _take(
    session: Session,
    actor: Actor,
    reading: Reading[SignalRow],
    tally: Tally,
    reporters: Reporters,
    batch: Sequence[Row[SignalRow]],
    *,
    confirmed: bool,
) -> Counter[str]:
    """Take the good rows of a batch; return how many late signals came to each team."""
    known = _known(session, reporters, batch)
    new: list[tuple[Reporter, Report]] = []
    changed: list[tuple[Signal, Sort]] = []  # with what it was before
    for row in batch:
        reporter = reporters.get(row.values.code)
        if reporter is None:
            reading.reject(row, COLUMNS["code"], "early_signals.not_own_code")
            continue
        old = known.get((reporter.id, row.values.reference, row.values.reported_on))
        report = _report(row.values, reading.absent, old, confirmed=confirmed)
        if old is not None and _is_same(old, report):
            tally.unchanged += 1
        elif old is not None and old.state not in OPEN:
            reading.reject(row, None, "early_signals.row_closed")
        elif _is_sound(reading, row, reporter, report, later=actor.organisation_id is None and set(CELLS) <= reading.absent):
            if old is None:
                new.append((reporter, report))
                tally.show(row.line, report.reference)
            else:
                changed.append((old, old.sort))
                change(session, actor, old, report)
                tally.show(row.line, report.reference)
    tally.new, tally.changed = tally.new + len(new), tally.changed + len(changed)
    return _write(session, actor, new, changed)


def _write(session: Session, actor: Actor, new: Sequence[tuple[Reporter, Report]], changed: Sequence[tuple[Signal, Sort]]) -> Counter[str]:
    try:
        made = keep_reports(session, actor, new)
        find_households(session, [signal for signal, _ in changed])
    except IntegrityError as error:
        raise Conflict from error  # another import brought the same rows in meanwhile
    return late_by_team([*made, *(signal for signal, before in changed if signal.sort is not before)])


def _known(session: Session, reporters: Reporters, batch: Sequence[Row[SignalRow]]) -> dict[tuple[int, str, Any], Signal]:
    ids = [reporter.id for reporter in reporters.values()]
    references = {row.values.reference for row in batch}
    found = select(Signal).where(Signal.reporter_id.in_(ids), Signal.reference.in_(references)).order_by(Signal.id).with_for_update()
    return {(one.reporter_id, one.reference, one.reported_on): one for one in session.scalars(found)}


def _report(row: SignalRow, absent: frozenset[str], old: Signal | None, *, confirmed: bool) -> Report:
    """Return what a row tells; of a column that the file has not, what was told before stands."""
    told = frozenset(Confirmation) if confirmed else frozenset(what for field, what in CELLS.items() if getattr(row, field))
    values = {name: getattr(row, name) for name in FIELDS if name != "confirmations"}
    if old is not None:
        values |= {name: getattr(old, name) for name in values if name in absent}
        if not confirmed and set(CELLS) <= absent:
            return Report(**values, confirmations=tuple(old.confirmations))
    return Report(**values, confirmations=tuple(one.value for one in Confirmation if one in told))


def _is_same(old: Signal, report: Report) -> bool:
    told = vars(report) | {"confirmations": list(report.confirmations)}
    return all(getattr(old, name) == value for name, value in told.items())


def _is_sound(reading: Reading[SignalRow], row: Row[SignalRow], reporter: Reporter, report: Report, *, later: bool) -> bool:
    """Check a row by the rules of a report; what is odd is told beside it.

    `later`: the city itself brings a file in of the form that has no columns for a landlord's steps, so these are asked afterwards.
    """
    try:
        for code in check(reporter, report, later=later):
            reading.notice(row, COLUMNS["code" if code == "early_signals.confirms_later" else "sort"], code)
    except Refusal as no:
        facts = no.facts | ({"columns": NEEDS_CELLS} if no.code == "early_signals.unconfirmed" else {})
        reading.reject(row, COLUMNS.get(no.field or ""), _WHOLE.get(no.code, no.code), **facts)
        return False
    return True


_WHOLE = {"early_signals.unconfirmed": "early_signals.row_unconfirmed"}
