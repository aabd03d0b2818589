"""A passkey of our own for tests: makes ES256 keys and signs what it is asked (Web Authentication, level 3; attestation `none`)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw):
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """One passkey. What it says can be bent: another origin, no recognition of its owner, an older counter."""

    def __init__(self, origin="https://portaal.example", *, recognises=True):
        self.origin, self.recognises, self.count, self.handle = origin, recognises, 0, None
        self.id, self.key = secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1())

    def made(self, options):
        """Answer a request to make a passkey."""
        options = json.loads(options)
        self.handle = raw(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        data = self._data(options["rp"]["id"], ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        response = {"clientDataJSON": text(client), "attestationObject": text(attestation), "transports": ["internal", "hybrid"]}
        return self._answer(response)

    def signed(self, options, **bent):
        """Answer a request to sign. `bent` replaces parts: challenge, rp_id, kind, signature, handle."""
        options = json.loads(options)
        self.count += 1
        data = self._data(bent.get("rp_id", options.get("rpId")), 0)
        client = self._client(bent.get("kind", "webauthn.get"), bent.get("challenge", options["challenge"]))
        signature = bent.get("signature") or self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)}
        response["userHandle"] = text(bent.get("handle", self.handle))
        return self._answer(response)

    def _data(self, rp_id, flags):
        flags |= PRESENT | (VERIFIED if self.recognises else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response):
        names = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "authenticatorAttachment": "platform"}
        return json.dumps(names | {"response": response, "clientExtensionResults": {}})
