"""Pages of a team: note attempts at contact about one signal or many, and say what is known of a household."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Permission
from app.clock import today
from app.db import reading
from app.early_signals import following, person_export, queries, signal_words, words
from app.early_signals.forms import NO, YES, AttemptForm, HouseholdForm
from app.early_signals.routes import shown_to_team
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Outcome
from app.errors import Conflict, Refusal
from app.exchange import downloads
from app.web import actor, requires, show, whole_number

bp = Blueprint("signal_teams", __name__, url_prefix="/early-signals")
SHOWN_LEFT = 5  # reasons that a message names
KNOWN = {YES: True, NO: False}


@bp.post("/<ref>/attempts")
@requires(Permission.FOLLOW_SIGNALS)
def attempt(ref: str) -> ResponseReturnValue:
    form = AttemptForm()
    try:
        if form.validate():
            following.note_attempt(actor(), ref, _attempt(form), whole_number(form.revision.data) or 0)
            flash(signal_words.noted(1), "good")
            return redirect(url_for("signals.signals" if form.outcome.data else "signals.signal", ref=None if form.outcome.data else ref))
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
    except Conflict:
        flash(gettext("Een collega was u voor. Kijk wat er nu staat; uw poging is niet genoteerd."), "error")
        return redirect(url_for("signals.signal", ref=ref))
    return shown_to_team(ref, attempt=form)


def _attempt(form: AttemptForm) -> Attempt:
    part, outcome = form.part.data, form.outcome.data
    return Attempt(
        kind=AttemptKind(form.kind.data), reached=form.reached.data == YES, on=form.on.data or date.max,
        part=DayPart(part) if part else None, outcome=Outcome(outcome) if outcome else None,
    )  # fmt: skip


@bp.route("/attempts", methods=["GET", "POST"])
@requires(Permission.FOLLOW_SIGNALS)
def many() -> ResponseReturnValue:
    """Note one attempt about all signals that were chosen in the queue."""
    chosen = list(dict.fromkeys(request.values.getlist("chosen")))
    form = AttemptForm(data={"on": today()})
    if form.validate_on_submit():
        try:
            _say(following.note_attempts(actor(), chosen, _attempt(form)))
            return redirect(url_for("signals.signals"))
        except Refusal as refusal:
            show(form, refusal, words.REFUSALS)
    return _shown(chosen, form, HouseholdForm(formdata=None))


def _shown(chosen: list[str], form: AttemptForm, household: HouseholdForm) -> ResponseReturnValue:
    """Show what was chosen, with what can be noted about all of it."""
    with reading() as session:
        rows = queries.chosen_rows(session, actor(), chosen[: following.MOST_AT_ONCE])
    body = render_template("early_signals/many.html", page=rows, form=form, household=household, words=signal_words)
    return body, 422 if form.errors or household.errors else 200


@bp.post("/households")
@requires(Permission.FOLLOW_SIGNALS)
def households() -> ResponseReturnValue:
    """Say the same of the households of all signals that were chosen in the queue."""
    chosen, form = list(dict.fromkeys(request.form.getlist("chosen"))), HouseholdForm()
    try:
        if form.validate():
            _say(following.state_households(actor(), chosen, benefit=KNOWN.get(form.benefit.data), children=KNOWN.get(form.children.data)))
            return redirect(url_for("signals.signals"))
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
    return _shown(chosen, AttemptForm(formdata=None, data={"on": today()}), form)


def _say(done: following.Noted) -> None:
    if done.refs:
        flash(signal_words.noted(len(done.refs)), "good")
    for ref, code in done.left[:SHOWN_LEFT]:
        flash(gettext("%(ref)s is niet genoteerd. %(reason)s", ref=ref[:20], reason=str(words.REFUSALS[code])), "error")
    if len(done.left) > SHOWN_LEFT:
        flash(gettext("Nog %(num)s andere zijn niet genoteerd.", num=len(done.left) - SHOWN_LEFT), "error")


@bp.post("/<ref>/household")
@requires(Permission.FOLLOW_SIGNALS)
def household(ref: str) -> ResponseReturnValue:
    form = HouseholdForm()
    try:
        if form.validate():
            revision = whole_number(form.revision.data) or 0
            facts = {"benefit": KNOWN.get(form.benefit.data), "children": KNOWN.get(form.children.data)}
            team = following.state_household(actor(), ref, **facts, revision=revision)
            flash(gettext("Bewaard. Dit signaal is bij: %(team)s.", team=team), "good")
            return redirect(url_for("signals.signals"))
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
    except Conflict:
        flash(gettext("Dit signaal is intussen veranderd. Kijk wat er nu staat; er is niets bewaard."), "error")
        return redirect(url_for("signals.signal", ref=ref))
    return shown_to_team(ref, household=form)


@bp.get("/<ref>/person")
@requires(Permission.FOLLOW_SIGNALS)
def person(ref: str) -> ResponseReturnValue:
    """Give everything that is kept about the person of a signal, for a request of access (article 15 GDPR)."""
    content = person_export.export_person(actor(), ref)
    return downloads.attached(Response(content, mimetype="application/json"), "inzage-vroegsignalen.json")
