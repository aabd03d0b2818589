"""Signed words in mails: links that do one thing without an account, and the proof in a mail's head that it was ours."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

_secret = b""


def sign_with(secret: str) -> None:
    """Set the secret of this installation; links that were signed with another open nothing any more."""
    global _secret
    _secret = hashlib.sha256(f"mail {secret}".encode()).digest()


def signed(purpose: str, words: str) -> str:
    """Return `words`, readable, with what shows that this portal wrote them for this purpose (HMAC-SHA256)."""
    return f"{_text(words.encode())}.{_text(_digest(purpose, words))}"


def opened(purpose: str, token: str) -> str | None:
    """Return the words of a token that this portal signed for this purpose, or None."""
    body, _, digest = token.partition(".")
    try:
        words = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    is_ours = token.isascii() and hmac.compare_digest(token, signed(purpose, words))
    return words if digest and is_ours else None


def _digest(purpose: str, words: str) -> bytes:
    return hmac.digest(_secret, f"{purpose}\0{words}".encode(), hashlib.sha256)[:24]


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
