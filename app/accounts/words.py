"""What the portal says about accounts: a sentence for each code. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.access import Role
from app.accounts.federated_rules import CREDITORS, STAFF
from app.accounts.rules import SignupRefusal

REFUSALS = {
    "signups.not_a_kvk": _("Dit is geen KvK-nummer. Een KvK-nummer heeft acht cijfers."),
    "signups.wait": _("Er is te vaak een account gevraagd. Probeer het over %(minutes)s minuten opnieuw."),
    "signups.not_checked": _("Zoek het KvK-nummer eerst op in het handelsregister."),
    "signups.kvk_differs": _(
        "Dit KvK-nummer is een ander dan dat in het register. Pas eerst het register aan, of wijs de aanmelding af. Er is niets veranderd."
    ),
    "signups.has_people": _(
        "Bij deze organisatie werken al mensen met het portaal. Wijs de aanmelding af: haar beheerder voegt collega’s toe. "
        "Er is niets veranderd."
    ),
    "signups.words_missing": _("Schrijf op waarom u de aanmelding afwijst."),
    "accounts.sign_in_failed": _("E-mailadres of wachtwoord klopt niet. Probeer het opnieuw."),
    "accounts.wait": _("Er is te vaak iets verkeerds ingevuld. Wacht %(minutes)s minuten en probeer het dan opnieuw."),
    "accounts.code_wrong": _("Deze code klopt niet, of is al gebruikt. Wacht tot uw app een nieuwe code toont."),
    "accounts.passkey_wrong": _("Deze passkey klopt niet, of het duurde te lang. Probeer het opnieuw, of gebruik een code."),
    "accounts.passkey_name": _("Geef de passkey een naam van ten hoogste %(most)s tekens, zoals ‘telefoon’."),
    "accounts.passkeys_many": _("U hebt al %(most)s passkeys. Verwijder er eerst een."),
    "accounts.last_factor": _(
        "Dit is de laatste manier om te laten zien dat u het bent. Voeg eerst een andere toe; er is niets veranderd."
    ),
    "accounts.last_way_in": _("Dit is uw enige manier om in te loggen. Koppel eerst een ander inlogmiddel; er is niets veranderd."),
    "accounts.password_wrong": _("Uw huidige wachtwoord klopt niet. Er is niets veranderd."),
    "accounts.own_role": _("Uw eigen rol geeft u niet zelf. Vraag een andere beheerder; er is niets veranderd."),
    "accounts.no_membership": _("U werkt op dit moment voor geen organisatie in het portaal. Vraag een beheerder van uw organisatie."),
    "accounts.password_length": _("Kies een wachtwoord van %(least)s tot %(most)s tekens."),
    "accounts.password_common": _(
        "Dit wachtwoord is te makkelijk te raden. Neem bijvoorbeeld vier woorden die niets met elkaar te maken hebben."
    ),
    "accounts.not_an_email": _("Dit is geen e-mailadres, zoals naam@organisatie.nl."),
    "accounts.name_unfit": _("Vul een naam in."),
    "accounts.role_unfit": _("Deze rol bestaat niet bij deze organisatie."),
    "accounts.works_here_already": _("Deze collega staat al in de lijst. Er is niets veranderd."),
    "accounts.works_elsewhere": _(
        "Deze collega werkt ook voor een andere organisatie. Vraag de beheerder van het portaal; er is niets veranderd."
    ),
    "accounts.not_oneself": _("U kunt uzelf niet afmelden. Vraag een andere beheerder; er is niets veranderd."),
    "accounts.last_manager": _("Dit is de laatste beheerder. Maak eerst een collega beheerder; er is niets veranderd."),
    "accounts.unknown_email": _("Er is niemand met het e-mailadres %(email)s."),
    "accounts.unknown_organisation": _("Er is geen organisatie met naam of code %(organisation)s."),
    "accounts.federated_unfit": _(
        "Het antwoord bij het inloggen met %(provider)s klopt niet. Er is niets veranderd. Probeer het opnieuw; lukt het weer niet, "
        "bel dan de Kredietbank op 020 555 01 00."
    ),
    "accounts.federated_away": _(
        "Inloggen met %(provider)s lukt nu niet: er komt geen antwoord. Er is niets verloren. Probeer het over een paar minuten "
        "opnieuw, of log in met uw wachtwoord."
    ),
    "accounts.federated_over": _(
        "Deze poging om in te loggen is al gebruikt, duurde te lang of begon in een andere browser. Begin opnieuw."
    ),
    "accounts.federated_stopped": _("Het inloggen met %(provider)s is niet afgemaakt. Er is niets veranderd."),
    "accounts.federated_not_again": _("Voor deze stap moet u met %(provider)s opnieuw laten zien wie u bent. Begin opnieuw."),
    "accounts.federated_level": _(
        "Uw inlogmiddel heeft niveau %(level)s; voor dit portaal is %(least)s of hoger nodig. Vraag uw eHerkenningsleverancier om een "
        "middel met dat niveau."
    ),
    "accounts.federated_no_organisation": _(
        "eHerkenning noemt geen KvK-nummer. Log in met een middel waarmee u voor uw organisatie gemachtigd bent."
    ),
    "accounts.federated_unknown_organisation": _(
        "De organisatie met KvK-nummer %(kvk)s staat niet in ons register. Bel de Kredietbank op 020 555 01 00, op werkdagen van 9.00 tot "
        "17.00 uur; daarna kunt u inloggen."
    ),
    "accounts.federated_organisation_twice": _(
        "KvK-nummer %(kvk)s staat meer dan eens in ons register: voor wie u werkt, is niet zeker. Bel de Kredietbank op 020 555 01 00."
    ),
    "accounts.federated_establishment": _(
        "Uw machtiging geldt alleen voor vestiging %(establishment)s. In ons register staat uw organisatie als geheel. Vraag uw "
        "machtigingenbeheerder om een machtiging voor de hele organisatie, of bel de Kredietbank op 020 555 01 00."
    ),
    "accounts.federated_intermediary": _(
        "U logt in met een ketenmachtiging. Log in voor uw eigen organisatie: wie voor schuldeisers optreedt, ziet hun aanbiedingen daar."
    ),
    "accounts.federated_unknown_person": _(
        "U staat nog niet in het portaal, of uw uitnodiging is verlopen. Vraag de beheerder van het portaal om u (opnieuw) uit te nodigen."
    ),
    "accounts.federated_linked": _("Met dit inlogmiddel logt al iemand anders in. Er is niets veranderd."),
    "accounts.federated_elsewhere": _("Dit inlogmiddel hoort bij een organisatie waar u niet werkt. Er is niets veranderd."),
    "accounts.access_code_wrong": _("Deze code klopt niet. Kijk in de laatste mail die u kreeg."),
    "accounts.has_account": _("Met dit adres is er al een account. Log daarmee in en koppel eHerkenning op de bladzijde van uw account."),
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

PROVIDERS = {STAFF: _("uw werkaccount van de stad"), CREDITORS: _("eHerkenning")}

SIGNUP_REFUSALS = {
    SignupRefusal.OTHER_NUMBER: _("Het KvK-nummer hoort niet bij de organisatie van de brief"),
    SignupRefusal.NOT_OF_IT: _("Niet gebleken dat de aanvrager er werkt"),
    SignupRefusal.HAS_ACCOUNT: _("De organisatie heeft al een account"),
    SignupRefusal.OTHER: _("Anders, leg uit"),
}
