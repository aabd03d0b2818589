"""Rules of accounts: passwords, codes, waits after failures, and which role fits which organisation. Pure."""

import hashlib
import re
from datetime import datetime, timedelta

from app.access import Kind, Role
from app.errors import Refusal

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_EMAIL, MOST_NAME = 254, 120
LEAST_PASSWORD, MOST_PASSWORD = 12, 200
ABSOLUTE = timedelta(hours=12)  # a session's longest life
IDLE = timedelta(minutes=30)  # and its longest rest
MEMORY = timedelta(days=1)  # after which failures are forgotten: an office shares one network address for years
INVITATION_DAYS = 7
FREE_FAILURES = 4  # wrong passwords or codes before one has to wait
RECOVERY_CODES = 10
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
MANAGERS = frozenset({Role.CREDITOR_MANAGER, Role.AGENT_MANAGER, Role.ADMINISTRATOR})  # of whom one stays

# What people take first when twelve characters are asked; compared without case, spaces and signs.
COMMON = frozenset(
    {
        "123456789012", "1234567890123", "wachtwoord12", "wachtwoord123", "wachtwoord1234", "password1234", "password12345", "qwertyuiop12",
        "qwertyuiop123", "amsterdam2025", "amsterdam2026", "welkom123456", "welkom1234567", "welkomwelkom", "ikhouvanjou1", "abcdefghijkl",
        "schuldeiser1", "schuldeiser123", "kredietbank1", "kredietbank123", "zomer2026zomer", "winter2026winter", "letmeinletmein",
    }
)  # fmt: skip


def check_password(password: str, email: str) -> None:
    """Raise Refusal for a password that is too short, too long, common, one sign repeated, or made of the address."""
    bare = re.sub(r"[\W_]", "", password.casefold())
    own = re.sub(r"[\W_]", "", email.partition("@")[0].casefold())
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Refusal("accounts.password_length", field="password", least=LEAST_PASSWORD, most=MOST_PASSWORD)
    if bare in COMMON or len(set(bare)) < 4 or (len(own) > 3 and own in bare):
        raise Refusal("accounts.password_common", field="password")


def wait_after(failures: int) -> timedelta:
    """Return how long one waits after so many failures in a row: nothing at first, then doubling up to an hour."""
    if failures <= FREE_FAILURES:
        return timedelta()
    return timedelta(minutes=min(60, 2 ** (failures - FREE_FAILURES - 1)))


def is_over(created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session is over: too old, or too long at rest."""
    return now - created_at >= ABSOLUTE or now - seen_at >= IDLE


def hash_token(token: str) -> bytes:
    """Return what is kept of a random token: with 256 random bits no slow hash is needed."""
    return hashlib.sha256(token.encode()).digest()


def is_secret(field: str) -> bool:
    """Tell whether a form's field holds what is never kept: a password, a code, the token against forged requests."""
    return field.rpartition("-")[2] in {"password", "code", "csrf_token"}


def bare_code(code: str) -> str:
    """Return a code as it is compared: without spaces and dashes, in capitals."""
    return re.sub(r"[\s-]", "", code).upper()


def check_person(name: str, email: str) -> None:
    """Raise Refusal for an address that no mail reaches, and for a name that is missing or longer than is kept."""
    if len(email) > MOST_EMAIL or not EMAIL.fullmatch(email):
        raise Refusal("accounts.not_an_email", field="email")
    if not 0 < len(name.strip()) <= MOST_NAME:
        raise Refusal("accounts.name_unfit", field="name")


def check_role(kind: Kind, role: Role) -> None:
    """Raise Refusal when a role does not exist in such an organisation."""
    if role not in ROLES[kind]:
        raise Refusal("accounts.role_unfit", field="role")
