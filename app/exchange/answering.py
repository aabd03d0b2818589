"""A file of answers: tried without changing anything, its rows kept until somebody says yes, then given piece by piece.

The fate of each row is kept in the transaction that gives it: so what broke off goes on, and no row is given twice.
Knows no feature: a `Desk` says which columns there are, how a row is judged and how it is given.
"""

import io
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Table, case, func, insert, select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.clock import now
from app.db import new_ref, reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.exchange import hub
from app.exchange.kept_rows import KeptRows, kept_table
from app.exchange.limits import LIMITS
from app.exchange.models import Upload, UploadFile, UploadRow
from app.exchange.reading import Table as FileTable
from app.exchange.reading import open_table
from app.exchange.results import Words, sentence, write_rejects
from app.exchange.rules import Fate
from app.exchange.sheets import Flaw, Reading, Reject, Row, Sheet
from app.exchange.uploads import Incoming, contents, forget_old, is_kept, visible_upload
from app.jobs import service as jobs
from app.jobs.pieces import PIECE, in_pieces
from app.signs import legible

V = TypeVar("V", bound=tuple[Any, ...])
Progress = Callable[[int, int], object]

MOST_ROWS = 5_000
FEW = replace(LIMITS, rows=MOST_ROWS)
AT_ONCE = 200  # rows that are given while somebody waits; more than these by a job with its progress
SHOWN = 200  # rows that a page shows, those with trouble first
RECENT = 20  # files that are kept still, and heads that nobody knows, that a page names
LONGEST = 80  # signs of such a head
AS_ROWS = "rows"  # in what was told of an upload: its rows are kept, not the file
REFERENCE = re.compile(r"[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}")
ROWS: Table = UploadRow.__table__  # type: ignore[assignment]
UPLOADS: Table = Upload.__table__  # type: ignore[assignment]


class Judged(NamedTuple):
    """What the trial found of one row: its fate, the answer as a readable word, the revision that was seen, and why not."""

    fate: Fate
    what: str = ""
    revision: int | None = None
    flaw: Flaw | None = None


Given = Fate | Refusal | Conflict | NotFound  # what became of a row


@dataclass(frozen=True)
class Desk(Generic[V]):
    """One kind of file of answers. The first column names what is answered; `shown` are heads that only help who fills in."""

    kind: str
    permission: Permission
    job: str  # what goes on with a file, and by which words its progress is known
    title: Any
    sheet: Sheet[V]
    shown: frozenset[str]
    judge: Callable[[Session, Actor, Sequence[Row[V]]], list[Judged]]
    give: Callable[[Session, Actor, Sequence[tuple[V, int]]], list[Given]]  # rows as they were seen, within a transaction
    piece: int = PIECE  # rows that are given in one transaction


def alone(give: Callable[[Session, Actor, V, int], Fate]) -> Callable[[Session, Actor, Sequence[tuple[V, int]]], list[Given]]:
    """Return how a desk gives rows whose `give` raises what refuses a row, half-way perhaps: only in pieces of one."""

    def give_one(session: Session, actor: Actor, rows: Sequence[tuple[V, int]]) -> list[Given]:
        [(values, revision)] = rows
        return [give(session, actor, values, revision)]

    return give_one


def refused(column: str | None, code: str, **facts: object) -> Judged:
    """Return that a row cannot be given, and why."""
    return Judged(Fate.REFUSED, flaw=Flaw(column, code, facts))


# ── the trial ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Tried:
    """What a file would do: a row of UploadRow for each of its own, the heads that nobody knows, and its rows as they were read."""

    rows: list[dict[str, Any]]
    unknown: list[str]
    kept: bytes


def try_file(actor: Actor, desk: Desk[V], file: Incoming) -> str:
    """Try a file without giving anything, and return the reference under which it waits for a yes.

    Raises NotFound without the permission, Refusal as `tried`.
    """
    actor.must(desk.permission)
    with reading() as session:
        trial = tried(session, actor, desk, file)
    with transaction() as session:
        return keep(session, actor, desk.kind, file, trial)


