"""Pages of first accounts, for the bank: who asks one, with the register beside it, and the decision."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm

from app.access import Permission
from app.accounts import signup_queries, signups, words
from app.accounts.rules import SignupRefusal
from app.accounts.signup_forms import ApproveForm, RefuseForm
from app.acts import acted
from app.db import reading
from app.menu import in_menu
from app.web import actor, requires, typed, whole_number

bp = Blueprint("signups", __name__, url_prefix="/signups")


@bp.get("")
@in_menu(lazy_gettext("Aanmeldingen"), 62, count=signup_queries.waiting_count)
@requires(Permission.ADMIT_CREDITORS)
def signups_list() -> ResponseReturnValue:
    with reading() as opened:
        page = signup_queries.signups_page(opened, actor())
    return render_template("accounts/signups.html", page=page, words=words)


@bp.get("/<ref>")
@requires(Permission.ADMIT_CREDITORS)
def signup(ref: str) -> ResponseReturnValue:
    return _shown(ref)


@bp.post("/<ref>/approve")
@requires(Permission.ADMIT_CREDITORS)
def approve(ref: str) -> ResponseReturnValue:
    form = ApproveForm()
    done = gettext("De aanmelding is goedgekeurd. De uitnodiging is gemaild.")
    decided = _decided(ref, form, lambda: signups.approve_signup(actor(), ref, _revision(), checked=bool(form.checked.data)), done)
    return decided or _shown(ref, approving=form)


@bp.post("/<ref>/refuse")
@requires(Permission.ADMIT_CREDITORS)
def refuse(ref: str) -> ResponseReturnValue:
    form = RefuseForm()

    def turn_away() -> None:
        signups.refuse_signup(actor(), ref, _revision(), SignupRefusal(form.reason.data), typed(form.words))

    done = gettext("De aanmelding is afgewezen. De aanvrager krijgt bericht.")
    return _decided(ref, form, turn_away, done) or _shown(ref, refusing=form)


def _decided(ref: str, form: FlaskForm, decide: Callable[[], None], done: str) -> ResponseReturnValue | None:
    """Decide about one request, once; None when the form has to be shown with what is wrong."""
    overtaken = gettext("Een collega besliste al over deze aanmelding. Er is niets veranderd.")
    return acted(form, decide, done, refusals=words.REFUSALS, stay=url_for(".signup", ref=ref), overtaken=overtaken)


def _revision() -> int:
    return whole_number(request.form.get("revision")) or 0


def _shown(ref: str, approving: ApproveForm | None = None, refusing: RefuseForm | None = None) -> ResponseReturnValue:
    """Show one request; a form that was refused as it was filled in."""
    with reading() as opened:
        page = signup_queries.signup_row(opened, actor(), ref)
    forms = {"approving": approving or ApproveForm(formdata=None), "refusing": refusing or RefuseForm(formdata=None)}
    body = render_template("accounts/signup.html", page=page, failed=approving or refusing, words=words, **forms)
    return body, 422 if approving or refusing else 200
