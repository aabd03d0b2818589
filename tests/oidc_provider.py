"""A provider of sign-in (OpenID Connect) for the tests: a process of its own with discovery, authorisation, token and keys.

It behaves unless `POST /control` tells it to misbehave; `GET /seen` lists what it was asked. Not for anything but tests.
"""

import base64
import json
import secrets
import sys
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import import_key

CLIENT, SECRET = "portaal", "geheim van het portaal"
USUAL: dict[str, Any] = {
    "now": None,  # the second that the provider takes for now; None: the machine's
    "claims": {"sub": "subject-1"},  # what every token says besides the standard claims
    "over": {},  # standard claims to say otherwise; None leaves one out
    "header": {},  # the same for the header
    "id_token": None,  # a token to hand out as it stands
    "error": None,  # how authorisation ends instead of with a code
    "state": None,  # another state than the one that was given
    "iss": None,  # what it calls itself in the answer: None nothing, else this text
    "kid": "key-1",  # the key that signs
    "published": ["key-1"],  # the keys that it shows
    "metadata": {},  # what discovery says otherwise; None leaves one out
    "status": {},  # by path: another status
    "body": {},  # by path: another body
    "delay": {},  # by path: seconds before it answers
    "location": {},  # by path: a redirect to follow
    "drip": {},  # by path: seconds between two bytes
}


class Provider:
    """What the process remembers: its keys, the codes it gave out, how it behaves, what it was asked."""

    def __init__(self, issuer: str, keys: dict[str, dict[str, Any]]) -> None:
        self.issuer, self.keys = issuer, keys
        self.codes: dict[str, dict[str, str]] = {}
        self.behaviour = dict(USUAL)
        self.seen: list[str] = []

    def metadata(self) -> dict[str, Any]:
        known = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/sign-out",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return _over(known, self.behaviour["metadata"])

    def published(self) -> dict[str, Any]:
        return {"keys": [public_half(self.keys[kid]) for kid in self.behaviour["published"]]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser is sent back to: everybody who comes here is signed in."""
        assert asked["response_type"] == "code", asked
        assert asked["code_challenge_method"] == "S256", asked
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"state": self.behaviour["state"] or asked["state"]}
        answer |= {"error": self.behaviour["error"]} if self.behaviour["error"] else {"code": code}
        if self.behaviour["iss"]:
            answer["iss"] = self.behaviour["iss"]
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Sell a token for a code, once, to the client that has the verifier."""
        name, _, secret = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        if (unquote(name), secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(asked.get("code", ""), None)
        verifier = asked.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(sha256(verifier).digest()).rstrip(b"=").decode()
        if begun is None or begun["redirect_uri"] != asked["redirect_uri"] or begun["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        given = self.behaviour["id_token"]
        token = self.id_token(begun["nonce"]) if given is None else given
        return 200, {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def id_token(self, nonce: str) -> str:
        now = int(self.behaviour["now"] or time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300}
        claims = _over(usual | self.behaviour["claims"], self.behaviour["over"])
        kid = self.behaviour["kid"]
        header = _over({"alg": "RS256", "kid": kid, "typ": "JWT"}, self.behaviour["header"])
        return sign(header, claims, self.keys[kid])


def _over(known: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (known | changes).items() if value is not None}


def public_half(key: dict[str, Any]) -> dict[str, Any]:
    """Return what a provider shows of a key."""
    return {name: value for name, value in key.items() if name in {"kty", "n", "e", "crv", "x", "y", "kid", "use", "alg"}}


def sign(header: dict[str, Any], claims: dict[str, Any], key: dict[str, Any]) -> str:
    """Return a signed token."""
    return jws.serialize_compact(header, json.dumps(claims), import_key(key), algorithms=["RS256", "PS256", "ES256"])


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        provider, address = self.server.provider, urlsplit(self.path)
        if address.path == "/seen":
            self._answer(200, provider.seen)
        elif not self._misbehaves(address.path):
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            pages = {"/.well-known/openid-configuration": provider.metadata, "/keys": provider.published}
            if address.path == "/authorize":
                self._redirect(provider.authorize(asked))
            else:
                self._answer(200, pages[address.path]())

    def do_POST(self) -> None:
        provider = self.server.provider
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/control":
            provider.behaviour = USUAL | json.loads(content)
            provider.seen.clear()
            self._answer(200, {})
        elif not self._misbehaves(self.path):
            asked = {name: values[0] for name, values in parse_qs(content).items()}
            self._answer(*provider.token(asked, self.headers.get("Authorization", "")))

    def _misbehaves(self, path: str) -> bool:
        provider = self.server.provider
        provider.seen.append(path)
        behaviour = provider.behaviour
        time.sleep(behaviour["delay"].get(path, 0))
        if path in behaviour["location"]:
            self._redirect(behaviour["location"][path])
        elif path in behaviour["drip"]:
            self._drip(behaviour["drip"][path])
        elif path in behaviour["status"] or path in behaviour["body"]:
            self._answer(behaviour["status"].get(path, 200), behaviour["body"].get(path, "away"))
        else:
            return False
        return True

    def _answer(self, status: int, body: Any) -> None:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(pause)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the name is the base's
        pass


class _Server(ThreadingHTTPServer):
    provider: Provider
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # a client that hangs up in the middle is what some tests do


def main() -> None:
    """Serve on a free port with the keys of a file; print the issuer."""
    server = _Server(("127.0.0.1", 0), _Handler)
    issuer = f"http://127.0.0.1:{server.server_port}"
    server.provider = Provider(issuer, json.loads(Path(sys.argv[1]).read_text()))
    print(issuer, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
