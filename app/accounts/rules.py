"""Rules of accounts: passwords, codes, waits after failures, and which role fits which organisation. Pure."""

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum

from zxcvbn import zxcvbn

from app.access import Kind, Role
from app.errors import Refusal

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_EMAIL, MOST_NAME = 254, 120
LEAST_PASSWORD, MOST_PASSWORD = 12, 200
ABSOLUTE = timedelta(hours=12)  # a session's longest life
IDLE = timedelta(minutes=30)  # and its longest rest
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is kept: a page more within it writes nothing
FRESH = timedelta(minutes=5)  # how long a second factor counts before it is asked again for what matters
FIRST_STEP = timedelta(minutes=10)  # how long a right password waits for the second factor
RESET_FOR = timedelta(hours=1)  # how long the link of a forgotten password works
CHALLENGE_FOR = timedelta(minutes=5)  # how long a passkey may take to sign
MOST_PASSKEYS, MOST_PASSKEY_NAME = 10, 60
MEMORY = timedelta(days=1)  # after which failures are forgotten: an office shares one network address for years
INVITATION_DAYS = 7
FREE_FAILURES = 4  # wrong passwords or codes before one has to wait
RECOVERY_CODES = 10
RECOVERY_SIGNS = 28  # of 30 that are told apart: 137 bits
MOST_UNSENT = 8000  # signs of a form that is kept when it comes after the end of its session
UNSENT_FOR = timedelta(days=1)

ROLES: dict[Kind, tuple[Role, ...]] = {
    Kind.CREDITOR: (Role.CREDITOR_WORKER, Role.CREDITOR_MANAGER),
    Kind.AGENT: (Role.AGENT_WORKER, Role.AGENT_MANAGER),
    Kind.BANK: (Role.OFFICER,),
    Kind.RELATIONS_TEAM: (Role.RELATIONSHIP_MANAGER,),
    Kind.NEIGHBOURHOOD_TEAM: (Role.COUNSELLOR,),
    Kind.CITY: (Role.AUDITOR, Role.ADMINISTRATOR),
}


class SignupRefusal(StrEnum):
    """Why the bank gives no first account."""

    OTHER_NUMBER = "not the number of the register"
    NOT_OF_IT = "not somebody of the organisation"
    HAS_ACCOUNT = "has an account already"
    OTHER = "other"


MANAGERS = frozenset({Role.CREDITOR_MANAGER, Role.AGENT_MANAGER, Role.ADMINISTRATOR})  # of whom one stays

CITY_KINDS = frozenset({Kind.BANK, Kind.RELATIONS_TEAM, Kind.NEIGHBOURHOOD_TEAM, Kind.CITY})  # whose roles reach everybody's rows

LEAST_GUESSES = 10**10  # that a stolen table of hashes would cost at the least; a list of the common ones is far shorter
READ_OF_PASSWORD = 72  # signs that are judged: reckoning grows with the square of their number
# What Dutch people and people of this portal take first; English words, names, walks over the keys and dates are the library's.
OWN_WORDS = re.findall(
    r"\w+",
    "wachtwoord welkom welkom1 geheim inloggen toegang hallo schat liefde lieverd ikhouvanjou voetbal ajax feyenoord psv oranje "
    "nederland holland amsterdam rotterdam utrecht mokum gemeente stad kantoor computer internet zomer herfst winter lente vakantie "
    "januari februari maart april mei juni juli augustus september oktober november december maandag dinsdag woensdag donderdag vrijdag "
    "zaterdag zondag schuld schulden schuldenvrij schuldeiser schuldeisers schuldeisersportaal portaal kredietbank bank krediet incasso "
    "deurwaarder buurtteam beheerder medewerker hulpverlener relatiebeheer waterbedrijf paard konijn hond poes vlinder bloem zonnetje",
)


def check_password(password: str, email: str, name: str = "") -> None:
    """Raise Refusal for a password that is too short or long, or quickly guessed by who knows the common ones and the person.

    No signs are prescribed (ASVS 5.0, 6.2.5); length and how often others take the same decide.
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Refusal("accounts.password_length", field="password", least=LEAST_PASSWORD, most=MOST_PASSWORD)
    own = [part for part in re.split(r"[\W_]+", f"{email} {name}".casefold()) if len(part) > 2]
    known = [*OWN_WORDS, *own, email.partition("@")[0].casefold()]
    if zxcvbn(password[:READ_OF_PASSWORD], user_inputs=known)["guesses"] < LEAST_GUESSES:
        raise Refusal("accounts.password_common", field="password")


def wait_after(failures: int) -> timedelta:
    """Return how long one waits after so many failures in a row: nothing at first, then doubling up to an hour."""
    if failures <= FREE_FAILURES:
        return timedelta()
    return timedelta(minutes=min(60, 2 ** (failures - FREE_FAILURES - 1)))


def is_over(created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session is over: too old, or too long at rest."""
    return now - created_at >= ABSOLUTE or now - seen_at >= IDLE


def is_fresh(second_factor_at: datetime | None, now: datetime) -> bool:
    """Tell whether a second factor was given so recently that it is not asked again."""
    return second_factor_at is not None and now - second_factor_at < FRESH


def hash_token(token: str) -> bytes:
    """Return what is kept of a random token: with 256 random bits no slow hash is needed."""
    return hashlib.sha256(token.encode()).digest()


def is_secret(field: str) -> bool:
    """Tell whether a form's field holds what is never kept: a password, a code, the token against forged requests."""
    return field.rpartition("-")[2] in {"password", "old", "code", "recovery", "csrf_token"}


def bare_code(code: str) -> str:
    """Return a code as it is compared: without spaces and dashes, in capitals."""
    return re.sub(r"[\s-]", "", code).upper()


def in_fours(code: str) -> str:
    """Write a long code as people copy it: four signs at a time."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def check_person(name: str, email: str) -> None:
    """Raise Refusal for an address that no mail reaches, and for a name that is missing or longer than is kept."""
    if len(email) > MOST_EMAIL or not EMAIL.fullmatch(email):
        raise Refusal("accounts.not_an_email", field="email")
    check_name(name)


def check_name(name: str) -> None:
    """Raise Refusal for a name that is missing or longer than is kept."""
    if not 0 < len(name.strip()) <= MOST_NAME:
        raise Refusal("accounts.name_unfit", field="name")


def check_role(kind: Kind, role: Role) -> None:
    """Raise Refusal when a role does not exist in such an organisation."""
    if role not in ROLES[kind]:
        raise Refusal("accounts.role_unfit", field="role")


def check_kvk(number: str) -> str:
    """Return a number of the trade register without spaces and dots: eight digits. Raises Refusal."""
    bare = re.sub(r"[\s.]", "", number)
    if not re.fullmatch(r"[0-9]{8}", bare):
        raise Refusal("signups.not_a_kvk", field="kvk")
    return bare


def check_same_firm(registered: str, told: str, *, checked: bool) -> None:
    """Raise Refusal when nobody looked a number of the trade register up, or it is another than the register of creditors has."""
    if not checked:
        raise Refusal("signups.not_checked", field="checked")
    if registered and registered != told:
        raise Refusal("signups.kvk_differs", field="checked")
