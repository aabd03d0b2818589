"""Pages of the relations team: the queue with its patterns, and one complaint with all that can be done about it."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm

from app.access import Permission
from app.acts import acted
from app.creditors.forms import RegisterForm
from app.creditors.routes import typed_organisation
from app.creditors.words import REFUSALS as REGISTER
from app.db import reading
from app.errors import Conflict, NotFound, Refusal
from app.menu import in_menu
from app.relations import addressing, complaint_words, naming, telling, triage, triage_queries
from app.relations import triage_forms as forms
from app.relations.complaint_forms import NamingForm
from app.relations.complaint_rules import Category, ComplaintKind, Outcome, Severity
from app.relations.report_routes import as_file
from app.relations.triage import Sorting
from app.relations.triage_queries import QueueQuery, TriagePage
from app.web import actor, list_link, query_text, requires, say, typed, whole_number

bp = Blueprint("relations", __name__, url_prefix="/relations")
FORMS: dict[str, type[FlaskForm]] = {
    "confirm": forms.ActForm, "sort": forms.SortForm, "note": forms.NoteForm, "relate": forms.RelateForm, "pass": forms.PassOnForm,
    "merge": forms.MergeForm, "split": forms.SplitForm, "pause": forms.PauseForm, "resume": forms.ActForm, "address": forms.AddressForm,
    "reply": forms.ReplyForm, "name": NamingForm, "close": forms.CloseForm, "reopen": forms.ReopenForm,
}  # fmt: skip
DONE = {
    "confirm": lazy_gettext("De ontvangst is bevestigd."),
    "sort": lazy_gettext("Het signaal is gesorteerd."),
    "note": lazy_gettext("De notitie is bewaard."),
    "relate": lazy_gettext("Het signaal hoort nu bij het dossier."),
    "pass": lazy_gettext("Het signaal is doorgezet. Leg het nu voor aan de juiste organisatie."),
    "merge": lazy_gettext("Het signaal is samengevoegd."),
    "split": lazy_gettext("Dit deel is nu een eigen signaal."),
    "pause": lazy_gettext("De klok staat stil."),
    "resume": lazy_gettext("De klok loopt weer."),
    "address": lazy_gettext("Het signaal is voorgelegd."),
    "reply": lazy_gettext("Uw bericht is verstuurd."),
    "name": lazy_gettext("Vastgelegd of de schuldeiser mag horen om wie het gaat."),
    "close": lazy_gettext("Het signaal is afgesloten. De melder hoort de uitkomst."),
    "reopen": lazy_gettext("Het signaal is heropend."),
}
ACTS = "<any(confirm, sort, note, relate, pass, merge, split, pause, resume, address, reply, name, close, reopen):act>"


# ── the queue ────────────────────────────────────────────────────────────────


@bp.get("")
@in_menu(lazy_gettext("Signalen"), 20, count=triage_queries.open_count)
@requires(Permission.TRIAGE_COMPLAINTS)
def queue() -> ResponseReturnValue:
    with reading() as session:
        page = triage_queries.queue(session, actor(), list_query())
        patterns = triage_queries.open_patterns(session, actor())
    return render_template("complaints/queue.html", page=page, patterns=patterns, words=complaint_words, link=_link(), open_ref="")


def list_query() -> QueueQuery:
    """Read the filters of the address."""
    return QueueQuery(**{name: query_text(name, 80) for name in ("q", "show", "kind", "after")})


def _link() -> Any:
    return partial(list_link, list_query(), ".queue")


@bp.get("/download")
@requires(Permission.TRIAGE_COMPLAINTS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    return as_file(triage.export_complaints(actor(), list_query()), gettext("signalen"))


@bp.post("/patterns/<int:number>")
@requires(Permission.TRIAGE_COMPLAINTS)
def pattern(number: int) -> ResponseReturnValue:
    """Note what is done about a pattern."""
    form = forms.PatternForm()
    try:
        if form.validate():
            triage.handle_pattern(actor(), number, whole_number(form.revision.data) or 0, typed(form.decision))
            flash(gettext("Het patroon is afgehandeld."), "good")
    except Refusal as refusal:
        flash(say(refusal, complaint_words.REFUSALS), "error")
    except Conflict:
        flash(gettext("Een collega heeft dit patroon al afgehandeld, of er kwam een signaal bij. Lees het opnieuw."), "error")
    return redirect(url_for(".queue"))


# ── one complaint ────────────────────────────────────────────────────────────


@bp.get("/complaints/<ref>")
@requires(Permission.TRIAGE_COMPLAINTS)
def complaint(ref: str) -> ResponseReturnValue:
    return _shown(_page(ref), {})


def _page(ref: str) -> TriagePage:
    with reading() as session:
        return triage_queries.triage_page(session, actor(), ref)


def _shown(page: TriagePage, taken: dict[str, FlaskForm]) -> ResponseReturnValue:
    made = {act: taken.get(act) or _empty(act, page) for act in FORMS}
    _offer(made, page)
    with reading() as session:
        waits = triage_queries.queue(session, actor(), list_query())
    wrong = next((form for form in taken.values() if form.errors), None)
    body = render_template(
        "complaints/triage.html", page=waits, one=page, forms=made, form=wrong, words=complaint_words, link=_link(), open_ref=page.row.ref
    )
    return body, 422 if wrong else 200


def _empty(act: str, page: TriagePage) -> FlaskForm:
    """Return the form of an act as it stands on the page before anybody typed in it."""
    row = page.row
    begun: dict[str, dict[str, Any]] = {
        "sort": {
            "kind": row.kind.value if row.kind else "", "severity": row.severity.value, "is_urgent": row.is_urgent,
            "category": page.category.value if page.category else "", "owner": str(page.owner_id or ""),
        },
        "name": {"agrees": "" if page.client_agrees else "yes"},
        "address": {"told_words": page.told_words or page.words, "tell_agent": bool(row.agent)},
    }  # fmt: skip
    return FORMS[act](formdata=None, prefix=act, data={"revision": page.revision} | begun.get(act, {}))


def _offer(made: dict[str, Any], page: TriagePage) -> None:
    made["sort"].offer(page.colleagues)
    with reading() as session:
        telling.offer_parties(session, made["pass"], with_unlisted=False)


@bp.post(f"/complaints/<ref>/{ACTS}")
@requires(Permission.TRIAGE_COMPLAINTS)
def do(ref: str, act: str) -> ResponseReturnValue:
    page = _page(ref)
    form = FORMS[act](prefix=act)
    _offer({"sort": _empty("sort", page), "pass": _empty("pass", page)} | {act: form}, page)
    here = url_for(".complaint", ref=ref)
    overtaken = gettext("Dit signaal is intussen veranderd. Er is niets bewaard. Lees het opnieuw en probeer het nog eens.")

    def do_it() -> str:
        return url_for(".complaint", ref=_do(ref, act, form))

    return acted(form, do_it, DONE[act], refusals=complaint_words.REFUSALS, stay=here, overtaken=overtaken) or _shown(page, {act: form})


def _do(ref: str, act: str, form: Any) -> str:
    """Do what a form asks and return the reference of the page to go to. Raises NotFound, Refusal, Conflict."""
    seen, to = whole_number(form.revision.data) or 0, ref
    match act:
        case "confirm":
            triage.confirm_receipt(actor(), ref, seen)
        case "sort":
            triage.sort_complaint(actor(), ref, seen, _sorting(form))
        case "note":
            triage.note_privately(actor(), ref, typed(form.note))
        case "relate":
            triage.relate_to_case(actor(), ref, seen, typed(form.case))
        case "pass":
            triage.pass_on(actor(), ref, seen, _company(form), typed(form.why))
        case "merge":
            triage.merge_into(actor(), ref, seen, typed(form.into))
            to = typed(form.into).strip().upper()
        case "split":
            to = triage.split_off(actor(), ref, seen, ComplaintKind(form.kind.data), typed(form.split_words))
        case _:
            _talk(ref, act, form, seen)
    return to


def _talk(ref: str, act: str, form: Any, seen: int) -> None:
    """Do what has to do with the clock, the creditor and the outcome. Raises NotFound, Refusal, Conflict."""
    match act:
        case "pause":
            triage.pause_clock(actor(), ref, seen, typed(form.reason))
        case "resume":
            triage.resume_clock(actor(), ref, seen)
        case "address":
            addressing.address_complaint(actor(), ref, seen, typed(form.told_words), tell_agent=form.tell_agent.data)
        case "reply":
            addressing.reply(actor(), ref, seen, typed(form.reply))
        case "name":
            naming.let_be_named_by_team(actor(), ref, seen, agrees=bool(form.agrees.data), name=typed(form.client_name))
        case "close":
            addressing.close_complaint(actor(), ref, seen, Outcome(form.outcome.data), typed(form.outcome_words))
        case "reopen":
            addressing.reopen_complaint(actor(), ref, seen, typed(form.reopen_words))
        case _:
            raise NotFound


@bp.route("/complaints/<ref>/register", methods=["GET", "POST"])
@requires(Permission.TRIAGE_COMPLAINTS)
def register(ref: str) -> ResponseReturnValue:
    """Add the organisation that a complaint names to the register, begun with what was told."""
    page, here = _page(ref), url_for(".complaint", ref=ref)
    if page.row.is_known:
        if request.method == "POST":
            flash(gettext("De organisatie van dit signaal staat al in het register. Er is niets toegevoegd."), "error")
        return redirect(here)
    form = RegisterForm(data={"name": page.named, "revision": page.revision})

    def do_it() -> None:
        triage.register_and_pass_on(actor(), ref, whole_number(form.revision.data) or 0, typed_organisation(form))

    done = gettext("De organisatie staat in het register, en het signaal gaat nu over haar. Leg het haar voor.")
    overtaken = gettext("Dit signaal of het register is intussen veranderd. Er is niets bewaard. Lees het opnieuw.")
    answer = acted(form, do_it, done, refusals=complaint_words.REFUSALS | REGISTER, stay=here, overtaken=overtaken)
    return answer or (render_template("creditors/new.html", form=form, complaint=ref), 422 if form.errors else 200)


def _sorting(form: forms.SortForm) -> Sorting:
    category = Category(form.category.data) if form.category.data else None
    owner = whole_number(form.owner.data)
    return Sorting(ComplaintKind(form.kind.data), Severity(form.severity.data), category, is_urgent=form.is_urgent.data, owner_id=owner)


def _company(form: forms.PassOnForm) -> int:
    with reading() as session:
        code, _ = telling.company(session, form)
    if code is None:
        raise Refusal("relations.party_missing", field="party")
    return code
