"""The page of audit events."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission, Role
from app.audit import queries
from app.db import reading
from app.web import actor, in_menu, query_text, requires, whole_number

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@in_menu(_("Logboek"), 90, home_of={Role.AUDITOR}, finds=True)
@requires(Permission.READ_AUDIT)
def events() -> ResponseReturnValue:
    with reading() as session:
        page = queries.audit_page(session, actor(), query_text("q", 80), whole_number(request.args.get("after")))
    return render_template("audit/events.html", page=page)
