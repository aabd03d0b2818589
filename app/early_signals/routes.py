"""Pages of early signals that reporters and teams share by address: the list, its file, and one signal; each sees its own side."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Kind, Permission
from app.clock import today
from app.db import reading
from app.early_signals import following, queries, reporter_queries, service, signal_words
from app.early_signals.access import reports
from app.early_signals.forms import NO, UNKNOWN, YES, AttemptForm, HouseholdForm, WithdrawForm
from app.early_signals.queries import TeamQuery
from app.early_signals.reporter_queries import FeedbackQuery
from app.exchange import downloads
from app.exchange.writing import AMOUNT, DAY, INTEGER, TEXT, Field
from app.menu import in_menu
from app.web import actor, list_link, moment, page_size, query_text, requires

bp = Blueprint("signals", __name__, url_prefix="/early-signals")


@bp.get("")
@in_menu(lazy_gettext("Vroegsignalen"), 25, count=queries.waiting_count)
@requires(Permission.READ_SIGNALS)
def signals() -> ResponseReturnValue:
    size = page_size(request.args.get("size"))
    if reports(actor()):
        query = feedback_query()
        with reading() as session:
            heard = reporter_queries.feedback_list(session, actor(), query, size)
        return render_template("early_signals/feedback.html", page=heard, words=signal_words, link=partial(list_link, query, ".signals"))
    asked = team_query()
    with reading() as session:
        page = queries.team_list(session, actor(), asked, size)
    return render_template("early_signals/queue.html", page=page, words=signal_words, link=partial(list_link, asked, ".signals"))


def feedback_query() -> FeedbackQuery:
    """Read the filters of a reporter's address."""
    return FeedbackQuery(**{name: query_text(name, 140) for name in ("q", "status", "creditor", "after")})


def team_query() -> TeamQuery:
    """Read the filters of a team's address."""
    return TeamQuery(**{name: query_text(name, 140) for name in ("q", "status", "sort", "team", "after")})


# ── files ────────────────────────────────────────────────────────────────────


@bp.get("/download")
@requires(Permission.READ_SIGNALS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    return _feedback_file() if reports(actor()) else _team_file()


def _feedback_file() -> Response:
    is_agent = actor().kind is Kind.AGENT
    fields = [
        Field(gettext("Signaal"), TEXT), Field(gettext("Uw kenmerk"), TEXT), Field(gettext("Naam"), TEXT, 28),
        Field(gettext("Gemeld"), DAY), Field(gettext("Soort"), TEXT, 28), Field(gettext("Achterstand"), AMOUNT),
        Field(gettext("Contactpogingen"), INTEGER), Field(gettext("Laatste poging"), DAY), Field(gettext("Bereikt"), TEXT),
        Field(gettext("Uitkomst"), TEXT, 28), Field(gettext("Namens") if is_agent else gettext("Gemeld door"), TEXT, 28),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.reference, row.name, row.reported_on, str(signal_words.SORTS[row.sort]), row.arrears_cents, row.feedback.attempts,
            row.feedback.last_attempt_on, str(signal_words.YES_NO[row.feedback.reached]), str(signal_words.outcome_of(row)),
            row.creditor if is_agent else row.agent or row.creditor,
        )
        for row in service.export_feedback(actor(), feedback_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("terugkoppeling"))


def _team_file() -> Response:
    fields = [
        Field(gettext("Signaal"), TEXT), Field(gettext("Naam"), TEXT, 28), Field(gettext("Adres"), TEXT, 36),
        Field(gettext("Melder"), TEXT, 28), Field(gettext("Soort"), TEXT, 28), Field(gettext("Achterstand"), AMOUNT),
        Field(gettext("Voorrang"), TEXT, 24), Field(gettext("Oppakken voor"), TEXT, 24), Field(gettext("Stand"), TEXT),
        Field(gettext("Contactpogingen"), INTEGER), Field(gettext("Laatste poging"), DAY), Field(gettext("Resultaat"), TEXT, 28),
        Field(gettext("Team"), TEXT, 28),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.name, row.address, row.reporter, str(signal_words.SORTS[row.sort]), row.arrears_cents,
            str(signal_words.URGENCIES[row.urgency]), moment(row.act_by), str(signal_words.STATES[row.state]), row.attempts,
            row.last_attempt_on, str(signal_words.OUTCOMES[row.outcome]) if row.outcome else "", row.team,
        )
        for row in following.export_signals(actor(), team_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("vroegsignalen"))


# ── one signal ───────────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_SIGNALS)
def signal(ref: str) -> ResponseReturnValue:
    service.note_opened(actor(), ref)
    if reports(actor()):
        return shown_own(ref)
    return shown_to_team(ref)


def shown_own(ref: str, form: WithdrawForm | None = None) -> ResponseReturnValue:
    """Show a reporter its signal, with the form to take it back."""
    with reading() as session:
        page = reporter_queries.own_page(session, actor(), ref)
    form = form or WithdrawForm(formdata=None)
    return render_template("early_signals/own.html", page=page, form=form, words=signal_words), 422 if form.errors else 200


def shown_to_team(ref: str, attempt: AttemptForm | None = None, household: HouseholdForm | None = None) -> ResponseReturnValue:
    """Show a team its signal, with the forms of what it can do."""
    with reading() as session:
        page = queries.signal_page(session, actor(), ref)
    failed = attempt or household
    known = {None: UNKNOWN, True: YES, False: NO}
    told = {"benefit": known[page.benefit], "children": known[page.children], "revision": page.revision}
    attempt = attempt or AttemptForm(formdata=None, data={"on": today(), "revision": page.revision})
    household = household or HouseholdForm(formdata=None, data=told)
    facts = {"page": page, "attempt": attempt, "household": household, "words": signal_words}
    return render_template("early_signals/signal.html", **facts, form=failed), 422 if failed and failed.errors else 200
