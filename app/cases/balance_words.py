"""What the portal says about balance requests: a sentence for each code, words for values. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.cases.balance_rules import BalanceAnswer, Correction, Ground, Obstacle
from app.cases.rules import AnsweredBy
from app.exchange.words import REFUSALS as CELLS

REFUSALS = {
    "cases.costs_amount": _("Schrijf een bedrag boven nul in euro’s, met ten hoogste twee decimalen, zoals 1234.56."),
    "cases.costs_before_the_decree": _(
        "Het Besluit incassokosten geldt sinds 1 juli 2012. Voor een eerdere dag kan dit niet worden berekend."
    ),
    "cases.costs_day_too_late": _("Deze dag ligt te ver in de toekomst."),
    "cases.balance_amount": _("Vul een bedrag in van nul of meer."),
    "cases.balance_notice_day": _("Kies een dag van 1 juli 2012 tot en met vandaag."),
    "cases.balance_words_missing": _("Schrijf in een paar woorden wat er is."),
    "cases.balance_costs_above_scale": _(
        "Deze incassokosten zijn hoger dan een consument verschuldigd is. Verlaag ze, of zet een vinkje bij ‘Ik geef deze kosten toch op’."
    ),
    "cases.balance_no_going_back": _("U gaf hier al een saldo op. Verbeter het bedrag, of bel de Kredietbank."),
    "cases.balance_agent_unknown": _("Deze partij heeft vandaag geen machtiging van deze schuldeiser."),
    "cases.balance_case_closed": _("Dit dossier is gesloten. Er is niets verstuurd."),
    "cases.balance_case_rests": _("De gegevens in dit dossier rusten. Er gaat geen saldoverzoek uit."),
    "cases.balance_proposal_made": _("Er is al een voorstel in dit dossier. Er gaat geen saldoverzoek meer uit."),
    "cases.balance_nothing_to_ask": _("Elke schuldeiser is al gevraagd of heeft een saldo opgegeven. Er is niets gestuurd."),
    "cases.balance_paid_above": _("Het voorstel betaalt meer dan dit saldo. Vervang eerst het voorstel."),
    "cases.balance_rank_proposed": _(
        "Met een andere rang wordt het geld anders verdeeld. Vervang eerst het voorstel dat uitging, of neem de verbetering niet over."
    ),
    "cases.balance_reason_missing": _("Schrijf waarom u de verbetering niet overneemt. De schuldeiser leest dit."),
    "cases.balance_name_missing": _("Vul uw naam in."),
    "cases.balance_code_locked": _("Deze code zit op slot na tien verkeerde pogingen. Vraag een nieuwe code aan per post."),
    "money.negative": CELLS["money.negative"],
    "money.unreadable": CELLS["money.unreadable"],
    "money.too_many_decimals": CELLS["money.too_many_decimals"],
    "money.too_large": CELLS["money.too_large"],
    "balances.principal_missing": _("Vul de hoofdsom in, of maak de hele regel leeg. Is er niets meer verschuldigd, vul dan 0 in."),
    "balances.amount_and_ground": _("Vul een saldo in óf een reden om niet mee te werken, niet allebei."),
    "balances.agent_and_ground": _("Een incassopartij hoort bij een saldo. Maak die leeg als u niet meewerkt."),
    "balances.obstacle_and_ground": _("Een beletsel hoort bij een saldo. Maak het leeg als u niet meewerkt."),
    "balances.costs_without_principal": _(
        "Zonder hoofdsom zijn er geen incassokosten verschuldigd. Vul ja in bij Kosten bevestigd als u ze toch opgeeft."
    ),
    "balances.costs_above": _(
        "U geeft € %(charged)s op, de wettelijke staffel staat € %(allowed)s toe (%(steps)s; ten minste € 40, ten hoogste € 6.775). "
        "Dat is € %(excess)s te veel. Verlaag de kosten, of vul ja in bij Kosten bevestigd."
    ),
    "balances.costs_not_owed": _(
        "Deze kosten zijn nog niet verschuldigd: dat is pas na een aanmaning die het bedrag noemt en veertien dagen de tijd geeft. "
        "Op zijn vroegst is dat %(day)s. Vul in wanneer de klant de aanmaning kreeg, of vul ja in bij Kosten bevestigd."
    ),
}

TITLES = {"send": _("Saldoverzoeken sturen"), "file": _("Saldo’s opgeven met een bestand"), "letter": _("Saldoverzoek %(ref)s")}
SENT = {"requests": _("Saldoverzoeken"), "cases": _("Dossiers"), "left": _("Dossiers zonder nieuw saldoverzoek")}

STATES = {
    BalanceAnswer.OPEN: _("wacht op antwoord"),
    BalanceAnswer.STATED: _("opgegeven"),
    BalanceAnswer.NO_COOPERATION: _("werkt niet mee"),
    BalanceAnswer.NOT_STATED: _("niet opgegeven"),
}
WHATS = {
    BalanceAnswer.STATED.value: _("saldo"),
    BalanceAnswer.NO_COOPERATION.value: _("werkt niet mee"),
    "late": _("te laat: telt als niet opgegeven"),
}
KINDS = {
    BalanceAnswer.OPEN: "warn",
    BalanceAnswer.STATED: "good",
    BalanceAnswer.NO_COOPERATION: "bad",
    BalanceAnswer.NOT_STATED: "bad",
}
STATUSES = {
    "open": _("Wacht op antwoord"),
    "stated": _("Opgegeven"),
    "none": _("Werkt niet mee"),
    "closed": _("Niet opgegeven"),
    "decide": _("Wacht op de Kredietbank"),
    "all": _("Alles"),
}
SORTS = {"last": _("laatste dag"), "claim": _("hoogste vordering")}
GROUNDS = {
    Ground.CLIENT_UNKNOWN: _("De cliënt is bij ons niet bekend"),
    Ground.RECENTLY_DISCHARGED: _("De cliënt kreeg kort geleden een schone lei"),
    Ground.RECENTLY_STABILISED: _("De cliënt had kort geleden al een stabilisatie"),
    Ground.OTHER: _("Een andere reden"),
}
OBSTACLES = {
    Obstacle.FRAUD: _("Fraude of boete"),
    Obstacle.DISPUTED: _("Over de vordering loopt een geschil"),
    Obstacle.EARLIER_SETTLEMENT: _("Een eerdere regeling is mislukt"),
    Obstacle.OTHER: _("Iets anders"),
}
CORRECTIONS = {
    Correction.WAITS: _("wacht op een medewerker"),
    Correction.TAKEN_OVER: _("overgenomen"),
    Correction.REFUSED: _("niet overgenomen"),
    Correction.REPLACED: _("vervangen door een latere opgave"),
}
ANSWERED_BY = {
    AnsweredBy.CONSENT: _("door akkoord vooraf"),
    AnsweredBy.HAND: _("met de hand"),
    AnsweredBy.CODE: _("met de code van de brief"),
    AnsweredBy.FILE: _("met een bestand"),
    AnsweredBy.API: _("via een koppeling"),
}
