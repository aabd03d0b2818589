"""Bring cases and claims in from the bank's two files: the same code for a command, a page and a dry run.

Rows go through in batches, in little memory: what a batch's keys hold in the register is loaded once, compared as plain
tuples, and written with one statement each for what is new and what changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.cases import rules
from app.cases.models import Case, Claim
from app.cases.sheets import APPLICATIONS, CLAIMS, ApplicationRow, ClaimRow
from app.clock import now
from app.creditors.models import Organisation
from app.db import new_ref
from app.errors import Conflict, Refusal
from app.exchange.imports import Outcome, Tally, trial
from app.exchange.reading import Source
from app.exchange.sheets import Flaw, Notice, Reading, Row, open_sheet
from app.money import Cents, amount
from app.sealing import blind_index

Key = tuple[int, int]  # RelatieCode and Volgnummer
Changes = dict[str, Any]  # the old and the new value of each field

CASES: sa.Table = Case.__table__  # type: ignore[assignment]
CLAIM_ROWS: sa.Table = Claim.__table__  # type: ignore[assignment]
PERSONAL = frozenset({"bsn", "initials", "given_name", "surname", "birth_date", "street", "house_number", "postcode", "city"})
CASE_FIELDS = tuple(name for name in ApplicationRow._fields if name not in {"total", "total_stated", "claims"})
CLAIM_FIELDS = (
    "case_id", "number", "creditor_id", "reference", "rank", "reported_cents", "stated_cents", "stated_on",
    "agent_id", "agent_reference", "bailiff_id", "bailiff_reference", "security_cents", "fraud",
)  # fmt: skip
STATED = tuple(CLAIM_FIELDS.index(name) for name in ("stated_cents", "stated_on"))
SECURITY, FRAUD = CLAIM_FIELDS.index("security_cents"), CLAIM_FIELDS.index("fraud")
SOURCES = {"creditor_id": "creditor", "agent_id": "agent", "bailiff_id": "bailiff"}  # the column in the file that tells it


class Party(NamedTuple):
    """An organisation of the register, as far as a claim needs it."""

    id: int
    name: str
    kind: Kind
    is_bailiff: bool


@dataclass
class Touched:
    """What happened to one case in this import, for its audit event and for the check of its totals."""

    ref: str
    changes: Changes = field(default_factory=dict)
    new_claims: int = 0
    total: Cents | None = None
    line: int = 0
    claims: int | None = None


def import_cases(actor: Actor, applications: Source, claims: Source, *, dry_run: bool = False) -> Outcome:
    """Bring both files into the register, all good rows or (a file that cannot be read) nothing.

    Unchanged rows stay untouched, changed ones are audited with old and new values, missing ones are not deleted.
    Raises Refusal for a file that cannot be read at all, NotFound without the permission.
    """
    actor.must(Permission.IMPORT_CASES)
    with trial(dry_run=dry_run) as session:
        return take_cases(session, actor, applications, claims)


def take_cases(session: Session, actor: Actor, applications: Source, claims: Source) -> Outcome:
    """Bring both files in within somebody's transaction."""
    touched: dict[Key, Touched] = {}
    cases, rows = Tally("cases"), Tally("claims")
    with open_sheet(APPLICATIONS, applications) as reading:
        for batch in reading.batches():
            _take_applications(session, reading, cases, touched, batch)
    with open_sheet(CLAIMS, claims, [_check_claim]) as claim_reading:
        parties = _parties(session)
        for claim_batch in claim_reading.batches():
            _take_claims(session, claim_reading, rows, touched, parties, claim_batch)
    _compare_totals(session, reading, touched)
    cases.close(reading)
    rows.close(claim_reading)
    outcome = Outcome((cases, rows))
    _record(session, actor, outcome, touched)
    return outcome


# ── applications ─────────────────────────────────────────────────────────────

_case_values = itemgetter(*(ApplicationRow._fields.index(name) for name in CASE_FIELDS))
_key_of = itemgetter(0, 1)


def _take_applications(
    session: Session, reading: Reading[ApplicationRow], tally: Tally, touched: dict[Key, Touched], batch: Sequence[Row[ApplicationRow]]
) -> None:
    known = _known_cases(session, [_key_of(row.values) for row in batch])
    untold = [at for at, name in enumerate(CASE_FIELDS) if name in reading.absent]
    new, changed = [], []
    for row in batch:
        key, values = _key_of(row.values), _case_values(row.values)
        if row.values.programme.casefold() not in rules.PROGRAMMES:
            reading.notice(row, "Programma", "cases.programme_unknown")
        ref, old = known.get(key) or (new_ref("D"), None)
        if old and untold:
            values = _kept(values, old, untold)
        mark = touched[key] = Touched(ref, total=row.values.total, line=row.line, claims=row.values.claims)
        if old is None:
            new.append({**_case_columns(values), "ref": ref, "created_at": now()})
            mark.changes["case"] = (None, "new")
            tally.show(row.line, _name(key))
        elif old == values:
            tally.unchanged += 1
        else:
            changed.append({**_case_columns(values), "this_ref": ref})
            fields = _differences(CASE_FIELDS, old, values)
            mark.changes |= {name: _unnamed(name, before, after) for name, before, after in fields}
            tally.show(row.line, _name(key), fields)
    tally.new, tally.changed = tally.new + len(new), tally.changed + len(changed)
    _write(session, CASES, new, changed, CASES.c.ref == sa.bindparam("this_ref"))


