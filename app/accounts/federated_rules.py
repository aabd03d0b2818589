"""Rules of signing in through a provider (OpenID Connect): what its token must say, and who that is. Pure.

After OpenID Connect Core 1.0, 3.1.3.7; RFC 8725 (best practice for tokens); RFC 9700 (security of OAuth); ASVS 5.0, V10.
"""

import json
import re
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from app.errors import Refusal

STAFF, CREDITORS = "staff", "creditors"  # the providers: the city's own, and a broker of eHerkenning
ATTEMPT = timedelta(minutes=10)  # from leaving for the provider to coming back
SIGN_IN, AGAIN, LINK = "sign in", "again", "link"  # what somebody goes to the provider for; again: to show anew who it is
LEEWAY = 60  # seconds that two clocks may differ
MOST_TOKEN = 16_000  # signs of a token that is still looked at
ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}  # a fixed list for each type of key; never a shared secret, never none
HEADER = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})  # names that a header may hold; none of them leads to a key elsewhere
LEVELS = ("EH2", "EH2+", "EH3", "EH4")  # levels of assurance of eHerkenning, rising
PART = re.compile(r"[A-Za-z0-9_-]+")
SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
KVK = re.compile(r"[0-9]{8}")
ESTABLISHMENT = re.compile(r"[0-9]{12}")


def refuse(reason: str, code: str = "accounts.federated_unfit", **facts: str) -> NoReturn:
    """Raise the Refusal of a sign-in; the audit keeps the reason, which the page does not show."""
    raise Refusal(code, reason=reason, **facts)


# ── an attempt ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Attempt:
    """What this browser set out with: kept in its signed cookie until it comes back, or ten minutes."""

    provider: str
    state: str
    nonce: str
    verifier: str
    at: int
    purpose: str = SIGN_IN

    @classmethod
    def begin(cls, provider: str, purpose: str, now: datetime) -> "Attempt":
        """Return a fresh one: 256 random bits each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(provider, state, nonce, verifier, int(now.timestamp()), purpose)

    def is_over(self, now: datetime) -> bool:
        return not 0 <= now.timestamp() - self.at <= ATTEMPT.total_seconds()


@dataclass(frozen=True)
class Answer:
    """What the provider sent the browser back with (RFC 6749, 4.1.2; the issuer: RFC 9207)."""

    state: str
    code: str = ""
    error: str = ""
    issuer: str = ""


# ── a token ──────────────────────────────────────────────────────────────────


def header_of(token: str) -> dict[str, str]:
    """Return the header of a signed token. Raises Refusal for everything but three plain parts and a header without surprises."""
    parts = token.split(".") if len(token) <= MOST_TOKEN else []
    if len(parts) != 3 or not all(PART.fullmatch(part) for part in parts):
        refuse("shape")
    header = object_of(part_of(parts[0]))
    if not header.keys() <= HEADER or not all(isinstance(value, str) for value in header.values()):
        refuse("header")
    if header.get("typ", "JWT").upper() != "JWT":
        refuse("type")
    if not 0 < len(header.get("kid", "")) <= 200:
        refuse("kid")
    if header.get("alg") not in {name for names in ALGORITHMS.values() for name in names}:
        refuse("algorithm")
    return header


def part_of(text: str) -> bytes:
    """Return the bytes of one part of a token. Raises Refusal."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        refuse("shape")


