"""The keys of what is personal: encrypting and decrypting it, and the blind index by which an encrypted value is found."""

import hashlib
import hmac
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.config import FieldKeys

_keys: FieldKeys
_ciphers: dict[int, AESGCM]


def seal_with(keys: FieldKeys) -> None:
    """Set the keys of this process."""
    global _keys, _ciphers
    _keys, _ciphers = keys, {number: AESGCM(key) for number, key in keys.ring.items()}


def newest_key() -> int:
    """Return the number of the key that encrypts now."""
    return max(_ciphers)


def key_numbers() -> list[int]:
    """Return the numbers of the keys in the ring."""
    return sorted(_ciphers)


def sealed(content: bytes, bound_to: str) -> bytes:
    """Encrypt what is kept outside the database, as EncryptedBytes does in it: it opens only as what it was bound to."""
    number, nonce = max(_ciphers), secrets.token_bytes(12)
    return bytes([number]) + nonce + _ciphers[number].encrypt(nonce, content, bound_to.encode())


def unsealed(content: bytes, bound_to: str) -> bytes:
    """Decrypt what `sealed` made. Raises InvalidTag when it was changed or belongs elsewhere, KeyError when its key is gone."""
    return _ciphers[content[0]].decrypt(content[1:13], content[13:], bound_to.encode())


# ── what somebody looks for ──────────────────────────────────────────────────

SEALED = "~"  # what is looked for stands so in an address


def sealed_words(words: str) -> str:
    """Return words as they may stand in an address, which logs, histories and bookmarks keep: alike for the same words.

    The nonce is made from the words, so that only the same words ever meet the same one.
    """
    number, nonce = max(_ciphers), hmac.digest(_keys.index, f"looked for {words}".encode(), hashlib.sha256)[:12]
    return SEALED + urlsafe_b64encode(
        bytes([number]) + nonce + _ciphers[number].encrypt(nonce, words.encode(), _LOOKED_FOR)
    ).decode().rstrip("=")


def unsealed_words(text: str) -> str:
    """Return what somebody looks for; what was not sealed here, such as an address typed by hand, as it is."""
    if not text.startswith(SEALED):
        return text
    try:
        content = urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4))
        return _ciphers[content[0]].decrypt(content[1:13], content[13:], _LOOKED_FOR).decode()
    except (ValueError, LookupError, InvalidTag):
        return text


_LOOKED_FOR = b"looked for"


# ── finding what is encrypted ────────────────────────────────────────────────


def blind_index(value: str) -> bytes:
    """Return the 16 bytes by which an encrypted value is found: HMAC-SHA256 of its bare letters and digits.

    Accents, case, spaces and punctuation do not count: `Van 't Hof` and `van t hof` are found alike.
    """
    return _indexed(_keys.index, value)


def blind_indexes(value: str) -> tuple[bytes, ...]:
    """Return every index by which a value may be found: while the key is changed there are two."""
    keys = (_keys.index, *([_keys.old_index] if _keys.old_index else []))
    return tuple(_indexed(key, value) for key in keys)


def _indexed(key: bytes, value: str) -> bytes:
    bare = "".join(c for c in unicodedata.normalize("NFKD", value).casefold() if c.isalnum())
    return hmac.digest(key, bare.encode(), hashlib.sha256)[:16]
