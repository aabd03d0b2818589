"""The file of creditors and agents as the bank's own system writes it."""

from datetime import date
from typing import NamedTuple

from app.access import Kind
from app.errors import Refusal
from app.exchange import cells
from app.exchange.sheets import Column, Sheet

SORTS = {"schuldeiser": (Kind.CREDITOR, False), "incasso": (Kind.AGENT, False), "deurwaarder": (Kind.AGENT, True)}


def kvk(cell: str) -> str:
    """Take a number of the trade register: eight digits, without a check digit."""
    if not (len(cell) == 8 and cell.isascii() and cell.isdigit()):
        raise Refusal("creditors.not_a_kvk")
    return cell


def establishment(cell: str) -> str:
    """Take a number of one establishment (vestiging) in the trade register: twelve digits."""
    if not (len(cell) == 12 and cell.isascii() and cell.isdigit()):
        raise Refusal("creditors.not_an_establishment")
    return cell


class CreditorRow(NamedTuple):
    code: int
    name: str
    sort: tuple[Kind, bool]
    branch: str
    rank: str
    kvk: str
    establishment: str
    street: str
    house_number: str
    postcode: str
    city: str
    iban: str
    email: str
    joined_on: date | None


CREDITORS = Sheet(
    "creditors",
    CreditorRow,
    (
        Column("CodeEiser", "code", cells.integer(1), required=True),
        Column("Naam", "name", cells.text(120), required=True),
        Column("Soort", "sort", cells.choice(SORTS), required=True),
        Column("Branche", "branch", cells.text(40), default=""),
        Column("Preferentie", "rank", cells.choice({"P": "P", "C": "C", "S": "S", "U": "U"}), default=""),
        Column("KvK", "kvk", kvk, default=""),
        Column("Vestigingsnummer", "establishment", establishment, default=""),
        Column("Straat", "street", cells.text(120), default=""),
        Column("Huisnummer", "house_number", cells.text(20), default=""),
        Column("Postcode", "postcode", cells.postcode, default=""),
        Column("Plaats", "city", cells.text(80), default=""),
        Column("IBAN", "iban", cells.iban, default=""),
        Column("Email", "email", cells.email, default=""),
        Column("Toetreding", "joined_on", cells.day),
    ),
    key=("CodeEiser",),
)
