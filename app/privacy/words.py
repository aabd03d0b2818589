"""What the portal says about privacy: a sentence for each code. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

REFUSALS = {
    "privacy.reason_missing": _("Schrijf waarom de gegevens moeten rusten."),
    "privacy.proposal_runs": _("Er loopt nog een voorstel. Trek dat eerst in, dan kan het dossier worden gesloten."),
}

DONE = {
    "restrict": _("De gegevens in dit dossier rusten nu. Schuldeisers zien het niet meer en er gaat niets uit."),
    "lift": _("Het dossier is weer zichtbaar. De termijnen zijn opgeschoven met de werkdagen dat het rustte."),
    "close": _("Het dossier is gesloten."),
    "reopen": _("Het dossier is weer open."),
}
