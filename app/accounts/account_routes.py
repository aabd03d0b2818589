"""The own account: name, language, sessions, password, app, passkeys, recovery codes, and who asks one to join."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from app.accounts import enrolling, joining, linked, passkeys, passwords, queries, second_factor, service, totp
from app.accounts.blueprint import bp, person_only, proof, signed, site
from app.accounts.confirm_routes import confirmed
from app.accounts.forms import AppForm, ChangePasswordForm, NameForm, NewPasskeyForm
from app.accounts.pictures import picture
from app.accounts.words import PROVIDERS, REFUSALS, ROLES
from app.acts import acted, pressed
from app.db import reading
from app.errors import NotFound, Refusal
from app.signs import legible
from app.speech import LANGUAGES
from app.web import public, say, signed_in, typed, whole_number


@bp.get("/account")
@public
def account() -> ResponseReturnValue:
    if signed_in() is None:
        return redirect(url_for(".sign_in", next="/account"))
    return _page()


def _page(name: NameForm | None = None, password: ChangePasswordForm | None = None) -> ResponseReturnValue:
    """Show the account, with the form that failed."""
    with reading() as opened:
        page = queries.account_page(opened, person_only(), session["token"])
        links = linked.own_links(opened, person_only(), session["token"])
    forms: dict[str, FlaskForm] = {
        "name": name or NameForm(prefix="name", formdata=None, data={"name": page.name}),
        "password": password or ChangePasswordForm(prefix="password", formdata=None),
    }
    failed = name or password
    shown = {"page": page, "links": links, "roles": ROLES, "providers": PROVIDERS, "passkeys": site().can_have_passkeys}
    return render_template("accounts/account.html", form=failed, **shown, **forms), 422 if failed else 200


def _done(sentence: object) -> ResponseReturnValue:
    flash(sentence)  # type: ignore[arg-type]  # a lazy sentence
    return redirect(url_for(".account"))


def _acted(form: FlaskForm, do: Callable[[], None], done: str) -> ResponseReturnValue | None:
    """Do what a form asks and lead to the account; None when the form has to be shown."""
    return acted(form, do, done, refusals=REFUSALS, stay=url_for(".account"))


def _pressed(do: Callable[[], None], done: str) -> ResponseReturnValue:
    """Do what a button asks and lead to the account, which says what was done or why not."""
    return pressed(do, done, refusals=REFUSALS, stay=url_for(".account"))


@bp.post("/account/name")
@public
@confirmed("POST")
def rename() -> ResponseReturnValue:
    form, person = NameForm(prefix="name"), person_only()
    done = _("Uw naam is veranderd. Wat u eerder tekende, houdt de naam van toen.")
    return _acted(form, lambda: enrolling.rename(person, typed(form.name)), done) or _page(name=form)


@bp.post("/account/organisation")
@public
def switch() -> ResponseReturnValue:
    service.act_for(person_only(), session["token"], whole_number(request.form.get("organisation")) or 0)
    return redirect(url_for("home"))


@bp.post("/account/language")
@public
def language() -> ResponseReturnValue:
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise NotFound
    service.choose_language(person_only(), chosen)
    session["language"] = chosen
    return redirect(url_for(".account"))


# ── sessions ─────────────────────────────────────────────────────────────────


@bp.post("/account/end-others")
@public
@confirmed("POST")
def end_others() -> ResponseReturnValue:
    service.end_other_sessions(person_only(), session["token"])
    return _done(_("Alle andere sessies zijn beëindigd."))


@bp.post("/account/sessions/<int(max=2147483647):sign_in_id>/end")
@public
@confirmed("POST")
def end_session(sign_in_id: int) -> ResponseReturnValue:
    service.end_session(person_only(), sign_in_id)
    return _done(_("Die sessie is beëindigd."))


# ── who asks one to join ─────────────────────────────────────────────────────


@bp.post("/account/invitations/<int(max=2147483647):joining_id>/<any(accept, decline):answer>")
@public
def answer_joining(joining_id: int, answer: str) -> ResponseReturnValue:
    person = person_only()
    if answer == "decline":
        joining.decline_joining(person, joining_id)
        return _done(_("U werkt niet voor deze organisatie. De uitnodiging is weg."))
    done = _("U werkt nu ook voor deze organisatie. Hieronder kiest u voor wie u nu werkt.")
    return _pressed(lambda: joining.accept_joining(person, joining_id), done)


# ── password and second factors ──────────────────────────────────────────────


@bp.post("/account/password")
@public
def password() -> ResponseReturnValue:
    form, person, token = ChangePasswordForm(prefix="password"), person_only(), session["token"]

    def change() -> None:
        passwords.change_password(person, token, passwords.Change(typed(form.old), typed(form.password), proof(form, token)))

    return _acted(form, change, _("Uw wachtwoord is veranderd.")) or _page(password=form)


@bp.post("/account/recovery-codes")
@public
@confirmed("POST")
def recovery_codes() -> ResponseReturnValue:
    return render_template("accounts/recovery_codes.html", page=second_factor.renew_recovery_codes(person_only()))


@bp.route("/account/app", methods=["GET", "POST"])
@public
@confirmed("GET", "POST")
def app() -> ResponseReturnValue:
    """Couple an app, or another one instead of the former."""
    person, form = person_only(), AppForm()
    secret = session.setdefault("secret", totp.new_secret())  # in the signed cookie: what the app scanned is what is kept

    def couple() -> None:
        enrolling.couple_app(person, secret, typed(form.code))
        session.pop("secret")

    if answer := _acted(form, couple, _("De inlog-app is gekoppeld. Een vorige werkt niet meer.")):
        return answer
    page = {"secret": secret, "picture": picture(secret, person.name), "passkeys": False}
    return render_template("accounts/enrol.html", page=page, form=form), 422 if form.errors else 200


@bp.post("/account/app/remove")
@public
@confirmed("POST")
def remove_app() -> ResponseReturnValue:
    person = person_only()
    return _pressed(lambda: enrolling.uncouple_app(person), _("De inlog-app is losgekoppeld. U logt voortaan in met een passkey."))


@bp.route("/account/passkeys/new", methods=["GET", "POST"])
@public
@confirmed("GET", "POST")
def new_passkey() -> ResponseReturnValue:
    person, form = person_only(), NewPasskeyForm()
    if not site().can_have_passkeys:
        raise NotFound

    def add() -> None:
        passkeys.add_passkey(person, signed(form, session["token"]), typed(form.name))

    shown = _acted(form, add, _("De passkey is toegevoegd."))
    return shown or (render_template("accounts/new_passkey.html", form=form), 422 if form.errors else 200)


@bp.post("/account/passkeys/<int(max=2147483647):passkey_id>/<any(rename, remove):act>")
@public
@confirmed("POST")
def change_passkey(passkey_id: int, act: str) -> ResponseReturnValue:
    person = person_only()
    if act == "remove":
        return _pressed(lambda: passkeys.remove_passkey(person, passkey_id), _("De passkey is verwijderd."))
    name = legible(request.form.get("name", ""))
    return _pressed(lambda: passkeys.rename_passkey(person, passkey_id, name), _("De passkey heeft een andere naam."))


# ── providers that sign one in ───────────────────────────────────────────────


@bp.post("/account/links/<int(max=2147483647):identity_id>/unlink")
@public
@confirmed("POST")
def unlink(identity_id: int) -> ResponseReturnValue:
    try:
        goes_on = linked.unlink_own(person_only(), identity_id, session["token"])
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
        return redirect(url_for(".account"))
    if not goes_on:
        for name in session.keys() - {"language"}:  # the cookie holds nothing of what has ended
            session.pop(name)
        flash(_("Losgekoppeld. U was zo ingelogd: log op een andere manier opnieuw in."))
        return redirect(url_for(".sign_in"))
    return _done(_("Losgekoppeld. Zo kunt u niet meer inloggen."))
