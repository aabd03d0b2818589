"""The addresses of a document and of a file that people added: the bytes, for whoever may see them."""

from io import BytesIO

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.access import Permission
from app.documents import attachments, service
from app.web import actor, requires

bp = Blueprint("documents", __name__, url_prefix="/documents")


@bp.get("/<ref>")
@requires(Permission.READ_DOCUMENTS)
def document(ref: str) -> ResponseReturnValue:
    content = service.open_document(actor(), ref)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=f"{ref}.pdf")


@bp.get("/attachments/<ref>")
@requires(Permission.READ_ATTACHMENTS)
def attachment(ref: str) -> ResponseReturnValue:
    file = attachments.open_attachment(actor(), ref)
    return send_file(BytesIO(file.content), mimetype=file.type, as_attachment=True, download_name=file.name)
