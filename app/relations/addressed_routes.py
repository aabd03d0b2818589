"""Pages of creditors and agents on complaints about themselves: the list, and one complaint with its answer."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Permission
from app.db import reading
from app.errors import Conflict, Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, TEXT, Field
from app.menu import in_menu
from app.relations import addressed_queries, addressing, complaint_words
from app.relations.addressed_queries import AddressedPage
from app.relations.complaint_forms import AnswerForm
from app.relations.report_routes import list_query
from app.web import actor, list_link, page_size, requires, show, typed, whole_number

bp = Blueprint("about_us", __name__, url_prefix="/complaints/about-us")


@bp.get("")
@in_menu(lazy_gettext("Signalen over ons"), 18, count=addressed_queries.waiting_count)
@requires(Permission.ANSWER_COMPLAINTS)
def complaints() -> ResponseReturnValue:
    with reading() as session:
        page = addressed_queries.addressed_list(session, actor(), list_query(), page_size(request.args.get("size")))
    link = partial(list_link, list_query(), ".complaints")
    return render_template("complaints/about_us.html", page=page, words=complaint_words, link=link)


@bp.get("/download")
@requires(Permission.ANSWER_COMPLAINTS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show, without who reported them."""
    fields = [
        Field(gettext("Signaal"), TEXT), Field(gettext("Schuldeiser"), TEXT, 28), Field(gettext("Incassopartij"), TEXT, 28),
        Field(gettext("Onderwerp"), TEXT, 28), Field(gettext("Gebeurd op"), DAY), Field(gettext("Antwoord voor"), DAY),
        Field(gettext("Stand"), TEXT, 24), Field(gettext("Uw antwoord"), TEXT, 24), Field(gettext("Uitkomst"), TEXT, 24),
    ]  # fmt: skip
    words = complaint_words
    with reading() as session:
        rows: list[tuple[Any, ...]] = [
            (
                row.ref, row.about, row.agent, words.kind(row), row.happened_on, row.answer_by, str(words.PARTY_STATES[row.state]),
                str(words.ANSWERS[row.answer]) if row.answer else "", str(words.OUTCOMES[row.outcome]) if row.outcome else "",
            )
            for row in addressed_queries.addressed_rows(session, actor(), list_query())
        ]  # fmt: skip
    return downloads.download(fields, rows, gettext("signalen over ons"))


@bp.get("/<ref>")
@requires(Permission.ANSWER_COMPLAINTS)
def complaint(ref: str) -> ResponseReturnValue:
    addressing.note_opened(actor(), ref)
    page = _page(ref)
    return _shown(page, AnswerForm(formdata=None, data={"revision": page.revision, "do": "answer"}))


def _page(ref: str) -> AddressedPage:
    with reading() as session:
        return addressed_queries.addressed_page(session, actor(), ref)


def _shown(page: AddressedPage, form: AnswerForm) -> ResponseReturnValue:
    form.offer({move.value for move in page.moves})
    body = render_template("complaints/answer.html", page=page, form=form, words=complaint_words)
    return body, 422 if form.errors else 200


@bp.post("/<ref>")
@requires(Permission.ANSWER_COMPLAINTS)
def answer(ref: str) -> ResponseReturnValue:
    addressing.note_opened(actor(), ref)  # what is refused comes back with the page, which may name the client by now
    page, form = _page(ref), AnswerForm()
    try:
        if form.validate():
            _give(ref, form)
            flash(gettext("Uw bericht over %(ref)s is bij Relatiebeheer.", ref=ref), "good")
            return redirect(url_for(".complaints"))
    except Refusal as refusal:
        show(form, refusal, complaint_words.REFUSALS)
    except Conflict:
        flash(gettext("Dit signaal is intussen veranderd. Uw antwoord is niet verstuurd. Lees het opnieuw."), "error")
        return redirect(url_for(".complaint", ref=ref))
    return _shown(page, form)


def _give(ref: str, form: AnswerForm) -> None:
    """Give the answer that the form holds. Raises NotFound, Refusal, Conflict."""
    seen = whole_number(form.revision.data) or 0
    if form.do.data == "ask":
        addressing.ask_question(actor(), ref, seen, typed(form.question))
    elif form.do.data == "disagree":
        addressing.disagree(actor(), ref, seen, typed(form.disagree_words))
    elif chosen := form.answer_chosen():
        addressing.answer_complaint(actor(), ref, seen, chosen, typed(form.answer_words))
    else:
        raise Refusal("relations.answer_missing", field="answer")
