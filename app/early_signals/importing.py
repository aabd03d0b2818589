"""Bring early signals in from a reporter's file: the same code for a command, a page and a dry run."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.creditors.models import Organisation
from app.early_signals.filing import FIELDS, Report, Reporter, change, check, find_households, keep_reports, under_keys
from app.early_signals.mandates import agent_with, mandated_reporters
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
Key = tuple[int, str, date]


@dataclass(frozen=True)
class Sending:
    """A file as somebody sends it: whose rows it may hold, by code, and which agent sends it in their name, if one does.

    `confirmed` says that a landlord did for each row what the law asks before it reports (Bgs 2). `is_silent`: the trial of an agent,
    which says nothing yet of what others reported.
    """

    reporters: Reporters
    agent_id: int | None = None
    confirmed: bool = False
    is_silent: bool = False

    @property
    def foreign(self) -> str:
        """Return the code of why a row in another name cannot be taken."""
        if self.agent_id is None:
            return "early_signals.not_own_code"
        return "early_signals.not_chosen_code" if self.reporters else "early_signals.no_mandate"

    @property
    def concerns(self) -> int | None:
        """Return in whose name an agent sends the file, when it is one creditor's."""
        return next(iter(self.reporters.values())).id if self.agent_id is not None and len(self.reporters) == 1 else None


def import_signals(
    actor: Actor,
    file: Source,
    codes: Collection[int] = (),
    *,
    confirmed: bool = False,
    dry_run: bool = False,
    sent_by: int | None = None,
) -> Outcome:
    """Bring a file of reports in, all good rows or (a file that cannot be read) nothing.

    `codes` are the reporters whose rows it may hold; without any: the own organisation's, or for the portal itself everybody's. An
    agent names the one creditor in whose name it reports; the portal itself says by `sent_by` which agent sent a file.
    `confirmed` says that a landlord did for each row what the law asks before it reports (Bgs 2). Raises Refusal, NotFound.
    """
    actor.must(Permission.REPORT_SIGNALS)
    with trial(dry_run=dry_run) as session:
        reporters, agent_id = _senders(session, actor, codes, sent_by)
        is_silent = dry_run and actor.kind is Kind.AGENT
        return take_signals(session, actor, file, Sending(reporters, agent_id, confirmed, is_silent))


def take_signals(session: Session, actor: Actor, file: Source, sending: Sending) -> Outcome:
    """Bring a file in within somebody's transaction."""
    tally, late = Tally(KIND), Counter[str]()
    with open_sheet(SIGNALS, file) as reading:
        for batch in reading.batches():
            late += _take(session, actor, reading, tally, sending, batch)
    tally.close(reading)
    tell_late(session, late)  # one message for the whole file
    counts: dict[str, Any] = {name: (None, number) for name, number in tally.counts.as_dict().items()}
    record(session, actor, "signals:import", "import/signals", concerns_id=sending.concerns or actor.organisation_id, **counts)
    return Outcome((tally,))


def _senders(session: Session, actor: Actor, codes: Collection[int], sent_by: int | None) -> tuple[Reporters, int | None]:
    """Return in whose names a file may report, by code, and which agent sends it. Raises Refusal, NotFound."""
    if actor.kind is Kind.AGENT and actor.organisation_id is not None:
        reporters = mandated_reporters(session, actor.organisation_id, codes) if codes else {}
        if set(codes) != set(reporters) or not reporters:
            raise Refusal("early_signals.no_mandate", field="creditor")
        return reporters, actor.organisation_id
    if sent_by is None or actor.organisation_id is not None:
        return _reporters(session, actor, codes), None
    agent_id = agent_with(session, sent_by)
    reporters = mandated_reporters(session, agent_id, codes)
    if missing := sorted(set(codes) - set(reporters)):
        raise Refusal("early_signals.agent_without_mandate", agent=sent_by, reporter=missing[0])
    return reporters, agent_id


