"""What the portal says about files that people add: a sentence for each refusal. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

REFUSALS = {
    "attachments.empty": _("Het bestand “%(name)s” is leeg. Kies het opnieuw."),
    "attachments.too_large": _("Het bestand “%(name)s” is groter dan %(megabytes)s MB. Maak het kleiner of deel het op."),
    "attachments.unknown": _(
        "Het bestand “%(name)s” nemen wij niet aan. Stuur een pdf, een foto (jpg, png, webp of heic), een Word- of Excelbestand "
        "zonder macro’s, een odt-, txt- of csv-bestand."
    ),
    "attachments.infected": _("In het bestand “%(name)s” zit een virus. Wij nemen het niet aan. Laat uw apparaat nakijken."),
    "attachments.scanner_away": _(
        "Wij kunnen bestanden nu niet op virussen nakijken. Probeer het later opnieuw. Wat u typte, blijft staan. Kies de bestanden "
        "dan opnieuw."
    ),
    "attachments.too_many": _("Bij één onderwerp passen %(most)s bestanden. Haal er eerst een weg."),
}
