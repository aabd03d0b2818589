"""Pages of a creditor on its practice reports: the years, one report, its sections, submitting; the team's list stands here too."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Permission
from app.db import reading
from app.errors import Conflict, Refusal
from app.menu import in_menu
from app.practices import queries, queue, service, words
from app.practices.forms import ReopenForm, SectionForm, filled, section_form
from app.practices.queries import SectionPage
from app.practices.questions import SECTION
from app.practices.queue import QueueQuery
from app.web import actor, query_text, requires, say, show, whole_number

bp = Blueprint("practices", __name__, url_prefix="/practices")
EVIDENCE = "evidence:"  # what a button says that saves and then leads to the files of an answer


@bp.get("")
@in_menu(lazy_gettext("Praktijkrapporten"), 70, heading=lazy_gettext("Afspraken"), count=queries.asked_count)
@requires(Permission.READ_PRACTICES)
def practices() -> ResponseReturnValue:
    """Show the own reports, or those of all creditors to who looks after them."""
    with reading() as session:
        if actor().may(Permission.READ_ALL_PRACTICES):
            query = QueueQuery(**{name: query_text(name, 80) for name in ("year", "status", "q", "branch")})
            found = queue.queue_page(session, actor(), query)
            return render_template("practices/queue.html", page=found, words=words, link=_link)
        page = queries.own_page(session, actor())
    return render_template("practices/own.html", page=page, words=words)


def _link(**over: str) -> str:
    """Return the address of the list with other filters."""
    kept = {name: query_text(name, 80) for name in ("year", "status", "q", "branch")} | over
    filters: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return url_for(".practices", **filters)


@bp.post("")
@requires(Permission.WRITE_PRACTICES)
def start() -> ResponseReturnValue:
    try:
        return redirect(url_for(".report", ref=service.start_report(actor(), whole_number(request.form.get("year")) or 0)))
    except Refusal as refusal:
        flash(say(refusal, words.REFUSALS), "error")
        return redirect(url_for(".practices"))


@bp.get("/<ref>")
@requires(Permission.READ_PRACTICES)
def report(ref: str) -> ResponseReturnValue:
    return report_shown(ref, ReopenForm(formdata=None))


def report_shown(ref: str, form: ReopenForm, status: int = 200, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show a report: with its sections to fill in to its creditor, with every answer to who reads it."""
    with reading() as session:
        page = queries.report_page(session, actor(), ref)
    said = say(refusal, words.REFUSALS) if refusal else ""
    name = "practices/report.html" if page.is_own else "practices/review.html"
    return render_template(name, page=page, words=words, form=form, refusal=said), status


@bp.get("/<ref>/<section>")
@requires(Permission.WRITE_PRACTICES)
def section(ref: str, section: str) -> ResponseReturnValue:
    page = _section(ref, section)
    form = section_form(section)(formdata=None, data=filled(section, page.answers, page.revision))
    return _filled_in(page, form)


def _section(ref: str, section: str) -> SectionPage:
    with reading() as session:
        return queries.section_page(session, actor(), ref, section)


def _filled_in(page: SectionPage, form: SectionForm, status: int = 200, *, stale: bool = False) -> ResponseReturnValue:
    return render_template("practices/section.html", page=page, form=form, words=words, stale=stale), status


@bp.post("/<ref>/<section>")
@requires(Permission.WRITE_PRACTICES)
def save(ref: str, section: str) -> ResponseReturnValue:
    """Save a section and go where the pressed button says: on, back to the report, or to the files of an answer."""
    page = _open_section(ref, section)
    form: Any = section_form(section)()
    if not form.validate_on_submit():
        return _filled_in(page, form, 422)
    try:
        service.save_section(actor(), ref, section, form.answers(), whole_number(form.revision.data) or 0)
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
        return _filled_in(page, form, 422)
    except Conflict:
        return _too_late(ref, section, form)
    return _onward(ref, page)


def _open_section(ref: str, section: str) -> SectionPage:
    """Return a section to save in. Raises Conflict when the report was submitted since the page was opened; NotFound."""
    with reading() as session:
        page = queries.report_page(session, actor(), ref)
        if section in SECTION and page.is_own and not page.may_write:
            raise Conflict
        return queries.section_page(session, actor(), ref, section)


def _too_late(ref: str, section: str, form: Any) -> ResponseReturnValue:
    """Show what was typed beside what a colleague saved; saving again says that one has seen it."""
    page = _section(ref, section)
    form.revision.data = form.revision.raw_data = None
    form.revision.process_data(page.revision)
    form.form_errors.append(str(words.REFUSALS["practices.stale_section"]))
    return _filled_in(page, form, 409, stale=True)


def _onward(ref: str, page: SectionPage) -> ResponseReturnValue:
    action = request.form.get("action", "")
    if action.startswith(EVIDENCE):
        return redirect(url_for("practice_reviews.answer", ref=ref, question=action.removeprefix(EVIDENCE)))
    flash(gettext("Bewaard."), "good")
    if action == "next" and page.next:
        return redirect(url_for(".section", ref=ref, section=page.next))
    return redirect(url_for(".report", ref=ref))


@bp.post("/<ref>/submit")
@requires(Permission.SUBMIT_PRACTICES)
def submit(ref: str) -> ResponseReturnValue:
    try:
        service.submit_report(actor(), ref, whole_number(request.form.get("revision")) or 0)
    except Refusal as refusal:
        return report_shown(ref, ReopenForm(formdata=None), 422, refusal)
    except Conflict:
        return report_shown(ref, ReopenForm(formdata=None), 409, Refusal("practices.stale_report"))
    flash(gettext("Het rapport is ingediend. Relatiebeheer leest het en stelt zo nodig vragen."), "good")
    return redirect(url_for(".report", ref=ref))
