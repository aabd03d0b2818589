"""The page of agents with their numbers in the register of the Wki, and keeping what somebody looked up there."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Permission
from app.creditors.service import check_wki
from app.creditors.words import REFUSALS
from app.db import reading
from app.errors import Refusal
from app.practices import queue, words
from app.signs import legible
from app.web import actor, requires, say, whole_number

bp = Blueprint("practice_agents", __name__, url_prefix="/practices/agents")


@bp.get("")
@requires(Permission.READ_ALL_PRACTICES)
def agents() -> ResponseReturnValue:
    with reading() as session:
        page = queue.agents_page(session, actor())
    return render_template("practices/agents.html", page=page, words=words)


@bp.post("/<int(max=2147483647):code>")
@requires(Permission.REVIEW_PRACTICES)
def check(code: int) -> ResponseReturnValue:
    number = legible(request.form.get("wki_number", "")).strip()
    try:
        check_wki(actor(), code, number, whole_number(request.form.get("revision")) or 0)
        flash(gettext("Bewaard, met de dag van vandaag."), "good")
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
    return redirect(url_for(".agents"))
