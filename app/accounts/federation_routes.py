"""Signing in through a provider: to it and back, asking access, signing out there too, and the managers' buttons."""

from dataclasses import asdict
from functools import wraps
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission
from app.accounts import admitting, federation, providers
from app.accounts.admitting import Asked, IdentitiesPage
from app.accounts.blueprint import address, begin
from app.accounts.confirm_routes import View, confirmed
from app.accounts.federated_rules import AGAIN, CREDITORS, LINK, SIGN_IN, STAFF, Answer, Attempt
from app.accounts.federation import Arrival, Visit
from app.accounts.forms import AccessCodeForm, AccessForm
from app.accounts.words import PROVIDERS, REFUSALS
from app.clock import now
from app.db import reading
from app.errors import NotFound, Refusal
from app.notifications.channels import base_url
from app.speech import language
from app.web import actor, public, request_origin, requires, say, show, signed_in, typed, whole_number

bp = Blueprint("federation", __name__)
NAMES = f"<any({STAFF}, {CREDITORS}):name>"
ATTEMPTS = 3  # that one browser has under way at once: a double click or a second tab
ASK_FOR = 3600  # seconds in which somebody asks access after coming back


# ── to the provider and back ─────────────────────────────────────────────────


@bp.get(f"/sign-in/with/{NAMES}")
@public
def sign_in(name: str) -> ResponseReturnValue:
    return _set_out(name, AGAIN if session.pop("again", False) else SIGN_IN)


