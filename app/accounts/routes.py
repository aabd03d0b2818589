"""Signing in and out, and the own account."""

from base64 import b64encode
from datetime import UTC, datetime
from io import BytesIO

import qrcode
import qrcode.image.svg
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from app.access import Actor, Permission, Role
from app.accounts import people, queries, rules, service, totp, unsent
from app.accounts.forms import ChangePasswordForm, CodeForm, ColleagueForm, NewPasswordForm, PasswordForm
from app.accounts.people import DEMO_PEOPLE, NewColleague
from app.accounts.unsent import UnsentForm
from app.accounts.words import REFUSALS, ROLES
from app.clock import now
from app.db import reading
from app.errors import NotFound, Refusal
from app.web import (
    LANGUAGES,
    act_as,
    actor,
    in_menu,
    local_target,
    public,
    request_origin,
    requires,
    say,
    show,
    signed_in,
    typed,
    whole_number,
)

bp = Blueprint("accounts", __name__)


# ── who acts in this request ─────────────────────────────────────────────────


@bp.before_app_request
def load_actor() -> None:
    """Find out who acts: the cookie holds a token and when it was last used, the session itself lives in the database."""
    token, seen = session.get("token"), session.get("seen", 0)
    if not token or request.endpoint == "static":
        return
    with reading(as_portal=True) as opened:  # who acts is not known yet
        found = queries.open_sign_in(opened, token)
        if found and found.second_factor_at and not rules.is_over(found.created_at, datetime.fromtimestamp(seen, UTC), now()):
            person = queries.actor_of(opened, found.person_id, found.organisation_id, request_origin())
            if person:
                act_as(person)
    if signed_in() is None and request.method == "POST":
        _keep_unsent(token)


def _keep_unsent(token: str) -> None:
    """Keep what somebody sends after the session ended, and say so on the sign-in page, which comes next."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "access", "public") == "public":
        return
    form = UnsentForm(request.full_path.rstrip("?"), tuple(request.form.items(multi=True)))
    if not request.files and unsent.keep_unsent(token, form):
        flash(_("Uw sessie was afgelopen. Wat u had ingevuld, is bewaard: log in om het alsnog te versturen."))
    else:
        flash(_("Uw sessie was afgelopen. Er is niets verstuurd: log in en vul het opnieuw in."), "error")


@bp.after_app_request
def note_use(response: Response) -> Response:
    """Keep in the cookie when the session was last used, so that reading a page writes nothing."""
    if signed_in() and request.endpoint != "static":
        session["seen"] = int(now().timestamp())
    return response


def _begin(token: str) -> None:
    """Put a token in a cookie that holds nothing of before."""
    kept = {name: session[name] for name in ("language", "next") if name in session}
    session.clear()
    session.update(kept, token=token, seen=int(now().timestamp()))


def _onward() -> ResponseReturnValue:
    """Go on where the person was before the portal asked who it is."""
    with reading() as opened:
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
            _begin(service.sign_in(typed(form.email), typed(form.password), _address(), request_origin()))
            session["email"] = typed(form.email).strip().lower()
            return redirect(url_for(".code"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    demo = [] if current_app.config["PORTAL"].is_production else [(row[0], f"{row[2]}: {ROLES[row[3]]} ({row[1]})") for row in DEMO_PEOPLE]
    return render_template("accounts/sign_in.html", page=demo, form=form), 422 if form.errors else 200


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    token = session.get("token")
    if not token or "email" not in session:
        return redirect(url_for(".sign_in"))
    form = CodeForm()
    try:
        if service.enrolment_secret(token) is not None:
            return redirect(url_for(".enrol"))
        if form.validate_on_submit():
            _begin(service.confirm_sign_in(token, typed(form.code), request_origin()))
            return _onward()
    except NotFound:
        return _again()
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
    page = {"email": session["email"], "goes_on": "next" in session}
    return render_template("accounts/code.html", page=page, form=form), 422 if form.errors else 200


@bp.route("/sign-in/enrol", methods=["GET", "POST"])
@public
def enrol() -> ResponseReturnValue:
    token = session.get("token")
    form = CodeForm()
    try:
        offered = service.enrolment_secret(token) if token else None
    except NotFound:
        return _again()
    if token is None or offered is None:
        return redirect(url_for(".sign_in"))
    secret = session.setdefault("secret", offered[0])  # in the signed cookie: what the app scanned is what is kept
    try:
        if form.validate_on_submit():
            whole, codes = service.enrol(token, secret, typed(form.code), request_origin())
            _begin(whole)
            return render_template("accounts/recovery_codes.html", page=codes)
    except NotFound:
        return _again()
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
    page = {"secret": secret, "picture": _picture(secret, offered[1])}
    return render_template("accounts/enrol.html", page=page, form=form), 422 if form.errors else 200


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


def _picture(secret: str, email: str) -> str:
    """Return the picture that an app scans, as an address that holds it."""
    drawn = BytesIO()
    qrcode.make(totp.address(secret, email), image_factory=qrcode.image.svg.SvgPathFillImage).save(drawn)
    return f"data:image/svg+xml;base64,{b64encode(drawn.getvalue()).decode()}"


def _address() -> str:
    return request.remote_addr or "-"


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    person = signed_in()
    if person:
        service.sign_out(person, session["token"])
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    flash(_("U bent uitgelogd."))
    return redirect(url_for(".sign_in"))


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    service.check_invitation(token)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            service.set_password(token, typed(form.password), request_origin())
            flash(_("Uw wachtwoord is bewaard. Log ermee in; daarna koppelt u een inlog-app."))
            return redirect(url_for(".sign_in"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return render_template("accounts/invitation.html", form=form), 422 if form.errors else 200


# ── the own account ──────────────────────────────────────────────────────────


def person_only() -> Actor:
    """Return who is signed in. Raises NotFound for nobody: these pages are about oneself, whatever one's role."""
    found = signed_in()
    if found is None:
        raise NotFound
    return found


