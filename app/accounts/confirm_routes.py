"""The second factor asked once more before what matters, and what passkeys are asked to sign."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Response, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from app.accounts import enrolling, passkeys, queries, rules, second_factor, service, totp, unsent
from app.accounts.blueprint import bp, person_only, proof, site
from app.accounts.forms import CodeForm
from app.accounts.passkeys import CONFIRM, SIGN_IN
from app.accounts.people import DEMO_PEOPLE, DEMO_SECRET
from app.accounts.unsent import UnsentForm
from app.accounts.words import REFUSALS
from app.clock import now
from app.db import reading
from app.errors import NotFound, Refusal
from app.web import local_target, public, show, signed_in

View = Callable[..., Any]
PREFIX = "confirm"


def confirmed(*methods: str) -> Callable[[View], View]:
    """Let a view (inside its `@requires`) be used shortly after the second factor only: else it is asked, and the same goes on.

    What was filled in travels along on the page that asks, so that nothing is lost and nothing is kept.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
            method = "GET" if request.method == "HEAD" else request.method  # HEAD does what GET does, and shows it to nobody
            is_asked = method in methods and signed_in() is not None
            if is_asked and not rules.is_fresh(g.get("second_factor_at"), now()):
                return _ask(CodeForm(prefix=PREFIX, formdata=None), request.full_path.rstrip("?"), method)
            return cast(ResponseReturnValue, view(*args, **kwargs))

        guarded.__dict__["confirmed"] = frozenset(methods)
        return guarded

    return mark


def _ask(form: CodeForm, to: str, method: str) -> ResponseReturnValue:
    """Show the page that asks; whoever has no second factor here signs in again, where it was given."""
    with reading() as opened:
        ways = queries.ways_to_confirm(opened, person_only())
    fields = _fields()
    if not (ways.has_app or ways.has_passkey):
        return _sign_in_again(to, method, fields)
    page = {
        "to": to,
        "method": method,
        "fields": fields,
        "ways": ways,
        "passkeys": ways.has_passkey and site().can_have_passkeys,
        "demo_code": _demo_code(ways.email),
    }
    return render_template("accounts/confirm.html", page=page, form=form), 422 if form.errors else 403


def _fields() -> list[tuple[str, str]]:
    """Return what was filled in, but nothing secret and nothing of the page that asks."""
    sent = request.form.items(multi=True)
    return [(name, value) for name, value in sent if not rules.is_secret(name) and not name.startswith(f"{PREFIX}-")]


def _sign_in_again(to: str, method: str, fields: list[tuple[str, str]]) -> ResponseReturnValue:
    """End a session that a provider vouched for; what was filled in waits until the same person is back."""
    person, token = person_only(), session["token"]
    is_kept = method == "GET" or unsent.keep_unsent(token, UnsentForm(to, tuple(fields)))
    service.sign_out(person, token)
    kept = {name: session[name] for name in ("language",) if name in session}
    session.clear()
    session.update(kept, next=to if method == "GET" else url_for("home"), again=True)  # at the provider too
    if is_kept:
        flash(_("Hiervoor moet u zojuist zijn ingelogd. Log opnieuw in; wat u had ingevuld, is bewaard."))
    else:
        flash(_("Hiervoor moet u zojuist zijn ingelogd. Er is niets verstuurd: log opnieuw in en vul het opnieuw in."), "error")
    return redirect(url_for("accounts.sign_in"))


def _demo_code(email: str) -> str:
    """Return the present code of somebody of the demo, whose secret is published; nobody's in production."""
    is_demo = not current_app.config["PORTAL"].is_production and email in {row[0] for row in DEMO_PEOPLE}
    return totp.code_at(DEMO_SECRET, now().timestamp()) if is_demo else ""


@bp.post("/confirm")
@public
def confirm() -> ResponseReturnValue:
    """Take the second factor, and let the browser send what it wanted to send once more."""
    to, method = _target()
    if signed_in() is None:
        if "token" in session:
            unsent.keep_unsent(session["token"], UnsentForm(to, tuple(_fields())))
        return redirect(url_for("accounts.sign_in", next=to if method == "GET" else None))
    form = CodeForm(prefix=PREFIX)
    if form.validate():
        try:
            second_factor.confirm_again(person_only(), session["token"], proof(form, session["token"]))
            return redirect(to, 307 if method == "POST" else 303)
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return _ask(form, to, method)


def _target() -> tuple[str, str]:
    """Return where the browser goes on and how: only to what asks to be confirmed. Raises NotFound for all else."""
    to, method = local_target(request.args.get("to")), request.args.get("method", "")
    try:
        path = (to or "").partition("?")[0]
        endpoint, _arguments = current_app.create_url_adapter(request).match(path, method)  # type: ignore[union-attr]
    except HTTPException as error:
        raise NotFound from error
    if to is None or method not in getattr(current_app.view_functions[endpoint], "confirmed", ()):
        raise NotFound
    return to, method


# ── what passkeys are asked to sign ──────────────────────────────────────────


@bp.post("/passkeys/<any(sign_in, code, enrol, confirm):purpose>")
@public
def ask_passkey(purpose: str) -> ResponseReturnValue:
    """Give the page's script what a passkey is to sign, or to be made with."""
    token = session.get("token", "")
    if purpose == "sign_in":
        asked = passkeys.ask_to_sign(None, SIGN_IN, session.setdefault("browser", passkeys.new_browser()), site())
    elif purpose == "code":
        asked = service.ask_passkey(token, site())
    elif purpose == "enrol":
        asked = enrolling.ask_first_passkey(token, site())
    else:
        asked = passkeys.ask_to_sign(person_only().person_id, CONFIRM, token, site())
    return Response(asked, mimetype="application/json")


@bp.post("/account/passkeys/ask")
@public
@confirmed("POST")
def ask_new_passkey() -> ResponseReturnValue:
    """Give the page's script what a further passkey is made with."""
    return Response(passkeys.ask_to_add(person_only(), session["token"], site()), mimetype="application/json")
