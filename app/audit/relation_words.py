"""What the portal says in the audit about escalations, meetings and commitments. Dutch here, English in the catalogue."""

from typing import Any

from flask_babel import lazy_gettext as _

ACTIONS: dict[str, Any] = {
    "escalations:start": _("escalatie begonnen"),
    "escalations:note-result": _("resultaat van een stap bewaard"),
    "escalations:climb": _("een stap hoger"),
    "escalations:change": _("stap gewijzigd"),
    "escalations:close": _("escalatie afgesloten"),
    "escalations:export": _("lijst gedownload"),
    "meetings:plan": _("overleg gepland"),
    "meetings:change": _("overleg verzet"),
    "meetings:add-item": _("agendapunt toegevoegd"),
    "meetings:drop-item": _("agendapunt weggehaald"),
    "meetings:note": _("notitie bij een overleg"),
    "meetings:minute": _("verslag geschreven"),
    "meetings:cancel": _("overleg afgezegd"),
    "meetings:export": _("lijst gedownload"),
    "meetings:subscribe": _("agenda-adres gemaakt"),
    "meetings:unsubscribe": _("agenda-adres gestopt"),
    "commitments:make": _("afspraak gemaakt"),
    "commitments:check": _("afspraak gecontroleerd"),
    "commitments:plan-check": _("controle gepland"),
    "commitments:end": _("afspraak beëindigd"),
    "commitments:export": _("lijst gedownload"),
    "profiles:open": _("profiel bekeken"),
    "profiles:print": _("profiel op papier gezet"),
}
SUBJECTS: dict[str, Any] = {
    "escalation": _("escalatie"),
    "meeting": _("overleg"),
    "commitment": _("afspraak"),
    "feed": _("agenda-adres"),
    "profile": _("profiel"),
}
FIELDS: dict[str, Any] = {
    "begins": _("begint"),
    "check_on": _("controle op"),
    "counted": _("geteld"),
    "due_on": _("uiterlijk"),
    "is_kept": _("nagekomen"),
    "level": _("stap"),
    "met": _("waarvan op tijd"),
    "place": _("plaats"),
    "result": _("resultaat"),
}
VALUES: dict[str, Any] = {
    "alderman": _("wethouder"),
    "board": _("bestuur"),
    "cancelled": _("afgezegd"),
    "contact person": _("contactpersoon"),
    "covenant body": _("koepel van het convenant"),
    "ended": _("beëindigd"),
    "held": _("gehouden"),
    "kept": _("nagekomen"),
    "management": _("leiding"),
    "no answer": _("geen antwoord"),
    "not kept": _("niet nagekomen"),
    "nothing to count": _("niets te tellen"),
    "partly settled": _("deels opgelost"),
    "planned": _("gepland"),
    "promised": _("toegezegd"),
    "refused": _("geweigerd"),
    "settled": _("opgelost"),
    "supervisor": _("toezichthouder Wki"),
}
