"""Find documents. Loading one is the access check; a document is genuine when its bytes are known, whoever asks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.documents import files
from app.documents.models import Document
from app.errors import NotFound


@dataclass(frozen=True)
class DocumentRow:
    """A document as a list shows it."""

    ref: str
    kind: str
    title: str
    size: int
    created_at: datetime


def visible_document(session: Session, actor: Actor, ref: str) -> Document:
    """Return the document with this reference. Raises NotFound when it is missing or another organisation's."""
    actor.must(Permission.READ_DOCUMENTS)
    wanted = select(Document).where(Document.ref == ref)
    if actor.kind not in {Kind.BANK, Kind.CITY}:
        wanted = wanted.where(Document.organisation_id.is_not(None), Document.organisation_id == actor.organisation_id)
    document = session.scalar(wanted)
    if document is None:
        raise NotFound
    return document


def documents_about(session: Session, subject_ref: str) -> list[DocumentRow]:
    """List the documents about a subject, oldest first. Whoever calls has loaded the subject for its actor."""
    columns = (Document.ref, Document.kind, Document.title, Document.size, Document.created_at)
    found = session.execute(select(*columns).where(Document.subject_ref == subject_ref).order_by(Document.created_at, Document.id))
    return [DocumentRow(*row) for row in found]


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
