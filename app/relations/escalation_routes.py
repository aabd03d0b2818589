"""Pages of escalations: the list with what is late on top, the form of a new one, and one with its ladder and what can be done."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm

from app.access import Permission
from app.accounts.queries import colleagues_of
from app.acts import acted
from app.db import reading
from app.errors import Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, TEXT, Field
from app.menu import in_menu
from app.relations import escalation_forms as forms
from app.relations import escalation_queries, escalation_words, escalations, telling
from app.relations.escalation_queries import EscalationPage, EscalationQuery
from app.relations.escalation_rules import Level, Result, Way
from app.relations.escalations import Ground, Step
from app.web import actor, list_link, query_text, requires, show, typed, whole_number

bp = Blueprint("escalations", __name__, url_prefix="/relations/escalations")
FORMS: dict[str, type[FlaskForm]] = {
    "result": forms.ResultForm, "climb": forms.ClimbForm, "change": forms.ChangeForm, "close": forms.CloseForm,
}  # fmt: skip
DONE = {
    "result": lazy_gettext("Het resultaat is bewaard."),
    "climb": lazy_gettext("De escalatie is een stap hoger."),
    "change": lazy_gettext("De stap is gewijzigd."),
    "close": lazy_gettext("De escalatie is afgesloten."),
}


@bp.get("")
@in_menu(lazy_gettext("Escalaties"), 21, count=escalation_queries.late_count)
@requires(Permission.READ_ALL_RELATIONS)
def listed() -> ResponseReturnValue:
    with reading() as session:
        page = escalation_queries.escalations(session, actor(), list_query())
    link = partial(list_link, list_query(), ".listed")
    return render_template("escalations/list.html", page=page, words=escalation_words, link=link, may_start=_may_work())


def list_query() -> EscalationQuery:
    """Read the filters of the address."""
    return EscalationQuery(**{name: query_text(name, 80) for name in ("q", "show", "level", "after")})


def _may_work() -> bool:
    return actor().may(Permission.WORK_RELATIONS)


@bp.get("/download")
@requires(Permission.READ_ALL_RELATIONS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Escalatie"), TEXT), Field(gettext("Organisatie"), TEXT, 28), Field(gettext("Waar het over gaat"), TEXT, 40),
        Field(gettext("Stap"), TEXT, 24), Field(gettext("Behandelaar"), TEXT, 28), Field(gettext("Begonnen op"), DAY),
        Field(gettext("Uiterlijk op"), DAY), Field(gettext("Afgesloten op"), DAY), Field(gettext("Resultaat"), TEXT, 20),
    ]  # fmt: skip
    words = escalation_words
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.organisation, row.subject, str(words.LEVELS[row.level]), row.owner, row.opened_on, row.due_on, row.closed_on,
            str(words.RESULTS[row.result]) if row.result else "",
        )
        for row in escalations.export_escalations(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("escalaties"))


# ── a new one ────────────────────────────────────────────────────────────────


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.WORK_RELATIONS)
def new() -> ResponseReturnValue:
    form = forms.StartForm() if request.method == "POST" else forms.StartForm(formdata=None, data=_begun())
    with reading() as session:
        form.owner.choices = forms.colleagues(colleagues_of(session, actor()))
        telling.offer_parties(session, form, with_unlisted=False)
    try:
        if request.form.get("do") != "find" and form.validate_on_submit():
            ref = _start(form)
            flash(gettext("De escalatie is begonnen."), "good")
            return redirect(url_for(".one", ref=ref))
    except Refusal as refusal:
        show(form, refusal, escalation_words.REFUSALS)
    return render_template("escalations/new.html", form=form), 422 if form.errors else 200


def _begun() -> dict[str, str]:
    """Return what the address says already: about whom, after which complaint or pattern."""
    names = ("party", "complaint", "pattern", "subject")
    return {name: query_text(name, 200) for name in names} | {"level": Level.CONTACT.value}


def _start(form: forms.StartForm) -> str:
    step = _step(form, Level(form.level.data))
    ground = Ground(typed(form.complaint), whole_number(form.pattern.data))
    return escalations.start_escalation(actor(), telling.code_of(form), typed(form.subject), step, ground)


def _step(form: Any, level: Level) -> Step:
    return Step(level, Way(form.way.data), typed(form.words), whole_number(form.owner.data), form.due_on.data)


# ── one escalation ───────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_ALL_RELATIONS)
def one(ref: str) -> ResponseReturnValue:
    return _shown(_page(ref), {})


def _page(ref: str) -> EscalationPage:
    with reading() as session:
        return escalation_queries.escalation_page(session, actor(), ref)


def _shown(page: EscalationPage, taken: dict[str, FlaskForm]) -> ResponseReturnValue:
    made = {act: taken.get(act) or _form(act, page, formdata=None) for act in FORMS}
    wrong = next((form for form in taken.values() if form.errors), None)
    body = render_template("escalations/one.html", page=page, forms=made, form=wrong, words=escalation_words)
    return body, 422 if wrong else 200


def _form(act: str, page: EscalationPage, **given: Any) -> Any:
    """Return the form of an act with what can be chosen in it."""
    begun = {"due_on": page.row.due_on, "owner": str(page.owner_id or "")} if act == "change" else {}
    form: Any = FORMS[act](prefix=act, data=begun | {"revision": page.revision}, **given)
    if act in {"climb", "change"}:
        form.owner.choices = forms.colleagues(page.colleagues)
    if act == "climb":
        form.offer(page.above)
    return form


@bp.post("/<ref>/<any(result, climb, change, close):act>")
@requires(Permission.WORK_RELATIONS)
def do(ref: str, act: str) -> ResponseReturnValue:
    page, here = _page(ref), url_for(".one", ref=ref)
    form = _form(act, page)

    def do_it() -> str:
        _do(ref, act, form)
        return here

    overtaken = gettext("Deze escalatie is intussen veranderd. Er is niets bewaard. Lees haar opnieuw.")
    return acted(form, do_it, DONE[act], refusals=escalation_words.REFUSALS, stay=here, overtaken=overtaken) or _shown(page, {act: form})


def _do(ref: str, act: str, form: Any) -> None:
    """Do what a form asks. Raises NotFound, Refusal, Conflict."""
    seen = whole_number(form.revision.data) or 0
    match act:
        case "result":
            escalations.note_result(actor(), ref, seen, Result(form.result.data), typed(form.result_words))
        case "climb":
            escalations.climb(actor(), ref, seen, _step(form, Level(form.to.data)))
        case "change":
            escalations.change_step(actor(), ref, seen, form.due_on.data, whole_number(form.owner.data))
        case _:
            escalations.close_escalation(actor(), ref, seen, Result(form.result.data), typed(form.close_words))
