"""Find documents. Loading one is the access check; a document is genuine when its bytes are known, whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.documents import files
from app.documents.models import Document
from app.errors import NotFound

Judge = Callable[[Session, Actor, str], bool]
_judges: dict[str, Judge] = {}


def judge_by(kind: str, judge: Judge) -> None:
    """Set who tells whether an actor sees documents of a kind, from their subject: a feature that stands above this package."""
    _judges[kind] = judge


@dataclass(frozen=True)
class DocumentRow:
    """A document as a list shows it."""

    ref: str
    kind: str
    title: str
    size: int
    created_at: datetime


def visible_document(session: Session, actor: Actor, ref: str) -> Document:
    """Return the document with this reference. Raises NotFound when it is missing or not the actor's to see."""
    actor.must(Permission.READ_DOCUMENTS)
    document = session.scalar(select(Document).where(Document.ref == ref)) if ref.isprintable() else None
    if document is None or not _sees(session, actor, document):
        raise NotFound
    return document


def _sees(session: Session, actor: Actor, document: Document) -> bool:
    """Ask who judges documents of this kind; without a judge they are their organisation's, and the city's to read."""
    if judge := _judges.get(document.kind):
        return judge(session, actor, document.subject_ref)
    if actor.kind in {Kind.BANK, Kind.CITY}:
        return True
    return document.organisation_id is not None and document.organisation_id == actor.organisation_id


def documents_about(session: Session, subject_ref: str) -> list[DocumentRow]:
    """List the documents about a subject, oldest first. Whoever calls has loaded the subject for its actor."""
    return [DocumentRow(*row) for row in session.connection().execute(_about(), {"subject": subject_ref})]


@cache
def _about() -> Select[Any]:
    """Make the statement once: the pages of offers, consents and requests ask it each time."""
    kept: Any = Document.__table__.c  # columns of the table, not of the class: no objects are made
    columns = (kept.ref, kept.kind, kept.title, kept.size, kept.created_at)
    return select(*columns).where(kept.subject_ref == bindparam("subject", type_=String)).order_by(kept.created_at, kept.id)


def read(session: Session, ref: str) -> bytes:
    """Return the bytes of a document. Raises NotFound when row or file is gone, or the file was changed."""
    sha256 = session.scalar(select(Document.sha256).where(Document.ref == ref))
    if sha256 is None:
        raise NotFound
    return files.get(sha256)


def genuine(session: Session, content: bytes) -> Document | None:
    """Return the document that has exactly these bytes; None: the portal did not write them."""
    known = select(Document).where(Document.sha256 == files.digest(content)).order_by(Document.id).limit(1)
    return session.scalar(known)
