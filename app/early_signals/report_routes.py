"""Pages of a reporter: report one signal or a file of them, take one back, say that the feedback was read."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.access import Kind, Permission
from app.clock import now, today
from app.db import reading
from app.early_signals import mandates, service, signal_words, words
from app.early_signals.filing import Report
from app.early_signals.forms import OnBehalfForm, SignalForm, UploadForm, WithdrawForm
from app.early_signals.importing import import_signals
from app.early_signals.mandates import CreditorChoice, creditors_to_choose, is_landlord
from app.early_signals.routes import shown_own
from app.early_signals.rules import Confirmation, Sort, Withdrawal
from app.errors import NotFound, Refusal
from app.exchange import downloads, uploads
from app.exchange.uploads import Incoming
from app.web import actor, requires, show, typed

bp = Blueprint("signal_reports", __name__, url_prefix="/early-signals")
TEXTS = ("reference", "given_name", "surname", "street", "house_number", "postcode", "city", "phone", "email")


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REPORT_SIGNALS)
def new() -> ResponseReturnValue:
    form = SignalForm(data={"reported_on": today(), "instalments": 1, "city": "Amsterdam"})
    creditors = _choice(form)
    if form.validate_on_submit():
        try:
            ref = service.report_signal(actor(), _report(form), form.creditor_code)
            flash(gettext("Uw melding %(ref)s is binnen. Binnen vier weken hoort u wat u mag weten.", ref=ref), "good")
            return redirect(url_for("signals.signal", ref=ref))
        except Refusal as refusal:
            show(form, refusal, words.REFUSALS)
    facts = {"form": form, "creditors": creditors, "landlord": _landlord(), "words": signal_words}
    return render_template("early_signals/new.html", **facts), 422 if form.errors else 200


def _choice(form: OnBehalfForm) -> Sequence[CreditorChoice] | None:
    """Let an agent choose in whose name it reports, and return from whom; None for a creditor."""
    creditors = None
    if actor().kind is Kind.AGENT:
        with reading() as session:
            creditors = creditors_to_choose(session, actor())
    form.offer(creditors)
    return creditors


def _landlord() -> bool:
    with reading() as session:
        return is_landlord(session, actor())


def _report(form: SignalForm) -> Report:
    confirmed = set(form.confirmed.data or ())
    return Report(
        **{name: typed(form[name]).strip() for name in TEXTS},
        reported_on=form.reported_on.data or today(), birth_date=form.birth_date.data, sort=Sort(form.sort.data),
        arrears_cents=form.arrears_cents.cents, instalments=form.instalments.data or 1, days=form.days.data,
        confirmations=tuple(one.value for one in Confirmation if one.value in confirmed),
    )  # fmt: skip


@bp.post("/<ref>/withdraw")
@requires(Permission.REPORT_SIGNALS)
def withdraw(ref: str) -> ResponseReturnValue:
    form = WithdrawForm()
    try:
        if form.validate():
            service.withdraw_signal(actor(), ref, Withdrawal(form.reason.data))
            flash(gettext("Signaal %(ref)s is ingetrokken. Het team zoekt geen contact meer.", ref=ref), "good")
            return redirect(url_for("signals.signal", ref=ref))
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
    return shown_own(ref, form)


@bp.post("/read")
@requires(Permission.REPORT_SIGNALS)
def read() -> ResponseReturnValue:
    """Note that the reporter read its feedback, up to the moment at which its page was made."""
    done = service.read_feedback(actor(), _until(request.form.get("until", "")))
    said = ngettext("%(num)s terugkoppeling is gelezen.", "%(num)s terugkoppelingen zijn gelezen.", done)
    flash(said if done else gettext("Er was niets nieuws meer."), "good")
    return redirect(url_for("signals.signals"))


def _until(text: str) -> datetime:
    """Return the moment that a page told, or now for anything else; never one that lies ahead."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return now()
    return min(told, now()) if told.tzinfo else now()


# ── files ────────────────────────────────────────────────────────────────────


@bp.route("/import", methods=["GET", "POST"])
@requires(Permission.REPORT_SIGNALS)
def bring_in() -> ResponseReturnValue:
    form = UploadForm()
    creditors = _choice(form)
    if form.validate_on_submit():
        file = Incoming("signals", form.file.data.filename or "", form.file.data.read())
        confirmed = bool(form.confirmed.data)
        code = form.creditor_code
        try:
            outcome = import_signals(actor(), file.content, [code] if code else [], confirmed=confirmed, dry_run=True)
            kept = service.keep_upload(actor(), file, outcome, confirmed=confirmed, creditor=code)
            return redirect(url_for(".upload", ref=kept))
        except Refusal as refusal:
            show(form, refusal, words.REFUSALS)
    facts = {"form": form, "creditors": creditors, "landlord": _landlord(), "words": signal_words}
    return render_template("early_signals/import.html", **facts), 422 if form.errors else 200


@bp.get("/import/<ref>")
@requires(Permission.REPORT_SIGNALS)
def upload(ref: str) -> ResponseReturnValue:
    with reading() as session:
        found = mandates.own_upload(session, actor(), ref)
        page = uploads.upload_page(session, found, words.REFUSALS)
        creditor = mandates.creditor_of_upload(session, found)
    if page.is_confirmed and not page.is_done:
        return redirect(url_for("jobs.progress", key=ref))
    return render_template("early_signals/upload.html", page=page, creditor=creditor, words=words)


@bp.post("/import/<ref>")
@requires(Permission.REPORT_SIGNALS)
def confirm(ref: str) -> ResponseReturnValue:
    as_job = service.confirm_upload(actor(), ref)
    return redirect(url_for("jobs.progress", key=ref) if as_job else url_for(".upload", ref=ref))


@bp.get("/import/<ref>/rejects/<kind>")
@requires(Permission.REPORT_SIGNALS)
def rejects(ref: str, kind: str) -> ResponseReturnValue:
    if not kind.isprintable():
        raise NotFound
    with reading() as session:
        content = uploads.rejects_file(session, mandates.own_upload(session, actor(), ref), kind)
    return downloads.attached(Response(content, mimetype="text/csv"), "afgewezen-meldingen.csv")
