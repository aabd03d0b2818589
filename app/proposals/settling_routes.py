"""The officer's page of one offer: ask to reconsider, let the clock stand still, decide about the court; and what daily work did."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from app.access import Permission
from app.acts import acted, pressed
from app.cases.service import note_opened
from app.clock import now, today
from app.db import reading
from app.jobs.runs import runs_of
from app.menu import in_menu
from app.proposals import clocks, settling, settling_queries
from app.proposals import settling_words as words
from app.proposals.settling import Grounds
from app.proposals.settling_forms import GO, AskForm, ClockForm, CourtForm
from app.proposals.settling_queries import SettlePage
from app.web import actor, requires, typed, whole_number

bp = Blueprint("settling", __name__)
SHOWN = timedelta(days=28)
OVERTAKEN = _("Dit aanbod is intussen veranderd. Er is niets gedaan; kijk opnieuw.")


@bp.get("/proposals/offers/<ref>")
@requires(Permission.SETTLE_PROPOSALS)
def offer(ref: str) -> ResponseReturnValue:
    return _shown(ref)


def _shown(ref: str, **sent: FlaskForm) -> ResponseReturnValue:
    """Show the page with the form that was sent, and the others as they begin."""
    with reading() as session:
        page = settling_queries.settle_page(session, actor(), ref)
    note_opened(actor(), page.case_ref)
    forms = {"ask": AskForm, "clock": ClockForm, "court": CourtForm}
    shown = {name: sent.get(name) or kind(formdata=None, data={"revision": page.revision}) for name, kind in forms.items()}
    failed = next(iter(sent.values()), None)
    return render_template("proposals/settle.html", page=page, words=words, form=failed, **shown), 422 if failed else 200


def _page(ref: str) -> SettlePage:
    with reading() as session:
        return settling_queries.settle_page(session, actor(), ref)


def _revision(form: FlaskForm) -> int:
    return whole_number(typed(form.revision)) or 0


def _do(name: str, ref: str, form: FlaskForm, act: Callable[[], None], done: str) -> ResponseReturnValue:
    """Do one act when its form is whole; else show the page with what was typed."""
    _page(ref)
    stay, overtaken = url_for(".offer", ref=ref), OVERTAKEN
    return acted(form, act, done, refusals=words.REFUSALS, stay=stay, overtaken=overtaken) or _shown(ref, **{name: form})


@bp.post("/proposals/offers/<ref>/ask")
@requires(Permission.SETTLE_PROPOSALS)
def ask(ref: str) -> ResponseReturnValue:
    form = AskForm()

    def act() -> None:
        settling.ask_again(actor(), ref, typed(form.words), _revision(form), Grounds(form.points(), form.arranged()))

    return _do("ask", ref, form, act, gettext("De schuldeiser is gevraagd het te heroverwegen en krijgt bericht."))


@bp.post("/proposals/offers/<ref>/stop")
@requires(Permission.SETTLE_PROPOSALS)
def stop(ref: str) -> ResponseReturnValue:
    form = ClockForm()
    done = gettext("De klok van dit aanbod staat stil. De schuldeiser krijgt bericht.")
    return _do("clock", ref, form, lambda: clocks.stop_clock(actor(), ref, typed(form.why), _revision(form)), done)


@bp.post("/proposals/offers/<ref>/start")
@requires(Permission.SETTLE_PROPOSALS)
def start(ref: str) -> ResponseReturnValue:
    revision, stay = whole_number(request.form.get("revision")) or 0, url_for(".offer", ref=ref)
    done = gettext("De klok van dit aanbod loopt weer.")
    return pressed(lambda: clocks.start_clock(actor(), ref, revision), done, refusals=words.REFUSALS, stay=stay, overtaken=OVERTAKEN)


@bp.post("/proposals/offers/<ref>/court")
@requires(Permission.SETTLE_PROPOSALS)
def court(ref: str) -> ResponseReturnValue:
    form = CourtForm()

    def act() -> None:
        settling.decide_court(actor(), ref, _revision(form), chosen=form.decision.data == GO, reason=typed(form.court_reason))

    return _do("court", ref, form, act, gettext("Het besluit is vastgelegd."))


@bp.get("/reminders")
@in_menu(_("Herinneringen"), 44)
@requires(Permission.SETTLE_PROPOSALS)
def reminders() -> ResponseReturnValue:
    """Show what the daily work did these four weeks."""
    with reading() as session:
        page = words.days(runs_of(session, tuple(words.WORKS), today() - SHOWN))
    return render_template("proposals/reminders.html", page=page, words=words, now=now())
