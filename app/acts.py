"""One act on a page: done, refused in words at its field, or overtaken by somebody else. What the act is, is the feature's."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.errors import Conflict, Refusal
from app.web import show


def acted(
    form: FlaskForm, do: Callable[[], str], done: str, *, refusals: dict[str, Any], stay: str, overtaken: str
) -> ResponseReturnValue | None:
    """Do what a form asks, say `done`, and lead to the address that `do` gives; None when the form has to be shown with what is wrong.

    When somebody else changed the thing meanwhile nothing is kept: the page at `stay` says so in the words of `overtaken`.
    """
    try:
        if form.validate():
            onward = do()
            flash(done, "good")
            return redirect(onward)
    except Refusal as refusal:
        show(form, refusal, refusals)
    except Conflict:
        flash(overtaken, "error")
        return redirect(stay)
    return None
