"""The page of audit events."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission, Role
from app.audit import queries
from app.db import reading
from app.web import actor, in_menu, requires

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@in_menu(_("Logboek"), 90, home_of={Role.AUDITOR})
@requires(Permission.READ_AUDIT)
def events() -> ResponseReturnValue:
    after = request.args.get("after", "")
    with reading() as session:
        page = queries.audit_page(session, actor(), request.args.get("q", "").strip()[:80], int(after) if after.isdigit() else None)
    return render_template("audit/events.html", page=page)
