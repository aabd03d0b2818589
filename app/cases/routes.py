"""Pages of the debt file: read the request, call one use case, show one page."""

from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import FileStorage
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from app.access import Permission
from app.acts import acted
from app.cases import listing, queries, service, words
from app.cases.forms import NO, UNKNOWN, YES, ClaimForm, FactsForm, UploadForm
from app.cases.importing import import_cases
from app.cases.listing import ListQuery
from app.cases.queries import CaseFacts, CasePage
from app.cases.rules import PROGRAMMES, Rank
from app.cases.service import Facts
from app.db import reading
from app.errors import NotFound, Refusal
from app.exchange import downloads, uploads
from app.exchange.uploads import Incoming
from app.exchange.writing import AMOUNT, DAY, INTEGER, TEXT, Field
from app.menu import in_menu
from app.money import amount
from app.web import actor, list_link, page_size, query_text, requires, say, typed, whole_number

bp = Blueprint("cases", __name__, url_prefix="/cases")


@bp.get("")
@in_menu(lazy_gettext("Dossiers"), 30)
@requires(Permission.READ_CASES)
def cases() -> ResponseReturnValue:
    with reading() as session:
        page = listing.case_list(session, actor(), list_query(), page_size(request.args.get("size")))
    may = {
        "may_import": actor().may(Permission.IMPORT_CASES),
        "may_ask": actor().may(Permission.ASK_BALANCES),
        "may_notice": actor().may(Permission.SEND_NOTICES),
    }
    return render_template("cases/cases.html", page=page, words=words, link=partial(list_link, list_query(), ".cases"), **may)


def list_query() -> ListQuery:
    """Read the filters of the address."""
    return ListQuery(**{name: query_text(name, 80) for name in ("q", "status", "programme", "team", "sort", "after")})


@bp.get("/download")
@requires(Permission.READ_CASES)
def download() -> ResponseReturnValue:
    fields = [
        Field(gettext("Dossier"), TEXT), Field(gettext("RelatieCode-Volgnummer"), TEXT), Field(gettext("Cliënt"), TEXT, 28),
        Field(gettext("Geboren"), DAY), Field(gettext("Stand"), TEXT, 24), Field(gettext("Programma"), TEXT, 28),
        Field(gettext("Buurtteam"), TEXT, 24), Field(gettext("Aanvraag"), DAY), Field(gettext("Berekening"), DAY),
        Field(gettext("Vorderingen"), INTEGER), Field(gettext("Saldo’s open"), INTEGER), Field(gettext("Schuld"), AMOUNT),
        Field(gettext("Afloscapaciteit"), AMOUNT),
    ]  # fmt: skip
    rows = [
        (
                row.ref, row.bank_key, row.name, row.birth_date, str(words.STATUS[row.status]), row.programme, row.team, row.started_on,
                row.calculated_on, row.claims, row.open_balances, row.balance_cents, row.capacity_cents,
        )
        for row in service.export_cases(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("dossiers"))


@bp.get("/<ref>")
@requires(Permission.READ_CASES)
def case(ref: str) -> ResponseReturnValue:
    page = service.open_case(actor(), ref)
    if ref != page.case.ref:
        return redirect(url_for(".case", ref=page.case.ref))
    return render_template("cases/case.html", page=page, words=words)


@bp.get("/<ref>/claims")
@requires(Permission.READ_CASES)
def claims(ref: str) -> ResponseReturnValue:
    """Give the claims of a case as a file."""
    page = service.open_case(actor(), ref)
    fields = [
        Field(gettext("Nummer"), INTEGER), Field(gettext("Schuldeiser"), TEXT, 32), Field(gettext("Via"), TEXT, 28),
        Field(gettext("Referentie"), TEXT, 20), Field(gettext("Rang"), TEXT, 20), Field(gettext("Aangemeld"), AMOUNT),
        Field(gettext("Teruggemeld"), AMOUNT), Field(gettext("Teruggemeld op"), DAY), Field(gettext("Saldo"), AMOUNT),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            c.number, c.creditor, c.agent, c.reference, str(words.RANKS[c.rank]),
            c.reported_cents, c.stated_cents, c.stated_on, c.balance_cents,
        )
        for group in page.groups for c in group.claims
    ]  # fmt: skip
    return downloads.download(fields, rows, f"vorderingen-{page.case.ref}")


