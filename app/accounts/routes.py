"""Who acts in a request; signing in and out, choosing a password by a link. The route files beside this one hold the rest."""

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.accounts import account_routes, enrolling, passwords, people_routes, queries, service, unsent
from app.accounts.blueprint import address, begin, bp, person_only, proof, signed, site
from app.accounts.forms import AppForm, CodeForm, ForgottenForm, NewPasskeyForm, NewPasswordForm, PasskeyForm, PasswordForm
from app.accounts.people import DEMO_PEOPLE
from app.accounts.pictures import picture
from app.accounts.unsent import UnsentForm
from app.accounts.words import REFUSALS, ROLES
from app.acts import acted
from app.db import reading
from app.errors import NotFound, Refusal
from app.web import act_as, local_target, public, request_origin, say, show, signed_in, typed

__all__ = ["account_routes", "bp", "people_routes"]  # their pages stand in the same blueprint


# ── who acts in this request ─────────────────────────────────────────────────


@bp.before_app_request
def load_actor() -> None:
    """Find out who acts: the cookie holds a token, the session itself, when it was used and when it ends live in the database."""
    token = session.get("token")
    if not token or request.endpoint == "static":
        return
    with reading(as_portal=True) as opened:  # who acts is not known yet
        found = queries.signed_in(opened, token, request_origin())
    if found:
        act_as(found.actor)
        g.second_factor_at = found.second_factor_at
        g.rested = found.has_rested
    if signed_in() is None and request.method == "POST":
        _keep_unsent(token)
    elif g.pop("rested", False):
        service.note_use(token)


def _keep_unsent(token: str) -> None:
    """Keep what somebody sends after the session ended, and say so on the sign-in page, which comes next."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "access", "public") == "public":
        return
    form = UnsentForm(request.full_path.rstrip("?"), tuple(request.form.items(multi=True)))
    if not request.files and unsent.keep_unsent(token, form):
        flash(_("Uw sessie was afgelopen. Wat u had ingevuld, is bewaard: log in om het alsnog te versturen."))
    else:
        flash(_("Uw sessie was afgelopen. Er is niets verstuurd: log in en vul het opnieuw in."), "error")


def _onward() -> ResponseReturnValue:
    """Go on where the person was before the portal asked who it is."""
    with reading(as_portal=True) as opened:  # this request began as nobody's
        person = queries.actor_of_token(opened, session["token"], request_origin())
        waits = person is not None and unsent.unsent_form(opened, person) is not None
    return redirect(url_for(".unsent_page") if waits else local_target(session.pop("next", None)) or url_for("home"))


# ── signing in ───────────────────────────────────────────────────────────────


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    if target := local_target(request.args.get("next")):
        session["next"] = target
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            begin(service.sign_in(typed(form.email), typed(form.password), address(), request_origin()))
            session["email"] = typed(form.email).strip().lower()
            return redirect(url_for(".code"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    demo = [] if current_app.config["PORTAL"].is_production else [(row[0], f"{row[2]}: {ROLES[row[3]]} ({row[1]})") for row in DEMO_PEOPLE]
    page = {"demo": demo, "passkeys": site().can_have_passkeys, "passkey_form": PasskeyForm(formdata=None)}
    return render_template("accounts/sign_in.html", page=page, form=form), 422 if form.errors else 200


@bp.post("/sign-in/passkey")
@public
def passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone; it recognised its owner."""
    form = PasskeyForm()
    try:
        given = signed(form, session.get("browser", "")) if form.validate() else signed(PasskeyForm(formdata=None), "")
        begin(service.sign_in_with_passkey(given, address(), request_origin()))
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
        return redirect(url_for(".sign_in"))
    return _onward()


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    token = session.get("token")
    if not token or "email" not in session:
        return redirect(url_for(".sign_in"))
    form = CodeForm()
    try:
        if enrolling.enrolment_secret(token) is not None:
            return redirect(url_for(".enrol"))
        if form.validate_on_submit():
            begin(service.confirm_sign_in(token, proof(form, token), request_origin()))
            return _onward()
    except NotFound:
        return _again()
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
    page = {"email": session["email"], "goes_on": "next" in session, "passkeys": service.has_passkey(token) and site().can_have_passkeys}
    return render_template("accounts/code.html", page=page, form=form), 422 if form.errors else 200


