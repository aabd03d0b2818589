"""The files of applications (aanvragen) and claims (eisers) as the bank's own system writes them."""

from datetime import date
from typing import NamedTuple

from app.cases.rules import Rank
from app.exchange import cells
from app.exchange.sheets import Column, Sheet
from app.money import Cents

RANKS = {"P": Rank.PREFERENTIAL, "C": Rank.CONCURRENT, "S": Rank.SECURED, "U": Rank.EXCLUDED}


class ApplicationRow(NamedTuple):
    relation_code: int
    sequence: int
    bsn: str | None
    initials: str
    given_name: str
    surname: str
    birth_date: date
    street: str
    house_number: str
    postcode: str
    city: str
    household: str
    children: int
    entrepreneur: bool | None
    programme: str
    started_on: date
    calculated_on: date
    income_cents: Cents
    vtlb_cents: Cents
    extra_cents: Cents
    team: str
    total: Cents | None
    total_stated: Cents | None
    claims: int | None


APPLICATIONS = Sheet(
    "cases",
    ApplicationRow,
    (
        Column("RelatieCode", "relation_code", cells.integer(1), required=True),
        Column("Volgnummer", "sequence", cells.integer(1), required=True),
        Column("BSN", "bsn", cells.bsn),
        Column("Voorletters", "initials", cells.text(20), default=""),
        Column("Roepnaam", "given_name", cells.text(80), default=""),
        Column("Achternaam", "surname", cells.text(120), required=True),
        Column("Geboortedatum", "birth_date", cells.day, required=True),
        Column("Straat", "street", cells.text(120), default=""),
        Column("Huisnummer", "house_number", cells.text(20), default=""),
        Column("Postcode", "postcode", cells.postcode, default=""),
        Column("Plaats", "city", cells.text(80), default=""),
        Column("Leefsituatie", "household", cells.text(40), default=""),
        Column("AantalKinderen", "children", cells.integer(0, 30), default=0),
        Column("Ondernemer", "entrepreneur", cells.yes_no),
        Column("Programma", "programme", cells.text(60), default=""),
        Column("Startdatum", "started_on", cells.day, required=True),
        Column("DatumBerekening", "calculated_on", cells.day, required=True),
        Column("Inkomen", "income_cents", cells.amount(), required=True),
        Column("VTLB", "vtlb_cents", cells.amount(), required=True),
        Column("ExtraInleg", "extra_cents", cells.amount(), default=0),
        Column("Hulpverlener", "team", cells.text(80), default=""),
        Column("TotaalAangemeldeSchuld", "total", cells.amount()),
        Column("TotaalTeruggemeldeSchuld", "total_stated", cells.amount()),
        Column("Aantal", "claims", cells.integer()),
    ),
    key=("RelatieCode", "Volgnummer"),
)


class ClaimRow(NamedTuple):
    relation_code: int
    sequence: int
    number: int
    creditor: int
    creditor_name: str
    reference: str
    rank: Rank
    reported_cents: Cents
    stated_cents: Cents | None
    stated_on: date | None
    agent: int | None
    agent_name: str
    agent_reference: str
    bailiff: int | None
    bailiff_name: str
    bailiff_reference: str
    security_cents: Cents | None
    fraud: bool | None


CLAIMS = Sheet(
    "claims",
    ClaimRow,
    (
        Column("RelatieCode", "relation_code", cells.integer(1), required=True),
        Column("Volgnummer", "sequence", cells.integer(1), required=True),
        Column("UniekVolgnummer", "number", cells.integer(1), required=True),
        Column("CodeEiser", "creditor", cells.integer(1), required=True),
        Column("NaamEiser", "creditor_name", cells.text(200), default=""),
        Column("Referentie", "reference", cells.text(140), default=""),
        Column("Preferentie", "rank", cells.choice(RANKS), required=True),
        Column("AangemeldBedrag", "reported_cents", cells.amount(), required=True),
        Column("TeruggemeldBedrag", "stated_cents", cells.amount()),
        Column("DatumTerugmelding", "stated_on", cells.day),
        Column("CodeIncasso", "agent", cells.integer(1)),
        Column("NaamIncasso", "agent_name", cells.text(200), default=""),
        Column("ReferentieIncasso", "agent_reference", cells.text(140), default=""),
        Column("CodeDeurwaarder", "bailiff", cells.integer(1)),
        Column("NaamDeurwaarder", "bailiff_name", cells.text(200), default=""),
        Column("ReferentieDeurwaarder", "bailiff_reference", cells.text(140), default=""),
        Column("Zekerheid", "security_cents", cells.amount()),
        Column("Fraude", "fraud", cells.yes_no),
    ),
    key=("RelatieCode", "Volgnummer", "UniekVolgnummer"),
)
