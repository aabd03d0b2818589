"""The file in which a creditor states its balances: the columns as they are read, and as they are written to fill in. All in Dutch."""

from datetime import date
from typing import NamedTuple

from app.cases.balance_rules import LONGEST, BalanceAnswer, Ground, Obstacle
from app.cases.rules import Rank
from app.exchange import cells, hub
from app.exchange.filling import Blank, Form
from app.exchange.sheets import Column, Sheet
from app.exchange.writing import AMOUNT, DAY, TEXT, Field
from app.money import Cents

RANKS = {"preferent": Rank.PREFERENTIAL, "concurrent": Rank.CONCURRENT, "met zekerheid": Rank.SECURED, "buiten de regeling": Rank.EXCLUDED}
ALSO_RANKS = {"P": Rank.PREFERENTIAL, "C": Rank.CONCURRENT, "S": Rank.SECURED, "U": Rank.EXCLUDED}
OBSTACLES = {
    "fraude of boete": Obstacle.FRAUD,
    "vordering betwist": Obstacle.DISPUTED,
    "eerdere regeling mislukt": Obstacle.EARLIER_SETTLEMENT,
    "anders": Obstacle.OTHER,
}
GROUNDS = {
    "klant onbekend": Ground.CLIENT_UNKNOWN,
    "recent finale kwijting": Ground.RECENTLY_DISCHARGED,
    "recent gestabiliseerd": Ground.RECENTLY_STABILISED,
    "anders": Ground.OTHER,
}
YES = {"ja": True}
YES_OR_NO = cells.choice(YES | {"nee": False}, {"j": True, "n": False})

KEY, PRINCIPAL, COSTS, NOTICE_ON = "Saldoverzoek", "Hoofdsom", "Incassokosten", "Aanmaning ontvangen op"
AGENT, NOBODY = "Incassopartij", frozenset({"geen", "zelf"})  # and what says that the creditor collects itself
CONFIRMED, OBSTACLE, GROUND, UNKNOWN, WORDS = "Kosten bevestigd", "Beletsel", "Reden geen medewerking", "Klant onbekend", "Toelichting"


class BalanceFilled(NamedTuple):
    """One row as it was filled in, amounts in cents; all but the reference may be empty."""

    ref: str
    principal_cents: Cents | None
    interest_cents: Cents | None
    costs_cents: Cents | None
    notice_on: date | None
    vat: bool
    costs_confirmed: bool
    reference: str
    rank: Rank | None
    agent: str
    obstacle: Obstacle | None
    ground: Ground | None
    is_unknown: bool
    words: str

    @property
    def amounts(self) -> tuple[Cents | None, ...]:
        return self.principal_cents, self.interest_cents, self.costs_cents

    @property
    def is_empty(self) -> bool:
        return self.amounts == (None, None, None) and self.why is None and self.obstacle is None and not (self.agent or self.words)

    @property
    def why(self) -> Ground | None:
        """Return why the creditor does not cooperate; the hub has a column of its own for an unknown client."""
        return self.ground or (Ground.CLIENT_UNKNOWN if self.is_unknown else None)


SHEET = Sheet(
    "balances",
    BalanceFilled,
    (
        Column(KEY, "ref", cells.code(), required=True, synonyms=(hub.REFERENCE,)),
        Column(PRINCIPAL, "principal_cents", cells.amount()),
        Column("Rente", "interest_cents", cells.amount()),
        Column(COSTS, "costs_cents", cells.amount()),
        Column(NOTICE_ON, "notice_on", cells.day),
        Column("Btw niet verrekenbaar", "vat", YES_OR_NO, default=False),
        Column(CONFIRMED, "costs_confirmed", YES_OR_NO, default=False),
        Column("Kenmerk", "reference", cells.text(140), default="", synonyms=("Klantnummer SE",)),
        Column("Rang", "rank", cells.choice(RANKS, ALSO_RANKS)),
        Column(AGENT, "agent", cells.text(120), default=""),
        Column(OBSTACLE, "obstacle", cells.choice(OBSTACLES)),
        Column(GROUND, "ground", cells.choice(GROUNDS)),
        Column(UNKNOWN, "is_unknown", YES_OR_NO, default=False),
        Column(WORDS, "words", cells.text(LONGEST, lines=True), default=""),
    ),
    key=(KEY,),
)
STATES = {
    BalanceAnswer.OPEN: "wacht op antwoord", BalanceAnswer.STATED: "opgegeven", BalanceAnswer.NO_COOPERATION: "werkt niet mee",
    BalanceAnswer.NOT_STATED: "niet opgegeven",
}  # fmt: skip


def form(*, for_hub: bool) -> Form:
    """Return the file to fill in, with our own heads or those of the national hub."""
    known = (
        Field(hub.REFERENCE if for_hub else KEY, TEXT), Field(hub.CASE if for_hub else "Dossier", TEXT),
        Field("Klant" if for_hub else "Cliënt", TEXT, 28), Field("Schuldeiser", TEXT, 28),
        Field(hub.OWN_REFERENCE if for_hub else "Uw kenmerk", TEXT), Field("Aangemeld", AMOUNT), Field("Antwoord voor", DAY),
        Field("Stand", TEXT, 20),
    )  # fmt: skip
    unknown = (Blank(UNKNOWN, tuple(YES), "Ja als u de klant niet kent; laat de bedragen dan leeg.", 14),) if for_hub else ()
    blanks = (
        Blank(PRINCIPAL, help="In euro. Is er niets meer verschuldigd, vul dan 0 in.", is_amount=True),
        Blank("Rente", help="In euro.", is_amount=True),
        Blank(COSTS, help="In euro, volgens de wettelijke staffel.", is_amount=True),
        Blank(NOTICE_ON, help="Dag waarop de klant de aanmaning kreeg die de kosten noemt, zoals 24-11-2026."),
        Blank("Btw niet verrekenbaar", tuple(YES), "Ja als u de btw niet kunt verrekenen.", 14),
        Blank(CONFIRMED, tuple(YES), "Ja als u kosten boven de staffel toch opgeeft.", 14),
        Blank("Klantnummer SE" if for_hub else "Kenmerk", help="Alleen als uw kenmerk anders is dan hiernaast."),
        Blank("Rang", tuple(RANKS), "Alleen als de rang anders is dan de Kredietbank weet."),
        Blank(AGENT, help="Alleen als een ander incasseert: een partij met uw machtiging, of geen als u het zelf doet.", width=28),
        Blank(OBSTACLE, tuple(OBSTACLES), "Wat een akkoord vooraf in de weg staat. Dat kan alleen nu.", 26),
        Blank(GROUND, tuple(GROUNDS), "Alleen als u niet meewerkt; laat de bedragen dan leeg.", 26),
        *unknown,
        Blank(WORDS, help="Nodig bij een beletsel of reden anders.", width=40),
    )
    return Form(hub.FILE_NAMES[hub.BALANCES] if for_hub else "Saldoverzoeken", known, blanks)


SHOWN = frozenset(field.head for for_hub in (True, False) for field in form(for_hub=for_hub).known)
