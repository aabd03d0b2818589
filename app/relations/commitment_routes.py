"""Pages of commitments for who made them and for the relations team: the list, the form of a new one, and one with its checks."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm

from app.access import Permission
from app.acts import acted
from app.db import reading
from app.errors import Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, TEXT, Field
from app.menu import in_menu
from app.relations import commitment_forms as forms
from app.relations import commitment_queries, commitment_words, commitments, telling
from app.relations.commitment_queries import CommitmentPage, CommitmentQuery
from app.relations.commitment_rules import Party
from app.relations.commitments import Origin, Promise
from app.web import actor, list_link, query_text, requires, show, typed, whole_number

bp = Blueprint("commitments", __name__, url_prefix="/relations/commitments")
FORMS: dict[str, type[FlaskForm]] = {"check": forms.CheckForm, "plan": forms.PlanForm, "end": forms.EndForm}
DONE = {
    "check": lazy_gettext("De controle is bewaard."),
    "plan": lazy_gettext("De controle is gepland."),
    "end": lazy_gettext("De afspraak is beëindigd."),
}


@bp.get("")
@in_menu(lazy_gettext("Afspraken"), 24, count=commitment_queries.waiting_count)
@requires(Permission.READ_RELATIONS)
def listed() -> ResponseReturnValue:
    with reading() as session:
        page = commitment_queries.commitments(session, actor(), list_query())
    link = partial(list_link, list_query(), ".listed")
    may_work = actor().may(Permission.WORK_RELATIONS)
    return render_template("commitments/list.html", page=page, words=commitment_words, link=link, may_work=may_work)


def list_query() -> CommitmentQuery:
    """Read the filters of the address."""
    return CommitmentQuery(**{name: query_text(name, 80) for name in ("q", "show", "after")})


@bp.get("/download")
@requires(Permission.READ_RELATIONS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Afspraak"), TEXT), Field(gettext("Organisatie"), TEXT, 28), Field(gettext("Wat is afgesproken"), TEXT, 40),
        Field(gettext("Wie doet het"), TEXT, 20), Field(gettext("Door wie"), TEXT, 28), Field(gettext("Uiterlijk op"), DAY),
        Field(gettext("Volgende controle"), DAY), Field(gettext("Norm"), TEXT, 36), Field(gettext("Stand"), TEXT, 20),
    ]  # fmt: skip
    words = commitment_words
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.organisation, row.words, str(words.PARTIES[row.party]), row.by_whom, row.due_on, row.check_on, words.norm(row),
            str(words.COMMITMENT_STATES[row.state]),
        )
        for row in commitments.export_commitments(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("afspraken"))


# ── a new one ────────────────────────────────────────────────────────────────


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.WORK_RELATIONS)
def new() -> ResponseReturnValue:
    begun = {name: query_text(name, 120) for name in ("party", "meeting", "escalation")}
    form = forms.MakeForm() if request.method == "POST" else forms.MakeForm(formdata=None, data=begun)
    with reading() as session:
        telling.offer_parties(session, form, with_unlisted=False)
    try:
        if request.form.get("do") != "find" and form.validate_on_submit():
            ref = commitments.make_commitment(actor(), telling.code_of(form), _promise(form), _origin(form))
            flash(gettext("De afspraak is bewaard."), "good")
            return redirect(url_for(".one", ref=ref))
    except Refusal as refusal:
        show(form, refusal, commitment_words.REFUSALS)
    return render_template("commitments/new.html", form=form), 422 if form.errors else 200


def _promise(form: Any) -> Promise:
    return Promise(
        words=typed(form.words), by_whom=typed(form.by_whom), due_on=form.due_on.data, how=typed(form.how), party=Party(form.by.data),
        check_on=form.check_on.data, norm=form.norm(),
    )  # fmt: skip


def _origin(form: Any) -> Origin:
    return Origin(typed(form.meeting).strip().upper(), typed(form.escalation).strip().upper())


# ── one commitment ───────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_RELATIONS)
def one(ref: str) -> ResponseReturnValue:
    return _shown(_page(ref), {})


def _page(ref: str) -> CommitmentPage:
    with reading() as session:
        return commitment_queries.commitment_page(session, actor(), ref)


def _shown(page: CommitmentPage, taken: dict[str, FlaskForm]) -> ResponseReturnValue:
    made = {act: taken.get(act) or _form(act, page, formdata=None) for act in FORMS}
    wrong = next((form for form in taken.values() if form.errors), None)
    body = render_template("commitments/one.html", page=page, forms=made, form=wrong, words=commitment_words)
    return body, 422 if wrong else 200


def _form(act: str, page: CommitmentPage, **given: Any) -> Any:
    begun = {"check_on": page.row.check_on} if act == "plan" else {}
    return FORMS[act](prefix=act, data=begun | {"revision": page.revision}, **given)


@bp.post("/<ref>/<any(check, plan, end):act>")
@requires(Permission.WORK_RELATIONS)
def do(ref: str, act: str) -> ResponseReturnValue:
    page, here = _page(ref), url_for(".one", ref=ref)
    form = _form(act, page)

    def do_it() -> str:
        _do(ref, act, form)
        return here

    overtaken = gettext("Deze afspraak is intussen veranderd. Er is niets bewaard. Lees haar opnieuw.")
    return acted(form, do_it, DONE[act], refusals=commitment_words.REFUSALS, stay=here, overtaken=overtaken) or _shown(page, {act: form})


def _do(ref: str, act: str, form: Any) -> None:
    """Do what a form asks. Raises NotFound, Refusal, Conflict."""
    seen = whole_number(form.revision.data) or 0
    match act:
        case "check":
            is_kept = form.outcome.data == "kept"
            commitments.check_commitment(actor(), ref, seen, typed(form.check_words), form.next_on.data, is_kept=is_kept)
        case "plan":
            commitments.plan_check(actor(), ref, seen, form.check_on.data)
        case _:
            commitments.end_commitment(actor(), ref, seen, typed(form.reason))
