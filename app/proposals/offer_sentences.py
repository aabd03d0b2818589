"""Sentences on the page of one offer, made from its figures. Dutch here, English in the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.cases.rules import Rank
from app.consents.queries import AssessmentPage
from app.consents.rules import Effect, Product
from app.counts import number
from app.proposals.court_rules import CourtPoint, Guidance
from app.proposals.court_words import COURT, GUIDANCE
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.offer_queries import Given, Happening, OfferPage
from app.proposals.offer_words import ANSWERED_BY, KINDS, PRODUCTS, REASONS, STATES, WEEKDAYS
from app.proposals.others_rules import OthersAgreed
from app.web import day, day_short, euro, moment, pct

__all__ = ["ANSWERED_BY", "KINDS", "PRODUCTS", "REASONS", "STATES"]

TERMS = {
    "issued": _("aanbod verstuurd"),
    "reminder": _("herinnering"),
    "today": _("vandaag"),
    "answer_by": _("uiterste dag voor uw antwoord"),
    "reconsider_by": _("uiterste dag na de vraag om te heroverwegen"),
    "answered": _("beantwoord"),
    "closes": _("gesloten als ‘geen antwoord’"),
}
HOW_PAID = {
    Product.RESTRUCTURING_LOAN: _("in één keer, na akkoord van iedereen"),
    Product.YOUTH_LOAN: _("in één keer, na akkoord van iedereen"),
    Product.REFINANCING: _("in één keer, uw hele vordering"),
    Product.DEBT_MEDIATION: _("naar verwachting, ten minste elk jaar een deel"),
    Product.ZERO_OFFER: _("tegen finale kwijting"),
}
RANKS = {
    Rank.PREFERENTIAL: _("gelijk voor elke preferente schuldeiser"),
    Rank.CONCURRENT: _("gelijk voor elke concurrente schuldeiser"),
    Rank.SECURED: _("over wat de zekerheid niet dekt, gelijk aan concurrent"),
}
GROUPS = {"preferential": _("Preferent"), "concurrent": _("Concurrent"), "own": _("Uw vordering")}
OTHERS = {"preferential": _("Andere preferente"), "concurrent": _("Andere concurrente")}
ANSWERS = {
    OfferState.ACCEPTED: _("Geaccepteerd"),
    OfferState.ACCEPTED_OTHER_BALANCE: _("Geaccepteerd met een ander saldo"),
    OfferState.REJECTED: _("Afgewezen"),
    OfferState.RECONSIDERATION_ASKED: _("Heroverweging gevraagd"),
}
OVER = {
    ProposalState.AGREED: _("De regeling staat: alle schuldeisers zijn akkoord."),
    ProposalState.CLOSED: _("Het voorstel is gesloten zonder regeling."),
    ProposalState.WITHDRAWN: _("De Kredietbank heeft het voorstel ingetrokken. U hoeft niets te doen."),
    ProposalState.SUPERSEDED: _("De Kredietbank heeft het voorstel vervangen. U krijgt een nieuw aanbod."),
}


def weekday(value: date) -> str:
    """Write a day as `wo 17 juni`."""
    return f"{WEEKDAYS[value.weekday()]} {day_short(value)}"


def place(page: OfferPage) -> str:
    """Say where the offer stands among those that wait."""
    found = page.neighbours
    if found is None:
        return ""
    if not page.can_answer:
        return ngettext("nog %(num)s wacht", "nog %(num)s wachten", found.total)
    return gettext("%(place)s van %(total)s", place=number(found.place), total=number(found.total))


def due(page: OfferPage) -> str:
    """Say by which day an answer is expected, and how long that is."""
    left = page.working_days_left
    by = gettext("Antwoord voor %(day)s", day=weekday(page.answer_by))
    if left > 0:
        return f"{by}, {ngettext('nog %(num)s werkdag', 'nog %(num)s werkdagen', left)}"
    if left == 0:
        return f"{by}, {gettext('vandaag')}"
    return f"{by}, {ngettext('%(num)s werkdag te laat', '%(num)s werkdagen te laat', -left)}"


def cover_in_short(assessment: AssessmentPage | None) -> str:
    """Say in a few words why a consent did or did not cover an offer."""
    if assessment is None or assessment.version is None:
        return gettext("geen akkoord vooraf van kracht")
    missed = sum(not row.met for row in assessment.rows)
    if not missed:
        return gettext("alle bepalingen van versie %(version)s passen", version=assessment.version)
    facts = {"missed": missed, "all": len(assessment.rows)}
    return ngettext("%(missed)s van de %(all)s bepalingen past niet", "%(missed)s van de %(all)s bepalingen passen niet", missed, **facts)


def compared(assessment: AssessmentPage, rows: Iterable[tuple[int, str, str, str, bool, str]]) -> str:
    """Say which version was compared, and which clause decided."""
    facts = {"ref": assessment.consent_ref, "version": assessment.version}
    said = gettext("Wij vergeleken het aanbod met akkoord vooraf %(ref)s, versie %(version)s.", **facts)
    missed = [str(row[0]) for row in rows if not row[4]]
    if not missed:
        return f"{said} {gettext('Alle bepalingen passen.')}"
    why = ngettext(
        "Bepaling %(numbers)s past niet, daarom vragen wij het u.", "De bepalingen %(numbers)s passen niet, daarom vragen wij het u.",
        len(missed), numbers=", ".join(missed),
    )  # fmt: skip
    return f"{said} {why}"


def timeline(page: OfferPage) -> list[tuple[str, str, str]]:
    """Return the days of an offer in words."""
    return [(day_short(on), str(TERMS[what]), state) for on, what, state in page.terms]


def explained(page: OfferPage) -> str:
    """Say where the sum comes from, and that everybody is treated alike."""
    d = page.division
    facts = {"months": page.months, "capacity": euro(d.capacity_cents), "sum": euro(d.payment_cents), "count": d.count}
    if page.product is Product.ZERO_OFFER:
        return gettext("Deze cliënt kan niets aflossen en heeft niets te verkopen. Geen van de %(count)s vorderingen krijgt iets.", **facts)
    if page.product is Product.REFINANCING:
        return gettext("Alle %(count)s vorderingen worden helemaal betaald uit een nieuwe lening: samen %(sum)s.", **facts)
    if page.product is Product.DEBT_MEDIATION:
        return _mediation(facts)
    if not d.capacity_cents:
        return _from_extra(facts)
    return gettext(
        "Deze cliënt kan %(months)s maanden lang %(capacity)s missen. De Kredietbank leent uit wat dat nu waard is en betaalt meteen: "
        "%(sum)s voor %(count)s vorderingen. Preferente vorderingen krijgen het dubbele percentage.",
        **facts,
    )  # fmt: skip


def _from_extra(facts: dict[str, Any]) -> str:
    return gettext(
        "Deze cliënt kan elke maand niets missen, maar er is eenmalig geld. De Kredietbank betaalt dat meteen uit: %(sum)s voor "
        "%(count)s vorderingen. Preferente vorderingen krijgen het dubbele percentage.",
        **facts,
    )  # fmt: skip


def _mediation(facts: dict[str, Any]) -> str:
    return gettext(
        "Deze cliënt spaart %(months)s maanden lang %(capacity)s. Naar verwachting is dat samen %(sum)s voor %(count)s vorderingen. "
        "Preferente vorderingen krijgen het dubbele percentage.",
        **facts,
    )  # fmt: skip


def group(page: OfferPage, kind: str) -> str:
    """Name a group; the one to which the own claim belongs by its rank holds the others."""
    own = "preferential" if page.rank is Rank.PREFERENTIAL else "concurrent"
    return str(OTHERS[kind] if kind == own else GROUPS[kind])


def parts(page: OfferPage, fills: dict[str, str], share: str) -> list[tuple[str, str, str]]:
    """Return the parts of a bar: words, share in per cent, colour."""
    return [(group(page, one.kind), getattr(one, share), fills[one.kind]) for one in page.division.groups]


def others(page: OfferPage, *, short: bool = False) -> str:
    """Say in numbers how the creditors answered, and what a refusal may lead to."""
    said = how_many_agreed(page.others) if page.proposal is not ProposalState.AGREED else ""
    follows = OVER.get(page.proposal, "") if short else gettext("Wijst u af, dan kan de Kredietbank de rechter om een dwangakkoord vragen.")
    return f"{said} {follows}".strip()


def how_many_agreed(others: OthersAgreed | None) -> str:
    """Say how many of the others agreed, as far as it may be told."""
    if others is None:
        return ""
    if others.least == others.most:
        return gettext("%(agreed)s van de %(others)s andere schuldeisers zijn akkoord.", agreed=others.least, others=others.others)
    if others.least == 0:
        return gettext("Van de %(others)s andere schuldeisers is er nog hooguit één akkoord.", others=others.others)
    return gettext("Ten minste %(agreed)s van de %(others)s andere schuldeisers zijn akkoord.", agreed=others.least, others=others.others)


@dataclass(frozen=True)
class Question:
    """What the bank laid before a creditor when it asked once more, in words."""

    words: str
    numbers: str
    share: str
    court: tuple[str, ...]
    guidance: tuple[str, ...]


def asked_again(page: OfferPage) -> Question | None:
    """Return what the bank said when it asked once more; None when it did not."""
    facts = page.question.facts if page.question else {}
    if not facts:
        return None
    told = OthersAgreed(*(facts[name] for name in ("least", "most", "others"))) if "others" in facts else None
    own_share = facts.get("own_share")
    share = gettext("Uw vordering is %(share)s van de hele schuld.", share=pct(own_share)) if own_share else ""
    court = tuple(str(COURT[CourtPoint(one)]) for one in facts.get("court", ()))
    guidance = tuple(str(GUIDANCE[Guidance(one)]) for one in facts.get("guidance", ()))
    return Question(str(facts.get("words", "")), how_many_agreed(told), share, court, guidance)


def given_by(given: Given) -> str:
    """Say who answered, when, and by which way."""
    facts = {"who": given.who, "at": moment(given.at), "by": ANSWERED_BY[given.by]}
    if given.agent:
        return gettext("%(at)s, %(who)s van %(agent)s namens %(creditor)s, %(by)s.", agent=given.agent, creditor=given.creditor, **facts)
    return gettext("%(at)s, %(who)s, %(by)s.", **facts)


def follows(page: OfferPage) -> str:
    """Say what happens after an answer."""
    if page.proposal in OVER:
        return str(OVER[page.proposal])
    if page.state is OfferState.ACCEPTED:
        return gettext("Zodra alle schuldeisers akkoord zijn, krijgt u bericht.")
    return gettext("De Kredietbank bekijkt uw antwoord en neemt contact met u op als dat nodig is.")


def no_answer(page: OfferPage, reads: bool) -> str:  # noqa: FBT001 - whether the reader only reads along
    """Say why there is neither an answer nor a form."""
    if page.proposal in OVER:
        return str(OVER[page.proposal])
    return gettext("De schuldeiser heeft nog niet geantwoord.") if reads else gettext("Dit aanbod heeft geen antwoord.")


def history(page: OfferPage) -> list[tuple[str, str]]:
    """Return what happened to an offer, the newest first, ending with how it compared and when it was sent."""
    lines = [(_happened(one), moment(one.at)) for one in page.history]
    if not any(one.what == "covered" for one in page.history) and page.assessment and page.assessment.version:
        missed = gettext("Niet gedekt door akkoord vooraf, versie %(version)s", version=page.assessment.version)
        lines.append((missed, day(page.issued_on)))
    lines.append((gettext("Aanbod verstuurd door de Kredietbank"), day(page.issued_on)))
    return lines


def _happened(one: Happening) -> str:
    facts = {"who": one.who}
    match one.what:
        case "answered":
            return gettext("%(answer)s door %(who)s", answer=ANSWERS[OfferState(one.facts["state"])], **facts)
        case "covered":
            return _covered(one)
        case "closed":
            return gettext("Gesloten door de Kredietbank: %(reason)s", reason=one.facts.get("reason", ""))
    return str(HAPPENED.get(one.what, HAPPENED["other"])) % facts


def _covered(one: Happening) -> str:
    version = one.facts.get("version", "")
    if one.facts.get("effect") == Effect.PREPARE:
        return gettext("Klaargezet door akkoord vooraf, versie %(version)s", version=version)
    return gettext("Geaccepteerd door akkoord vooraf, versie %(version)s", version=version)


HAPPENED = {
    "opened": _("Geopend door %(who)s"),
    "opened by code": _("Geopend met de code van de brief"),
    "code renewed": _("Nieuwe code per post aangevraagd; de oude code werkt niet meer"),
    "reminded": _("Herinnering verstuurd door de Kredietbank"),
    "asked again": _("De Kredietbank vraagt om heroverweging"),
    "balance taken over": _("De Kredietbank neemt uw saldo over"),
    "undone": _("Antwoord ongedaan gemaakt door %(who)s"),
    "put back": _("Teruggezet bij de open aanbiedingen door %(who)s"),
    "clock stopped": _("De Kredietbank zet de klok stil"),
    "clock started": _("De klok loopt weer"),
    "taken back": _("Teruggenomen van de incassopartij door %(who)s"),
    "no response": _("Gesloten als ‘geen antwoord’"),
    "other": _("Gewijzigd door %(who)s"),
}
