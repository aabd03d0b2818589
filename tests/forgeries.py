"""Forged tokens, each with its name: what a thief, a careless provider or a curious person could hand to the portal."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from joserfc.jwk import RSAKey

from tests.federation import ProviderProcess
from tests.oidc_provider import CLIENT, SECRET, public_half

DROP = object()  # a header or claim that is left out
NAN, INFINITE = float("nan"), float("inf")
Named = Iterator[tuple[str, object]]


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def text_of(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


class Forger:
    """Makes tokens for one attempt: everything right but for what is named, signed with the provider's own key unless told otherwise."""

    def __init__(self, provider: ProviderProcess, nonce: str) -> None:
        self.provider, self.nonce = provider, nonce
        self.key = RSAKey.import_key(provider.keys["key-1"])
        self.stolen = RSAKey.import_key(provider.keys["key-2"])

    def claims(self, **over: object) -> dict[str, object]:
        return {name: value for name, value in (self.provider.claims(self.nonce) | over).items() if value is not DROP}

    def header(self, **over: object) -> dict[str, object]:
        return {name: value for name, value in ({"alg": "RS256", "kid": "key-1"} | over).items() if value is not DROP}

    def raw(self, header: object, claims: object, sign: object = None) -> str:
        """Put a token together of any header and claims; `sign` makes the signature, by default the right one."""
        body = f"{b64(text_of(header))}.{b64(text_of(claims))}"
        return f"{body}.{b64((sign or self.rs256)(body.encode()))}"

    def rs256(self, body: bytes) -> bytes:
        return self.key.private_key.sign(body, PKCS1v15(), SHA256())

    def says(self, **over: object) -> str:
        return self.raw(self.header(), self.claims(**over))

    def headed(self, **over: object) -> str:
        return self.raw(self.header(**over), self.claims())


def algorithms(f: Forger) -> Named:
    """No signature, another one, and the confusion of a public key with a secret."""
    for alg in (
        "none",
        "None",
        "NONE",
        "nOnE",
        "none ",
        " none",
        "n\u043ene",
        "none\x00",
        "",
        "null",
        "rs256",
        "RS256 ",
        "RS384",
        "RS512",
        "EdDSA",
        "dir",
    ):
        yield f"alg {alg!r} without a signature", f.raw(f.header(alg=alg), f.claims(), lambda _: b"")
        yield f"alg {alg!r} with the right one", f.headed(alg=alg)
    for alg in (DROP, None, ["none"], ["RS256"], {"RS256": 1}, 0, True):
        yield f"alg {alg!r}", f.headed(alg=alg)
    yield "RS384 as signed", f.raw(f.header(alg="RS384"), f.claims(), lambda body: f.key.private_key.sign(body, PKCS1v15(), SHA384()))
    yield "RS512 as signed", f.raw(f.header(alg="RS512"), f.claims(), lambda body: f.key.private_key.sign(body, PKCS1v15(), SHA512()))
    yield "PS256 said, RS256 signed", f.headed(alg="PS256")
    yield (
        "RS256 said, PS256 signed",
        f.raw(f.header(), f.claims(), lambda body: f.key.private_key.sign(body, PSS(MGF1(SHA256()), 32), SHA256())),
    )
    yield "ES256 by the RSA key", f.headed(alg="ES256")
    curve = ec.generate_private_key(ec.SECP256R1())
    yield "ES256 by a key of one's own", f.raw(f.header(alg="ES256"), f.claims(), lambda body: curve.sign(body, ec.ECDSA(SHA256())))
    public = public_half(f.provider.keys["key-1"])
    secrets = {
        "the public key as PEM": f.provider.public_pem,
        "the PEM without its last line end": f.provider.public_pem.rstrip(),
        "the public key as JSON": json.dumps(public).encode(),
        "the modulus": public["n"].encode(),
        "the client's secret": SECRET.encode(),
        "nothing": b"",
    }
    for name, secret in secrets.items():
        for alg, digest in (("HS256", hashlib.sha256), ("HS384", hashlib.sha384), ("HS512", hashlib.sha512)):
            yield f"{alg} with {name}", f.raw(f.header(alg=alg), f.claims(), lambda body, s=secret, d=digest: hmac.digest(s, body, d))


