"""Keep documents and hand them out. Keeping one is a row and a file in somebody's transaction; the same again changes nothing."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit.service import record
from app.clock import now
from app.db import new_ref, transaction
from app.documents import files
from app.documents.models import Document
from app.documents.queries import visible_document
from app.documents.scanning import scan_by


def keep_in(folder: Path, scanner: str = "") -> None:
    """Set the folder in which this process keeps its documents, and the virus scanner that it asks about what people add."""
    files.keep_in(folder)
    scan_by(scanner)


def store(session: Session, *, kind: str, title: str, subject_ref: str, organisation_id: int | None, content: bytes) -> Document:
    """Keep a document about `subject_ref` and return its row; None as organisation: the city's alone.

    The title is shown in lists and not encrypted: it names references, no people. The file is there before the row is: a transaction
    that rolls back leaves a file that nothing names, never a row without a file.
    """
    sha256 = files.put(content)
    same = select(Document).where(Document.kind == kind, Document.subject_ref == subject_ref, Document.sha256 == sha256)
    if kept := session.scalar(same):
        return kept
    document = Document(
        ref=new_ref("B"),
        kind=kind,
        title=title[:200],
        sha256=sha256,
        size=len(content),
        subject_ref=subject_ref,
        organisation_id=organisation_id,
        created_at=now(),
    )
    session.add(document)
    session.flush()
    return document


def open_document(actor: Actor, ref: str) -> bytes:
    """Return the bytes of a document that the actor may see, and note who opened it. Raises NotFound."""
    with transaction() as session:
        document = visible_document(session, actor, ref)
        content = files.get(document.sha256)
        record(session, actor, "documents:open", f"document/{ref}", concerns_id=document.organisation_id)
    return content
