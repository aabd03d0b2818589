"""The file of early signals (meldingen) as reporters send it."""

from datetime import date
from typing import NamedTuple

from app.early_signals.rules import Sort
from app.exchange import cells
from app.exchange.sheets import Column, Sheet
from app.money import Cents

SORTS = {
    "betalingsachterstand": Sort.ARREARS,
    "dreigende ontruiming": Sort.EVICTION,
    "dreigende afsluiting": Sort.CUT_OFF,
    "aanmelding wanbetalersregeling": Sort.INSURANCE_END,
}


class SignalRow(NamedTuple):
    code: int
    reference: str
    reported_on: date
    given_name: str
    surname: str
    birth_date: date | None
    street: str
    house_number: str
    postcode: str
    city: str
    phone: str
    email: str
    arrears_cents: Cents
    instalments: int
    sort: Sort
    days: int | None
    contact: bool | None
    help: bool | None
    reminder: bool | None
    offer: bool | None


SIGNALS = Sheet(
    "signals",
    SignalRow,
    (
        Column("CodeEiser", "code", cells.integer(1), required=True),
        Column("Kenmerk", "reference", cells.text(140), required=True),
        Column("Datum", "reported_on", cells.day, required=True),
        Column("Voornaam", "given_name", cells.text(80), default=""),
        Column("Achternaam", "surname", cells.text(120), required=True),
        Column("Geboortedatum", "birth_date", cells.day),
        Column("Straat", "street", cells.text(120), default=""),
        Column("Huisnummer", "house_number", cells.text(20), required=True),
        Column("Postcode", "postcode", cells.postcode, required=True),
        Column("Plaats", "city", cells.text(80), default=""),
        Column("Telefoon", "phone", cells.text(30), default=""),
        Column("Email", "email", cells.email, default=""),
        Column("Achterstand", "arrears_cents", cells.amount(), required=True),
        Column("AantalTermijnen", "instalments", cells.integer(1, 600), default=1),
        Column("Soort", "sort", cells.choice(SORTS), required=True),
        Column("DagenAchterstand", "days", cells.integer(0, 36_500)),
        Column("PersoonlijkContact", "contact", cells.yes_no),
        Column("GewezenOpHulp", "help", cells.yes_no),
        Column("SchriftelijkeHerinnering", "reminder", cells.yes_no),
        Column("AanbodGegevens", "offer", cells.yes_no),
    ),
    key=("CodeEiser", "Kenmerk", "Datum"),
)