def _from_here(view: View) -> View:
    """Let a view be opened by a page of the portal alone: a page elsewhere could sign its own account in there, and have it linked."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
        if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
            return redirect(url_for("accounts.account"))
        return cast(ResponseReturnValue, view(*args, **kwargs))

    return guarded


@bp.get(f"/account/with/{NAMES}")
@public
@_from_here
@confirmed("GET")
def link(name: str) -> ResponseReturnValue:
    return _set_out(name, LINK) if signed_in() else redirect(url_for("accounts.sign_in", next=url_for("accounts.account")))


def _set_out(name: str, purpose: str) -> ResponseReturnValue:
    """Send the browser to the provider; its cookie alone holds what it must come back with, so this writes nothing."""
    try:
        attempt, target = federation.set_out(name, purpose, _back(name))
    except Refusal as refusal:
        return _refused(name, refusal)
    session["attempts"] = [*session.get("attempts", []), asdict(attempt)][-ATTEMPTS:]
    return redirect(target)


def _back(name: str) -> str:
    """Return where the provider sends the browser: the address that it knows, never what a request calls itself."""
    return base_url() + url_for("federation.back", name=name)


@bp.get(f"/sign-in/with/{NAMES}/back")
@public
def back(name: str) -> ResponseReturnValue:
    providers.provider_of(name)
    if "state" not in request.args:
        return redirect(url_for("accounts.sign_in"))
    answer = Answer(*(_once(part) for part in ("state", "code", "error", "iss")))
    visit = Visit(address(), request_origin(), _back(name))
    attempt = _taken(name, answer.state)
    try:
        return _arrive(attempt, answer, visit)
    except Refusal as refusal:
        return _refused(name, refusal)


def _once(part: str) -> str:
    """Return a part of the address that may stand there once, and is no longer than it needs to be."""
    values = request.args.getlist(part)
    return values[0] if len(values) == 1 and len(values[0]) <= 4096 else ""


def _taken(name: str, state: str) -> Attempt | None:
    """Take the attempt with this state, begun with this provider, out of the cookie."""
    kept = [Attempt(**fields) for fields in session.pop("attempts", [])]
    session["attempts"] = [asdict(attempt) for attempt in kept if attempt.state != state]
    return next((attempt for attempt in kept if attempt.state == state and attempt.provider == name), None)


def _arrive(attempt: Attempt | None, answer: Answer, visit: Visit) -> ResponseReturnValue:
    if attempt is None or attempt.purpose != LINK:
        return _open(attempt.provider if attempt else "", federation.come_back(attempt, answer, visit))
    if signed_in() is None:
        return redirect(url_for("accounts.sign_in", next=url_for("accounts.account")))
    federation.link_own(actor(), attempt, answer, visit)
    flash(_("Gekoppeld. Voortaan kunt u ook zo inloggen."))
    return redirect(url_for("accounts.account"))


def _open(name: str, arrival: Arrival) -> ResponseReturnValue:
    """Put the new session in a cookie that holds nothing of before; go on where the person was."""
    begin(arrival.token)
    session["via"] = name
    if arrival.identity_id is not None:
        session["asks"] = {"identity": arrival.identity_id, "at": int(now().timestamp())}
        return redirect(url_for("federation.access"))
    if arrival.email:
        session["email"] = arrival.email
        return redirect(url_for("accounts.code"))
    return redirect(url_for("accounts.unsent_page"))


def _refused(name: str, refusal: Refusal) -> ResponseReturnValue:
    """Say why somebody did not come in, and what to do."""
    is_away = refusal.code == "accounts.federated_away"
    facts = refusal.facts | {"provider": PROVIDERS[name]}
    sentence = say(Refusal(refusal.code, **facts), REFUSALS)  # type: ignore[arg-type] # none of the facts is called field
    page = {"sentence": sentence, "again": url_for("federation.sign_in", name=name), "provider": PROVIDERS[name]}
    answer = render_template("accounts/federated_refused.html", page=page)
    return (answer, 503, {"Retry-After": "60"}) if is_away else (answer, 403)


# ── asking access ────────────────────────────────────────────────────────────


def _asks() -> int:
    """Return the identity that this browser came back with a moment ago. Raises NotFound."""
    kept = session.get("asks")
    if not kept or not 0 <= now().timestamp() - kept["at"] <= ASK_FOR:
        raise NotFound
    return int(kept["identity"])


@bp.route("/sign-in/access", methods=["GET", "POST"])
@public
def access() -> ResponseReturnValue:
    identity_id = _asks()
    page, form = admitting.access_page(identity_id), AccessForm()
    if form.validate_on_submit() and page.has_manager:
        try:
            asked = admitting.mail_code(identity_id, typed(form.name), typed(form.email), language())
            session["asked"] = asdict(asked)
            return redirect(url_for("federation.access_code"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return render_template("accounts/federated_access.html", page=page, form=form), 422 if form.errors else 200


@bp.route("/sign-in/access/code", methods=["GET", "POST"])
@public
def access_code() -> ResponseReturnValue:
    if _asks() != session.get("asked", {}).get("identity_id"):
        raise NotFound
    asked, form = Asked(**session["asked"]), AccessCodeForm()
    if form.validate_on_submit():
        try:
            admitting.ask_access(asked, typed(form.code), request_origin())
            session.pop("asked")
            return redirect(url_for("federation.access"))
        except Refusal as refusal:
            show(form, refusal, REFUSALS)
    return render_template("accounts/federated_code.html", page=asked, form=form), 422 if form.errors else 200


# ── managers ─────────────────────────────────────────────────────────────────


@bp.post("/people/identities/<int(max=2147483647):identity_id>/<any(admit, refuse, unlink):act>")
@requires(Permission.MANAGE_PEOPLE)
@confirmed("POST")
def decide(identity_id: int, act: str) -> ResponseReturnValue:
    if act == "admit":
        admitting.admit(actor(), identity_id, whole_number(request.form.get("revision")) or 0)
        flash(_("Toegelaten. Uw collega krijgt een mail en kan meteen inloggen."))
    elif act == "refuse":
        admitting.turn_away(actor(), identity_id)
        flash(_("Het verzoek is afgewezen. Er is niemand toegevoegd."))
    else:
        admitting.unlink(actor(), identity_id)
        flash(_("Losgekoppeld. Wie zo was ingelogd, is dat nu niet meer."))
    return redirect(url_for("accounts.colleagues", organisation=request.form.get("organisation") or None))


def _identities(organisation_id: int) -> IdentitiesPage | None:
    """Return what the people page shows of eHerkenning; None where nobody comes in by it."""
    if CREDITORS not in providers.names():
        return None
    with reading() as opened:
        return admitting.identities_page(opened, actor(), organisation_id)


# ── signing out ──────────────────────────────────────────────────────────────


@bp.get(f"/sign-out/{NAMES}")
@public
def signed_out(name: str) -> ResponseReturnValue:
    """Say that the portal is closed, and lead to where one signs out at the provider too: a link, for that is somebody else's page."""
    way_out = providers.provider_of(name).way_out(base_url() + url_for("accounts.sign_in"))
    return render_template("accounts/federated_signed_out.html", page={"provider": PROVIDERS[name], "way_out": way_out})


@bp.app_context_processor
def _shared() -> dict[str, Any]:
    """Return what the pages of accounts show of providers: which there are, and who comes in by them."""
    return {"provider_names": [(name, PROVIDERS[name]) for name in providers.names()], "identities": _identities}
