"""Words about going to court: what a judge looks at, what was arranged, what the bundle needs. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.proposals.court_rules import CourtPoint, Guidance, Paper

COURT = {
    CourtPoint.COMPLETE_OFFER: _("Het aanbod is volledig en met stukken onderbouwd."),
    CourtPoint.COMPETENT_BODY: _("Een bevoegde instantie heeft de regeling gemaakt."),
    CourtPoint.MAXIMUM: _("Dit is het hoogst haalbare voor deze cliënt."),
    CourtPoint.WSNP_YIELDS_LESS: _("De wettelijke schuldsanering (Wsnp) levert naar verwachting minder op."),
    CourtPoint.SAFEGUARDS: _("Er is begeleiding geregeld, zodat de afspraken worden nagekomen."),
    CourtPoint.DEBTS_PROVEN: _("De schulden zijn aangetoond."),
    CourtPoint.EQUAL_TREATMENT: _("Alle schuldeisers worden gelijk behandeld."),
    CourtPoint.SHARE: _("Het deel van deze schuldeiser in de hele schuld weegt mee."),
    CourtPoint.GOOD_FAITH: _("De cliënt is te goeder trouw."),
    CourtPoint.KINDS_OF_DEBT: _("De soort schulden staat een regeling niet in de weg."),
}

GUIDANCE = {
    Guidance.BUDGET_MANAGEMENT: _("budgetbeheer"),
    Guidance.BUDGET_COACH: _("een budgetcoach"),
    Guidance.NEIGHBOURHOOD_TEAM: _("begeleiding door het buurtteam"),
    Guidance.WORK: _("hulp bij het vinden van werk"),
    Guidance.AFTERCARE: _("nazorg na de regeling"),
}

PAPERS = {
    Paper.PETITION: _("Verzoekschrift om een dwangakkoord, binnen het verzoek om schuldsanering"),
    Paper.DEBT_LIST: _("Lijst van schulden met saldo’s"),
    Paper.REJECTED_OFFER: _("Het afgewezen aanbod met de redenen"),
    Paper.WHO_AGREED: _("Wie akkoord is, wie weigert en waarom"),
    Paper.STATUTORY_SCHEME: _("Wat de wettelijke schuldsanering (Wsnp) zou opleveren"),
    Paper.ASSETS: _("Bezittingen en zekerheden"),
    Paper.INCOME: _("Inkomen en wat daarin over drie jaar verandert"),
    Paper.FIXED_COSTS: _("Vaste lasten"),
    Paper.PARTNER: _("Gegevens van de partner"),
    Paper.MUNICIPAL_STATEMENT: _("Verklaring van de gemeente met redenen (artikel 285 Faillissementswet)"),
    Paper.SURETYSHIPS: _("Borgstellingen"),
}
