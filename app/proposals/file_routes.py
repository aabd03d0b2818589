"""Pages of answering offers with a file: what differs from those of other files of answers."""

from typing import Any

from flask_babel import lazy_gettext as _

from app.access import Permission
from app.exchange import answer_pages, hub
from app.exchange.answer_pages import Place
from app.exchange.answer_words import REFUSALS as FILES
from app.exchange.filling import Rows
from app.proposals import answer_files, responding
from app.proposals.answer_sheets import STATES, form
from app.proposals.inbox_queries import InboxQuery, InboxRow
from app.proposals.many_words import REFUSALS
from app.proposals.offer_routes import list_query
from app.proposals.offer_words import STATES as WHATS
from app.web import actor


def _rows() -> Rows:
    """Return exactly the rows that the filters show, to fill in."""
    return [_row(row) for row in responding.export_offers(actor(), list_query())]


def _row(row: InboxRow) -> tuple[Any, ...]:
    covered = "ja" if row.is_covered else "nee"
    return (
        row.ref, row.client, row.creditor, row.reference, row.claim_cents, row.payment_cents, row.percentage.replace(".", ","),
        row.answer_by, covered, STATES[row.state],
    )  # fmt: skip


PLACE = Place(
    kind=hub.OFFERS, permission=Permission.ANSWER_OFFERS, title=_("Aanbiedingen"), home="offers.offers",
    query=InboxQuery, form=form, rows=_rows, try_file=answer_files.try_file, confirm_file=answer_files.confirm_file,
    whats={state.value: words for state, words in WHATS.items()}, refusals=REFUSALS | FILES,
    hints=(
        _("Kies in de kolom Antwoord: akkoord, akkoord met ander saldo, afgewezen of heroverweging."),
        _("Bij afgewezen kiest u ook een Reden afwijzing. Bij akkoord met ander saldo vult u het bedrag in bij Ander saldo."),
        _("Een antwoord uit een bestand telt net zo als een antwoord met de hand. U kunt het tien minuten lang per aanbod ongedaan maken."),
    ),
)  # fmt: skip
bp = answer_pages.pages("offer_files", "/offers/file", PLACE)
