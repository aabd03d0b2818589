"""Pages of stating balances with a file: what differs from those of other files of answers."""

from typing import Any

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
from app.exchange.filling import Rows
from app.web import actor


def _rows() -> Rows:
    """Return exactly the rows that the filters show, to fill in."""
    return [_row(row) for row in balance_stating.export_requests(actor(), list_query())]


def _row(row: BalanceRow) -> tuple[Any, ...]:
    return (row.ref, row.case_ref, row.client, row.creditor, row.reference, row.reported_cents, row.answer_by, STATES[row.state])


PLACE = Place(
    kind=hub.BALANCES, permission=Permission.STATE_BALANCES, title=_("Saldoverzoeken"), home="balances.balances",
    query=BalanceQuery, form=form, rows=_rows, try_file=balance_files.try_file, confirm_file=balance_files.confirm_file,
    whats=WHATS, refusals=REFUSALS | FILES,
    hints=(
        _("Vul per regel Hoofdsom, Rente en Incassokosten in. Is er niets meer verschuldigd, vul dan 0 in bij Hoofdsom."),
        _("Staat iets een akkoord vooraf in de weg, noem dat dan bij Beletsel. Dat kan alleen nu."),
        _("Werkt u niet mee, kies dan een Reden geen medewerking en laat de bedragen leeg."),
        _("Kosten boven de wettelijke staffel gaan alleen mee als u bij Kosten bevestigd ja invult."),
    ),
)  # fmt: skip
bp = answer_pages.pages("balance_files", "/balances/file", PLACE)