def _known_cases(session: Session, keys: Sequence[Key]) -> dict[Key, tuple[str, tuple[Any, ...]]]:
    """Return the reference and the file's columns of the cases with these keys; personal ones are deciphered here, once."""
    codes = CASES.c.relation_code.in_({code for code, _ in keys})
    columns = [CASES.c[name] for name in CASE_FIELDS]
    query = sa.select(CASES.c.ref, *columns).where(codes).order_by(CASES.c.relation_code, CASES.c.sequence)
    found = session.execute(query.with_for_update(key_share=True))  # what is compared here stays as it is until it is written
    return {(row[1], row[2]): (row[0], tuple(row[1:])) for row in found}


def _case_columns(values: tuple[Any, ...]) -> dict[str, Any]:
    columns = dict(zip(CASE_FIELDS, values, strict=True))
    bsn = columns["bsn"]
    return columns | {"surname_index": blind_index(columns["surname"]), "bsn_index": blind_index(bsn) if bsn else None}


# ── claims ───────────────────────────────────────────────────────────────────


def _check_claim(row: Row[ClaimRow]) -> None:
    """Turn down what the row alone shows to be wrong."""
    claim = row.values
    if claim.agent is not None and claim.bailiff is not None:
        raise Refusal("cases.two_agents", field="CodeDeurwaarder")
    if claim.security_cents:
        rules.security(claim.rank, claim.security_cents)


def _take_claims(
    session: Session, reading: Reading[ClaimRow], tally: Tally, touched: dict[Key, Touched], parties: dict[int, Party],
    batch: Sequence[Row[ClaimRow]],
) -> None:  # fmt: skip
    held = _held(session, reading, parties, batch)
    new, changed = [], []
    for row in batch:
        claim = row.values
        key: Key = claim[:2]
        try:
            ref, old, values = held.judged(reading, row)
        except Refusal as refusal:
            reading.reject(row, refusal.field, refusal.code, **refusal.facts)
            continue
        if old is None:
            new.append(values)
            _mark(touched, key, ref).new_claims += 1
            tally.show(row.line, f"{_name(key)}-{claim.number}")
        elif old == values:
            tally.unchanged += 1
        else:
            changed.append(values)
            fields = _with_names(_differences(CLAIM_FIELDS, old, values), parties)
            _mark(touched, key, ref).changes |= {f"claim {claim.number} {name}": (before, after) for name, before, after in fields}
            tally.show(row.line, f"{_name(key)}-{claim.number}", fields)
    tally.new, tally.changed = tally.new + len(new), tally.changed + len(changed)
    _write_claims(session, new, changed)


@dataclass(frozen=True)
class _Held:
    """What the register holds of a batch: its cases (id and reference), their claims, and the columns that no file changes."""

    parties: dict[int, Party]
    cases: dict[Key, tuple[int, str]]
    claims: dict[tuple[int, int], tuple[Any, ...]]
    stated: set[tuple[int, int]]
    untold: list[int]

    def judged(self, reading: Reading[ClaimRow], row: Row[ClaimRow]) -> tuple[str, tuple[Any, ...] | None, tuple[Any, ...]]:
        """Return the reference of the case, and the columns of the claim before and after. Raises Refusal for a row that cannot be."""
        claim = row.values
        if (case := self.cases.get(claim[:2])) is None:
            raise Refusal("cases.no_such_case", field="RelatieCode")
        at = case[0], claim.number
        old = self.claims.get(at)
        values = _judged(reading, row, self.parties, case[0], old)
        if old:
            values = _kept(values, old, [*self.untold, *(STATED if at in self.stated else ())])
        return case[1], old, values


def _held(session: Session, reading: Reading[ClaimRow], parties: dict[int, Party], batch: Sequence[Row[ClaimRow]]) -> _Held:
    cases = _case_ids(session, {_key_of(row.values) for row in batch})
    ids = [case_id for case_id, _ in cases.values()]
    untold = [at for at, name in enumerate(CLAIM_FIELDS[2:12], 2) if SOURCES.get(name, name) in reading.absent]
    return _Held(parties, cases, _known_claims(session, ids), _stated_here(session, ids), untold)


