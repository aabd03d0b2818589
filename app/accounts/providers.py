"""Talk to a provider of sign-in (OpenID Connect): its metadata and keys, the way to it, and the token that a code buys.

Every address that is fetched belongs to the configured issuer; what a token says about where its key lies is never followed.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key
from requests import ConnectionError as RequestsConnectionError
from requests import PreparedRequest, RequestException, Response, Timeout
from urllib3.exceptions import HTTPError

from app.accounts import federated_rules as rules
from app.accounts.federated_rules import Attempt
from app.clock import now
from app.config import Federation, Provider
from app.errors import NotFound, Refusal

CONNECT, READ, WHOLE = 3, 4, 8  # seconds until a provider counts as away: to reach it, between two bytes, in all
MOST = 256_000  # bytes of an answer
FRESH = timedelta(hours=1)  # how long metadata and keys are used before they are asked again
KEYS_AGAIN = timedelta(minutes=1)  # an unknown key makes the portal ask for new ones, at most this often
REST = timedelta(seconds=10)  # how long a provider that is away is left alone, so that nobody waits for it in vain
LEAST_RSA = 2048
log = logging.getLogger("portal.federation")
Key = RSAKey | ECKey


class _TooLong(RequestException):
    """An answer that is longer than anything that a provider has to say."""


class _Line(OAuth2Session):
    """A connection to one provider: no redirects, no proxies or passwords from the environment, short waits, short answers."""

    def __init__(self, provider: Provider, **options: Any) -> None:
        super().__init__(provider.client_id, provider.client_secret, code_challenge_method="S256", scope="openid profile email", **options)
        self.trust_env = False
        self.headers["Accept-Encoding"] = "identity"  # what is not packed does not unpack into gigabytes
        self.origin = _origin(provider.issuer)

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        if _origin(request.url or "") != self.origin:
            raise RequestException("an address of somebody else")
        limits = {"timeout": (CONNECT, READ), "allow_redirects": False, "stream": True, "verify": True, "proxies": {}, "cert": None}
        response: Response = super().send(request, **options | limits)
        _read(response)
        return response


def _read(response: Response) -> None:
    """Read an answer that is neither long nor slow, as it comes: one that drips never fills a buffer. Raises RequestException."""
    content, until = b"", time.monotonic() + WHOLE
    try:
        while piece := response.raw.read1(16_384, decode_content=False):
            content += piece
            if len(content) > MOST or time.monotonic() > until:
                raise _TooLong if len(content) > MOST else Timeout
    except HTTPError as error:
        raise Timeout from error
    finally:
        response.close()
    response._content = content  # the library has no other place for what was read with a limit
    if response.is_redirect:
        raise RequestException("a redirect")


def _origin(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme)


@dataclass
class OpenIdProvider:
    """One configured provider, with what this process remembers of it: any other process asks again."""

    provider: Provider
    _metadata: dict[str, Any] = field(default_factory=dict)
    _metadata_at: datetime | None = None
    _keys: dict[str, Key] = field(default_factory=dict)
    _keys_at: datetime | None = None
    _away_at: datetime | None = None

    def address(self, attempt: Attempt, redirect_uri: str, **parameters: str) -> str:
        """Return where the browser goes to sign in. Raises Refusal when the provider does not answer."""
        endpoint = self._endpoint("authorization_endpoint")
        with self._line(redirect_uri=redirect_uri) as line:
            made = line.create_authorization_url(
                endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier, **parameters
            )
        return str(made[0])

    def must_name_itself(self) -> bool:
        """Tell whether this provider always says in its answer who it is (RFC 9207)."""
        return self._known().get("authorization_response_iss_parameter_supported") is True

    def way_out(self, back: str) -> str | None:
        """Return where one signs out at the provider too, when it has such a page and answers."""
        try:
            page = self._known().get("end_session_endpoint")
        except Refusal:
            return None
        if not isinstance(page, str) or not self._owns(page):
            return None
        asked = urlencode({"client_id": self.provider.client_id, "post_logout_redirect_uri": back})
        return f"{page}{'&' if '?' in page else '?'}{asked}"

    def claims(self, attempt: Attempt, code: str, redirect_uri: str) -> dict[str, Any]:
        """Buy the token for a code and return what it says. Raises Refusal for any fault in it."""
        token = self._token(attempt, code, redirect_uri)
        header = rules.header_of(token)
        key = self._key(header["kid"])
        if header["alg"] not in rules.ALGORITHMS[key.key_type]:
            rules.refuse("algorithm")
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[header["alg"]]).payload
        except (JoseError, ValueError):
            rules.refuse("signature")
        claims = rules.object_of(payload)
        rules.check_claims(claims, self.provider.issuer, self.provider.client_id, attempt.nonce, now())
        return claims

    # ── what it says about itself ──

    def _known(self) -> dict[str, Any]:
        """Return its metadata, asked anew after an hour; that it names exactly this issuer is checked before it counts."""
        if self._metadata_at is None or now() - self._metadata_at >= FRESH:
            found = self._ask(lambda line: line.get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration", auth=_nobody))
            if found.get("issuer") != self.provider.issuer:
                self._is_away("metadata of another issuer")
            self._metadata, self._metadata_at = found, now()
        return self._metadata

    def _endpoint(self, name: str) -> str:
        """Return an address of the provider. Raises Refusal when it has none, or one that belongs to somebody else."""
        found = self._known().get(name)
        if not isinstance(found, str) or not self._owns(found):
            self._is_away(f"no {name} of its own")
        return found

    def _owns(self, address: str) -> bool:
        return _origin(address) == _origin(self.provider.issuer)

    def _key(self, kid: str) -> Key:
        """Return the key of this name; for an unknown one the keys are asked once more, but not all the time. Raises Refusal."""
        age = now() - self._keys_at if self._keys_at else FRESH
        if age >= FRESH or (kid not in self._keys and age >= KEYS_AGAIN):
            address = self._endpoint("jwks_uri")
            found = self._ask(lambda line: line.get(address, auth=_nobody))
            if not isinstance(found.get("keys"), list):
                self._is_away("no keys")
            self._keys, self._keys_at = _keys(found["keys"]), now()
        if kid not in self._keys:
            rules.refuse("kid")
        return self._keys[kid]

    # ── talking ──

    def _line(self, **options: Any) -> _Line:
        methods = self._metadata.get("token_endpoint_auth_methods_supported")
        is_basic = not isinstance(methods, list) or "client_secret_basic" in methods  # the usual one, also of who does not say
        method = "client_secret_basic" if is_basic else "client_secret_post"
        return _Line(self.provider, token_endpoint_auth_method=method, **options)

    def _token(self, attempt: Attempt, code: str, redirect_uri: str) -> str:
        endpoint = self._endpoint("token_endpoint")
        self._refuse_at_rest()
        try:
            with self._line(redirect_uri=redirect_uri) as line:
                found = line.fetch_token(endpoint, grant_type="authorization_code", code=code, code_verifier=attempt.verifier)
        except OAuthError:
            rules.refuse("code")
        except _TooLong:
            rules.refuse("too long")
        except (RequestException, ValueError) as error:
            # what a browser brought may be why it stumbles: one that answers at all is not left alone for it
            self._is_away(type(error).__name__, rest=isinstance(error, RequestsConnectionError | Timeout))
        token = found.get("id_token")
        if not isinstance(token, str):
            rules.refuse("no token")
        return token

    def _ask(self, fetch: Callable[[_Line], Response]) -> dict[str, Any]:
        """Fetch a JSON object. Raises Refusal when the provider does not answer as it should; it is then left alone for a moment."""
        self._refuse_at_rest()
        try:
            with self._line() as line:
                response = fetch(line)
            response.raise_for_status()
            found = response.json()
        except (RequestException, ValueError) as error:
            self._is_away(type(error).__name__)
        if not isinstance(found, dict):
            self._is_away("no object")
        return found

    def _refuse_at_rest(self) -> None:
        if self._away_at and now() - self._away_at < REST:
            rules.refuse("away", "accounts.federated_away")

    def _is_away(self, why: str, *, rest: bool = True) -> NoReturn:
        self._away_at = now() if rest else self._away_at
        log.warning("provider away", extra={"issuer": self.provider.issuer, "why": why})
        rules.refuse("away", "accounts.federated_away")


def _nobody(request: PreparedRequest) -> PreparedRequest:
    """Ask for what is public without showing who asks."""
    return request


def _keys(listed: list[Any]) -> dict[str, Key]:
    """Return the public keys for signatures by their name; shared secrets, short keys and keys for other uses are left out."""
    usable = [key for key in listed[:50] if isinstance(key, dict) and isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig"]
    return {key["kid"]: public for key in usable if (public := _public(key)) is not None}


def _public(key: dict[str, Any]) -> Key | None:
    if key.get("kty") not in tuple(rules.ALGORITHMS):  # a list cannot be looked up in a dictionary, but compared
        return None
    try:
        made = import_key({name: key[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in key})
    except (JoseError, ValueError, TypeError):
        return None
    if isinstance(made, RSAKey):
        return made if made.public_key.key_size >= LEAST_RSA else None
    return made if isinstance(made, ECKey) else None


# ── those of this installation ───────────────────────────────────────────────

_providers: dict[str, OpenIdProvider] = {}
_federation = Federation()


def trust(federation: Federation) -> None:
    """Set with whom people of this installation sign in."""
    global _federation
    _federation = federation
    _providers.clear()
    for name, provider in ((rules.STAFF, federation.staff), (rules.CREDITORS, federation.creditors)):
        if provider:
            _providers[name] = OpenIdProvider(provider)


def trusted() -> Federation:
    """Return what is configured."""
    return _federation


def names() -> tuple[str, ...]:
    """Return which providers there are: `staff`, `creditors`."""
    return tuple(_providers)


def provider_of(name: str) -> OpenIdProvider:
    """Return a provider by its name. Raises NotFound when none is configured."""
    if name not in _providers:
        raise NotFound
    return _providers[name]
