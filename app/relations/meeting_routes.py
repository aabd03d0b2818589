"""Pages of meetings for both sides of the table: the list, the form of a new one, and one with its agenda and minutes."""

from datetime import date, datetime, time
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm

from app.access import Permission
from app.accounts.queries import colleagues_of
from app.acts import acted
from app.clock import AMSTERDAM, local
from app.db import reading
from app.errors import Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, TEXT, Field
from app.menu import in_menu
from app.relations import calendar_feeds, meeting_queries, meeting_words, meetings, telling
from app.relations import meeting_forms as forms
from app.relations.meeting_queries import MeetingPage, MeetingQuery
from app.relations.meetings import Plan
from app.web import actor, list_link, query_text, requires, show, typed, whole_number

bp = Blueprint("meetings", __name__, url_prefix="/relations/meetings")
FORMS: dict[str, type[FlaskForm]] = {
    "item": forms.ItemForm, "note": forms.NoteForm, "minutes": forms.MinutesForm, "change": forms.ChangeForm, "cancel": forms.CancelForm,
}  # fmt: skip
DONE = {
    "item": lazy_gettext("Het punt staat op de agenda."),
    "note": lazy_gettext("De notitie is bewaard."),
    "minutes": lazy_gettext("Het verslag is bewaard. De andere kant leest het ook."),
    "change": lazy_gettext("Het overleg is gewijzigd."),
    "cancel": lazy_gettext("Het overleg is afgezegd."),
}


@bp.get("")
@in_menu(lazy_gettext("Overleggen"), 23, count=meeting_queries.coming_count)
@requires(Permission.READ_RELATIONS)
def listed() -> ResponseReturnValue:
    with reading() as opened:
        page = meeting_queries.meetings(opened, actor(), list_query())
        has_feed = calendar_feeds.has_feed(opened, actor())
    made = session.pop("made_feed", None)
    address = url_for("calendars.feed", token=made, _external=True) if made else ""
    link = partial(list_link, list_query(), ".listed")
    may_work = actor().may(Permission.WORK_RELATIONS)
    return render_template(
        "meetings/list.html", page=page, words=meeting_words, link=link, has_feed=has_feed, address=address, may_work=may_work
    )


def list_query() -> MeetingQuery:
    """Read the filters of the address."""
    return MeetingQuery(**{name: query_text(name, 80) for name in ("q", "show", "after")})


@bp.get("/download")
@requires(Permission.READ_RELATIONS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Overleg"), TEXT), Field(gettext("Organisatie"), TEXT, 28), Field(gettext("Dag"), DAY),
        Field(gettext("Begint om"), TEXT), Field(gettext("Eindigt om"), TEXT), Field(gettext("Plaats"), TEXT, 28),
        Field(gettext("Stand"), TEXT),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.organisation, local(row.begins).date(), f"{local(row.begins):%H:%M}", f"{local(row.ends):%H:%M}", row.place,
            str(meeting_words.STATES[row.state]),
        )
        for row in meetings.export_meetings(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("overleggen"))


# ── a new one ────────────────────────────────────────────────────────────────


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.WORK_RELATIONS)
def new() -> ResponseReturnValue:
    begun = {"party": query_text("party", 120), "ours": [str(actor().person_id)], "was_held": bool(query_text("held", 1))}
    form = forms.PlanForm() if request.method == "POST" else forms.PlanForm(formdata=None, data=begun)
    with reading() as opened:
        forms.offer(form, colleagues_of(opened, actor()), [])
        telling.offer_parties(opened, form, with_unlisted=False)
    try:
        if request.form.get("do") != "find" and form.validate_on_submit():
            minutes = typed(form.minutes) if form.was_held.data else None
            ref = meetings.plan_meeting(actor(), telling.code_of(form), _plan(form), minutes)
            flash(gettext("Het overleg is vastgelegd.") if form.was_held.data else gettext("Het overleg is gepland."), "good")
            return redirect(url_for(".one", ref=ref))
    except Refusal as refusal:
        show(form, refusal, meeting_words.REFUSALS)
    return render_template("meetings/new.html", form=form), 422 if form.errors else 200


