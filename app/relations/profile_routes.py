"""Pages of a creditor's profile: for the relations team by code, for its own manager from the menu, and on paper."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from app.access import Permission
from app.db import reading_page
from app.menu import in_menu
from app.relations import complaint_words, profile_viewing, profile_words
from app.relations.profile_queries import profile_page
from app.web import actor, requires

bp = Blueprint("profiles", __name__, url_prefix="/relations")


@bp.get("/creditors/<int(max=2147483647):code>")
@requires(Permission.READ_PROFILES)
def profile(code: int) -> ResponseReturnValue:
    return _shown(code)


@bp.get("/profile")
@in_menu(lazy_gettext("Ons profiel"), 72, heading=lazy_gettext("Beheer"))
@requires(Permission.READ_OWN_PROFILE)
def own() -> ResponseReturnValue:
    return _shown(None)


def _shown(code: int | None) -> ResponseReturnValue:
    with reading_page() as session:
        page = profile_page(session, actor(), code)
        shown = render_template("profiles/profile.html", page=page, words=profile_words, complaint_words=complaint_words)
    if not page.was_opened_today:
        profile_viewing.note_opened(actor(), code)
    return shown


@bp.get("/creditors/<int(max=2147483647):code>/pdf")
@requires(Permission.READ_PROFILES)
def paper(code: int) -> ResponseReturnValue:
    """Give the two pages that people take to a meeting."""
    content = profile_viewing.print_profile(actor(), code)
    name = f"profiel-{code}.pdf"
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
