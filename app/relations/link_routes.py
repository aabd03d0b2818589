"""Pages of links for reporting without account: who makes them, and the one form that a link opens."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Permission
from app.db import reading
from app.errors import NotFound, Refusal
from app.relations import complaint_links, complaint_queries, complaint_words, telling
from app.relations.complaint_forms import LinkForm, LinkReportForm
from app.web import actor, public, request_origin, requires, show, typed, whole_number

bp = Blueprint("complaint_links", __name__)


# ── who makes them ───────────────────────────────────────────────────────────


@bp.route("/complaints/links", methods=["GET", "POST"])
@requires(Permission.REPORT_COMPLAINTS)
def links() -> ResponseReturnValue:
    form = LinkForm()
    try:
        if form.validate_on_submit():
            uses, days = whole_number(form.uses.data) or 1, whole_number(form.days.data) or 0
            session["made_link"] = complaint_links.make_link(actor(), typed(form.given_to), uses, days)
            return redirect(url_for(".links"))
    except Refusal as refusal:
        show(form, refusal, complaint_words.REFUSALS)
    made = session.pop("made_link", None) if request.method == "GET" else None
    address = url_for(".report", token=made, _external=True) if made else ""
    with reading() as opened:
        rows = complaint_links.links_of(opened, actor())
    return render_template("complaints/links.html", page=rows, form=form, address=address), 422 if form.errors else 200


@bp.post("/complaints/links/<int:number>/end")
@requires(Permission.REPORT_COMPLAINTS)
def end(number: int) -> ResponseReturnValue:
    complaint_links.end_link(actor(), number)
    flash(gettext("De link werkt niet meer."), "good")
    return redirect(url_for(".links"))


# ── who was given one ────────────────────────────────────────────────────────


@bp.route("/report/<token>", methods=["GET", "POST"])
@public
def report(token: str) -> ResponseReturnValue:
    """Show the form that a link opens, and take the report; an ended link says so."""
    form = LinkReportForm()
    if not _works(token):
        return _ended(token, form)
    _offer(form)
    try:
        if form.validate_on_submit() and request.form.get("do") != "find":
            name, address = typed(form.reporter), typed(form.address)
            ref = complaint_links.report_by_link(token, name, address, telling.told(form), request_origin())
            session["reported_by_link"] = ref
            return redirect(url_for(".thanks"))
    except Refusal as refusal:
        show(form, refusal, complaint_words.REFUSALS)
    except NotFound:
        return _ended(token, form)
    body = render_template(
        "complaints/report.html", form=form, similar=(), files=(), words=complaint_words, by_link=True,
        suggest=url_for(".parties", token=token), may_relate=False, links="",
    )  # fmt: skip
    return body, 422 if form.errors else 200


def _ended(token: str, form: LinkReportForm) -> ResponseReturnValue:
    """Say that a link works no more; the second click of a double one is thanked as the first was."""
    with reading(as_portal=True) as opened:
        sent = complaint_links.sent_by_link(opened, token, typed(form.reporter), typed(form.words)) if form.is_submitted() else ""
    if sent:
        session["reported_by_link"] = sent
        return redirect(url_for(".thanks"))
    return render_template("complaints/link_ended.html"), 404


def _works(token: str) -> bool:
    with reading(as_portal=True) as opened:  # nobody acts yet
        return complaint_links.link_works(opened, token)


def _offer(form: LinkReportForm) -> None:
    with reading(as_portal=True) as opened:
        telling.offer(opened, form, None)


@bp.post("/report/<token>/parties")
@public
def parties(token: str) -> ResponseReturnValue:
    """Offer companies as somebody types whose link works."""
    if not _works(token):
        raise NotFound
    with reading(as_portal=True) as opened:
        found = complaint_queries.parties(opened, request.form.get("q", ""))
    return jsonify([f"{one.name} ({one.code})" for one in found])


@bp.get("/report-thanks")
@public
def thanks() -> ResponseReturnValue:
    """Thank who reported by a link, with the number of the complaint."""
    ref = session.get("reported_by_link")
    if not ref:
        raise NotFound
    return render_template("complaints/thanks.html", page=ref)