def _write_claims(session: Session, new: list[tuple[Any, ...]], changed: list[tuple[Any, ...]]) -> None:
    _write(
        session,
        CLAIM_ROWS,
        [dict(zip(CLAIM_FIELDS, row, strict=True)) for row in new],
        [dict(zip(("this_case", "this_number", *CLAIM_FIELDS[2:]), row, strict=True)) for row in changed],
        (CLAIM_ROWS.c.case_id == sa.bindparam("this_case")) & (CLAIM_ROWS.c.number == sa.bindparam("this_number")),
    )


def _mark(touched: dict[Key, Touched], key: Key, ref: str) -> Touched:
    return touched.get(key) or touched.setdefault(key, Touched(ref))


def _judged(
    reading: Reading[ClaimRow], row: Row[ClaimRow], parties: dict[int, Party], case_id: int, old: tuple[Any, ...] | None
) -> tuple[Any, ...]:
    """Return the columns of a claim. Raises Refusal when an organisation in it is not what it should be.

    Security and fraud that the file does not tell stay as people wrote them in the portal.
    """
    claim = row.values
    creditor = _creditor(parties, claim.creditor)
    if claim.creditor_name != creditor.name and _differs(claim.creditor_name, creditor.name):
        reading.notice(row, "NaamEiser", "cases.name_differs", register=creditor.name)
    agent = None if claim.agent is None else _agency(parties, claim.agent)
    bailiff = None if claim.bailiff is None else _bailiff(parties, claim.bailiff)
    security, fraud = claim.security_cents, claim.fraud
    if security is None:
        security = old[SECURITY] if old and claim.rank is rules.Rank.SECURED else 0
    if fraud is None:
        fraud = old[FRAUD] if old else False
    return (
        case_id, claim.number, creditor.id, claim.reference, claim.rank, claim.reported_cents,
        claim.stated_cents, claim.stated_on if claim.stated_cents is not None else None,
        agent, claim.agent_reference if agent else "", bailiff, claim.bailiff_reference if bailiff else "",
        security, fraud,
    )  # fmt: skip


def _creditor(parties: dict[int, Party], code: int) -> Party:
    party = parties.get(code)
    if party is None or party.kind is not Kind.CREDITOR:
        raise Refusal("cases.not_a_creditor" if party else "cases.not_in_register", field="CodeEiser")
    return party


def _agency(parties: dict[int, Party], code: int) -> int:
    party = parties.get(code)
    if party is None or party.kind is not Kind.AGENT or party.is_bailiff:
        raise Refusal("cases.not_an_agency" if party else "cases.not_in_register", field="CodeIncasso")
    return party.id


def _bailiff(parties: dict[int, Party], code: int) -> int:
    party = parties.get(code)
    if party is None or not party.is_bailiff:
        raise Refusal("cases.not_a_bailiff" if party else "cases.not_in_register", field="CodeDeurwaarder")
    return party.id


def _differs(told: str, registered: str) -> bool:
    return bool(told) and " ".join(told.split()).casefold() != " ".join(registered.split()).casefold()


def _kept(values: tuple[Any, ...], old: tuple[Any, ...], untold: Sequence[int]) -> tuple[Any, ...]:
    """Keep what the register holds in columns that the file does not have."""
    return tuple(old[at] if at in untold else value for at, value in enumerate(values))


def _parties(session: Session) -> dict[int, Party]:
    """Return who has which code; the code of a double means the organisation that it was merged into."""
    meant = aliased(Organisation)
    columns = (Organisation.code, meant.id, meant.name, meant.kind, meant.is_bailiff)
    found = session.execute(
        sa.select(*columns)
        .join(meant, meant.id == sa.func.coalesce(Organisation.merged_into_id, Organisation.id))
        .where(Organisation.code.is_not(None))
        .order_by(Organisation.code)
    )
    return {row[0]: Party(*row[1:]) for row in found if row[0] is not None}


def _case_ids(session: Session, keys: set[Key]) -> dict[Key, tuple[int, str]]:
    codes = CASES.c.relation_code.in_({code for code, _ in keys})
    query = sa.select(CASES.c.relation_code, CASES.c.sequence, CASES.c.id, CASES.c.ref).where(codes)
    found = session.execute(query.order_by(CASES.c.relation_code, CASES.c.sequence))
    return {(code, sequence): (id_, ref) for code, sequence, id_, ref in found}