def _reporters(session: Session, actor: Actor, codes: Collection[int]) -> Reporters:
    """Return by code whose rows may come in: an organisation reports for itself alone, for keys of others tell what they reported."""
    found = select(Organisation).where(Organisation.kind.in_([Kind.CREDITOR, Kind.AGENT]), Organisation.code.is_not(None))
    if actor.organisation_id is not None and actor.kind is Kind.CREDITOR:
        found = found.where(Organisation.id == actor.organisation_id)
    if codes:
        found = found.where(Organisation.code.in_(codes))
    reporters = {row.code: Reporter(row.id, row.code, row.branch) for row in session.scalars(found.order_by(Organisation.id)) if row.code}
    if unknown := sorted(set(codes) - set(reporters)):
        raise Refusal("early_signals.unknown_reporter", reporter=unknown[0])
    if not reporters:
        raise NotFound
    return reporters


@dataclass
class _Found:
    """What the good rows of a batch do: new reports, and changed ones with what they were before."""

    new: list[tuple[Reporter, Report]] = field(default_factory=list)
    changed: list[tuple[Signal, Sort]] = field(default_factory=list)


def _take(
    session: Session, actor: Actor, reading: Reading[SignalRow], tally: Tally, sending: Sending, batch: Sequence[Row[SignalRow]]
) -> Counter[str]:
    """Take the good rows of a batch; return how many late signals came to each team."""
    known, taken = _known(session, sending, batch)
    found = _Found()
    for row in batch:
        reporter = sending.reporters.get(row.values.code)
        if reporter is None:
            reading.reject(row, COLUMNS["code"], sending.foreign)
            continue
        key = (reporter.id, row.values.reference, row.values.reported_on)
        old = known.get(key)
        report = _report(row.values, reading.absent, old, confirmed=sending.confirmed)
        if old is not None and _is_same(old, report):
            tally.unchanged += 1
        elif old is not None and old.state not in OPEN:
            reading.reject(row, None, "early_signals.row_closed")
        elif _is_sound(reading, row, reporter, report, later=actor.organisation_id is None and set(CELLS) <= reading.absent) and _is_free(
            reading, row, taken=key in taken and not sending.is_silent
        ):
            tally.show(row.line, report.reference)
            if old is not None:
                found.changed.append((old, old.sort))
                change(session, actor, old, report, sending.agent_id)
            elif key in taken:
                tally.new += 1  # in a trial: whether somebody else reported it, the real thing says
            else:
                found.new.append((reporter, report))
    tally.new, tally.changed = tally.new + len(found.new), tally.changed + len(found.changed)
    return _write(session, actor, found, sending.agent_id)


def _write(session: Session, actor: Actor, found: _Found, agent_id: int | None) -> Counter[str]:
    try:
        made = keep_reports(session, actor, found.new, agent_id)
        find_households(session, [signal for signal, _ in found.changed])
    except IntegrityError as error:
        raise Conflict from error  # another import brought the same rows in meanwhile
    return late_by_team([*made, *(signal for signal, before in found.changed if signal.sort is not before)])


def _known(session: Session, sending: Sending, batch: Sequence[Row[SignalRow]]) -> tuple[dict[Key, Signal], set[Key]]:
    """Return the signals of the rows that are there already, and the keys under which an agent reports nothing: others did."""
    ids = [reporter.id for reporter in sending.reporters.values()]
    references = {row.values.reference for row in batch}
    known = {
        (one.reporter_id, one.reference, one.reported_on): one
        for one in under_keys(session, Signal.reporter_id.in_(ids), Signal.reference.in_(references))
    }
    if sending.agent_id is None:
        return known, set()
    mine = {key: one for key, one in known.items() if one.agent_id == sending.agent_id}
    return mine, set(known) - set(mine)


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


def _is_free(reading: Reading[SignalRow], row: Row[SignalRow], *, taken: bool) -> bool:
    """Check that nobody else reported under the key of a sound row of an agent; what stood in it is not told."""
    if taken:
        reading.reject(row, COLUMNS["reference"], "early_signals.reported_by_other")
    return not taken


_WHOLE = {"early_signals.unconfirmed": "early_signals.row_unconfirmed"}
