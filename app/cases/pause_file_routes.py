"""Pages of answering notices with a file: what differs from those of other files of answers."""

from typing import Any

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
from app.exchange.filling import Rows
from app.web import actor


def _rows() -> Rows:
    """Return exactly the rows that the filters show, to fill in."""
    return [_row(row) for row in pausing.export_pauses(actor(), list_query())]


def _row(row: PauseRow) -> tuple[Any, ...]:
    state = "afgelopen" if row.ended_on else STATES[row.state]
    return (row.ref, row.client, row.creditor, row.agent, row.reference, row.sent_on, row.pause_until, state)


PLACE = Place(
    kind=hub.NOTICES, permission=Permission.ANSWER_NOTICES, title=_("Incassopauzes"), home="pauses.pauses",
    query=PauseQuery, form=form, rows=_rows, try_file=pause_files.try_file, confirm_file=pause_files.confirm_file,
    whats=WHATS, refusals=REFUSALS | FILES,
    hints=(
        _("Kies in de kolom Antwoord: bevestigd, andere incassopartij, klant onbekend of beletsel."),
        _("Bij andere incassopartij noemt u de naam. Bij klant onbekend vult u in waarop u zocht. Bij een beletsel schrijft u wat er is."),
    ),
)  # fmt: skip
bp = answer_pages.pages("pause_files", "/pauses/file", PLACE)
