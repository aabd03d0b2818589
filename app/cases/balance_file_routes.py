"""Pages of stating balances with a file: the file to fill in, its trial, the yes, and what could not be given."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission
from app.cases import balance_files, balance_stating
from app.cases.balance_queries import BalanceQuery, BalanceRow
from app.cases.balance_routes import list_query
from app.cases.balance_sheets import STATES, form
from app.cases.balance_words import REFUSALS, WHATS
from app.exchange import answer_pages, hub
from app.exchange.answer_pages import Place
from app.exchange.answer_words import REFUSALS as FILES
from app.web import actor, requires

bp = Blueprint("balance_files", __name__, url_prefix="/balances/file")
PLACE = Place(
    hub.BALANCES, _("Saldoverzoeken"), "balances.balances", BalanceQuery, WHATS, REFUSALS | FILES,
    (
        _("Vul per regel Hoofdsom, Rente en Incassokosten in. Is er niets meer verschuldigd, vul dan 0 in bij Hoofdsom."),
        _("Staat iets een akkoord vooraf in de weg, noem dat dan bij Beletsel. Dat kan alleen nu."),
        _("Werkt u niet mee, kies dan een Reden geen medewerking en laat de bedragen leeg."),
        _("Kosten boven de wettelijke staffel gaan alleen mee als u bij Kosten bevestigd ja invult."),
    ),
)  # fmt: skip


@bp.route("", methods=["GET", "POST"])
@requires(Permission.STATE_BALANCES)
def bring_in() -> ResponseReturnValue:
    return answer_pages.bring_in(PLACE, balance_files.try_file)


@bp.get("/sheet")
@requires(Permission.STATE_BALANCES)
def sheet() -> ResponseReturnValue:
    """Give exactly the rows that the filters show, to fill in."""
    rows = [_row(row) for row in balance_stating.export_requests(actor(), list_query())]
    return answer_pages.sheet(form(for_hub=answer_pages.for_hub()), rows)


def _row(row: BalanceRow) -> tuple[Any, ...]:
    return (row.ref, row.case_ref, row.client, row.creditor, row.reference, row.reported_cents, row.answer_by, STATES[row.state])


@bp.get("/<ref>")
@requires(Permission.STATE_BALANCES)
def upload(ref: str) -> ResponseReturnValue:
    return answer_pages.upload(PLACE, ref)


@bp.post("/<ref>")
@requires(Permission.STATE_BALANCES)
def confirm(ref: str) -> ResponseReturnValue:
    return answer_pages.confirm(ref, balance_files.confirm_file)


@bp.get("/<ref>/left")
@requires(Permission.STATE_BALANCES)
def left(ref: str) -> ResponseReturnValue:
    return answer_pages.left(PLACE, ref)