def _plan(form: Any) -> Plan:
    ours = tuple(number for number in (whole_number(value) for value in form.ours.data or ()) if number)
    theirs = tuple(typed(form.theirs).splitlines())
    begins, ends = _moment(form.day.data, form.begins.data), _moment(form.day.data, form.ends.data)
    return Plan(begins, ends, typed(form.place), ours, theirs)


def _moment(day: date, at: time) -> datetime:
    """Return a moment as somebody in Amsterdam means it."""
    return datetime.combine(day, at, AMSTERDAM)


# ── one meeting ──────────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_RELATIONS)
def one(ref: str) -> ResponseReturnValue:
    return _shown(_page(ref), {})


def _page(ref: str) -> MeetingPage:
    with reading() as opened:
        return meeting_queries.meeting_page(opened, actor(), ref)


def _shown(page: MeetingPage, taken: dict[str, FlaskForm]) -> ResponseReturnValue:
    made = {act: taken.get(act) or _form(act, page, formdata=None) for act in FORMS} if page.may_work else {}
    wrong = next((form for form in taken.values() if form.errors), None)
    body = render_template("meetings/one.html", page=page, forms=made, form=wrong, words=meeting_words)
    return body, 422 if wrong else 200


def _form(act: str, page: MeetingPage, **given: Any) -> Any:
    """Return the form of an act as it stands on the page."""
    begun: dict[str, dict[str, Any]] = {"minutes": {"minutes": page.minutes}}
    if act == "change":
        begins, ends = local(page.row.begins), local(page.row.ends)
        begun["change"] = {
            "day": begins.date(), "begins": begins.time(), "ends": ends.time(), "place": page.row.place, "theirs": "\n".join(page.theirs),
            "ours": [str(id_) for id_, _ in page.ours],
        }  # fmt: skip
    form: Any = FORMS[act](prefix=act, data=begun.get(act, {}) | {"revision": page.revision}, **given)
    if act == "change":
        forms.offer(form, page.colleagues, page.ours)
    return form


@bp.post("/<ref>/<any(item, note, minutes, change, cancel):act>")
@requires(Permission.WORK_RELATIONS)
def do(ref: str, act: str) -> ResponseReturnValue:
    page, here = _page(ref), url_for(".one", ref=ref)
    form = _form(act, page)

    def do_it() -> str:
        _do(ref, act, form)
        return here

    overtaken = gettext("Dit overleg is intussen veranderd. Er is niets bewaard. Lees het opnieuw.")
    return acted(form, do_it, DONE[act], refusals=meeting_words.REFUSALS, stay=here, overtaken=overtaken) or _shown(page, {act: form})


def _do(ref: str, act: str, form: Any) -> None:
    """Do what a form asks. Raises NotFound, Refusal, Conflict."""
    seen = whole_number(form.revision.data) or 0 if "revision" in form else 0
    match act:
        case "item":
            meetings.add_item(actor(), ref, typed(form.item), is_private=form.is_private.data)
        case "note":
            meetings.note_meeting(actor(), ref, typed(form.note))
        case "minutes":
            meetings.write_minutes(actor(), ref, seen, typed(form.minutes))
        case "change":
            meetings.change_meeting(actor(), ref, seen, _plan(form))
        case _:
            meetings.cancel_meeting(actor(), ref, seen, typed(form.reason))


@bp.post("/<ref>/items/<int:number>/drop")
@requires(Permission.WORK_RELATIONS)
def drop(ref: str, number: int) -> ResponseReturnValue:
    try:
        meetings.drop_item(actor(), ref, number)
        flash(gettext("Het punt is van de agenda."), "good")
    except Refusal as refusal:
        flash(str(meeting_words.REFUSALS[refusal.code]), "error")
    return redirect(url_for(".one", ref=ref))
