"""What the portal says about accounts: a sentence for each code. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.access import Role

REFUSALS = {
    "accounts.sign_in_failed": _("E-mailadres of wachtwoord klopt niet. Probeer het opnieuw."),
    "accounts.wait": _("Er is te vaak iets verkeerds ingevuld. Wacht %(minutes)s minuten en probeer het dan opnieuw."),
    "accounts.code_wrong": _("Deze code klopt niet, of is al gebruikt. Wacht tot uw app een nieuwe code toont."),
    "accounts.no_membership": _("U werkt op dit moment voor geen organisatie in het portaal. Vraag een beheerder van uw organisatie."),
    "accounts.password_length": _("Kies een wachtwoord van %(least)s tot %(most)s tekens."),
    "accounts.password_common": _(
        "Dit wachtwoord is te makkelijk te raden. Neem bijvoorbeeld vier woorden die niets met elkaar te maken hebben."
    ),
    "accounts.not_an_email": _("Dit is geen e-mailadres, zoals naam@organisatie.nl."),
    "accounts.name_unfit": _("Vul een naam in."),
    "accounts.role_unfit": _("Deze rol bestaat niet bij deze organisatie."),
    "accounts.works_here_already": _("Deze collega staat al in de lijst. Er is niets veranderd."),
    "accounts.closed": _("Dit account is gesloten. Vraag de beheerder van het portaal om het weer te openen."),
    "accounts.works_elsewhere": _(
        "Deze collega werkt ook voor een andere organisatie. Vraag de beheerder van het portaal; er is niets veranderd."
    ),
    "accounts.not_oneself": _("U kunt uzelf niet afmelden. Vraag een andere beheerder; er is niets veranderd."),
    "accounts.last_manager": _("Dit is de laatste beheerder. Maak eerst een collega beheerder; er is niets veranderd."),
    "accounts.unknown_email": _("Er is niemand met het e-mailadres %(email)s."),
    "accounts.unknown_organisation": _("Er is geen organisatie met naam of code %(organisation)s."),
}

ROLES = {
    Role.CREDITOR_WORKER: _("medewerker"),
    Role.CREDITOR_MANAGER: _("beheerder, mag tekenen"),
    Role.AGENT_WORKER: _("medewerker"),
    Role.AGENT_MANAGER: _("beheerder"),
    Role.OFFICER: _("medewerker Kredietbank"),
    Role.RELATIONSHIP_MANAGER: _("relatiebeheerder"),
    Role.COUNSELLOR: _("hulpverlener"),
    Role.AUDITOR: _("auditor"),
    Role.ADMINISTRATOR: _("beheerder van het portaal"),
}
