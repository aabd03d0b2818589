"""Pages for who holds the letter of a balance request but no account: the one request that its code opened, and thanks."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Actor
from app.cases import balance_code, balance_queries, balance_sentences
from app.cases import words as case_words
from app.cases.balance_forms import NamedBalanceForm
from app.cases.balance_queries import BalancePage
from app.cases.balance_routes import begun, give, overtaken, weighed
from app.cases.balance_stating import Seen
from app.cases.rules import AnsweredBy
from app.clock import now
from app.db import reading
from app.errors import Conflict, NotFound, Refusal
from app.reach import act_within
from app.web import public, request_origin, show, typed, whole_number

bp = Blueprint("answering_balance", __name__, url_prefix="/answer/balance")


@bp.route("", methods=["GET", "POST"])
@public
def balance() -> ResponseReturnValue:
    """Show the one request that the code opened, and take its answer."""
    page = _opened()
    if page is not None and page.statements and request.method == "POST":
        return redirect(url_for(".thanks"))  # a letter answers once; the second click of a double one ends where the first did
    if page is None or page.statements:
        flash(gettext("Vul de code van de brief opnieuw in. Na 30 minuten vragen wij hem nog een keer. Er is niets verstuurd."), "error")
        return redirect(url_for("answering.code"))
    if request.method == "GET":
        return _shown(page, NamedBalanceForm(formdata=None, data=begun(page)))
    return _answer(page)


def _answer(page: BalancePage) -> ResponseReturnValue:
    form = NamedBalanceForm()
    form.offer(page.agents, (page.agent_id, page.agent), names_agent=page.names_agent)
    try:
        if form.validate():
            holder = _holder_of(page.ref, _name(form))
            give(holder, form, Seen(page.ref, whole_number(form.revision.data) or 0, AnsweredBy.CODE))
            return redirect(url_for(".thanks"))
    except Refusal as refusal:
        show(form, refusal, balance_sentences.REFUSALS)
    except Conflict:
        flash(overtaken(_page(page.ref)), "error")
        return redirect(url_for("answering.code"))
    return _shown(page, form)


@bp.get("/thanks")
@public
def thanks() -> ResponseReturnValue:
    page = _opened()
    if page is None or not page.statements:
        return redirect(url_for("answering.code"))
    return render_template("balances/thanks.html", page=page, words=balance_sentences)


def _shown(page: BalancePage, form: NamedBalanceForm) -> ResponseReturnValue:
    form.offer(page.agents, (page.agent_id, page.agent), names_agent=page.names_agent)
    body = render_template(
        "balances/by_code.html", page=page, form=form, words=balance_sentences, case_words=case_words, weighed=weighed(form)
    )  # fmt: skip
    return body, 422 if form.errors else 200


def _opened() -> BalancePage | None:
    """Return the request that this browser opened with a code in the last half hour."""
    letter = session.get("letter")
    if not letter or "balance" not in letter or datetime.fromtimestamp(letter["until"], UTC) < now():
        return None
    try:
        return _page(str(letter["balance"]))
    except NotFound:  # it rests or was erased meanwhile, or another code took the place of this one
        return None


def _page(ref: str) -> BalancePage:
    holder = _holder_of(ref, "")
    with reading() as opened:
        return balance_queries.balance_page(opened, holder, ref)


def _name(form: NamedBalanceForm) -> str:
    name = typed(form.name)
    if not name.strip():
        raise Refusal("cases.balance_name_missing", field="name")
    return name


def _holder_of(ref: str, name: str) -> Actor:
    """Return who acts with the code of a request, and let the database see no further than its organisation does."""
    with reading(as_portal=True) as opened:
        holder = balance_code.code_holder(opened, ref, str(session["letter"].get("code", "")), name, request_origin())
    act_within(holder.reach())
    return holder
