"""Pages of standing consents: read the request, call one use case, show one page."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Permission
from app.accounts.blueprint import has_own_passkey, signed
from app.accounts.confirm_routes import confirmed
from app.acts import acted
from app.clock import today
from app.consents import overview_queries, queries, service, words
from app.consents.forms import TermsForm, WithdrawForm, filled
from app.consents.queries import ConsentPage
from app.consents.rules import State
from app.consents.service import Signing
from app.db import reading
from app.errors import Conflict, Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, INTEGER, TEXT, Field
from app.menu import in_menu
from app.web import actor, query_text, requires, show, typed, whole_number

bp = Blueprint("consents", __name__, url_prefix="/consents")


@bp.get("")
@in_menu(lazy_gettext("Akkoord vooraf"), 60, heading=lazy_gettext("Afspraken"))
@requires(Permission.READ_CONSENTS)
def consents() -> ResponseReturnValue:
    """Show the own consent, or that of all creditors to who looks after them."""
    with reading() as opened:
        if actor().may(Permission.READ_ALL_CONSENTS):
            query = _query()
            found = overview_queries.overview(opened, actor(), query["q"], query["status"])
            return render_template("consents/overview.html", page=found, query=query, words=words, link=_link)
        page = queries.own_page(opened, actor())
    if page.ref is None:
        return render_template("consents/none.html", may_draft=page.may_draft)
    return redirect(url_for(".consent", ref=page.ref, version=page.begin))


def _query() -> dict[str, Any]:
    return {name: query_text(name, 140) for name in ("q", "status")}


def _link(endpoint: str = ".consents", **over: str) -> str:
    """Return the address of the list of all with other filters."""
    return url_for(endpoint, **{name: value for name, value in (_query() | over).items() if value})


@bp.get("/download")
@requires(Permission.READ_ALL_CONSENTS)
def download() -> ResponseReturnValue:
    """Give the list of all as a file, with exactly the rows that the filters show."""
    fields = [
        Field(gettext("Code"), INTEGER), Field(gettext("Schuldeiser"), TEXT, 36), Field(gettext("Akkoord"), TEXT),
        Field(gettext("Versie"), INTEGER), Field(gettext("Stand"), TEXT), Field(gettext("Vanaf"), DAY), Field(gettext("Tot en met"), DAY),
        Field(gettext("Een gedekt aanbod"), TEXT, 40), Field(gettext("Gedekt"), INTEGER), Field(gettext("Aanbiedingen"), INTEGER),
    ]  # fmt: skip
    query = _query()
    with reading() as opened:
        found = overview_queries.overview(opened, actor(), query["q"], query["status"]).rows
    rows = [
        (r.code, r.creditor, r.ref, r.version, str(words.STANDINGS[r.standing]), r.starts_on, r.last_day,
         str(words.EFFECTS[r.effect]) if r.effect else None, r.covered, r.offers)
        for r in found
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("akkoorden"))


@bp.post("")
@requires(Permission.DRAFT_CONSENTS)
def start() -> ResponseReturnValue:
    return redirect(url_for(".consent", ref=service.start_draft(actor())))


@bp.get("/<ref>")
@requires(Permission.READ_CONSENTS)
def consent(ref: str) -> ResponseReturnValue:
    with reading() as opened:
        page = queries.consent_page(opened, actor(), ref, _version())
    if page.shown.state is State.DRAFT and page.may_draft:
        return _draft(page, TermsForm(formdata=None, data=filled(page.shown.clauses, page.shown.effect)))
    return render_template("consents/consent.html", page=page, words=words)


def _version() -> int | None:
    return whole_number(request.args.get("version"))


def _draft(page: ConsentPage, form: TermsForm, status: int = 200) -> ResponseReturnValue:
    was = words.was(page.shown.clauses, page.shown.before, page.shown.before_version, page.more_covered)
    tomorrow = today() + timedelta(days=1)
    return render_template(
        "consents/draft.html", page=page, form=form, words=words, was=was, tomorrow=tomorrow, passkeys=has_own_passkey()
    ), status


@bp.post("/<ref>")
@requires(Permission.DRAFT_CONSENTS)
def change(ref: str) -> ResponseReturnValue:
    """Do what the pressed button says: calculate again, save, throw away or sign."""
    revision, action = whole_number(request.form.get("revision")) or 0, request.form.get("action")
    if action == "discard":
        service.discard_draft(actor(), ref, revision)
        flash(gettext("Het concept is weggegooid."))
        return redirect(url_for(".consents"))
    form = TermsForm()
    if not form.validate_on_submit():
        return _draft(_page(ref), form, 422)
    if action == "sign":
        return _sign(ref, form, revision)
    service.save_draft(actor(), ref, form.terms(), revision)
    flash(gettext("Het concept is bewaard en de gevolgen zijn opnieuw berekend."))
    return redirect(url_for(".consent", ref=ref))


def _page(ref: str) -> ConsentPage:
    """Return the draft as it is now. Raises Conflict when a colleague signed it or threw it away."""
    with reading() as opened:
        page = queries.consent_page(opened, actor(), ref)
    if page.shown.state is not State.DRAFT:
        raise Conflict
    return page


def _sign(ref: str, form: TermsForm, revision: int) -> ResponseReturnValue:
    """Sign what was read: terms that were changed on the page are saved first and shown with what they would do."""
    page, terms = _page(ref), form.terms()
    if (terms.clauses, terms.effect) != (page.shown.clauses, page.shown.effect):
        service.save_draft(actor(), ref, terms, revision)
        flash(gettext("U had de voorwaarden veranderd. Ze zijn bewaard, maar nog niet ondertekend. Bekijk eerst de gevolgen."), "error")
        return redirect(url_for(".consent", ref=ref))
    if page.contradictions:
        for refusal in page.contradictions:
            show(form, refusal, words.REFUSALS)
        return _draft(page, form, 422)
    if not form.check_signature():
        return _draft(page, form, 422)
    try:
        by_passkey = signed(form, session["token"]) if typed(form.passkey) else None
        service.sign_draft(actor(), ref, Signing(form.starts_on.data, typed(form.code), revision, by_passkey))
    except Refusal as refusal:
        show(form, refusal, words.REFUSALS)
        return _draft(page, form, 422)
    flash(gettext("Versie %(version)s is ondertekend.", version=page.shown.version))
    return redirect(url_for(".consent", ref=ref))


@bp.get("/<ref>/missed/<clause>")
@requires(Permission.READ_CONSENTS)
def missed(ref: str, clause: str) -> ResponseReturnValue:
    """List the offers of twelve months that a version does not cover because of one clause."""
    version = _version() or abort(404)
    with reading() as opened:
        rows = queries.missed_page(opened, actor(), ref, version, clause)
    may_open = actor().may(Permission.READ_OFFERS)
    return render_template("consents/missed.html", ref=ref, version=version, clause=clause, rows=rows, words=words, may_open=may_open)


@bp.route("/<ref>/withdraw", methods=["GET", "POST"])
@requires(Permission.WITHDRAW_CONSENTS)
@confirmed("POST")
def withdraw(ref: str) -> ResponseReturnValue:
    with reading() as opened:
        page = queries.withdrawal_page(opened, actor(), ref, _version())
    form = WithdrawForm(data={"ends_on": today()})
    done = gettext("Het akkoord is ingetrokken. Antwoorden die al gegeven zijn, blijven staan.")
    answer = acted(form, lambda: _withdraw(ref, form), done, refusals=words.REFUSALS, stay=url_for(".consents"))
    return answer or (render_template("consents/withdraw.html", page=page, form=form, words=words), 422 if form.errors else 200)


def _withdraw(ref: str, form: WithdrawForm) -> None:
    version, revision = whole_number(request.form.get("version")) or 0, whole_number(request.form.get("revision")) or 0
    ends_on: Any = form.ends_on.data
    service.withdraw_consent(actor(), ref, version, ends_on, typed(form.reason), revision)