def object_of(content: bytes) -> dict[str, Any]:
    """Read a JSON object in which no name stands twice and every number is one. Raises Refusal."""
    try:
        found = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        refuse("json")
    if not isinstance(found, dict):
        refuse("json")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def check_claims(claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str, now: datetime) -> None:
    """Raise Refusal unless a token was made by this issuer, for us, for this very attempt, just now."""
    moment = now.timestamp()
    if claims.get("iss") != issuer:
        refuse("issuer")
    if claims.get("aud") not in (client_id, [client_id]):
        refuse("audience")
    if claims.get("azp", client_id) != client_id:
        refuse("authorised party")
    if not _same(claims.get("nonce"), nonce):
        refuse("nonce")
    if _moment(claims, "exp") <= moment - LEEWAY:
        refuse("expired")
    if not -ATTEMPT.total_seconds() - LEEWAY <= _moment(claims, "iat") - moment <= LEEWAY:
        refuse("issued at")
    if "nbf" in claims and _moment(claims, "nbf") > moment + LEEWAY:
        refuse("not before")
    _text(claims, "sub", SUBJECT)


def shown_at(claims: Mapping[str, Any], attempt: Attempt, now: datetime) -> datetime | None:
    """Return when the provider last asked who it is; None when it does not say.

    Raises Refusal for somebody who had to show that anew and was let through on an earlier sign-in.
    """
    given = _moment(claims, "auth_time") if "auth_time" in claims else None
    if attempt.purpose == AGAIN and (given is None or given < attempt.at - LEEWAY):
        refuse("auth_time", "accounts.federated_not_again")
    return None if given is None else min(datetime.fromtimestamp(given, UTC), now)


def _same(given: object, wanted: str) -> bool:
    return isinstance(given, str) and secrets.compare_digest(given.encode(), wanted.encode())


def _moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 < value < 2**37:  # True is an int too, a text is not a moment, and the calendar ends in 9999
        refuse(name)
    return value


def _text(claims: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        refuse(name)
    return value


# ── who it is ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class StaffIdentity:
    """Somebody of the city as its own provider knows it; the address is there only when the provider verified it."""

    subject: str
    email: str
    is_strong: bool  # the provider asked a second factor


@dataclass(frozen=True)
class CreditorIdentity:
    """Somebody who acts for an organisation, as an eHerkenning broker tells it: a pseudonym within that organisation."""

    subject: str
    kvk: str
    establishment: str  # the one establishment (vestiging) that its mandate is for; empty: the whole organisation
    level: str


def staff_identity(claims: Mapping[str, Any]) -> StaffIdentity:
    """Return who of the city this is. `xms_edov` is how Entra ID says that it verified the address's domain."""
    email = claims.get("email")
    verified = claims.get("email_verified") is True or claims.get("xms_edov") in (True, 1, "1", "true")
    methods = claims.get("amr")
    is_strong = isinstance(methods, list) and "mfa" in methods
    return StaffIdentity(claims["sub"], email.strip().lower() if verified and isinstance(email, str) else "", is_strong)


def creditor_identity(claims: Mapping[str, Any], names: Mapping[str, str], levels: Mapping[str, str], least: str) -> CreditorIdentity:
    """Return who acts for which organisation. `names` says how the broker calls each claim, `levels` what its levels mean.

    Raises Refusal when it does not say for which organisation, when the level is too low, and for a chain of mandates.
    """
    level = _level(claims.get(names["level"]), levels, least)
    kvk = claims.get(names["kvk"])
    if not isinstance(kvk, str) or not KVK.fullmatch(kvk):
        refuse("kvk", "accounts.federated_no_organisation")
    if claims.get(names["intermediary"]):
        refuse("intermediary", "accounts.federated_intermediary")
    establishment = claims.get(names["establishment"]) or ""
    if establishment and not (isinstance(establishment, str) and ESTABLISHMENT.fullmatch(establishment)):
        refuse("establishment")
    return CreditorIdentity(_text(claims, names["person"], SUBJECT), kvk, establishment, level)


def _level(given: object, levels: Mapping[str, str], least: str) -> str:
    """Return the level of assurance. A level that is not known counts as none: it is too low."""
    level = levels.get(given, "") if isinstance(given, str) else ""
    if level not in LEVELS or LEVELS.index(level) < LEVELS.index(least):
        refuse("level", "accounts.federated_level", level=level or "–", least=least)
    return level
