"""What the portal says in the audit about practice reports and benchmarks. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

ACTIONS = {
    "creditors:check-wki": _("Wki-nummer nagekeken"),
    "costs:check": _("incassokosten getoetst"),
    "practices:add-evidence": _("bewijs toegevoegd"),
    "practices:publish": _("benchmark gemaakt"),
    "practices:remark": _("opmerking bij een antwoord"),
    "practices:remind": _("aan praktijkrapport herinnerd"),
    "practices:remove-evidence": _("bewijs weggehaald"),
    "practices:reopen": _("praktijkrapport heropend"),
    "practices:save": _("onderdeel bewaard"),
    "practices:start": _("praktijkrapport begonnen"),
    "practices:submit": _("praktijkrapport ingediend"),
}
SUBJECTS = {"practices": _("praktijkrapport")}
FIELDS = {
    "answers": _("antwoorden"),
    "mark": _("oordeel"),
    "question": _("vraag"),
    "reports": _("rapporten"),
    "section": _("onderdeel"),
    "wki_checked_on": _("nagekeken op"),
    "wki_number": _("Wki-nummer"),
    "year": _("jaar"),
}
VALUES = {
    "questioned": _("bevraagd"),
    "reopened": _("heropend"),
    "reply": _("antwoord"),
    "seen": _("gezien"),
    "submitted": _("ingediend"),
    "verified": _("nagekeken"),
}
