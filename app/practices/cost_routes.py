"""Pages of the cost check: one case with its reckoning, a file of cases with its outcome."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Permission
from app.clock import today
from app.db import reading
from app.errors import Refusal
from app.exchange import downloads
from app.exchange.forms import FileForm
from app.exchange.uploads import Incoming
from app.exchange.writing import AMOUNT, DAY, TEXT, Field
from app.menu import in_menu
from app.practices import checking, cost_words
from app.practices.checking import SHOWN
from app.practices.cost_forms import CostForm
from app.practices.cost_rules import Verdict, check_case
from app.web import actor, requires, say, show

bp = Blueprint("costs", __name__, url_prefix="/practices/costs")


@bp.get("")
@in_menu(lazy_gettext("Kosten toetsen"), 72, heading=lazy_gettext("Afspraken"))
@requires(Permission.CHECK_COSTS)
def costs() -> ResponseReturnValue:
    """Ask for a case, and show its reckoning when one was asked."""
    if not request.args:
        return _shown(CostForm(formdata=None, meta={"csrf": False}))
    form = CostForm(request.args, meta={"csrf": False})
    if not form.validate():
        return _shown(form, status=422)
    try:
        return _shown(form, verdict=check_case(form.case(), today()))
    except Refusal as refusal:
        show(form, refusal, cost_words.REFUSALS)
        return _shown(form, status=422)


def _shown(form: CostForm, *, file: FileForm | None = None, verdict: Verdict | None = None, status: int = 200) -> ResponseReturnValue:
    file = file or FileForm(formdata=None)
    return render_template("practices/costs.html", form=form, file=file, verdict=verdict, words=cost_words, sheet=checking.SHEET), status


@bp.post("/file")
@requires(Permission.CHECK_COSTS)
def bring_in() -> ResponseReturnValue:
    file = FileForm()
    if file.validate_on_submit():
        try:
            incoming = Incoming(checking.UPLOAD, file.file.data.filename or "", file.file.data.read())
            return redirect(url_for(".outcome", ref=checking.check_file(actor(), incoming)))
        except Refusal as refusal:
            file.file.errors = [say(refusal, cost_words.REFUSALS)]
    return _shown(CostForm(formdata=None, meta={"csrf": False}), file=file, status=422)


@bp.get("/example")
@requires(Permission.CHECK_COSTS)
def example() -> ResponseReturnValue:
    """Give an empty file with the columns and one made-up case."""
    heads = [Field(column.name, TEXT) for column in checking.SHEET.columns]
    row = ("VOORBEELD-1", "120,00 + 80,50", "01-06-2026", "40,00", "nee", "", "")
    return downloads.download(heads, [row], gettext("kosten-toetsen"))


@bp.get("/<ref>")
@requires(Permission.CHECK_COSTS)
def outcome(ref: str) -> ResponseReturnValue:
    with reading() as session:
        page = checking.check_page(session, actor(), ref)
    return render_template("practices/costs_file.html", page=page, words=cost_words, most=SHOWN)


@bp.get("/<ref>/download")
@requires(Permission.CHECK_COSTS)
def download(ref: str) -> ResponseReturnValue:
    """Give every row of the file as it came in, with its outcome behind it."""
    with reading() as session:
        page = checking.check_page(session, actor(), ref)
    outcome = (
        Field(gettext("Toegestaan"), AMOUNT), Field(gettext("Te veel"), AMOUNT), Field(gettext("Verschuldigd vanaf"), DAY),
        Field(gettext("Oordeel"), TEXT, 24), Field(gettext("Reden"), TEXT, 60),
    )  # fmt: skip
    fields = [*(Field(name, TEXT) for name in page.head), *outcome]
    width = len(page.head)
    rows: list[tuple[Any, ...]] = [
        (
            *(case.cells[:width] + ("",) * (width - len(case.cells))), case.allowed_cents if case.is_checked else None,
            case.excess_cents if case.is_checked else None, case.payable_from, cost_words.verdict(case), cost_words.why_not(case),
        )
        for case in page.cases
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("kosten-getoetst"))
