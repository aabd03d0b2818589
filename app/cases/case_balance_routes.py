"""Pages of the bank on the balance round of one case, and sending requests for a whole list of cases."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.access import Permission
from app.acts import acted, pressed
from app.cases import balance_asking, balance_sentences, balance_stating, queries
from app.cases import words as case_words
from app.cases.balance_forms import RefuseForm
from app.cases.listing import case_list
from app.cases.routes import list_query
from app.cases.service import note_opened
from app.db import reading
from app.errors import Refusal
from app.web import actor, list_link, requires, say, typed

bp = Blueprint("case_balances", __name__, url_prefix="/cases")


@bp.get("/<ref>/balances")
@requires(Permission.ASK_BALANCES)
def balances(ref: str) -> ResponseReturnValue:
    note_opened(actor(), ref)
    return _page(ref, RefuseForm(formdata=None))


def _page(ref: str, refusing: RefuseForm, number: int = 0) -> ResponseReturnValue:
    with reading() as session:
        page = queries.case_page(session, actor(), ref)
    shown = {"page": page, "balances": page.balances, "refusing": refusing, "number": number}
    body = render_template("balances/case.html", words=balance_sentences, case_words=case_words, **shown)
    return body, 422 if refusing.errors else 200


@bp.post("/<ref>/balances/send")
@requires(Permission.ASK_BALANCES)
def send(ref: str) -> ResponseReturnValue:
    try:
        sent = balance_asking.send_requests(actor(), ref)
        flash(ngettext("%(num)s saldoverzoek is gestuurd.", "%(num)s saldoverzoeken zijn gestuurd.", sent), "good")
    except Refusal as refusal:
        flash(say(refusal, balance_sentences.REFUSALS), "error")
    return redirect(url_for(".balances", ref=ref))


@bp.post("/<ref>/balances/<int(max=2147483647):number>/take-over")
@requires(Permission.ASK_BALANCES)
def take_over(ref: str, number: int) -> ResponseReturnValue:
    """Let a correction count that waits for an officer."""

    def let_count() -> None:
        balance_stating.take_over(actor(), ref, number)

    done = gettext("De verbetering telt nu. Het voorstel rekent er pas mee als u het opnieuw berekent.")
    stay, overtaken = url_for(".balances", ref=ref), gettext("Hierover is al beslist.")
    return pressed(let_count, done, refusals=balance_sentences.REFUSALS, stay=stay, overtaken=overtaken)


@bp.post("/<ref>/balances/<int(max=2147483647):number>/refuse")
@requires(Permission.ASK_BALANCES)
def refuse(ref: str, number: int) -> ResponseReturnValue:
    """Leave a correction aside, with the reason."""
    form = RefuseForm()

    def leave_aside() -> None:
        balance_stating.refuse(actor(), ref, number, typed(form.reason))

    done = gettext("De verbetering is niet overgenomen. De schuldeiser krijgt bericht.")
    stay, overtaken = url_for(".balances", ref=ref), gettext("Hierover is al beslist.")
    answer = acted(form, leave_aside, done, refusals=balance_sentences.REFUSALS, stay=stay, overtaken=overtaken)
    return answer or _page(ref, form, number)


# ── a whole list ─────────────────────────────────────────────────────────────


@bp.route("/balance-requests", methods=["GET", "POST"])
@requires(Permission.ASK_BALANCES)
def many() -> ResponseReturnValue:
    """Ask once more, and then send requests for every case that the list shows, as long work with its own page."""
    query = list_query()
    if request.method == "POST":
        key = uuid4().hex
        balance_asking.start_sending(actor(), query, key)
        return redirect(url_for("jobs.progress", key=key))
    with reading() as session:
        page = case_list(session, actor(), query, 1)
    here, back = list_link(query, ".many", sort=""), list_link(query, "cases.cases", sort="")
    return render_template("balances/many.html", total=page.total, here=here, back=back)
