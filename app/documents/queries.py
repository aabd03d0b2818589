"""Find documents. Loading one is the access check; a document is genuine when its bytes are known, whoever asks."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, false, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.documents import files
from app.documents.models import Document
from app.errors import NotFound

MOST_FOUND = 100  # a search shows the first few

Judge = Callable[[Session, Actor, str], bool]
Condition = Callable[[Actor, ColumnElement[str]], ColumnElement[bool]]  # on the reference of a subject
_judges: dict[str, Judge] = {}
_conditions: dict[str, Condition] = {}


def judge_by(kind: str, judge: Judge, sees: Condition) -> None:
    """Set who tells whether an actor sees documents of a kind, from their subject: a feature that stands above this package.

    `sees` says the same as a condition, by which many are found at once.
    """
    _judges[kind], _conditions[kind] = judge, sees


@dataclass(frozen=True)
class DocumentRow:
    """A document as a list shows it."""

    ref: str
    kind: str
    title: str
    size: int
    created_at: datetime


@dataclass(frozen=True)
class FoundDocument:
    """A document that somebody looked for, with what it is about."""

    ref: str
    kind: str
    title: str
    subject_ref: str
    created_at: datetime


def found_documents(session: Session, actor: Actor, ref: str, subjects: Collection[str], kinds: Collection[str]) -> Iterator[FoundDocument]:
    """Yield the documents with a reference, about it or about one of some subjects, and those of some kinds; the newest hundred.

    Only about what the actor sees itself: a kind without a condition is never found.
    """
    seen = or_(false(), *(and_(Document.kind == kind, sees(actor, _subject())) for kind, sees in _conditions.items()))
    named = or_(Document.ref == ref, Document.subject_ref.in_([ref, *subjects]), Document.kind.in_(kinds))
    columns = (Document.ref, Document.kind, Document.title, Document.subject_ref, Document.created_at)
    found = select(*columns).where(seen, named).order_by(Document.id.desc()).limit(MOST_FOUND)
    if actor.kind is Kind.CREDITOR:  # its own are few among all
        found = found.where(Document.organisation_id == actor.organisation_id)
    for row in session.execute(found):
        yield FoundDocument(*row)


def _subject() -> ColumnElement[str]:
    return Document.__table__.c.subject_ref


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
