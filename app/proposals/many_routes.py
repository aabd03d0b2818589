"""Pages of working through many offers: answer those chosen in one go, take answers back, divide the work, keep filters."""

import hashlib
import re
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.access import Permission
from app.acts import acted
from app.counts import number
from app.db import reading
from app.errors import Conflict, Refusal
from app.proposals import answering_many, assigning, inbox_queries, many_queries, many_words, responding, saved_filters
from app.proposals.answering_many import OneAnswer
from app.proposals.lifecycle import OfferState, RejectReason
from app.proposals.many_forms import FilterForm, ManyForm
from app.proposals.many_queries import ManyPage
from app.proposals.many_words import REFUSALS
from app.proposals.offer_forms import ACCEPT, REJECT, AnswerForm
from app.proposals.offer_routes import give, list_link, list_query, read_query, revision_of
from app.proposals.offer_words import STATES
from app.proposals.responding import Seen
from app.web import actor, local_target, requires, say, show, typed, whole_number

bp = Blueprint("many", __name__, url_prefix="/offers")
CHOSEN = re.compile(r"(A-[0-9A-Z]{4}-[0-9A-Z]{4}):(\d{1,9})")
MOST_COUNTED = 10  # kept filters that show how many offers they find: a question each
KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")


# ── many at once ─────────────────────────────────────────────────────────────


@bp.post("/many")
@requires(Permission.ANSWER_OFFERS)
def choose() -> ResponseReturnValue:
    """Do with the rows chosen in the list what its button says; the filters stand in the address."""
    does = request.form.get("do", "")
    try:
        if does == "assign":
            return _assign()
        ref = _chosen(does)
        if does == ACCEPT:
            answering_many.answer_chosen(actor(), ref, OneAnswer(OfferState.ACCEPTED))
            return redirect(url_for(".many", ref=ref))
        return redirect(url_for(".many", ref=ref, answer=does))
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
        return redirect(list_link())


def _chosen(does: str) -> str:
    """Keep what was chosen: the marked rows, or (`all`) everything that the filters show."""
    key = request.form.get("key", "")
    if not KEY.fullmatch(key) or does not in {ACCEPT, REJECT, "all"}:
        raise Refusal("proposals.none_chosen")
    marked = [] if does == "all" else _marked()
    same = hashlib.sha256(f"{key} {does} {sorted(marked)}".encode()).hexdigest()[:40]  # other rows from the same page are another choice
    return (
        answering_many.choose_shown(actor(), same, list_query()) if does == "all" else answering_many.choose_offers(actor(), same, marked)
    )


def _marked() -> list[tuple[str, int]]:
    """Read the marked rows, each a reference and the revision that was shown; what has another form is no row."""
    found = (CHOSEN.fullmatch(text) for text in request.form.getlist("offer"))
    return [(match[1], int(match[2])) for match in found if match]


def _assign() -> ResponseReturnValue:
    to = request.form.get("to", "")
    person = whole_number(to)
    if person is None and to != "nobody":
        raise Refusal("proposals.no_colleague")
    done = assigning.assign_offers(actor(), [ref for ref, _ in _marked()], person)
    flash(ngettext("%(num)s aanbod is toegewezen.", "%(num)s aanbiedingen zijn toegewezen.", done), "good")
    return redirect(local_target(request.form.get("back")) or list_link())


@bp.route("/many/<ref>", methods=["GET", "POST"])
@requires(Permission.ANSWER_OFFERS)
def many(ref: str) -> ResponseReturnValue:
    page = _page(ref)
    form = ManyForm(data={"answer": request.args.get("answer") or REJECT})
    if form.validate_on_submit():
        try:
            answering_many.answer_chosen(actor(), ref, _read(form))
            return redirect(url_for(".many", ref=ref))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    body = render_template("offers/many.html", page=page, form=form, words=many_words)
    return body, 422 if form.errors or form.form_errors else 200


def _page(ref: str) -> ManyPage:
    with reading() as session:
        return many_queries.many_page(session, actor(), ref)


def _read(form: ManyForm) -> OneAnswer:
    if form.answer.data == ACCEPT:
        return OneAnswer(OfferState.ACCEPTED)
    return OneAnswer(OfferState.REJECTED, RejectReason(form.reason.data), typed(form.explanation), bool(form.confirmed.data))


