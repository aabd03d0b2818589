"""Names of files and columns of the national hub (Schuldenknooppunt), and which kind of answers a file holds."""

import re
from collections.abc import Sequence

from app.errors import Refusal

OFFERS, BALANCES, NOTICES = "offers", "balances", "notices"

# Under which name a file of each kind is written, as the hub calls its message.
FILE_NAMES = {
    OFFERS: "Betaalvoorstel antwoord",
    BALANCES: "Saldoverzoek antwoord vooraf akkoord",
    NOTICES: "Kennisgeving antwoord",
}
KNOWN = {
    "betaalvoorstel": OFFERS, "betaalvoorstel antwoord": OFFERS, "heroverweging": OFFERS,
    "saldoverzoek": BALANCES, "saldoverzoek antwoord": BALANCES, "saldoverzoek antwoord vooraf akkoord": BALANCES,
    "kennisgeving": NOTICES, "kennisgeving antwoord": NOTICES,
}  # fmt: skip
NO_ANSWERS = frozenset({"regeling geaccordeerd", "schuldregeling akkoord", "schuldregeling beëindigd", "statusbericht"})  # the bank's word
KEYS = {"aanbod": OFFERS, "saldoverzoek": BALANCES, "kennisgeving": NOTICES}  # the column that only a file of that kind has

# The hub's names of columns that more than one kind of file has.
REFERENCE = "Referentienummer"
CASE = "KlantnummerSHV"
OWN_REFERENCE = "KlantnummerSEVolgensSHV"


def must_be(kind: str, name: str, head: Sequence[str] = ()) -> None:
    """Check by its columns, else by its name, that a file is of a kind. Raises Refusal when it is clearly of another."""
    message = _message(name)
    if message in NO_ANSWERS:
        raise Refusal("answers.no_answers")
    found = {KEYS[text] for text in ("".join(cell.split()).casefold() for cell in head) if text in KEYS}
    other = next(iter(found), None) if found else KNOWN.get(message)
    if other not in (None, kind) and kind not in found:
        raise Refusal("answers.other_kind", kind=other)


def _message(name: str) -> str:
    """Return the name of the hub's message in a file's name: without ending, date, number and capitals."""
    stem = name.rpartition("/")[2].rpartition("\\")[2]
    stem = re.sub(r"\.(csv|xlsx)$", "", stem, flags=re.IGNORECASE)
    return " ".join(re.sub(r"[\d_()\-.]+", " ", stem).split()).casefold()
