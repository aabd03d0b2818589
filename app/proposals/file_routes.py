"""Pages of answering offers with a file: the file to fill in, its trial, the yes, and what could not be given."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission
from app.exchange import answer_pages, hub
from app.exchange.answer_pages import Place
from app.exchange.answer_words import REFUSALS as FILES
from app.proposals import answer_files, responding
from app.proposals.answer_sheets import STATES, form
from app.proposals.inbox_queries import InboxQuery, InboxRow
from app.proposals.many_words import REFUSALS
from app.proposals.offer_routes import list_query
from app.proposals.offer_words import STATES as WHATS
from app.web import actor, requires

bp = Blueprint("offer_files", __name__, url_prefix="/offers/file")
PLACE = Place(
    hub.OFFERS, _("Aanbiedingen"), "offers.offers", InboxQuery, {state.value: words for state, words in WHATS.items()}, REFUSALS | FILES,
    (
        _("Kies in de kolom Antwoord: akkoord, akkoord met ander saldo, afgewezen of heroverweging."),
        _("Bij afgewezen kiest u ook een Reden afwijzing. Bij akkoord met ander saldo vult u het bedrag in bij Ander saldo."),
        _("Een antwoord uit een bestand telt net zo als een antwoord met de hand. U kunt het tien minuten lang per aanbod ongedaan maken."),
    ),
)  # fmt: skip


@bp.route("", methods=["GET", "POST"])
@requires(Permission.ANSWER_OFFERS)
def bring_in() -> ResponseReturnValue:
    return answer_pages.bring_in(PLACE, answer_files.try_file)


@bp.get("/sheet")
@requires(Permission.ANSWER_OFFERS)
def sheet() -> ResponseReturnValue:
    """Give exactly the rows that the filters show, to fill in."""
    rows = [_row(row) for row in responding.export_offers(actor(), list_query())]
    return answer_pages.sheet(form(for_hub=answer_pages.for_hub()), rows)


def _row(row: InboxRow) -> tuple[Any, ...]:
    covered = "ja" if row.is_covered else "nee"
    return (
        row.ref, row.client, row.creditor, row.reference, row.claim_cents, row.payment_cents, row.percentage.replace(".", ","),
        row.answer_by, covered, STATES[row.state],
    )  # fmt: skip


@bp.get("/<ref>")
@requires(Permission.ANSWER_OFFERS)
def upload(ref: str) -> ResponseReturnValue:
    return answer_pages.upload(PLACE, ref)


@bp.post("/<ref>")
@requires(Permission.ANSWER_OFFERS)
def confirm(ref: str) -> ResponseReturnValue:
    return answer_pages.confirm(ref, answer_files.confirm_file)


@bp.get("/<ref>/left")
@requires(Permission.ANSWER_OFFERS)
def left(ref: str) -> ResponseReturnValue:
    return answer_pages.left(PLACE, ref)