def _known_claims(session: Session, case_ids: Sequence[int]) -> dict[tuple[int, int], tuple[Any, ...]]:
    rank = sa.type_coerce(CLAIM_ROWS.c.rank, sa.String)  # a Rank equals its word, and 50,000 words need not become Ranks
    columns = [rank if name == "rank" else CLAIM_ROWS.c[name] for name in CLAIM_FIELDS]
    query = sa.select(*columns).where(CLAIM_ROWS.c.case_id.in_(case_ids)).order_by(CLAIM_ROWS.c.case_id, CLAIM_ROWS.c.number)
    found = session.execute(query.with_for_update(key_share=True))
    return {row[:2]: row for row in map(tuple, found)}


def _stated_here(session: Session, case_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Return the claims whose creditors stated a balance in the portal: no file takes it back."""
    mine = CLAIM_ROWS.c.case_id.in_(case_ids), CLAIM_ROWS.c.stated_by.is_not(None)
    return {(row[0], row[1]) for row in session.execute(sa.select(CLAIM_ROWS.c.case_id, CLAIM_ROWS.c.number).where(*mine))}


# ── both ─────────────────────────────────────────────────────────────────────


def _write(
    session: Session, table: sa.Table, new: list[dict[str, Any]], changed: list[dict[str, Any]], which: sa.ColumnElement[bool]
) -> None:
    """Insert and update many rows with one statement each; a changed row gets its next revision.

    Raises Conflict when another import brought the same rows in meanwhile.
    """
    if new:
        try:
            session.execute(sa.insert(table), new)
        except IntegrityError as error:
            raise Conflict from error
    if changed:
        columns = [name for name in changed[0] if not name.startswith("this_")]
        values: dict[str, Any] = {name: sa.bindparam(name) for name in columns}
        session.connection().execute(sa.update(table).where(which).values(**values, revision=table.c.revision + 1), changed)


def _differences(names: Sequence[str], old: Sequence[Any], new: Sequence[Any]) -> tuple[tuple[str, object, object], ...]:
    return tuple((name, before, after) for name, before, after in zip(names, old, new, strict=True) if before != after)


def _with_names(fields: tuple[tuple[str, object, object], ...], parties: dict[int, Party]) -> tuple[tuple[str, object, object], ...]:
    """Say organisations by their names, for people read this."""
    names: dict[object, object] = {party.id: party.name for party in parties.values()}
    return tuple((name, names.get(a), names.get(b)) if name.endswith("_id") else (name, a, b) for name, a, b in fields)


def _unnamed(name: str, before: object, after: object) -> tuple[object, object]:
    """Keep personal values out of the audit, which is kept longer than the case."""
    return (None, "changed") if name in PERSONAL else (before, after)


def _name(key: Key) -> str:
    return f"{key[0]}-{key[1]}"


def _compare_totals(session: Session, reading: Reading[ApplicationRow], touched: dict[Key, Touched]) -> None:
    """Tell where the claims that are now in the register do not add up to what the application says; both stand."""
    told = [(key, mark) for key, mark in touched.items() if mark.line]
    for start in range(0, len(told), 1000):
        part = told[start : start + 1000]
        sums = _sums(session, [key for key, _ in part])
        for key, mark in part:
            total, count = sums.get(key, (0, 0))
            if mark.total not in {None, total}:
                facts: dict[str, object] = {"expected": amount(mark.total or 0), "found": amount(total)}
                reading.notices.append(Notice(mark.line, Flaw("TotaalAangemeldeSchuld", "cases.total_differs", facts)))
            if mark.claims not in {None, count}:
                counts: dict[str, object] = {"expected": mark.claims, "found": count}
                reading.notices.append(Notice(mark.line, Flaw("Aantal", "cases.count_differs", counts)))


def _sums(session: Session, keys: Sequence[Key]) -> dict[Key, tuple[Cents, int]]:
    """Return what was reported in each case, and in how many claims."""
    of, amounts = (CASES.c.relation_code, CASES.c.sequence), CLAIM_ROWS.c.reported_cents
    query = sa.select(*of, sa.func.sum(amounts), sa.func.count()).join_from(CASES, CLAIM_ROWS, CLAIM_ROWS.c.case_id == CASES.c.id)
    found = session.execute(query.where(CASES.c.relation_code.in_({code for code, _ in keys})).group_by(*of))
    return {(code, sequence): (int(total), count) for code, sequence, total, count in found}


def _record(session: Session, actor: Actor, outcome: Outcome, touched: dict[Key, Touched]) -> None:
    """Write one event for the import with its counts, and one for each case that is new or changed."""
    for mark in touched.values():
        if mark.new_claims:
            mark.changes["claims"] = (None, f"{mark.new_claims} new")
        if mark.changes:
            record(session, actor, "cases:import", f"case/{mark.ref}", **mark.changes)
    counts: Changes = {f"{kind} {name}": (None, n) for kind, numbers in outcome.as_counts().items() for name, n in numbers.items()}
    record(session, actor, "cases:import", "import/cases", **counts)
