"""Files that people add to what they report: kept encrypted beside the documents, judged by the feature whose they are.

A feature names its kind of attachment once (`judge_attachments_by`): without a judge nobody sees one. In its own use case it
lets the files that came with the form be `scanned` before its transaction and calls `attach` for them within, records that as part
of its event, and shows `attachments_about`.
The page links to `documents.attachment`, which asks the judge again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record, record_refused
from app.clock import now
from app.db import even_if_refused, new_ref, transaction
from app.documents import files
from app.documents.media import MOST_FILES, TYPES, called, media_of, shown
from app.documents.models import Attachment
from app.documents.scanning import viruses_in
from app.errors import NotFound, Refusal

VIRUS = 80  # signs of the name that a scanner gives a virus

Judge = Callable[[Session, Actor, str, datetime], bool]  # of the file's subject, and when it was added
_judges: dict[str, Judge] = {}


@dataclass(frozen=True)
class Added:
    """A file as somebody chose it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Scanned(Added):
    """The same once a scanner was asked: with the name of the virus in it, or nothing."""

    virus: str


@dataclass(frozen=True)
class AttachmentRow:
    """An attachment as a page shows it."""

    ref: str
    subject_ref: str
    name: str
    size: int  # bytes
    person_name: str
    created_at: datetime


@dataclass(frozen=True)
class AttachmentFile:
    """An attachment as it is given back."""

    name: str
    type: str
    content: bytes


def judge_attachments_by(kind: str, judge: Judge) -> None:
    """Set who tells whether an actor sees an attachment of a kind: a feature that stands above this package."""
    _judges[kind] = judge


def scanned(added: Sequence[Added]) -> list[Scanned]:
    """Ask the scanner about files, before the transaction that keeps them. Raises Refusal as `attach`, and when it gives no answer."""
    for file in added:
        media_of(file.name, file.content)
    _refuse_too_many(len(added))
    found = viruses_in(file.content for file in added)
    return [Scanned(file.name, file.content, virus) for file, virus in zip(added, found, strict=True)]


def attach(session: Session, actor: Actor, kind: str, subject_ref: str, organisation_id: int | None, added: Sequence[Scanned]) -> list[str]:
    """Keep files beside `subject_ref` and return their references; the same content again is the same attachment.

    `organisation_id`: whose rows they are for the database's own wall. Raises Refusal when one is not what people may add (nothing
    is kept then) or holds a virus, or when there are too many.
    """
    media = [media_of(file.name, file.content) for file in added]
    there = _refs(session, kind, subject_ref)
    new = {files.digest(file.content) for file in added} - there.keys()
    _refuse_too_many(len(there) + len(new))
    for file in added:
        _refuse_infected(session, actor, organisation_id, file)
    for file, ending in zip(added, media, strict=True):
        sha256 = files.put(file.content)
        if sha256 not in there:
            row = Attachment(
                ref=new_ref("F"), kind=kind, subject_ref=subject_ref, name=shown(file.name), media=ending, sha256=sha256,
                size=len(file.content), organisation_id=organisation_id, person_id=actor.person_id, person_name=actor.name[:200],
                created_at=now(),
            )  # fmt: skip
            session.add(row)
            there[sha256] = row.ref
    session.flush()
    return [there[files.digest(file.content)] for file in added]


def _refuse_too_many(number: int) -> None:
    if number > MOST_FILES:
        raise Refusal("attachments.too_many", most=MOST_FILES)


def _refuse_infected(session: Session, actor: Actor, organisation_id: int | None, file: Scanned) -> None:
    """Raise Refusal for a file with a virus, which stays in the log: with the hash of its content, for its name may name a person."""
    if file.virus:
        about = f"attachment/{files.digest(file.content)[:20]}"

        def noted(session: Session) -> None:
            record_refused(session, actor, "documents:infected", about, concerns_id=organisation_id, virus=(None, file.virus[:VIRUS]))

        even_if_refused(session, noted)
        raise Refusal("attachments.infected", name=shown(file.name))


def _refs(session: Session, kind: str, subject_ref: str) -> dict[str, str]:
    same = select(Attachment.sha256, Attachment.ref).where(Attachment.kind == kind, Attachment.subject_ref == subject_ref)
    return {row[0]: row[1] for row in session.execute(same.order_by(Attachment.id))}


def remove_attachment(session: Session, kind: str, subject_ref: str, ref: str) -> str:
    """Take one file away from its subject and return its name; its bytes go with the next run of retention. Raises NotFound."""
    found = select(Attachment).where(Attachment.kind == kind, Attachment.subject_ref == subject_ref, Attachment.ref == ref)
    row = session.scalar(found)
    if row is None:
        raise NotFound
    session.delete(row)
    return row.name


def attachments_about(session: Session, kind: str, subject_refs: Iterable[str]) -> list[AttachmentRow]:
    """List the files beside some subjects, oldest first. Whoever calls has loaded the subjects for its actor."""
    columns = (
        Attachment.ref, Attachment.subject_ref, Attachment.name, Attachment.media, Attachment.size, Attachment.person_name,
        Attachment.created_at,
    )  # fmt: skip
    about = select(*columns).where(Attachment.kind == kind, Attachment.subject_ref.in_(list(subject_refs)))
    return [
        AttachmentRow(row.ref, row.subject_ref, called(row.name, row.media), row.size, row.person_name, row.created_at)
        for row in session.execute(about.order_by(Attachment.created_at, Attachment.id))
    ]


def move_attachments(session: Session, kind: str, from_ref: str, to_ref: str) -> None:
    """Let another subject have the files of one, such as what a merged report leaves; doubles stay once."""
    has = _refs(session, kind, to_ref)
    for row in session.scalars(
        select(Attachment).where(Attachment.kind == kind, Attachment.subject_ref == from_ref).order_by(Attachment.id)
    ):
        if row.sha256 in has:
            session.delete(row)
        else:
            row.subject_ref = to_ref


def forget_attachments(session: Session, subject_refs: Sequence[str]) -> int:
    """Delete the files of subjects that end, and return how many; bytes that nothing names go with the run of retention."""
    about = Attachment.subject_ref.in_(subject_refs)
    number = session.scalar(select(func.count()).select_from(Attachment).where(about)) or 0
    session.execute(delete(Attachment).where(about))
    return number


def open_attachment(actor: Actor, ref: str) -> AttachmentFile:
    """Return a file that the actor may see, and note who opened it. Raises NotFound."""
    actor.must(Permission.READ_ATTACHMENTS)
    with transaction() as session:
        row = session.scalar(select(Attachment).where(Attachment.ref == ref)) if ref.isprintable() else None
        judge = _judges.get(row.kind) if row else None
        if row is None or judge is None or not judge(session, actor, row.subject_ref, row.created_at):
            raise NotFound
        record(session, actor, "documents:open", f"attachment/{row.ref}", concerns_id=row.organisation_id)
        return AttachmentFile(called(row.name, row.media), TYPES[row.media], files.get(row.sha256))
