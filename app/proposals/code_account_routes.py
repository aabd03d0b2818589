"""Pages beside answering with a code: a new code by post, and after the answer the first account of an organisation."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.accounts.signup_forms import SignupForm
from app.accounts.signups import Asker, Newcomer, ask_account
from app.accounts.words import REFUSALS as ACCOUNT_REFUSALS
from app.acts import acted
from app.clock import now
from app.db import reading
from app.errors import NotFound
from app.proposals import by_code, new_codes
from app.proposals.by_code import Answered, Opened
from app.proposals.offer_forms import NewCodeForm
from app.proposals.offer_words import REFUSALS
from app.speech import language
from app.web import public, request_origin, typed

ASKED = lazy_gettext(
    "Dank u wel. Wacht deze brief op antwoord, dan sturen wij een nieuwe brief met een nieuwe code naar het adres dat wij van de "
    "organisatie hebben. De oude code werkt dan niet meer. Reken op een paar werkdagen."
)
bp = Blueprint("answering_beside", __name__, url_prefix="/answer")


@bp.route("/new-code", methods=["GET", "POST"])
@public
def new_code() -> ResponseReturnValue:
    """Take down that somebody asks a new code; the answer is the same whether or not there is such a letter."""
    form = NewCodeForm()

    def ask() -> None:
        new_codes.ask_new_code(typed(form.ref).strip().upper(), request.remote_addr or "-")

    answer = acted(form, ask, ASKED, refusals=REFUSALS, stay=url_for("answering.code"))
    return answer or (render_template("answer/new_code.html", form=form), 422 if form.errors else 200)


@bp.route("/account", methods=["GET", "POST"])
@public
def account() -> ResponseReturnValue:
    """Take down that whoever answered with a code asks an account; it waits for the bank."""
    answered = _answered()
    if answered is None:
        flash(gettext("Een account vraagt u aan nadat u met de code op een brief hebt geantwoord. Er is niets verstuurd."), "error")
        return redirect(url_for("answering.code"))
    form = SignupForm()

    def ask() -> None:
        asker = Asker(answered.organisation_id, answered.ref, language(), request.remote_addr or "-", request_origin())
        ask_account(asker, Newcomer(typed(form.name), typed(form.email), typed(form.kvk)))

    done = gettext("Uw aanvraag is ontvangen. De Kredietbank kijkt haar na. Daarna krijgt u een mail.")
    answer = acted(form, ask, done, refusals=ACCOUNT_REFUSALS, stay=url_for("answering.code"))
    return answer or (render_template("answer/account.html", page=answered, form=form), 422 if form.errors else 200)


def _answered() -> Answered | None:
    """Return the letter that this browser opened with a code in the last half hour and answered."""
    letter = session.get("letter")
    if not letter or datetime.fromtimestamp(letter["until"], UTC) < now():
        return None
    with reading(as_portal=True) as opened:
        try:
            ref = str(letter.get("offer") or letter.get("balance"))
            return by_code.answered_letter(opened, Opened(ref, letter.get("to") or 0, letter.get("code", "")))
        except NotFound:
            return None
