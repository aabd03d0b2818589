"""The settings of one installation, and the only reader of the environment."""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

INSTANCE = Path(__file__).parent.parent / "instance"
LEAST_SECRET = 32  # signs


class MissingSetting(SystemExit):
    """A setting that production needs is missing or unfit: the start stops with its name."""


@dataclass(frozen=True)
class FieldKeys:
    """The keys of personal columns: a ring by number (the highest encrypts) and one of its own for blind indexes.

    While the key of the indexes is changed, `old_index` is the one before: what was indexed with it is still found.
    """

    ring: Mapping[int, bytes] = field(repr=False)
    index: bytes = field(repr=False)
    old_index: bytes | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> "FieldKeys":
        """Read `index:BASE64,1:BASE64,2:BASE64` (and `index-old:BASE64`), each 32 bytes. Raises ValueError when it has another shape."""
        named = {name: b64decode(key, validate=True) for name, _, key in (part.strip().partition(":") for part in text.split(","))}
        index, old_index = named.pop("index"), named.pop("index-old", None)
        ring = {int(number): key for number, key in named.items()}
        if not ring or any(len(key) != 32 for key in (index, old_index or index, *ring.values())):
            raise ValueError("field keys are 32 bytes each")
        if not set(ring) <= set(range(1, 256)):
            raise ValueError("a key's number is one byte")
        return cls(ring, index, old_index)

    def with_fresh_key(self) -> "FieldKeys":
        """Return the ring with one key more, which encrypts from then on. Raises ValueError when there is no number left."""
        number = max(self.ring) + 1
        if number > 255:
            raise ValueError("a key's number is one byte")
        return FieldKeys({**self.ring, number: secrets.token_bytes(32)}, self.index, self.old_index)

    def with_fresh_index(self) -> "FieldKeys":
        """Return the ring with another key of the indexes; the present one becomes the old one."""
        return FieldKeys(self.ring, secrets.token_bytes(32), self.index)

    def as_text(self) -> str:
        """Write the ring as `parse` reads it. It holds the secrets: it goes to whoever keeps them and into no log."""
        named = {"index": self.index, **({"index-old": self.old_index} if self.old_index else {})}
        named |= {str(number): key for number, key in sorted(self.ring.items())}
        return ",".join(f"{name}:{b64encode(key).decode()}" for name, key in named.items())

    @staticmethod
    def generate() -> str:
        """Return the text of a fresh pair, for a first start."""
        return ",".join(f"{name}:{b64encode(secrets.token_bytes(32)).decode()}" for name in ("index", "1"))


