"""Pages of work: follow long work, and run failed work again."""

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access import Permission
from app.db import reading
from app.jobs import queries, service
from app.menu import in_menu
from app.web import actor, requires

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
@in_menu(lazy_gettext("Lopend werk"), 900)
@requires(Permission.READ_JOBS)
def work() -> ResponseReturnValue:
    with reading() as session:
        page = queries.work_page(session, actor())
    return render_template("jobs/work.html", page=page)


@bp.get("/<key>")
@requires(Permission.READ_JOBS)
def progress(key: str) -> ResponseReturnValue:
    with reading() as session:
        page = queries.progress_page(session, actor(), key)
    return render_template("jobs/progress.html", page=page)


@bp.get("/<key>/state")
@requires(Permission.READ_JOBS)
def state(key: str) -> ResponseReturnValue:
    """Tell our script how far it is; what is queued is shown as waiting."""
    with reading() as session:
        page = queries.progress_page(session, actor(), key)
    return jsonify(done=page.done, total=page.total, state="waiting" if page.is_waiting else page.state)


@bp.post("/<key>/replay")
@requires(Permission.REPLAY_JOBS)
def replay(key: str) -> ResponseReturnValue:
    service.replay_failure(actor(), key)
    flash(_("Het werk wordt opnieuw gedaan."), "good")
    return redirect(url_for(".work"))
