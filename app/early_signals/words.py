"""What the portal says when it refuses an early signal or a row of a file. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.exchange.words import REFUSALS as FILES

REFUSALS = {
    **FILES,
    "early_signals.upload_title": _("Vroegsignalen inlezen"),
    "early_signals.unknown_reporter": _("Er staat geen melder met code %(reporter)s in het register. Er is niets ingelezen."),
    "early_signals.not_own_code": _("Deze code is niet van de melder. Wie meldt, meldt alleen voor zichzelf."),
    "early_signals.not_chosen_code": _("Deze code is niet van de schuldeiser die u koos."),
    "early_signals.no_mandate": _("U hebt geen lopende volmacht van deze schuldeiser. Er is niets gemeld."),
    "early_signals.unknown_agent": _("Er staat geen incassopartij met code %(agent)s in het register. Er is niets ingelezen."),
    "early_signals.agent_without_mandate": _(
        "Incassopartij %(agent)s heeft geen lopende volmacht van schuldeiser %(reporter)s. Er is niets ingelezen."
    ),
    "early_signals.reported_by_other": _(
        "Met dit kenmerk en deze dag is namens deze schuldeiser al gemeld. Kies een ander kenmerk of een andere dag."
    ),
    "early_signals.reported_in_your_name": _(
        "Met dit kenmerk en deze dag meldde uw incassopartij al iets anders. Kies een ander kenmerk of een andere dag."
    ),
    "early_signals.row_closed": _("Dit signaal is al ingetrokken of afgerond en verandert niet meer."),
    "early_signals.row_unconfirmed": _(
        "Bevestig wat u deed voordat u meldde: vul J in bij %(columns)s, of bevestig het voor alle regels tegelijk."
    ),
    "early_signals.reported_in_future": _("De dag van de melding ligt in de toekomst."),
    "early_signals.born_in_future": _("De geboortedatum ligt in de toekomst."),
    "early_signals.born_too_long_ago": _("De geboortedatum ligt meer dan 120 jaar terug."),
    "early_signals.too_small": _("De achterstand is lager dan € %(least)s. Zulke achterstanden volgt de stad niet op."),
    "early_signals.too_early": _("De achterstand is nog geen %(least)s dagen oud. Meld pas daarna."),
    "early_signals.too_old_for_health": _("De achterstand is ouder dan %(most)s dagen. Meld de verzekerde bij het CAK en kies die soort."),
    "early_signals.unconfirmed": _("Een verhuurder bevestigt alle vier de stappen. Zet overal een vinkje, of meld later."),
    "early_signals.confirms_later": _(
        "De verhuurder bevestigde de vier stappen nog niet. Het team vraagt dat na, voordat het contact zoekt."
    ),
    "early_signals.perhaps_cak": _("Naar het aantal termijnen is dit ouder dan 100 dagen. Klopt dat, dan hoort dit bij het CAK."),
    "early_signals.odd_sort": _("Dit soort melding past niet bij uw branche. Kijk na of het klopt."),
    "early_signals.already_reported": _(
        "Met dit kenmerk en deze dag hebt u al iets anders gemeld. Kies een ander kenmerk of een andere dag."
    ),
    "early_signals.followed": _("Dit signaal is al afgerond. Er is niets veranderd."),
    "early_signals.withdrawn": _("De melder heeft dit signaal ingetrokken. Er valt niets meer te doen."),
    "early_signals.attempt_in_future": _("Deze dag ligt in de toekomst."),
    "early_signals.attempt_too_early": _("Deze dag ligt voor de dag waarop het signaal binnenkwam."),
    "early_signals.part_missing": _("Kies een dagdeel."),
    "early_signals.desk_needs_outcome": _("Zonder contactpoging is er alleen een resultaat: kies er een, en zet bereikt op nee."),
    "early_signals.outcome_needs_contact": _("Dit resultaat kan alleen als iemand is bereikt."),
    "early_signals.outcome_without_contact": _("Dit resultaat kan niet: er is al iemand bereikt."),
    "early_signals.choose_rows": _("Kies eerst een of meer signalen."),
    "early_signals.too_many_rows": _("Dit zijn er te veel. Kies ten hoogste %(most)s signalen tegelijk."),
    "early_signals.nothing_known": _("Er is niets genoteerd: u keek nog niets na. Kies bij een van de vragen ja of nee, en bewaar dan."),
    "early_signals.row_missing": _("Dit signaal staat niet bij uw team."),
}
COUNTED = _("%(new)s nieuw, %(changed)s gewijzigd, %(unchanged)s ongewijzigd, %(rejected)s afgewezen")

FIELDS = {
    "reference": _("Kenmerk"),
    "reported_on": _("Datum"),
    "arrears_cents": _("Achterstand"),
    "instalments": _("Termijnen"),
    "sort": _("Soort"),
    "days": _("Dagen achterstand"),
}