def headers(f: Forger) -> Named:
    """Headers that lead elsewhere, name files, or say what nobody may ask."""
    own = public_half(f.provider.keys["key-2"])
    by_stolen = lambda body: f.stolen.private_key.sign(body, PKCS1v15(), SHA256())  # noqa: E731 # used three lines on
    evil = "http://127.0.0.1:9/keys"
    elsewhere = {"jku": evil, "x5u": evil, "jwk": own, "x5c": ["MIIB"], "x5t#S512": "x", "url": evil, "src": evil}
    for name, value in elsewhere.items():
        yield f"{name} signed by the key it names", f.raw(f.header(**{name: value}), f.claims(), by_stolen)
        yield f"{name} signed rightly", f.headed(**{name: value})
    kids = (
        "../../../../dev/null", "/etc/passwd", "file:///dev/null", "key-1' OR '1'='1", "key-1\x00", "key-1 ", " key-1", "KEY-1", "key-2",
        "", "*",
        "%", "x" * 201, "http://127.0.0.1:9/key-1", "; DROP TABLE person", "__proto__", "key-1\n", "{{7*7}}", "${jndi:ldap://127.0.0.1:9/x}",
    )  # fmt: skip
    for kid in kids:
        yield f"kid {kid[:30]!r}", f.raw(f.header(kid=kid), f.claims(), by_stolen)
    for kid in (DROP, None, 1, True, ["key-1"], {"key-1": 1}):
        yield f"kid {kid!r}", f.headed(kid=kid)
    yield "the key that is not shown", f.raw(f.header(kid="key-1"), f.claims(), by_stolen)
    said = {
        "crit": ["exp"], "crit nothing": [], "b64": False, "zip": "DEF", "cty": "JWT", "enc": "A256GCM", "epk": {}, "p2c": 10**9,
        "p2s": "x",
        "typ at": "at+jwt", "typ logout": "logout+jwt", "typ number": 1, "typ empty": "", "iss": f.provider.issuer, "nonce": f.nonce,
    }  # fmt: skip
    for name, value in said.items():
        yield f"header {name}", f.headed(**{name.partition(" ")[0]: value})
    right = json.dumps(f.header()).encode()
    bodies = {
        "alg twice, none first": b'{"alg":"none","alg":"RS256","kid":"key-1"}',
        "alg twice, none last": b'{"alg":"RS256","kid":"key-1","alg":"none"}',
        "kid twice": b'{"alg":"RS256","kid":"key-2","kid":"key-1"}',
        "a list": b"[" + right + b"]", "a text": b'"RS256"', "null": b"null", "no JSON": b"alg=RS256", "nothing": b"", "half": right[:-1],
        "two": right + right, "NUL behind": right + b"\x00", "a mark before": b"\xef\xbb\xbf" + right,
        "UTF-16": right.decode().encode("utf-16"),
        "deep": b'{"alg":' + b"[" * 5000 + b"]" * 5000 + b"}", "NaN": b'{"alg":"RS256","kid":"key-1","x5t":NaN}',
    }  # fmt: skip
    for name, body in bodies.items():
        yield f"header is {name}", f.raw(body, f.claims())


def moments(f: Forger) -> Named:
    """Moments that are over, to come, or no moments."""
    now = int(f.claims()["iat"])  # type: ignore[call-overload]
    wrong = (
        str(now + 300),
        now + 300.5,
        float(now + 300),
        NAN,
        INFINITE,
        -INFINITE,
        True,
        [now + 300],
        {"exp": now},
        None,
        DROP,
        0,
        -1,
        2**63,
        10**30,
        "never",
        "",
    )
    for name in ("exp", "iat", "nbf"):
        for value in wrong:
            if not (name == "nbf" and value is DROP):
                yield f"{name} {value!r}"[:60], f.says(**{name: value})
    yield "exp just over", f.says(exp=now - 60)
    yield "exp long over", f.says(exp=now - 86_400)
    yield "iat to come", f.says(iat=now + 61)
    yield "iat long ago", f.says(iat=now - 661)
    yield "iat a year ago, exp next year", f.says(iat=now - 31_536_000, exp=now + 31_536_000)
    yield "nbf to come", f.says(nbf=now + 61)
    yield "exp 1e400", f.raw(f.header(), json.dumps(f.claims()).replace(str(now + 300), "1e400").encode())
    yield "exp 1E3", f.raw(f.header(), json.dumps(f.claims()).replace(str(now + 300), "9E9").encode())


def parties(f: Forger) -> Named:
    """Made by another, for another, for another attempt, about nobody."""
    issuer = f.provider.issuer
    for iss in (
        "https://evil.example",
        f"{issuer}/",
        issuer.upper(),
        f"{issuer}.evil.example",
        f"{issuer}@evil.example",
        [issuer],
        "",
        None,
        DROP,
        1,
    ):
        yield f"iss {iss!r}", f.says(iss=iss)
    for aud in (
        "another",
        f"{CLIENT} another",
        CLIENT.upper(),
        f"{CLIENT}/",
        [CLIENT, "another"],
        ["another", CLIENT],
        [CLIENT, CLIENT],
        [],
        [[CLIENT]],
        {"aud": CLIENT},
        "",
        "*",
        None,
        DROP,
        1,
    ):
        yield f"aud {aud!r}", f.says(aud=aud)
    for azp in ("another", [CLIENT], "", None, CLIENT.upper()):
        yield f"azp {azp!r}", f.says(azp=azp)
    for nonce in ("another", "", f.nonce[:-1], f"{f.nonce} ", f.nonce.swapcase(), [f.nonce], None, DROP, 0, True):
        yield f"nonce {nonce!r}"[:60], f.says(nonce=nonce)
    for sub in ("", "x" * 256, "a b", "a\x00b", "a\nb", "é", "\u202ea", ["subject-1"], {"sub": 1}, 1, True, None, DROP):
        yield f"sub {sub!r}"[:60], f.says(sub=sub)


