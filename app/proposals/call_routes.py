"""The call list of the bank: whom to call, one call with its numbers, and marking it as made."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access import Permission
from app.acts import acted, pressed
from app.clock import today
from app.db import reading
from app.exchange import downloads
from app.exchange.writing import DAY, INTEGER, TEXT, Field
from app.menu import in_menu
from app.proposals import call_queries, calling
from app.proposals import settling_words as words
from app.proposals.call_queries import CallQuery
from app.proposals.settling_forms import CallForm
from app.web import actor, list_link, query_text, requires, typed

bp = Blueprint("calls", __name__, url_prefix="/board/calls")


@bp.get("")
@in_menu(_("Bellijst"), 42)
@requires(Permission.SETTLE_PROPOSALS)
def calls() -> ResponseReturnValue:
    with reading() as session:
        page = call_queries.call_list(session, actor(), _query())
    return render_template("proposals/calls.html", page=page, words=words, link=partial(list_link, _query(), "calls.calls"), today=today())


def _query() -> CallQuery:
    return CallQuery(**{name: query_text(name, 80) for name in ("q", "what", "since", "after")})


@bp.get("/download")
@requires(Permission.SETTLE_PROPOSALS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Naam"), TEXT, 36), Field(gettext("Telefoon"), TEXT), Field(gettext("Vraag naar"), TEXT, 28),
        Field(gettext("Wacht op deze partij alleen"), INTEGER), Field(gettext("Kennisgevingen niet bevestigd"), INTEGER),
        Field(gettext("Saldo’s niet opgegeven"), INTEGER), Field(gettext("Aanbiedingen niet beantwoord"), INTEGER),
        Field(gettext("Wacht sinds"), DAY), Field(gettext("Gebeld op"), DAY), Field(gettext("Gesproken met"), TEXT, 28),
    ]  # fmt: skip
    rows = [
        (
            row.name, row.phone, row.contact, row.alone, row.notices, row.balances, row.offers, row.oldest,
            row.call.called_on if row.call else None, row.call.spoken_to if row.call else "",
        )
        for row in calling.export_calls(actor(), _query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("bellijst"))


# ── one call ─────────────────────────────────────────────────────────────────


@bp.get("/<int(max=2147483647):number>")
@requires(Permission.SETTLE_PROPOSALS)
def party(number: int) -> ResponseReturnValue:
    return _shown(number, CallForm(formdata=None, data={"called_on": today()}))


def _shown(number: int, form: CallForm) -> ResponseReturnValue:
    with reading() as session:
        page = call_queries.party_page(session, actor(), number)
    return render_template("proposals/call.html", page=page, form=form, words=words), 422 if form.errors else 200


@bp.post("/<int(max=2147483647):number>")
@requires(Permission.SETTLE_PROPOSALS)
def mark(number: int) -> ResponseReturnValue:
    """Mark a creditor or agent as called."""
    form: Any = CallForm()

    def note() -> None:
        calling.note_call(actor(), number, form.called_on.data, typed(form.spoken_to), typed(form.note))

    answer = acted(form, note, gettext("Het gesprek is genoteerd."), refusals=words.REFUSALS, stay=url_for(".calls"))
    return answer or _shown(number, form)


@bp.post("/<int(max=2147483647):number>/<int(max=2147483647):call>/undo")
@requires(Permission.SETTLE_PROPOSALS)
def undo(number: int, call: int) -> ResponseReturnValue:
    done, overtaken = gettext("Het gesprek telt niet meer."), gettext("Dit gesprek was al ongedaan gemaakt.")
    stay = url_for(".party", number=number)
    return pressed(lambda: calling.undo_call(actor(), number, call), done, refusals=words.REFUSALS, stay=stay, overtaken=overtaken)
