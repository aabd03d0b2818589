"""The address of a document: its bytes, for whoever may see it."""

from io import BytesIO

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.access import Permission
from app.documents import service
from app.web import actor, requires

bp = Blueprint("documents", __name__, url_prefix="/documents")


@bp.get("/<ref>")
@requires(Permission.READ_DOCUMENTS)
def document(ref: str) -> ResponseReturnValue:
    content = service.open_document(actor(), ref)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=f"{ref}.pdf")
