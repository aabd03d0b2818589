"""Pages of answering notices with a file: the file to fill in, its trial, the yes, and what could not be given."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission
from app.cases import pause_files, pausing
from app.cases.pause_queries import PauseQuery, PauseRow
from app.cases.pause_routes import list_query
from app.cases.pause_sheets import STATES, form
from app.cases.pause_words import REFUSALS, WHATS
from app.exchange import answer_pages, hub
from app.exchange.answer_pages import Place
from app.exchange.answer_words import REFUSALS as FILES
from app.web import actor, requires

bp = Blueprint("pause_files", __name__, url_prefix="/pauses/file")
PLACE = Place(
    hub.NOTICES, _("Incassopauzes"), "pauses.pauses", PauseQuery, WHATS, REFUSALS | FILES,
    (
        _("Kies in de kolom Antwoord: bevestigd, andere incassopartij, klant onbekend of beletsel."),
        _("Bij andere incassopartij noemt u de naam. Bij klant onbekend vult u in waarop u zocht. Bij een beletsel schrijft u wat er is."),
    ),
)  # fmt: skip


@bp.route("", methods=["GET", "POST"])
@requires(Permission.ANSWER_NOTICES)
def bring_in() -> ResponseReturnValue:
    return answer_pages.bring_in(PLACE, pause_files.try_file)


@bp.get("/sheet")
@requires(Permission.ANSWER_NOTICES)
def sheet() -> ResponseReturnValue:
    """Give exactly the rows that the filters show, to fill in."""
    rows = [_row(row) for row in pausing.export_pauses(actor(), list_query())]
    return answer_pages.sheet(form(for_hub=answer_pages.for_hub()), rows)


def _row(row: PauseRow) -> tuple[Any, ...]:
    state = "afgelopen" if row.ended_on else STATES[row.state]
    return (row.ref, row.client, row.creditor, row.agent, row.reference, row.sent_on, row.pause_until, state)


@bp.get("/<ref>")
@requires(Permission.ANSWER_NOTICES)
def upload(ref: str) -> ResponseReturnValue:
    return answer_pages.upload(PLACE, ref)


@bp.post("/<ref>")
@requires(Permission.ANSWER_NOTICES)
def confirm(ref: str) -> ResponseReturnValue:
    return answer_pages.confirm(ref, pause_files.confirm_file)


@bp.get("/<ref>/left")
@requires(Permission.ANSWER_NOTICES)
def left(ref: str) -> ResponseReturnValue:
    return answer_pages.left(PLACE, ref)