@bp.post("/many/<ref>/undo")
@requires(Permission.ANSWER_OFFERS)
def undo_many(ref: str) -> ResponseReturnValue:
    answering_many.undo_chosen(actor(), ref)
    return redirect(url_for(".many", ref=ref))


# ── one, from the list ───────────────────────────────────────────────────────


@bp.post("/<ref>/quick")
@requires(Permission.ANSWER_OFFERS)
def quick(ref: str) -> ResponseReturnValue:
    """Answer one offer for our script, which stays in the list: what became of it, and until when it can be taken back."""
    form = AnswerForm()
    try:
        if not form.validate():
            return _problem(next(error for errors in form.errors.values() for error in errors), 422)
        give(actor(), form, Seen(ref, revision_of(form)))
    except Refusal as refusal:
        return _problem(say(refusal, REFUSALS), 422, refusal.code)
    except Conflict:
        return _problem(gettext("Een collega of de Kredietbank was u voor. Uw antwoord is niet gegeven."), 409)
    with reading() as session:
        found = many_queries.undoable(session, actor(), ref)
    return jsonify(
        said=str(STATES[found.state]), revision=found.revision, until=many_words.until(found.until) if found.until else "",
    )  # fmt: skip


def _problem(said: str, status: int, code: str = "") -> ResponseReturnValue:
    return jsonify(problem=str(said), code=code), status


@bp.post("/<ref>/undo")
@requires(Permission.ANSWER_OFFERS)
def undo(ref: str) -> ResponseReturnValue:
    """Take one answer back; our script asks for JSON and stays where it is."""
    said, status = _undone(ref)
    if request.headers.get("Accept") == "application/json":
        return jsonify(said=said, revision=_revision(ref)), status
    flash(said, "good" if status == 200 else "error")
    return redirect(url_for("offers.offer", ref=ref))


def _undone(ref: str) -> tuple[str, int]:
    try:
        responding.undo_answer(actor(), Seen(ref, revision_of(AnswerForm())))
    except Refusal as refusal:
        return say(refusal, REFUSALS), 422
    except Conflict:
        return str(REFUSALS["proposals.undo_changed"]), 409
    return gettext("Uw antwoord op %(ref)s is ongedaan gemaakt. Het aanbod wacht weer op u.", ref=ref), 200


def _revision(ref: str) -> int:
    with reading() as session:
        return many_queries.undoable(session, actor(), ref).revision


# ── kept filters ─────────────────────────────────────────────────────────────


@bp.route("/filters", methods=["GET", "POST"])
@requires(Permission.ANSWER_OFFERS)
def filters() -> ResponseReturnValue:
    """Keep the filter that the address holds, and show those that were kept."""
    form, query = FilterForm(), _filter()

    def keep() -> None:
        saved_filters.save_filter(actor(), saved_filters.OFFERS, typed(form.name), query)

    if answer := acted(form, keep, gettext("Het filter is bewaard."), refusals=REFUSALS, stay=list_link()):
        return answer
    with reading() as session:
        kept = inbox_queries.saved_filters(session, actor(), saved_filters.OFFERS)
        shown = [inbox_queries.number_shown(session, actor(), read_query(dict(parse_qsl(one.query)))) for one in kept[:MOST_COUNTED]]
    rows = zip_longest(kept, shown)
    page: dict[str, Any] = {"kept": kept, "rows": rows, "query": query}
    body = render_template("offers/filters.html", page=page, form=form, words=many_words, number=number, link=list_link)
    return body, 422 if form.errors or form.form_errors else 200


def _filter() -> str:
    """Return the filters of the address, in one order, without the place in the list."""
    return urlencode([(name, value) for name, value in vars(list_query()).items() if value and name != "after"])


@bp.post("/filters/<int(max=2147483647):number>/delete")
@requires(Permission.ANSWER_OFFERS)
def forget_filter(number: int) -> ResponseReturnValue:
    saved_filters.forget_filter(actor(), number)
    flash(gettext("Het filter is verwijderd."), "good")
    return redirect(url_for(".filters"))
