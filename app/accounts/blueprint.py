"""What the route files of accounts share: their blueprint, who is signed in, and what somebody shows as second factor."""

from flask import Blueprint, current_app, request, session

from app.access import Actor
from app.accounts.forms import CodeForm, PasskeyForm
from app.accounts.passkeys import Signed, Site
from app.accounts.queries import ways_to_confirm
from app.accounts.second_factor import Proof
from app.accounts.service import sign_out
from app.db import reading
from app.errors import NotFound
from app.web import signed_in, typed

bp = Blueprint("accounts", __name__)


def person_only() -> Actor:
    """Return who is signed in. Raises NotFound for nobody: these pages are about oneself, whatever one's role."""
    found = signed_in()
    if found is None:
        raise NotFound
    return found


def begin(token: str) -> None:
    """Put a token in a cookie that holds nothing of before, and end the session that it held: nobody would end it any more."""
    if person := signed_in():
        sign_out(person, session["token"])
    kept = {name: session[name] for name in ("language", "next", "via") if name in session}
    session.clear()
    session.update(kept, token=token)


def address() -> str:
    """Return from which network address somebody asks; failed attempts are counted by it."""
    return request.remote_addr or "-"


def site() -> Site:
    """Return where passkeys are for."""
    return Site.of(current_app.config["PORTAL"].base_url)


def has_own_passkey() -> bool:
    """Tell whether whoever is signed in can show a passkey here."""
    if not site().can_have_passkeys:
        return False
    with reading() as opened:
        return ways_to_confirm(opened, person_only()).has_passkey


def signed(form: PasskeyForm, bound_to: str) -> Signed:
    """Return what a passkey signed, as the page's script put it in the form."""
    return Signed(typed(form.passkey), bound_to, site())


def proof(form: CodeForm, token: str) -> Proof:
    """Return the second factor that somebody filled in."""
    return Proof(typed(form.recovery) or typed(form.code), signed(form, token) if typed(form.passkey) else None)
