"""One act on a page: done, refused in words, or overtaken by somebody else. What the act is, is the feature's."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.errors import Conflict, Refusal
from app.web import say, show


def acted(
    form: FlaskForm, do: Callable[[], str | None], done: str, *, refusals: dict[str, Any], stay: str, overtaken: str = ""
) -> ResponseReturnValue | None:
    """Do what a form asks, say `done`, and lead to the address that `do` gives, else to `stay`.

    None when the form has to be shown: it was not sent yet, or it holds what is wrong, each at its field. When somebody else changed
    the thing meanwhile nothing is kept, and the page at `stay` says so in the words of `overtaken`. Raises Conflict without those.
    """
    try:
        if form.validate_on_submit():
            onward = do() or stay
            flash(done, "good")
            return redirect(onward)
    except Refusal as refusal:
        show(form, refusal, refusals)
    except Conflict:
        if not overtaken:
            raise
        flash(overtaken, "error")
        return redirect(stay)
    return None


def pressed(do: Callable[[], object], done: str, *, refusals: dict[str, Any], stay: str, overtaken: str = "") -> ResponseReturnValue:
    """Do what a button asks that has no form to show again; the page at `stay` says what was done, or why not.

    `overtaken` says that somebody else changed the thing meanwhile. Raises Conflict without those words.
    """
    try:
        do()
        flash(done, "good")
    except Refusal as refusal:
        flash(say(refusal, refusals), "error")
    except Conflict:
        if not overtaken:
            raise
        flash(overtaken, "error")
    return redirect(stay)
