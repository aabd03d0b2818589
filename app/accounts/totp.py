"""Codes of a sign-in app (RFC 6238): six digits from a shared secret and the time. Pure."""

import secrets
from base64 import b32decode, b32encode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30  # seconds for which a code counts


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32, as RFC 4226 asks."""
    return b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, moment: float) -> str:
    """Return the code of a secret at a moment in seconds since 1970."""
    return _totp(secret).generate(int(moment)).decode()


def step_of(secret: str, code: str, moment: float) -> int | None:
    """Return the step whose code this is: the present one, or one beside it for a clock that runs off; None for a wrong code."""
    present = int(moment) // STEP
    around = (present - 1, present, present + 1)
    return next((step for step in around if secrets.compare_digest(code_at(secret, step * STEP).encode(), code.encode())), None)


def address(secret: str, email: str) -> str:
    """Return the address that an app scans."""
    return _totp(secret).get_provisioning_uri(email, "Schuldeisersportaal")


def _totp(secret: str) -> TOTP:
    # the published secret of the demo is shorter than the library asks; ours are long (new_secret)
    return TOTP(b32decode(secret), 6, SHA1(), STEP, enforce_key_length=False)  # noqa: S303 (what every app reckons with)