def tried(session: Session, actor: Actor, desk: Desk[V], file: Incoming) -> Tried:
    """Try a file; a session that only reads is enough, so that nobody waits while a large file is taken apart.

    Raises Refusal for a file that cannot be read, holds another kind of answers, no rows, or more than 5,000.
    """
    with open_table(file.content, FEW) as table:
        hub.must_be(desk.kind, file.name, table.head)
        kept = KeptRows(table)
        found = Reading(desk.sheet, kept.table, ())
        rows = _judged(session, actor, desk, found)
    if not rows:
        raise Refusal("answers.no_rows")
    unknown = [legible(name)[:LONGEST] for name in found.unknown if name not in desk.shown]
    return Tried(rows, unknown[:RECENT], kept.content())


def keep(session: Session, actor: Actor, kind: str, file: Incoming, trial: Tried) -> str:
    """Keep the rows of a file, not the file, with the fate of each; return the reference under which they wait for a yes."""
    forget_old(session)
    told = json.dumps({"unknown": trial.unknown, "as": AS_ROWS}, ensure_ascii=False)
    upload = Upload(
        ref=new_ref("I"), kind=kind, person_id=actor.person_id, person_name=actor.name[:200], organisation_id=actor.organisation_id,
        organisation_name=actor.organisation_name, rows=len(trial.rows), outcome=told, created_at=now(),
    )  # fmt: skip
    session.add(upload)
    session.flush()
    session.add(UploadFile(upload_id=upload.id, kind=kind, name=legible(file.name)[:200], content=trial.kept))
    session.execute(insert(ROWS), [row | {"upload_id": upload.id} for row in trial.rows])
    return upload.ref