def shapes(f: Forger) -> Named:
    """Texts that are no token, or no longer one."""
    right = f.says()
    header, claims, signature = right.split(".")
    yield "without a signature", f"{header}.{claims}."
    yield "two parts", f"{header}.{claims}"
    yield "four parts", f"{right}.{signature}"
    yield "five parts", f"{right}.{signature}.{signature}"
    yield "parts swapped", f"{claims}.{header}.{signature}"
    yield "no header", f".{claims}.{signature}"
    yield "no claims", f"{header}..{signature}"
    yield "dots", ".."
    for cut in (1, 2, 10, len(signature) - 1):
        yield f"{cut} signs short", right[:-cut]
    yield "another sign in the signature", f"{right[:-9]}{'A' if right[-9] != 'A' else 'B'}{right[-8:]}"
    yield "another sign in the claims", f"{header}.{claims[:20]}{'A' if claims[20] != 'A' else 'B'}{claims[21:]}.{signature}"
    yield "another spelling of the last sign", f"{right[:-1]}{_sibling(right[-1])}"
    yield "the signature of another", f"{header}.{claims}.{f.says(sub='subject-2').rpartition('.')[2]}"
    yield "the claims of another", f"{header}.{f.says(sub='subject-2').split('.')[1]}.{signature}"
    for name, white in (
        ("space", " "),
        ("line end", "\n"),
        ("tab", "\t"),
        ("NUL", "\x00"),
        ("no-break space", "\u00a0"),
        ("padding", "="),
        ("quote", '"'),
    ):
        yield f"{name} before", f"{white}{right}"
        yield f"{name} behind", f"{right}{white}"
        yield f"{name} within", f"{header}{white}.{claims}.{signature}"
    yield "plain base64", f"{header}.{claims.replace('-', '+').replace('_', '/')}+/.{signature}"
    yield "Bearer", f"Bearer {right}"
    yield "as a list", [right]
    yield "as an object", {"id_token": right}
    yield "as JSON of the other kind", json.dumps({"payload": claims, "signatures": [{"protected": header, "signature": signature}]})
    for value in ("", 0, 1, True, False, [], {}):
        yield f"no text: {value!r}", value
    yield "a token within a token", f.raw(f.header(), right.encode())
    yield "a token within a text", f.raw(f.header(), json.dumps(right).encode())
    yield "a megabyte of name", f.raw(f.header(kid="k" * 1_000_000), f.claims())
    yield "a hundred kilobytes of name", f.raw(f.header(kid="k" * 100_000), f.claims())
    yield "a hundred kilobytes of claim", f.says(note="n" * 100_000)
    yield "a hundred kilobytes of signature", f"{header}.{claims}.{'A' * 100_000}"
    said = json.dumps(f.claims()).encode()
    bodies = {
        "sub twice": said[:-1] + b', "sub": "subject-2"}', "aud twice": b'{"aud": "another", ' + said[1:], "a list": b"[" + said + b"]",
        "null": b"null", "a number": b"1", "half": said[:-1], "two": said + said, "nothing": b" ",
        "no UTF-8": said.replace(b"subject-1", b"\xff\xfe"),
        "deep": b"[" * 5000, "deep within": said[:-1] + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        "a mark before": b"\xef\xbb\xbf" + said,
        "a comment": said + b"// note", "single quotes": said.replace(b'"', b"'"), "a comma too many": said[:-1] + b",}",
        "NaN aside": said[:-1] + b', "x": NaN}',
        "Infinity aside": said[:-1] + b', "x": Infinity}', "sub twice within": said[:-1] + b', "x": {"a": 1, "a": 2}}',
    }  # fmt: skip
    for name, body in bodies.items():
        yield f"claims are {name}", f.raw(f.header(), body)


def _sibling(sign: str) -> str:
    """Return another sign whose leading bits are the same: the bits that a decoder throws away differ."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = signs.index(sign)
    return signs[place ^ 1]


FAMILIES = {"algorithms": algorithms, "headers": headers, "moments": moments, "parties": parties, "shapes": shapes}