@bp.get("/account")
@public
def account() -> ResponseReturnValue:
    if signed_in() is None:
        return redirect(url_for(".sign_in", next="/account"))
    return _account_page(CodeForm(prefix="codes"), ChangePasswordForm(prefix="password"))


def _account_page(codes: CodeForm, password: ChangePasswordForm) -> ResponseReturnValue:
    with reading() as opened:
        page = queries.account_page(opened, person_only(), session["token"])
    wrong = bool(codes.errors or password.errors)
    form = password if password.errors else codes
    return render_template("accounts/account.html", page=page, codes=codes, password=password, form=form), 422 if wrong else 200


@bp.post("/account/end-others")
@public
def end_others() -> ResponseReturnValue:
    service.end_other_sessions(person_only(), session["token"])
    flash(_("Alle andere sessies zijn beëindigd."))
    return redirect(url_for(".account"))


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


@bp.post("/account/recovery-codes")
@public
def recovery_codes() -> ResponseReturnValue:
    form = CodeForm(prefix="codes")
    person = person_only()
    if form.validate():
        try:
            return render_template("accounts/recovery_codes.html", page=service.renew_recovery_codes(person, typed(form.code)))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return _account_page(form, ChangePasswordForm(prefix="password", formdata=None))


@bp.post("/account/password")
@public
def password() -> ResponseReturnValue:
    form = ChangePasswordForm(prefix="password")
    person = person_only()
    if form.validate():
        try:
            service.change_password(person, session["token"], typed(form.password), typed(form.code))
            flash(_("Uw wachtwoord is veranderd."))
            return redirect(url_for(".account"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return _account_page(CodeForm(prefix="codes", formdata=None), form)


# ── colleagues ───────────────────────────────────────────────────────────────


@bp.route("/people", methods=["GET", "POST"])
@in_menu(_("Collega’s en rollen"), 80, heading=_("Beheer"), home_of={Role.ADMINISTRATOR})
@requires(Permission.MANAGE_PEOPLE)
def colleagues() -> ResponseReturnValue:
    chosen = request.args.get("organisation", "")
    with reading() as opened:
        page = queries.people_page(opened, actor(), whole_number(chosen))
    form = ColleagueForm()
    form.role.choices = [SelectChoice(role.value, ROLES[role]) for role in page.roles]
    if form.validate_on_submit():
        new = NewColleague(typed(form.name), typed(form.email), Role(typed(form.role)), page.organisation_id)
        try:
            people.add_colleague(actor(), new)
            flash(_("%(name)s is toegevoegd en krijgt een mail.", name=new.name))
            return redirect(url_for(".colleagues", organisation=chosen or None))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return render_template("accounts/people.html", page=page, form=form, roles=ROLES), 422 if form.errors else 200


@bp.post("/people/<int(max=2147483647):membership_id>/<any(role, end, reset):act>")
@requires(Permission.MANAGE_PEOPLE)
def change_colleague(membership_id: int, act: str) -> ResponseReturnValue:
    try:
        flash(_change(membership_id, act))
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
    return redirect(url_for(".colleagues", organisation=request.form.get("organisation") or None))


def _change(membership_id: int, act: str) -> str:
    if act == "end":
        people.end_membership(actor(), membership_id)
        return str(_("Afgemeld. Wie nog was ingelogd, is dat nu niet meer."))
    if act == "reset":
        people.reset_second_factor(actor(), membership_id)
        return str(_("De inlog-app is losgekoppeld. Bij de volgende keer inloggen wordt een nieuwe gekoppeld."))
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        raise NotFound
    people.change_role(actor(), membership_id, Role(wanted))
    return str(_("De rol is veranderd en geldt meteen."))
