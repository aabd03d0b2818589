"""Pages about one answer of a practice report: its evidence, the dialogue about it; and what the relations team does with a report."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.access import Permission
from app.db import reading
from app.documents.attachments import Added
from app.errors import Conflict, Refusal
from app.practices import queries, reviewing, service, words
from app.practices.forms import EvidenceForm, MarkForm, ReopenForm, ReplyForm, chosen_files
from app.practices.queries import AnswerPage
from app.practices.routes import report_shown
from app.practices.rules import Mark
from app.web import actor, requires, say, show, typed, whole_number

bp = Blueprint("practice_reviews", __name__, url_prefix="/practices/<ref>")


@bp.get("/answers/<question>")
@requires(Permission.READ_PRACTICES)
def answer(ref: str, question: str) -> ResponseReturnValue:
    return _shown(_page(ref, question))


def _page(ref: str, question: str) -> AnswerPage:
    with reading() as session:
        return queries.answer_page(session, actor(), ref, question)


def _shown(page: AnswerPage, form: Any = None, status: int = 200) -> ResponseReturnValue:
    """Show an answer; `form` is the one that was refused."""
    forms = {
        "evidence": EvidenceForm(formdata=None), "reply": ReplyForm(formdata=None, data={"seen": page.seen}),
        "judgement": MarkForm(formdata=None, data={"seen": page.seen}),
    }  # fmt: skip
    if form is not None:
        forms[{EvidenceForm: "evidence", ReplyForm: "reply", MarkForm: "judgement"}[type(form)]] = form
    return render_template("practices/answer.html", page=page, words=words, form=form, **forms), status


@bp.post("/answers/<question>/evidence")
@requires(Permission.WRITE_PRACTICES)
def add_evidence(ref: str, question: str) -> ResponseReturnValue:
    form = EvidenceForm()
    added = [Added(file.filename, file.read()) for file in chosen_files(form.files)]
    try:
        service.add_evidence(actor(), ref, question, added)
    except Refusal as refusal:
        form.files.errors = [say(refusal, words.REFUSALS)]
        return _shown(_page(ref, question), form, 422)
    flash(ngettext("%(num)s bestand is toegevoegd.", "%(num)s bestanden zijn toegevoegd.", len(added)), "good")
    return _back(ref, question)


def _back(ref: str, question: str) -> ResponseReturnValue:
    return redirect(url_for(".answer", ref=ref, question=question))


@bp.post("/answers/<question>/evidence/<attachment>/remove")
@requires(Permission.WRITE_PRACTICES)
def remove_evidence(ref: str, question: str, attachment: str) -> ResponseReturnValue:
    try:
        is_taken = service.remove_evidence(actor(), ref, question, attachment)
        flash(gettext("Het bestand is weggehaald.") if is_taken else gettext("Dit bestand was al weg. U hoeft niets meer te doen."), "good")
    except Refusal as refusal:
        flash(say(refusal, words.REFUSALS), "error")
    return _back(ref, question)


@bp.post("/answers/<question>/reply")
@requires(Permission.WRITE_PRACTICES)
def reply(ref: str, question: str) -> ResponseReturnValue:
    form = ReplyForm()
    if not form.validate_on_submit():
        return _shown(_page(ref, question), form, 422)
    try:
        service.reply_to_remark(actor(), ref, question, typed(form.words), whole_number(form.seen.data) or 0)
    except Refusal as refusal:
        return _refused(ref, question, form, refusal)
    except Conflict:
        return _too_late(ref, question, form)
    flash(gettext("Uw antwoord is verstuurd."), "good")
    return _back(ref, question)


def _refused(ref: str, question: str, form: Any, refusal: Refusal) -> ResponseReturnValue:
    show(form, refusal, words.REFUSALS)
    return _shown(_page(ref, question), form, 422)


def _too_late(ref: str, question: str, form: Any) -> ResponseReturnValue:
    """Show what was typed below what was said meanwhile; sending again says that one has read it."""
    page = _page(ref, question)
    form.seen.raw_data = None
    form.seen.process_data(page.seen)
    form.form_errors.append(str(words.REFUSALS["practices.stale_remarks"]))
    return _shown(page, form, 409)


@bp.post("/answers/<question>/mark")
@requires(Permission.REVIEW_PRACTICES)
def mark(ref: str, question: str) -> ResponseReturnValue:
    form = MarkForm()
    if not form.validate_on_submit():
        return _shown(_page(ref, question), form, 422)
    try:
        reviewing.mark_answer(actor(), ref, question, Mark(form.mark.data), typed(form.words), whole_number(form.seen.data) or 0)
    except Refusal as refusal:
        return _refused(ref, question, form, refusal)
    except Conflict:
        return _too_late(ref, question, form)
    flash(gettext("Uw oordeel is bewaard."), "good")
    return redirect(url_for("practices.report", ref=ref, _anchor=question))


@bp.post("/seen")
@requires(Permission.REVIEW_PRACTICES)
def mark_rest(ref: str) -> ResponseReturnValue:
    form = ReopenForm()
    number = reviewing.mark_rest_seen(actor(), ref, whole_number(form.revision.data) or 0)
    flash(ngettext("%(num)s antwoord is gezien.", "%(num)s antwoorden zijn gezien.", number), "good")
    return redirect(url_for("practices.report", ref=ref))


@bp.post("/reopen")
@requires(Permission.REVIEW_PRACTICES)
def reopen(ref: str) -> ResponseReturnValue:
    form = ReopenForm()
    if not form.validate_on_submit():
        return report_shown(ref, form, 422)
    try:
        reviewing.reopen_report(actor(), ref, typed(form.reason), whole_number(form.revision.data) or 0)
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
        return report_shown(ref, form, 422)
    flash(gettext("Het rapport is heropend. De schuldeiser krijgt bericht."), "good")
    return redirect(url_for("practices.report", ref=ref))
