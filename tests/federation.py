"""The provider process of the tests as they use it: start it, tell it how to behave, and go there and back as a browser does."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc.jwk import RSAKey

from app.clock import now
from app.config import Federation, Provider
from tests.oidc_provider import CLIENT, SECRET, sign

LOA = "urn:etoegang:core:assurance-class:loa"
KVK = "90001234"
PSEUDONYM = "7F3C@0E55"


class ProviderProcess:
    """A provider in a process of its own. The tests hold its keys too, so that they can forge with them."""

    def __init__(self, folder: Path) -> None:
        keys = {f"key-{n}": RSAKey.generate_key(2048, {"kid": f"key-{n}", "use": "sig"}, private=True) for n in (1, 2)}
        self.keys = {kid: key.as_dict(private=True) for kid, key in keys.items()}
        self.public_pem = keys["key-1"].as_pem(private=False)
        file = folder / "keys.json"
        file.write_text(json.dumps(self.keys))
        self.process = subprocess.Popen([sys.executable, "-m", "tests.oidc_provider", str(file)], stdout=subprocess.PIPE, text=True)
        self.issuer = self.process.stdout.readline().strip()
        self.http = requests.Session()
        self.http.trust_env = False

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def federation(self, **over: object) -> Federation:
        """Return the settings of a portal that trusts this provider for everybody."""
        us = Provider(self.issuer, CLIENT, SECRET)
        return Federation(**{"staff": us, "creditors": us} | over)

    def tells(self, **behaviour: object) -> None:
        """Behave like this from now on, at the time of the tests; forget what was seen."""
        self.http.post(f"{self.issuer}/control", json={"now": int(now().timestamp())} | behaviour)

    def seen(self) -> list[str]:
        return self.http.get(f"{self.issuer}/seen").json()

    def says_staff(self, email: str = "", *, strong: bool = True, **over: object) -> None:
        """Vouch for somebody of the city."""
        claims = (
            {"sub": "subject-1"} | ({"email": email, "email_verified": True} if email else {}) | ({"amr": ["pwd", "mfa"]} if strong else {})
        )
        self.tells(claims=claims, **over)

    def says_creditor(self, level: str = "3", **claims: object) -> None:
        """Vouch for somebody who acts for the organisation with KVK."""
        usual = {
            "sub": "broker-7",
            "acr": f"{LOA}{level}",
            "urn:etoegang:core:LegalSubjectID": KVK,
            "urn:etoegang:core:ActingSubjectID": PSEUDONYM,
        }
        self.tells(claims={name: value for name, value in (usual | claims).items() if value is not None})

    def claims(self, nonce: str, **over: object) -> dict[str, object]:
        """Return the claims of a right token for somebody of the city; None leaves one out."""
        moment = int(now().timestamp())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "nonce": nonce, "iat": moment, "exp": moment + 300, "amr": ["mfa"]}
        return {name: value for name, value in (usual | over).items() if value is not None}

    def sign(self, claims: dict[str, object], **header: object) -> str:
        return sign({"alg": "RS256", "kid": "key-1"} | header, claims, self.keys["key-1"])

    def visit(self, address: str) -> str:
        """Go to the provider as a browser does; return the path in the portal to which it sends back."""
        answer = self.http.get(address, allow_redirects=False)
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"


def set_out(client, name="staff"):
    """Press the button of a provider; return the address that the browser is sent to."""
    answer = client.get(f"/sign-in/with/{name}")
    assert answer.status_code == 302, answer.status_code
    return answer.location


def asked(address):
    """Return what an address asks the provider."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(client, path, address="192.0.2.10"):
    return client.get(path, environ_overrides={"REMOTE_ADDR": address})


def sign_in(client, provider, name="staff"):
    """Sign in the whole way; return the portal's answer to coming back."""
    return come_back(client, provider.visit(set_out(client, name)))