@bp.route("/sign-in/enrol", methods=["GET", "POST"])
@public
def enrol() -> ResponseReturnValue:
    token = session.get("token")
    form = AppForm()
    try:
        offered = enrolling.enrolment_secret(token) if token else None
    except NotFound:
        return _again()
    if token is None or offered is None:
        return redirect(url_for(".sign_in"))
    secret = session.setdefault("secret", offered[0])  # in the signed cookie: what the app scanned is what is kept
    try:
        if form.validate_on_submit():
            whole, codes = enrolling.enrol(token, secret, typed(form.code), request_origin())
            begin(whole)
            return render_template("accounts/recovery_codes.html", page=codes)
    except NotFound:
        return _again()
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
    page = {"secret": secret, "picture": picture(secret, offered[1]), "passkeys": site().can_have_passkeys}
    page["passkey_form"] = NewPasskeyForm(formdata=None, prefix="")
    return render_template("accounts/enrol.html", page=page, form=form), 422 if form.errors else 200


@bp.post("/sign-in/enrol/passkey")
@public
def enrol_passkey() -> ResponseReturnValue:
    """Keep a passkey as the first second factor."""
    form, token = NewPasskeyForm(), session.get("token", "")
    try:
        if form.validate():
            whole, codes = enrolling.enrol_passkey(token, signed(form, token), typed(form.name), request_origin())
            begin(whole)
            return render_template("accounts/recovery_codes.html", page=codes)
    except NotFound:
        return _again()
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
    return redirect(url_for(".enrol"))


@bp.get("/sign-in/unsent")
@public
def unsent_page() -> ResponseReturnValue:
    person = person_only()
    with reading() as opened:
        page = unsent.unsent_form(opened, person)
    return render_template("accounts/unsent.html", page=page) if page else _onward()


@bp.post("/sign-in/unsent")
@public
def send_unsent() -> ResponseReturnValue:
    """Let the browser send the form once more to where it was meant to go, as if it came there now."""
    person = person_only()
    with reading() as opened:
        page = unsent.unsent_form(opened, person)
    if page is None:
        raise NotFound
    unsent.forget_unsent(person)
    session.pop("next", None)
    return redirect(local_target(page.path) or url_for("home"), 307)


@bp.post("/sign-in/unsent/drop")
@public
def drop_unsent() -> ResponseReturnValue:
    unsent.forget_unsent(person_only())
    session.pop("next", None)
    return redirect(url_for("home"))


def _again() -> ResponseReturnValue:
    flash(_("De eerste stap is te lang geleden. Vul uw wachtwoord opnieuw in."), "error")
    return redirect(url_for(".sign_in"))


CLEARED = {"Clear-Site-Data": '"cache", "storage"'}  # pages that the way back would show to whoever sits here next


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    person = signed_in()
    if person:
        service.sign_out(person, session["token"])
    language, via = session.get("language"), session.get("via")
    session.clear()
    if language:
        session["language"] = language
    if via:  # at the provider one may still be signed in
        return redirect(url_for("federation.signed_out", name=via)), CLEARED
    flash(_("U bent uitgelogd."))
    return redirect(url_for(".sign_in")), CLEARED


# ── choosing a password by a link ────────────────────────────────────────────


@bp.route("/sign-in/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Ask a link for a new password; the answer is the same whether the address is known or not."""
    form = ForgottenForm()
    if form.validate_on_submit():
        try:
            passwords.ask_reset(typed(form.email), address(), request_origin())
            return render_template("accounts/forgotten_sent.html", page=typed(form.email))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return render_template("accounts/forgotten.html", form=form), 422 if form.errors else 200


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    passwords.check_link(token)
    form = NewPasswordForm()

    def choose() -> None:
        passwords.set_password(token, typed(form.password), request_origin())

    done = _("Uw wachtwoord is bewaard. Log ermee in; daarna komt de code of de passkey.")
    answer = acted(form, choose, done, refusals=REFUSALS, stay=url_for(".sign_in"))
    return answer or (render_template("accounts/invitation.html", form=form), 422 if form.errors else 200)
