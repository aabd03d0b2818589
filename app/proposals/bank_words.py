"""What the portal says to the bank about running proposals: a sentence for each code. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.consents.rules import Product
from app.proposals.lifecycle import AnsweredBy, Obstacle, OfferState, ProposalState, RejectReason

REFUSALS = {
    "proposals.reason_missing": _("Schrijf waarom; de schuldeisers lezen deze reden."),
    "proposals.move_not_possible": _("Dat kan in deze stand niet meer. Er is niets veranderd; ververs de bladzijde."),
    "proposals.paid_above_balance": _(
        "Het genoemde saldo is lager dan wat deze schuldeiser zou krijgen. Vervang het voorstel, dan wordt opnieuw gerekend."
    ),
    "proposals.not_running": _("Dit voorstel loopt niet meer. Er is niets veranderd."),
}

PRODUCTS = {
    Product.RESTRUCTURING_LOAN: _("Saneringskrediet"),
    Product.DEBT_MEDIATION: _("Schuldbemiddeling"),
    Product.ZERO_OFFER: _("Nul-aanbod"),
    Product.YOUTH_LOAN: _("Jongeren (JSS)"),
    Product.REFINANCING: _("Herfinanciering"),
}

PROPOSAL_STATES = {
    ProposalState.DRAFT: _("concept"),
    ProposalState.APPROVED: _("gecontroleerd"),
    ProposalState.ISSUED: _("loopt"),
    ProposalState.AGREED: _("regeling staat"),
    ProposalState.WITHDRAWN: _("ingetrokken"),
    ProposalState.SUPERSEDED: _("vervangen"),
    ProposalState.CLOSED: _("gesloten zonder regeling"),
}

OFFER_STATES = {
    OfferState.OPEN: _("Wacht"),
    OfferState.PREPARED: _("Klaargezet"),
    OfferState.ACCEPTED: _("Akkoord"),
    OfferState.ACCEPTED_OTHER_BALANCE: _("Akkoord, ander saldo"),
    OfferState.REJECTED: _("Afgewezen"),
    OfferState.RECONSIDERATION_ASKED: _("Vraagt heroverweging"),
    OfferState.ASKED_AGAIN: _("Opnieuw gevraagd"),
    OfferState.NO_RESPONSE: _("Geen antwoord"),
    OfferState.WITHDRAWN: _("Vervallen"),
}
OFFER_KINDS = {OfferState.ACCEPTED: "good", OfferState.REJECTED: "bad", OfferState.NO_RESPONSE: "bad", OfferState.WITHDRAWN: ""}

ANSWERED_BY = {
    AnsweredBy.CONSENT: _("door akkoord vooraf"),
    AnsweredBy.HAND: _("met de hand"),
    AnsweredBy.CODE: _("met code van de brief"),
    AnsweredBy.FILE: _("met een bestand"),
    AnsweredBy.API: _("via een koppeling"),
}

REASONS = {
    RejectReason.PERCENTAGE_TOO_LOW: _("percentage te laag"),
    RejectReason.NOT_THE_MAXIMUM: _("niet het maximaal haalbare"),
    RejectReason.RELAPSE_FEARED: _("vrees voor terugval"),
    RejectReason.FRAUD_OR_FINE: _("fraude of boete"),
    RejectReason.UNEQUAL_TREATMENT: _("niet alle schuldeisers gelijk behandeld"),
    RejectReason.CLAIM_DISPUTED: _("vordering betwist"),
    RejectReason.POLICY: _("beleid"),
    RejectReason.OTHER: _("andere reden"),
}

OBSTACLES = {
    Obstacle.AGE_UNKNOWN: _("de geboortedatum is onbekend"),
    Obstacle.TOO_YOUNG: _("jonger dan 18 jaar"),
    Obstacle.TOO_OLD: _("ouder dan 26 jaar"),
    Obstacle.SOMETHING_CAN_BE_PAID: _("er is afloscapaciteit"),
    Obstacle.NOTHING_CAN_BE_PAID: _("er is geen afloscapaciteit"),
    Obstacle.REASON_MISSING: _("alleen met een reden"),
    Obstacle.CAPACITY_TOO_LOW: _("de capaciteit is te laag om alles in 60 maanden te betalen"),
    Obstacle.FIGURES_MISSING: _("inkomen en vtlb ontbreken"),
    Obstacle.FIGURES_TOO_OLD: _("inkomen en vtlb zijn ouder dan zes maanden"),
}
