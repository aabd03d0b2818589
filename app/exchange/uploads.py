"""Files brought in through a page: kept encrypted until a day after the trial, the yes or the end, with what was told of them."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Role
from app.clock import now
from app.db import new_ref
from app.errors import NotFound
from app.exchange.imports import MOST_CHANGES, Outcome, Tally
from app.exchange.models import Upload, UploadFile, UploadRow
from app.exchange.results import Counts, Words, sentence, write_rejects
from app.exchange.rules import Fate
from app.exchange.sheets import Flaw
from app.signs import legible

KEPT = timedelta(days=1)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LARGE = 2_000  # rows; more than these are brought in by a job with its progress


@dataclass(frozen=True)
class Incoming:
    """One file as somebody chose it."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True)
class LineNote:
    line: int
    text: str


@dataclass(frozen=True)
class ChangeRow:
    """A new row (no fields), or a changed one with old and new of each field."""

    line: int
    name: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True)
class FilePart:
    """What became, or would become, of one file."""

    kind: str
    counts: Counts
    unknown: tuple[str, ...]
    rejects: tuple[LineNote, ...]
    notices: tuple[LineNote, ...]
    changes: tuple[ChangeRow, ...]

    @property
    def writes(self) -> int:
        return self.counts.new + self.counts.changed


@dataclass(frozen=True)
class UploadPage:
    ref: str
    names: tuple[str, ...]
    parts: tuple[FilePart, ...]
    rows: int
    is_confirmed: bool
    is_done: bool
    revision: int

    @property
    def writes(self) -> int:
        return sum(part.writes for part in self.parts)


def keep(session: Session, actor: Actor, kind: str, files: Sequence[Incoming], outcome: Outcome, words: Words) -> str:
    """Keep files and what their trial told, and return the reference under which they wait for a yes."""
    forget_old(session)
    upload = Upload(
        ref=new_ref("I"), kind=kind, person_id=actor.person_id, person_name=actor.name, organisation_id=actor.organisation_id,
        organisation_name=actor.organisation_name, rows=outcome.rows, outcome=_told(outcome), created_at=now(),
    )  # fmt: skip
    session.add(upload)
    session.flush()
    session.add_all(UploadFile(upload_id=upload.id, kind=file.kind, name=legible(file.name)[:200], content=file.content) for file in files)
    _keep_rejects(session, upload, outcome, words)
    return upload.ref


def visible_upload(session: Session, actor: Actor, kind: str, ref: str, *, lock: bool = False) -> Upload:
    """Return an upload of the actor's own organisation that is kept still. Raises NotFound."""
    own = Upload.organisation_id.is_not_distinct_from(actor.organisation_id)
    query = select(Upload).where(Upload.ref == ref, Upload.kind == kind, own, is_kept())
    upload = session.scalar(query.with_for_update() if lock else query)
    if upload is None:
        raise NotFound
    return upload


def waiting(session: Session, kind: str, ref: str) -> Upload | None:
    """Return an upload that was confirmed and not brought in yet; None when it was, or is gone."""
    query = select(Upload).where(Upload.ref == ref, Upload.kind == kind, Upload.confirmed_at.is_not(None), Upload.done_at.is_(None))
    return session.scalar(query.with_for_update())


def uploader(upload: Upload) -> Actor:
    """Return who confirmed an upload, as the one who acts in its job."""
    return Actor(
        name=upload.person_name, roles=frozenset({Role.SYSTEM}), organisation_id=upload.organisation_id,
        organisation_name=upload.organisation_name, person_id=upload.person_id, origin=f"job import {upload.ref}",
    )  # fmt: skip


def contents(session: Session, upload: Upload) -> dict[str, bytes]:
    """Return the files of an upload by their kind."""
    files = select(UploadFile).where(UploadFile.upload_id == upload.id, UploadFile.is_rejects.is_(False)).order_by(UploadFile.id)
    return {file.kind: file.content for file in session.scalars(files)}


def complete(session: Session, upload: Upload, outcome: Outcome, words: Words) -> None:
    """Say that an upload was brought in: its files go, what became of them and the rejects stay for a day."""
    upload.outcome, upload.done_at = _told(outcome), now()
    session.execute(delete(UploadFile).where(UploadFile.upload_id == upload.id))
    _keep_rejects(session, upload, outcome, words)


