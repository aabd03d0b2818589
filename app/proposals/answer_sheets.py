"""The file in which a creditor answers its offers: the columns as they are read, and as they are written to fill in. All in Dutch."""

from typing import NamedTuple

from app.exchange import cells, hub
from app.exchange.filling import Blank, Form
from app.exchange.sheets import Column, Sheet
from app.exchange.writing import AMOUNT, DAY, TEXT, Field
from app.money import Cents
from app.proposals.lifecycle import OfferState, RejectReason

ANSWERS = {
    "akkoord": OfferState.ACCEPTED,
    "akkoord met ander saldo": OfferState.ACCEPTED_OTHER_BALANCE,
    "afgewezen": OfferState.REJECTED,
    "heroverweging": OfferState.RECONSIDERATION_ASKED,
}
ALSO_ANSWERS = {
    "accepteren": OfferState.ACCEPTED, "geaccepteerd": OfferState.ACCEPTED, "ja": OfferState.ACCEPTED,
    "afwijzen": OfferState.REJECTED, "niet akkoord": OfferState.REJECTED, "nee": OfferState.REJECTED,
}  # fmt: skip
REASONS = {
    "percentage te laag": RejectReason.PERCENTAGE_TOO_LOW,
    "niet het hoogst haalbare": RejectReason.NOT_THE_MAXIMUM,
    "terugval gevreesd": RejectReason.RELAPSE_FEARED,
    "fraude of boete": RejectReason.FRAUD_OR_FINE,
    "schuldeisers niet gelijk behandeld": RejectReason.UNEQUAL_TREATMENT,
    "vordering betwist": RejectReason.CLAIM_DISPUTED,
    "ons beleid": RejectReason.POLICY,
    "anders": RejectReason.OTHER,
}
YES = {"ja": True}
KEY, ANSWER, WHY, WORDS, BALANCE, AGAINST = "Aanbod", "Antwoord", "Reden afwijzing", "Toelichting", "Ander saldo", "Toch afwijzen"


class OfferAnswer(NamedTuple):
    """One row as it was filled in; all but the reference may be empty."""

    ref: str
    answer: OfferState | None
    reason: RejectReason | None
    words: str
    balance_cents: Cents | None
    against_consent: bool

    @property
    def is_empty(self) -> bool:
        return (self.answer, self.reason, self.words, self.balance_cents) == (None, None, "", None)


SHEET = Sheet(
    "offer answers",
    OfferAnswer,
    (
        Column(KEY, "ref", cells.code(), required=True, synonyms=(hub.REFERENCE,)),
        Column(ANSWER, "answer", cells.choice(ANSWERS, ALSO_ANSWERS)),
        Column(WHY, "reason", cells.choice(REASONS)),
        Column(WORDS, "words", cells.text(2000, lines=True), default=""),
        Column(BALANCE, "balance_cents", cells.amount()),
        Column(AGAINST, "against_consent", cells.choice(YES | {"nee": False}, {"j": True, "n": False}), default=False),
    ),
    key=(KEY,),
)


def form(*, for_hub: bool) -> Form:
    """Return the file to fill in, with our own heads or those of the national hub."""
    known = (
        Field(hub.REFERENCE if for_hub else KEY, TEXT), Field("Klant" if for_hub else "Cliënt", TEXT, 28), Field("Schuldeiser", TEXT, 28),
        Field(hub.OWN_REFERENCE if for_hub else "Uw kenmerk", TEXT), Field("ActueelVorderingsbedrag" if for_hub else "Vordering", AMOUNT),
        Field("PrognoseEindbedrag" if for_hub else "Aanbod in euro", AMOUNT),
        Field("Afkooppercentage" if for_hub else "Percentage", TEXT, 12), Field("Antwoord voor", DAY),
        Field("Akkoord vooraf", TEXT, 14), Field("Stand", TEXT, 22),
    )  # fmt: skip
    blanks = (
        Blank(ANSWER, tuple(ANSWERS), "Kies een antwoord. Laat leeg wat u later beantwoordt.", 24),
        Blank(WHY, tuple(REASONS), "Alleen bij afgewezen.", 32),
        Blank(WORDS, help="Nodig bij heroverweging en bij de reden anders.", width=40),
        Blank(BALANCE, help="Alleen bij akkoord met ander saldo: uw vordering nu, in euro.", is_amount=True),
        Blank(AGAINST, tuple(YES), "Ja als u afwijst wat uw akkoord vooraf dekt.", 16),
    )
    return Form(hub.FILE_NAMES[hub.OFFERS] if for_hub else "Aanbiedingen", known, blanks)


SHOWN = frozenset(field.head for for_hub in (True, False) for field in form(for_hub=for_hub).known)
STATES = {
    OfferState.OPEN: "open", OfferState.PREPARED: "klaargezet", OfferState.ACCEPTED: "geaccepteerd",
    OfferState.ACCEPTED_OTHER_BALANCE: "geaccepteerd met ander saldo", OfferState.REJECTED: "afgewezen",
    OfferState.RECONSIDERATION_ASKED: "heroverweging gevraagd", OfferState.ASKED_AGAIN: "opnieuw gevraagd",
    OfferState.NO_RESPONSE: "niet gereageerd", OfferState.WITHDRAWN: "ingetrokken",
}  # fmt: skip
