"""Signing in with one button, for the demo; production never registers this."""

from flask import Blueprint, flash, redirect, request, session
from flask.typing import ResponseReturnValue

from app.accounts.people import demo_session
from app.accounts.words import REFUSALS
from app.errors import Refusal
from app.web import public, request_origin, say

bp = Blueprint("demo", __name__)


@bp.post("/demo/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    try:
        token = demo_session(request.form.get("email", ""), request.remote_addr or "-", request_origin())
    except Refusal as refusal:  # the demo is not loaded, or this person was sent away while somebody tried things out
        flash(say(refusal, REFUSALS), "error")
        return redirect("/sign-in")
    language = session.get("language")
    session.clear()
    session.update({"token": token} | ({"language": language} if language else {}))
    return redirect("/")
