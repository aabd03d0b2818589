"""Signing in with one button, for the demo; production never registers this."""

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue

from app.accounts.people import demo_session
from app.clock import now
from app.web import public, request_origin

bp = Blueprint("demo", __name__)


@bp.post("/demo/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    token = demo_session(request.form.get("email", ""), request.remote_addr or "-", request_origin())
    language = session.get("language")
    session.clear()
    session.update({"token": token, "seen": int(now().timestamp())} | ({"language": language} if language else {}))
    return redirect("/")