@dataclass(frozen=True)
class Provider:
    """A provider that people sign in with (OpenID Connect): who it is, and as whom the portal is known there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


# How an eHerkenning broker calls what the portal needs, and what its levels of assurance are called here.
CLAIMS = {
    "kvk": "urn:etoegang:core:LegalSubjectID",
    "person": "urn:etoegang:core:ActingSubjectID",
    "establishment": "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr",
    "intermediary": "urn:etoegang:1.9:IntermediateEntityID:KvKnr",
    "level": "acr",
}
ASSURANCE = {
    "urn:etoegang:core:assurance-class:loa2": "EH2",
    "urn:etoegang:core:assurance-class:loa2plus": "EH2+",
    "urn:etoegang:core:assurance-class:loa3": "EH3",
    "urn:etoegang:core:assurance-class:loa4": "EH4",
    "http://eidas.europa.eu/LoA/low": "EH2+",
    "http://eidas.europa.eu/LoA/substantial": "EH3",
    "http://eidas.europa.eu/LoA/high": "EH4",
}


@dataclass(frozen=True)
class Federation:
    """With whom people sign in beside a password of the portal's own: staff, and people of creditors through eHerkenning."""

    staff: Provider | None = None
    creditors: Provider | None = None
    minimum: str = "EH3"
    claims: Mapping[str, str] = field(default_factory=lambda: CLAIMS)
    levels: Mapping[str, str] = field(default_factory=lambda: ASSURANCE)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Federation":
        """Read the `PORTAL_OIDC_…` variables. Raises MissingSetting with the name of one that is unfit."""
        minimum = environ.get("PORTAL_OIDC_MINIMUM_LOA", "EH3")
        if minimum not in ASSURANCE.values():
            raise MissingSetting("PORTAL_OIDC_MINIMUM_LOA is EH2, EH2+, EH3 or EH4")
        levels = _pairs(environ, "PORTAL_OIDC_LEVELS")
        claims = _pairs(environ, "PORTAL_OIDC_CLAIMS")
        if not set(levels.values()) <= set(ASSURANCE.values()) or not claims.keys() <= CLAIMS.keys():
            raise MissingSetting("PORTAL_OIDC_LEVELS reads VALUE=EH3 and PORTAL_OIDC_CLAIMS kvk=NAME, for known levels and claims")
        staff, creditors = _provider(environ, "PORTAL_OIDC_STAFF"), _provider(environ, "PORTAL_OIDC_CREDITORS")
        return cls(staff, creditors, minimum, CLAIMS | claims, ASSURANCE | levels)


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    environment: str
    database_url: str
    secret_key: str
    field_keys: FieldKeys
    base_url: str
    mail_url: str
    files: Path
    anchors: Path | None = None  # the folder in which heads of the audit are kept, outside the database
    anchor_mail: str = ""
    clock: datetime | None = None
    port: int = 8000
    federation: Federation = field(default_factory=Federation)
    database_role: str = ""  # PostgreSQL: who serves, and is given its rights by `portal migrate`; the owner migrates
    clamd: str = ""  # the virus scanner of what people add: host:port or the path of a socket
    proxies: int = 0  # how many stand in front and tell who asks; of more than there are, anybody could forge an address

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the `PORTAL_…` variables. Raises MissingSetting with its name when one is missing in production or unfit."""
        environment = environ.get("PORTAL_ENV", "development")
        if environment not in {"development", "production"}:
            raise MissingSetting("PORTAL_ENV is development or production")
        port = _port(environ.get("PORT", "8000"))
        return cls(
            environment=environment,
            database_url=_database_url(environ),
            secret_key=_secret_key(environ),
            field_keys=_field_keys(_secret(environ, "PORTAL_FIELD_KEYS", FieldKeys.generate)),
            base_url=environ.get("PORTAL_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            mail_url=_mail_url(environ),
            files=Path(environ.get("PORTAL_FILES", str(INSTANCE / "files"))),
            anchors=_anchors(environ),
            anchor_mail=environ.get("PORTAL_ANCHOR_MAIL", ""),
            clock=_clock(environ),
            port=port,
            federation=Federation.from_env(environ),
            database_role=environ.get("PORTAL_DATABASE_ROLE", ""),
            clamd=_clamd(environ.get("PORTAL_CLAMD", "")),
            proxies=_proxies(environ.get("PORTAL_PROXIES", "0")),
        )


def _database_url(environ: Mapping[str, str]) -> str:
    if url := environ.get("PORTAL_DATABASE_URL"):
        return url
    if environ.get("PORTAL_ENV") == "production":
        raise MissingSetting("PORTAL_DATABASE_URL is missing: production names its database")
    INSTANCE.mkdir(exist_ok=True)
    return f"sqlite:///{INSTANCE / 'portal.sqlite'}"


def _anchors(environ: Mapping[str, str]) -> Path | None:
    """Return the folder for heads of the audit; development has one beside its SQLite file, production none until it names one."""
    if folder := environ.get("PORTAL_ANCHORS"):
        return Path(folder)
    if environ.get("PORTAL_ENV") == "production":
        return None
    url = environ.get("PORTAL_DATABASE_URL", "")
    return Path(url.removeprefix("sqlite:///")).parent / "anchors" if url.startswith("sqlite:///") else INSTANCE / "anchors"


def _secret(environ: Mapping[str, str], name: str, generate: Callable[[], str]) -> str:
    """Return a secret from the environment; development makes one once and keeps it under instance/."""
    if value := environ.get(name):
        return value
    if environ.get("PORTAL_ENV") == "production":
        raise MissingSetting(f"{name} is missing: production does not start without it")
    kept = INSTANCE / name.lower().removeprefix("portal_")
    if not kept.exists():
        INSTANCE.mkdir(exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(generate())
    return kept.read_text()


def _secret_key(environ: Mapping[str, str]) -> str:
    """Return what signs the cookie: in production at least 32 signs, for a short one can be tried out on any cookie."""
    key = _secret(environ, "PORTAL_SECRET_KEY", lambda: secrets.token_urlsafe(48))
    if environ.get("PORTAL_ENV") == "production" and len(key) < LEAST_SECRET:
        raise MissingSetting(f"PORTAL_SECRET_KEY has at least {LEAST_SECRET} signs in production, made at random")
    return key


def _field_keys(text: str) -> FieldKeys:
    try:
        return FieldKeys.parse(text)
    except (ValueError, KeyError) as error:
        raise MissingSetting("PORTAL_FIELD_KEYS reads index:BASE64,1:BASE64, each of 32 bytes") from error


def _clock(environ: Mapping[str, str]) -> datetime | None:
    text = environ.get("PORTAL_CLOCK")
    if not text:
        return None
    if environ.get("PORTAL_ENV") == "production":
        raise MissingSetting("PORTAL_CLOCK is refused in production: its clock is the real one")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MissingSetting("PORTAL_CLOCK is an ISO time such as 2026-06-16T09:00:00+02:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise MissingSetting("PORT is a number from 1 to 65535")
    return int(text)


def _proxies(text: str) -> int:
    if text not in {"0", "1", "2", "3"}:
        raise MissingSetting("PORTAL_PROXIES is the number of proxies in front, from 0 to 3")
    return int(text)


def _clamd(text: str) -> str:
    """Return where the virus scanner listens, or nothing."""
    host, _, port = text.rpartition(":")
    if text and not text.startswith("/") and not (host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise MissingSetting("PORTAL_CLAMD is host:port or the path of a socket")
    return text


def _mail_url(environ: Mapping[str, str]) -> str:
    """Return where mail goes; never to a console in production, where whoever reads the logs would find links to sign in with."""
    text = environ.get("PORTAL_MAIL_URL", "console:")
    if text == "console:" and environ.get("PORTAL_ENV") == "production":
        raise MissingSetting("PORTAL_MAIL_URL is missing: production sends its mail to smtp://user:password@host:port")
    if text != "console:" and not text.startswith("smtp://"):
        raise MissingSetting("PORTAL_MAIL_URL is console: or smtp://user:password@host:port")
    return text


def _provider(environ: Mapping[str, str], name: str) -> Provider | None:
    """Read `issuer,client id,client secret`; in production the issuer is reached over TLS."""
    text = environ.get(name)
    if not text:
        return None
    parts = [part.strip() for part in text.split(",", 2)]
    issuer = urlsplit(parts[0])
    schemes = {"https"} if environ.get("PORTAL_ENV") == "production" else {"https", "http"}
    if len(parts) < 3 or not all(parts) or issuer.scheme not in schemes or not issuer.hostname or issuer.query or issuer.fragment:
        raise MissingSetting(f"{name} reads https://issuer,client id,client secret")
    return Provider(*parts)


def _pairs(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """Read `name=value,name=value`."""
    pairs = [part.strip().rpartition("=") for part in environ.get(name, "").split(",") if part.strip()]
    if not all(left and right for left, _, right in pairs):
        raise MissingSetting(f"{name} reads name=value,name=value")
    return {left: right for left, _, right in pairs}