def _judged(session: Session, actor: Actor, desk: Desk[V], found: Reading[V]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in found.batches(500):
        judged = desk.judge(session, actor, batch)
        rows += [_row(row.line, str(row.values[0])[:20], one) for row, one in zip(batch, judged, strict=True)]
    rows += [_row(reject.line, _named(reject.cells), Judged(Fate.REFUSED), reject.flaws) for reject in found.rejects]
    return sorted(rows, key=lambda row: row["line"])


@contextmanager
def _rows_of(session: Session, upload: Upload) -> Iterator[FileTable]:
    """Open what the trial read of an upload; one that an earlier version of the portal kept is the file itself."""
    content = contents(session, upload)[upload.kind]
    if json.loads(upload.outcome).get("as") == AS_ROWS:
        yield kept_table(content)
    else:
        with open_table(content, FEW) as table:
            yield table


def _named(cells: Sequence[str]) -> str:
    """Return what a row names that could not be read, as far as a cell has the form of a reference; any other text stays in the file."""
    return next((cell.strip().upper() for cell in cells if REFERENCE.fullmatch(cell.strip().upper())), "")


def _row(line: int, ref: str, judged: Judged, flaws: Sequence[Flaw] = ()) -> dict[str, Any]:
    found = [judged.flaw] if judged.flaw else list(flaws)
    return {
        "line": line, "ref": ref, "what": judged.what, "seen_revision": judged.revision, "fate": judged.fate,
        "flaws": _told(found) if found else None,
    }  # fmt: skip


def _told(flaws: Sequence[Flaw]) -> str:
    return json.dumps(flaws, default=str, ensure_ascii=False)


# ── the yes ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Confirmed:
    """What a yes to a file started: how many rows it has, and whether this was the first yes."""

    rows: int
    is_first: bool

    @property
    def is_long(self) -> bool:
        return self.rows > AT_ONCE


def confirm(session: Session, actor: Actor, desk: Desk[V], ref: str) -> Confirmed:
    """Note that somebody said yes to a file, and queue the job that gives it, or what is left of it when this process breaks off.

    A second yes, from a double click or another tab, changes nothing. Raises NotFound.
    """
    actor.must(desk.permission)
    upload = visible_upload(session, actor, desk.kind, ref, lock=True)
    confirmed = Confirmed(upload.rows, upload.confirmed_at is None)
    if confirmed.is_first:
        upload.confirmed_at = now()
        if confirmed.is_long:
            jobs.start(session, actor, ref, str(desk.title), upload.rows)
        argument = {"ref": ref, "key": ref, "person": actor.person_id, "organisation": actor.organisation_id}
        jobs.enqueue(session, desk.job, argument, key=ref)
    return confirmed


def go_on(actor: Actor, desk: Desk[V], ref: str, progress: Progress | None = None) -> None:
    """Give what is left of a file that got its yes, piece by piece. Raises NotFound, and what a row raised that cannot be given."""
    actor.must(desk.permission)
    with reading() as session:
        upload = visible_upload(session, actor, desk.kind, ref)
        waits = (ROWS.c.upload_id == upload.id, ROWS.c.fate == Fate.WAITS)
        left = session.scalars(select(ROWS.c.line).where(*waits).order_by(ROWS.c.line)).all()
        if upload.confirmed_at is None or not left:
            return
        total, upload_id = upload.rows, upload.id
        values = _values(session, upload, desk.sheet)

    def give(lines: Sequence[int]) -> None:
        _give(actor, desk, upload_id, {line: values[line] for line in lines})

    def tell(done: int) -> None:
        if progress:
            progress(total - len(left) + done, total)

    in_pieces(left, give, desk.piece, tell)


def _values(session: Session, upload: Upload, sheet: Sheet[V]) -> dict[int, V]:
    """Return what each good row of a file says, by its line."""
    with _rows_of(session, upload) as table:
        return {row.line: row.values for row in Reading(sheet, table, ())}


def _give(actor: Actor, desk: Desk[V], upload_id: int, told: Mapping[int, V]) -> None:
    """Give the rows of some lines that still wait, and keep the fate of each."""
    try:
        with transaction() as session:
            waiting = _waiting(session, upload_id, told)
            given = desk.give(session, actor, [(told[row.line], row.seen_revision or 0) for row in waiting]) if waiting else []
            _note(session, upload_id, [row.id for row in waiting], given)
    except (Refusal, Conflict, NotFound) as no:  # of a row that is alone: everything of it was rolled back
        if len(told) > 1:
            raise
        with transaction() as session:
            _note(session, upload_id, [row.id for row in _waiting(session, upload_id, told)], [no])


def _waiting(session: Session, upload_id: int, lines: Collection[int]) -> Sequence[Any]:
    """Return which of a run of lines still wait, locked; another process may have been here, but between them no others waited."""
    mine = (ROWS.c.upload_id == upload_id, ROWS.c.line.between(min(lines), max(lines)), ROWS.c.fate == Fate.WAITS)
    columns = select(ROWS.c.id, ROWS.c.line, ROWS.c.seen_revision)
    return session.execute(columns.where(*mine).order_by(ROWS.c.line).with_for_update()).all()


def _note(session: Session, upload_id: int, ids: Sequence[int], given: Sequence[Given]) -> None:
    """Keep what became of rows, most of which were given, so those share a statement; and when the last one of the file was done."""
    became = list(zip(ids, given, strict=True))
    for fate in (Fate.DONE, Fate.UNCHANGED):
        if mine := [id_ for id_, one in became if one is fate]:
            session.execute(update(ROWS).where(ROWS.c.id.in_(mine)).values(fate=fate))
    for id_, one in became:
        if not isinstance(one, Fate):
            session.execute(update(ROWS).where(ROWS.c.id == id_).values(fate=Fate.REFUSED, flaws=_told([_flaw(one)])))
    left = select(ROWS.c.id).where(ROWS.c.upload_id == upload_id, ROWS.c.fate == Fate.WAITS)
    last = left.order_by(ROWS.c.line.desc()).limit(1).scalar_subquery()  # rows are given in their order: what waits stands at the end
    session.execute(update(UPLOADS).where(UPLOADS.c.id == upload_id, UPLOADS.c.done_at.is_(None), last.is_(None)).values(done_at=now()))


def _flaw(no: Refusal | Conflict | NotFound) -> Flaw:
    if isinstance(no, Refusal):
        return Flaw(None, no.code, no.facts)
    return Flaw(None, "answers.changed" if isinstance(no, Conflict) else "answers.missing", {})


# ── what it shows ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class AnswerRow:
    """One row of a file: its line, what it answers with which readable word, its fate and why not."""

    line: int
    ref: str
    what: str
    fate: Fate
    why: str


@dataclass(frozen=True)
class AnswersPage:
    """A file of answers: what it would do or did, in numbers, and its first rows with those in trouble on top."""

    ref: str
    name: str
    unknown: tuple[str, ...]
    counts: dict[Fate, int]
    rows: tuple[AnswerRow, ...]
    is_confirmed: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def told(self) -> int:
        """Return how many rows hold an answer."""
        return self.total - self.counts.get(Fate.EMPTY, 0)

    @property
    def waiting(self) -> int:
        return self.counts.get(Fate.WAITS, 0)

    @property
    def is_done(self) -> bool:
        return self.is_confirmed and not self.waiting

    @property
    def is_long(self) -> bool:
        return self.total > AT_ONCE


def answers_page(session: Session, actor: Actor, kind: str, ref: str, words: Words) -> AnswersPage:
    """Return what a file of answers would do or did; `words` say its codes in the language of the page. Raises NotFound."""
    upload = visible_upload(session, actor, kind, ref)
    name = session.scalar(select(UploadFile.name).where(UploadFile.upload_id == upload.id).order_by(UploadFile.id).limit(1))
    mine = UploadRow.upload_id == upload.id
    counted = select(UploadRow.fate, func.count()).where(mine).group_by(UploadRow.fate).order_by(UploadRow.fate)
    order = case((UploadRow.fate == Fate.REFUSED, 0), (UploadRow.fate.in_((Fate.WAITS, Fate.DONE)), 1), else_=2)
    found = select(UploadRow).where(mine, UploadRow.fate != Fate.EMPTY).order_by(order, UploadRow.line).limit(SHOWN)
    rows = tuple(AnswerRow(row.line, row.ref, row.what, row.fate, _why(row.flaws, words)) for row in session.scalars(found))
    counts = {row[0]: row[1] for row in session.execute(counted)}
    unknown = tuple(json.loads(upload.outcome)["unknown"])
    return AnswersPage(upload.ref, name or "", unknown, counts, rows, upload.confirmed_at is not None)


@dataclass(frozen=True)
class RecentFile:
    """A file that the own organisation brought in and that is kept still."""

    ref: str
    name: str
    by: str
    at: datetime
    rows: int
    is_confirmed: bool


def recent_files(session: Session, actor: Actor, kind: str) -> list[RecentFile]:
    """Return the files of a kind that the actor's organisation brought in and that are kept still, the newest first."""
    columns = (Upload.ref, UploadFile.name, Upload.person_name, Upload.created_at, Upload.rows, Upload.confirmed_at)
    own = (Upload.organisation_id.is_not_distinct_from(actor.organisation_id), Upload.kind == kind, is_kept())
    found = select(*columns).join(UploadFile, UploadFile.upload_id == Upload.id).where(*own)
    rows = session.execute(found.order_by(Upload.created_at.desc(), Upload.id.desc()).limit(RECENT))
    return [RecentFile(*row[:5], is_confirmed=row[5] is not None) for row in rows]


def _why(flaws: str | None, words: Words) -> str:
    return " ".join(sentence(flaw, words) for flaw in _flaws(flaws))


def _flaws(told: str | None) -> tuple[Flaw, ...]:
    return tuple(Flaw(*flaw) for flaw in json.loads(told)) if told else ()


def left_over(session: Session, actor: Actor, kind: str, ref: str, words: Words) -> bytes:
    """Return the rows that could not be given, as they came in, each with `Reden` after it. Raises NotFound when there are none."""
    upload = visible_upload(session, actor, kind, ref)
    columns = select(UploadRow.line, UploadRow.flaws).where(UploadRow.upload_id == upload.id, UploadRow.fate == Fate.REFUSED)
    why = {row[0]: _flaws(row[1]) for row in session.execute(columns.order_by(UploadRow.line))}
    if not why:
        raise NotFound
    out = io.BytesIO()
    with _rows_of(session, upload) as table:
        rejects = (Reject(record.line, why[record.line], record.cells) for record in table.records if record.line in why)
        write_rejects(table.head, rejects, out, words)
    return out.getvalue()
