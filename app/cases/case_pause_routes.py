"""Pages of the bank and of who helps the client on the pauses of one case, and sending notices for a whole list of cases."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.access import Permission
from app.acts import acted, pressed
from app.cases import noticing, pause_words, queries
from app.cases import words as case_words
from app.cases.pause_forms import ComplaintForm, EndForm
from app.cases.pause_rules import EndReason
from app.cases.routes import list_query
from app.cases.service import note_opened
from app.db import reading
from app.errors import Refusal
from app.web import actor, list_link, requires, say, show, typed, whole_number

bp = Blueprint("case_pauses", __name__, url_prefix="/cases")


@bp.get("/<ref>/pauses")
@requires(Permission.READ_CASES)
def pauses(ref: str) -> ResponseReturnValue:
    note_opened(actor(), ref)
    return _page(ref, ComplaintForm(formdata=None), EndForm(formdata=None))


def _page(ref: str, complaint: ComplaintForm, end: EndForm) -> ResponseReturnValue:
    with reading() as session:
        page = queries.case_page(session, actor(), ref)
    complaint.offer([(one.ref, one.creditor) for one in page.pauses.notices if one.ref])
    body = render_template(
        "pauses/case.html", page=page, pauses=page.pauses, complaint=complaint, end=end, words=pause_words, case_words=case_words,
        may_send=actor().may(Permission.SEND_NOTICES), may_report=actor().may(Permission.REPORT_BREACHES),
    )  # fmt: skip
    return body, 422 if complaint.errors or end.errors else 200


@bp.post("/<ref>/pauses/send")
@requires(Permission.SEND_NOTICES)
def send(ref: str) -> ResponseReturnValue:
    try:
        sent = noticing.send_notices(actor(), ref)
        flash(ngettext("%(num)s kennisgeving is gestuurd.", "%(num)s kennisgevingen zijn gestuurd.", sent), "good")
    except Refusal as refusal:
        flash(say(refusal, pause_words.REFUSALS), "error")
    return redirect(url_for(".pauses", ref=ref))


@bp.post("/<ref>/pauses/end")
@requires(Permission.SEND_NOTICES)
def end(ref: str) -> ResponseReturnValue:
    form = EndForm()
    try:
        if form.validate():
            flash(pause_words.ended(noticing.end_case_pauses(actor(), ref, EndReason(form.reason.data))), "good")
            return redirect(url_for(".pauses", ref=ref))
    except Refusal as refusal:
        show(form, refusal, pause_words.REFUSALS)
    return _page(ref, ComplaintForm(formdata=None), form)


@bp.post("/<ref>/pauses/complaint")
@requires(Permission.REPORT_BREACHES)
def complaint(ref: str) -> ResponseReturnValue:
    """Take in that a client complains of collecting during a pause."""
    with reading() as session:
        page = queries.case_page(session, actor(), ref)
    form: Any = ComplaintForm()
    form.offer([(one.ref, one.creditor) for one in page.pauses.notices if one.ref])

    def note() -> None:
        noticing.note_complaint(actor(), ref, typed(form.notice), form.happened_on.data, typed(form.breach_words))

    done = gettext("De klacht is genoteerd. Het dossier laat het zien.")
    answer = acted(form, note, done, refusals=pause_words.REFUSALS, stay=url_for(".pauses", ref=ref))
    return answer or _page(ref, form, EndForm(formdata=None))


@bp.post("/<ref>/pauses/breaches/<int(max=2147483647):number>")
@requires(Permission.SEND_NOTICES)
def handle(ref: str, number: int) -> ResponseReturnValue:
    def tick_off() -> None:
        noticing.handle_breach(actor(), ref, number, whole_number(request.form.get("revision")) or 0)

    done, overtaken = gettext("De melding is afgehandeld."), gettext("Een collega heeft deze melding al afgehandeld.")
    return pressed(tick_off, done, refusals=pause_words.REFUSALS, stay=url_for(".pauses", ref=ref), overtaken=overtaken)


# ── a whole list ─────────────────────────────────────────────────────────────


@bp.route("/notices", methods=["GET", "POST"])
@requires(Permission.SEND_NOTICES)
def many() -> ResponseReturnValue:
    """Ask once more, and then send notices for every case that the list shows, as long work with its own page."""
    problem, query = "", list_query()
    if request.method == "POST":
        try:
            key = uuid4().hex
            noticing.start_sending(actor(), query, key)
            return redirect(url_for("jobs.progress", key=key))
        except Refusal as refusal:
            problem = say(refusal, pause_words.REFUSALS)
    here, back = list_link(query, ".many", sort=""), list_link(query, "cases.cases", sort="")
    shown = {"page": noticing.unnoticed(actor(), query), "problem": problem, "most": noticing.MOST_CASES}
    return render_template("pauses/many.html", here=here, back=back, **shown), 422 if problem else 200
