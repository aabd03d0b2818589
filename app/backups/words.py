"""The sentences with which backup and restore say no."""

from flask_babel import lazy_gettext as _

REFUSALS = {
    "backups.exists": _("%(file)s bestaat al. Kies een andere naam; een reservekopie wordt nooit overschreven."),
    "backups.unwritable": _("%(file)s kan niet worden geschreven: %(reason)s. Er is geen reservekopie gemaakt."),
    "backups.not_ready": _("Het terugzetten is niet klaar: %(reason)s. Los dat op en zet deze reservekopie nog eens terug."),
    "backups.no_archive": _("Dit is geen reservekopie van het portaal. Er is niets veranderd."),
    "backups.other_key": _(
        "Deze reservekopie is met een andere sleutel gemaakt. Zet in PORTAL_FIELD_KEYS de sleutels van toen. Er is niets veranderd."
    ),
    "backups.changed": _("Deze reservekopie is beschadigd of veranderd. Neem een andere. Er is niets veranderd."),
    "backups.cut_off": _("Deze reservekopie houdt halverwege op. Neem een andere. Er is niets veranderd."),
    "backups.other_database": _(
        "Deze reservekopie is van %(theirs)s, en deze installatie gebruikt %(ours)s. Zet terug op hetzelfde soort database. "
        "Er is niets veranderd."
    ),
    "backups.newer": _("Deze reservekopie is van een nieuwere uitgave van het portaal. Installeer eerst die. Er is niets veranderd."),
    "backups.not_empty": _(
        "Deze installatie bevat al gegevens. Met --replace komt de reservekopie daarvoor in de plaats. Er is niets veranderd."
    ),
    "backups.in_use": _("De database is in gebruik. Stop eerst web en worker. Er is niets veranderd."),
    "backups.no_tables": _("De database heeft nog geen tabellen: voer eerst portal migrate uit."),
    "backups.no_right": _("Deze gebruiker van de database mag geen tabellen vervangen. Zet terug als de eigenaar. Er is niets veranderd."),
    "backups.chain_broken": _(
        "Het logboek in deze reservekopie klopt niet vanaf gebeurtenis %(event)s (%(reason)s). Neem een andere. Er is niets veranderd."
    ),
    "backups.rows_missing": _("In deze reservekopie kloppen de aantallen niet: %(table)s. Neem een andere. Er is niets veranderd."),
}