@bp.route("/<ref>/facts", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def facts(ref: str) -> ResponseReturnValue:
    service.note_opened(actor(), ref)
    with reading() as session:
        page = queries.case_page(session, actor(), ref)
    form = FactsForm(data=_form_data(page.case))
    form.programme.choices = [SelectChoice(name, name or gettext("geen")) for name in sorted(PROGRAMMES | {page.case.programme})]

    def change() -> None:
        service.change_facts(actor(), page.case.ref, _facts(form), whole_number(form.revision.data) or 0)

    done, stay = gettext("De gegevens zijn bewaard."), url_for(".case", ref=page.case.ref)
    answer = acted(form, change, done, refusals=words.REFUSALS, stay=stay)
    return answer or (render_template("cases/facts.html", page=page, form=form), 422 if form.errors else 200)


def _form_data(case: CaseFacts) -> dict[str, Any]:
    return {
        "team": case.team, "programme": case.programme,
        "entrepreneur": UNKNOWN if case.entrepreneur is None else YES if case.entrepreneur else NO,
        "settlement": UNKNOWN if not case.settlement_known else YES if case.last_settlement_on else NO,
        "last_settlement_on": case.last_settlement_on, "income": amount(case.income_cents), "vtlb": amount(case.vtlb_cents),
        "extra": amount(case.extra_cents), "calculated_on": case.calculated_on, "revision": str(case.revision),
    }  # fmt: skip


def _facts(form: FactsForm) -> Facts:
    """Read the form; an earlier settlement needs its day."""
    if form.settlement.data == YES and form.last_settlement_on.data is None:
        raise Refusal("cases.settlement_day_missing", field="last_settlement_on")
    return Facts(
        team=typed(form.team).strip(), programme=typed(form.programme).strip(),
        entrepreneur={YES: True, NO: False}.get(form.entrepreneur.data),
        settlement_known=form.settlement.data != UNKNOWN,
        last_settlement_on=form.last_settlement_on.data if form.settlement.data == YES else None,
        income_cents=form.income.cents, vtlb_cents=form.vtlb.cents, extra_cents=form.extra.cents,
        calculated_on=form.calculated_on.data or date.max,  # the form asks for one
    )  # fmt: skip


@bp.route("/<ref>/claims/<int:number>", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def claim(ref: str, number: int) -> ResponseReturnValue:
    service.note_opened(actor(), ref)
    with reading() as session:
        page = queries.case_page(session, actor(), ref)
    shown = _claim_of(page, number)
    form = ClaimForm(data={"fraud": shown.fraud, "security": amount(shown.security_cents), "revision": str(shown.revision)})

    def change() -> None:
        revision = whole_number(form.revision.data) or 0
        fraud, security = bool(form.fraud.data), form.security.cents if shown.rank is Rank.SECURED else 0
        service.change_claim(actor(), page.case.ref, number, fraud=fraud, security_cents=security, revision=revision)

    done, stay = gettext("De vordering is bewaard."), url_for(".case", ref=page.case.ref)
    answer = acted(form, change, done, refusals=words.REFUSALS, stay=stay)
    return answer or (render_template("cases/claim.html", page=page, claim=shown, form=form, words=words), 422 if form.errors else 200)


def _claim_of(page: CasePage, number: int) -> queries.ClaimRow:
    found = next((claim for group in page.groups for claim in group.claims if claim.number == number), None)
    if found is None:
        raise NotFound
    return found


# ── files ────────────────────────────────────────────────────────────────────


@bp.route("/import", methods=["GET", "POST"])
@requires(Permission.IMPORT_CASES)
def bring_in() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        files = [_incoming("cases", form.applications.data), _incoming("claims", form.claims.data)]
        try:
            outcome = import_cases(actor(), files[0].content, files[1].content, dry_run=True)
            return redirect(url_for(".upload", ref=service.keep_upload(actor(), files, outcome)))
        except Refusal as refusal:
            form.form_errors.append(say(refusal, words.REFUSALS))
    return render_template("cases/import.html", form=form), 422 if form.errors else 200


def _incoming(kind: str, file: FileStorage) -> Incoming:
    return Incoming(kind, file.filename or kind, file.read())


@bp.get("/import/<ref>")
@requires(Permission.IMPORT_CASES)
def upload(ref: str) -> ResponseReturnValue:
    with reading() as session:
        page = uploads.upload_page(session, uploads.visible_upload(session, actor(), service.UPLOAD, ref), words.REFUSALS)
    if page.is_confirmed and not page.is_done:
        return redirect(url_for("jobs.progress", key=ref))
    return render_template("cases/upload.html", page=page, words=words)


@bp.post("/import/<ref>")
@requires(Permission.IMPORT_CASES)
def confirm(ref: str) -> ResponseReturnValue:
    as_job = service.confirm_upload(actor(), ref)
    return redirect(url_for("jobs.progress", key=ref) if as_job else url_for(".upload", ref=ref))


@bp.get("/import/<ref>/rejects/<kind>")
@requires(Permission.IMPORT_CASES)
def rejects(ref: str, kind: str) -> ResponseReturnValue:
    with reading() as session:
        content = uploads.rejects_file(session, uploads.visible_upload(session, actor(), service.UPLOAD, ref), kind)
    return downloads.rejects(content, f"afgewezen-{kind}")