def rejects_file(session: Session, upload: Upload, kind: str) -> bytes:
    """Return the rows of one file that could not be taken. Raises NotFound when there are none."""
    content = session.scalar(
        select(UploadFile.content).where(UploadFile.upload_id == upload.id, UploadFile.kind == kind, UploadFile.is_rejects)
    )
    if content is None:
        raise NotFound
    return content


def is_kept() -> ColumnElement[bool]:
    """Return the condition under which an upload is kept: a day from its trial, from its yes and from its end, and until then.

    What never gets done goes with everything that passes, after 90 days.
    """
    rows = select(UploadRow.id).where(UploadRow.upload_id == Upload.id)
    is_left = or_(rows.where(UploadRow.fate == Fate.WAITS).exists(), ~rows.exists())
    waits = and_(Upload.confirmed_at.is_not(None), Upload.done_at.is_(None), is_left)
    return or_(func.coalesce(Upload.done_at, Upload.confirmed_at, Upload.created_at) > now() - KEPT, waits)


def forget_old(session: Session) -> None:
    """Delete every upload that is not kept any longer, with its files."""
    old = list(session.scalars(select(Upload.id).where(~is_kept()).order_by(Upload.id)))
    session.execute(delete(UploadFile).where(UploadFile.upload_id.in_(old)))
    session.execute(delete(Upload).where(Upload.id.in_(old)))


def upload_page(session: Session, upload: Upload, words: Words) -> UploadPage:
    """Return what an upload would change or, once brought in, changed; `words` say its codes in the language of the page."""
    files = select(UploadFile).where(UploadFile.upload_id == upload.id, UploadFile.is_rejects.is_(False)).order_by(UploadFile.id)
    names = tuple(file.name for file in session.scalars(files))
    parts = tuple(_part(told, words) for told in json.loads(upload.outcome))
    return UploadPage(upload.ref, names, parts, upload.rows, upload.confirmed_at is not None, upload.done_at is not None, upload.revision)


def _keep_rejects(session: Session, upload: Upload, outcome: Outcome, words: Words) -> None:
    for tally in outcome.tallies:
        if tally.rejects:
            out = io.BytesIO()
            write_rejects(tally.head, tally.rejects, out, words)
            row = UploadFile(
                upload_id=upload.id, kind=tally.kind, is_rejects=True, name=f"rejects-{tally.kind}.csv", content=out.getvalue()
            )
            session.add(row)


def _told(outcome: Outcome) -> str:
    return json.dumps([_tally(tally) for tally in outcome.tallies], default=_plain, ensure_ascii=False)


def _tally(tally: Tally) -> dict[str, object]:
    return {
        "kind": tally.kind,
        "counts": tally.counts.as_dict(),
        "unknown": tally.unknown,
        "rejects": [(reject.line, reject.flaws) for reject in tally.rejects[:MOST_CHANGES]],
        "notices": [(notice.line, [notice.flaw]) for notice in tally.notices[:MOST_CHANGES]],
        "changes": [(change.line, change.name, change.fields) for change in tally.changes],
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _part(told: dict[str, Any], words: Words) -> FilePart:
    return FilePart(
        told["kind"], Counts(**told["counts"]), tuple(told["unknown"]), _notes(told["rejects"], words), _notes(told["notices"], words),
        tuple(ChangeRow(line, name, _fields(fields)) for line, name, fields in told["changes"]),
    )  # fmt: skip


def _fields(told: list[Any]) -> tuple[tuple[str, Any, Any], ...]:
    return tuple((field, typed(field, old), typed(field, new)) for field, old, new in told)


def typed(field: str, value: Any) -> Any:
    """Return a kept value as what it was: a day, cents or yes and no; other text as it is."""
    if not isinstance(value, str):
        return value
    if field.endswith(("_on", "_date")) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    if field.endswith("_cents") and value.isdigit():
        return int(value)
    return {"True": True, "False": False}.get(value, value)


def _notes(told: list[Any], words: Words) -> tuple[LineNote, ...]:
    return tuple(LineNote(line, " ".join(sentence(Flaw(*flaw), words) for flaw in flaws)) for line, flaws in told)
