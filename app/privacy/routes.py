"""Pages of privacy: what is kept about the client of a case, letting it rest, closing the case; and one's own data."""

from collections.abc import Callable
from io import BytesIO

from flask import Blueprint, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from app.access import Permission
from app.acts import acted, pressed
from app.cases import words as case_words
from app.db import reading
from app.errors import Conflict
from app.privacy import access_export, queries, restriction
from app.privacy.forms import RestrictForm, StepForm
from app.privacy.words import DONE, REFUSALS
from app.web import actor, public, requires, signed_in, typed, whole_number

bp = Blueprint("privacy", __name__)


@bp.get("/cases/<ref>/privacy")
@requires(Permission.EXPORT_PRIVACY)
def case(ref: str) -> ResponseReturnValue:
    return _page(ref, None)


def _page(ref: str, failed: RestrictForm | None) -> ResponseReturnValue:
    with reading() as session:
        page = queries.privacy_page(session, actor(), ref)
    revision = {"revision": str(page.case.revision)}
    form = failed or RestrictForm(formdata=None, data=revision)
    step = StepForm(formdata=None, data=revision)
    answer = render_template("privacy/case.html", page=page, form=form, step=step, words=case_words)
    return answer, 422 if failed else 200


# ── access ───────────────────────────────────────────────────────────────────


@bp.post("/cases/<ref>/privacy/pdf")
@requires(Permission.EXPORT_PRIVACY)
def pdf(ref: str) -> ResponseReturnValue:
    content = access_export.export_client_as_pdf(actor(), ref)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=f"inzage-{ref}.pdf")


@bp.post("/cases/<ref>/privacy/json")
@requires(Permission.EXPORT_PRIVACY)
def json(ref: str) -> ResponseReturnValue:
    content = access_export.export_client_as_json(actor(), ref)
    return send_file(BytesIO(content), mimetype="application/json", as_attachment=True, download_name=f"inzage-{ref}.json")


@bp.post("/account/data")
@public
def own_data() -> ResponseReturnValue:
    """Give whoever is signed in everything about the own account."""
    if signed_in() is None:
        return redirect(url_for("accounts.sign_in", next="/account"))
    content = access_export.export_own_account(actor())
    return send_file(BytesIO(content), mimetype="application/json", as_attachment=True, download_name="mijn-gegevens.json")


# ── the case as a whole ──────────────────────────────────────────────────────


@bp.post("/cases/<ref>/privacy/restrict")
@requires(Permission.RESTRICT_CASES)
def restrict(ref: str) -> ResponseReturnValue:
    form = RestrictForm()

    def let_rest() -> None:
        restriction.restrict_case(actor(), ref, typed(form.reason), _revision(form))

    return acted(form, let_rest, DONE["restrict"], refusals=REFUSALS, stay=url_for(".case", ref=ref)) or _page(ref, form)


@bp.post("/cases/<ref>/privacy/lift")
@requires(Permission.RESTRICT_CASES)
def lift(ref: str) -> ResponseReturnValue:
    return _step(ref, "lift", restriction.lift_restriction)


@bp.post("/cases/<ref>/privacy/close")
@requires(Permission.EDIT_CASES)
def close(ref: str) -> ResponseReturnValue:
    return _step(ref, "close", restriction.close_case)


@bp.post("/cases/<ref>/privacy/reopen")
@requires(Permission.EDIT_CASES)
def reopen(ref: str) -> ResponseReturnValue:
    return _step(ref, "reopen", restriction.reopen_case)


def _step(ref: str, name: str, take: Callable[..., None]) -> ResponseReturnValue:
    """Take a step and lead back to the page, which says what was done or why it was not. Raises NotFound, Conflict."""
    revision = _revision(StepForm())
    return pressed(lambda: take(actor(), ref, revision), DONE[name], refusals=REFUSALS, stay=url_for(".case", ref=ref))


def _revision(form: StepForm | RestrictForm) -> int:
    """Return which version of the case the person saw. Raises Conflict for one that cannot be."""
    number = whole_number(form.revision.data)
    if number is None:
        raise Conflict
    return number
