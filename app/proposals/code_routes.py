"""Pages for who holds a letter but no account: the code, the one offer that it opens, and thanks."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Actor
from app.cases.balance_words import REFUSALS as BALANCE_REFUSALS
from app.clock import now
from app.db import reading
from app.errors import Conflict, NotFound, Refusal
from app.proposals import by_code, offer_queries, offer_sentences
from app.proposals.lifecycle import AnsweredBy
from app.proposals.offer_forms import LetterCodeForm, NamedAnswerForm
from app.proposals.offer_queries import OfferPage
from app.proposals.offer_routes import give, overtaken, prepare, revision_of
from app.proposals.offer_words import REFUSALS
from app.proposals.responding import Seen
from app.reach import act_within
from app.web import public, request_origin, show, typed

bp = Blueprint("answering", __name__, url_prefix="/answer")
OPEN_FOR = timedelta(minutes=30)


@bp.route("", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    form = LetterCodeForm()
    if form.validate_on_submit():
        try:
            opened = by_code.open_by_code(typed(form.code), request.remote_addr or "-", request_origin())
            kind = "balance" if opened.ref.startswith("S-") else "offer"
            until = int((now() + OPEN_FOR).timestamp())
            session["letter"] = {kind: opened.ref, "to": opened.organisation_id, "code": opened.index, "until": until}
            return redirect(url_for("answering_balance.balance" if kind == "balance" else ".offer"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS | BALANCE_REFUSALS)
    return render_template("answer/code.html", form=form), 422 if form.errors else 200


@bp.route("/offer", methods=["GET", "POST"])
@public
def offer() -> ResponseReturnValue:
    """Show the one offer that the code opened, and take its answer."""
    page = _opened()
    if page is None:
        flash(gettext("Vul de code van de brief opnieuw in. Na 30 minuten vragen wij hem nog een keer. Er is niets verstuurd."), "error")
        return redirect(url_for(".code"))
    if request.method == "GET":
        return _shown(page, NamedAnswerForm(formdata=None, data={"revision": page.revision}))
    return _answer(page)


def _answer(page: OfferPage) -> ResponseReturnValue:
    form = NamedAnswerForm()
    try:
        if form.validate():
            give(_holder(page.ref, typed(form.name)), form, Seen(page.ref, revision_of(form), AnsweredBy.CODE))
            return redirect(url_for(".thanks"))
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
    except Conflict:
        flash(overtaken(_page(page.ref)), "error")
        return redirect(url_for(".offer"))
    return _shown(page, form)


@bp.get("/thanks")
@public
def thanks() -> ResponseReturnValue:
    page = _opened()
    if page is None or page.given is None:
        return redirect(url_for(".code"))
    return render_template("answer/thanks.html", page=page, words=offer_sentences)


def _shown(page: OfferPage, form: NamedAnswerForm) -> ResponseReturnValue:
    prepare(form, page)
    return render_template("answer/offer.html", page=page, form=form, words=offer_sentences), 422 if form.errors else 200


def _opened() -> OfferPage | None:
    """Return the offer that this browser opened with a code in the last half hour, while that code is the letter's."""
    letter = session.get("letter")
    if letter and "offer" in letter and datetime.fromtimestamp(letter["until"], UTC) >= now():
        with suppress(NotFound):  # it rests or was erased meanwhile, or another code took the place of this one
            return _page(str(letter["offer"]))
    session.pop("letter", None)
    return None


def _page(ref: str) -> OfferPage:
    holder = _holder_of(ref, "")
    with reading() as opened:
        return offer_queries.offer_page(opened, holder, ref)


def _holder(ref: str, name: str) -> Actor:
    if not name.strip():
        raise Refusal("proposals.name_missing", field="name")
    return _holder_of(ref, name)


def _holder_of(ref: str, name: str) -> Actor:
    """Return who acts with the code of an offer, and let the database see no further than its organisation does."""
    with reading(as_portal=True) as opened:
        holder = offer_queries.code_holder(opened, ref, str(session["letter"].get("code", "")), name, request_origin())
    act_within(holder.reach())
    return holder
