"""Signs messages for tests, with keys that everybody has.

    raw = sign(raw, domain="empresa.example", selector="s1")
    answers = published(domain="empresa.example", selector="s1")      # {"s1._domainkey.empresa.example/TXT": ["v=DKIM1; …"]}

It is written without the project's own code, plainly and slowly (RFC 6376 §3.4 in regular expressions), so that what it
signs says something about the verifier. Every tag can be set to anything: most tests want a signature that is wrong.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

#: Header fields that are signed when a test does not say which, as far as the message has them.
USUAL = (
    "from", "reply-to", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip


@functools.cache
def _keys() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "signing_keys.toml").read_text("utf-8"))


def public_key(key: str = "rsa2048") -> str:
    """What `p=` of the key's record holds. Keys: rsa512 rsa768 rsa1024 rsa2048 ed25519."""
    return _keys()[key]["public"]


def key_record(key: str = "rsa2048", tags: str = "") -> str:
    """The key's record; `tags` stand between `k=` and `p=`, such as "t=s; h=sha256"."""
    between = f"{tags.strip().rstrip(';')}; " if tags else ""
    return f"v=DKIM1; k={'ed25519' if key == 'ed25519' else 'rsa'}; {between}p={public_key(key)}"


def published(
    *, domain: str, selector: str = "s1", key: str = "rsa2048", key_tags: str = "", **_: Any
) -> dict[str, list[str]]:
    """The answers that hold the key; takes the arguments of `sign` and looks at those it needs."""
    return {f"{selector}._domainkey.{domain}/TXT": [key_record(_key_of(key, _.get("algorithm", "")), key_tags)]}


def _key_of(key: str, algorithm: str) -> str:
    return "ed25519" if algorithm.startswith("ed25519") else key


def sign(
    raw: bytes,
    *,
    domain: str,
    selector: str = "s1",
    key: str = "rsa2048",
    algorithm: str = "",
    headers: tuple[str, ...] | list[str] | None = None,
    c: str = "relaxed/relaxed",
    length: int | None = None,
    tags: dict[str, str | int] | None = None,
    fold: bool = True,
    name: str = "DKIM-Signature",
    key_tags: str = "",
) -> bytes:
    """The message with a DKIM-Signature on top of it; `raw` has CRLF line ends.

    `headers` are the names of h= in order; `length` is l=; `tags` are set, added or (None) left out as they are given,
    after the body was hashed and before the header is signed: {"t": 1, "i": "a@b.example", "bh": "AAAA", "v": None}.
    """
    key = _key_of(key, algorithm)
    algorithm = algorithm or ("ed25519-sha256" if key == "ed25519" else "rsa-sha256")
    fields, body = split(raw)
    names = [n.lower() for n in headers] if headers is not None else _usual(fields)
    method, _, body_method = c.partition("/")
    canonical = canonical_body(body, body_method or "simple")[:length]
    made: dict[str, Any] = {"v": "1", "a": algorithm, "c": c, "d": domain, "s": selector, "h": ":".join(names)}
    if length is not None:
        made["l"] = length
    digest = hashlib.sha1 if algorithm.endswith("sha1") else hashlib.sha256
    made["bh"] = base64.b64encode(digest(canonical).digest()).decode()
    made.update(tags or {})
    glue = ";\r\n " if fold else "; "
    value = glue.join(f"{tag}={text}" for tag, text in made.items() if text is not None) + f"{glue}b="
    unsigned = f"{name}: {value}".encode()
    signed = b"".join(canonical_field(field, method) for field in picked(fields, str(made["h"]).split(":")))
    signed += canonical_field(unsigned + b"\r\n", method)[:-2]
    text = base64.b64encode(raw_signature(signed, key, algorithm)).decode()
    lines = "\r\n  ".join(text[at : at + 72] for at in range(0, len(text), 72)) if fold else text
    return unsigned + lines.encode() + b"\r\n" + raw


@functools.cache
def _rsa(key: str) -> RSAPrivateKey:
    loaded = load_pem_private_key(_keys()[key]["private"].encode(), None)
    assert isinstance(loaded, RSAPrivateKey)
    return loaded


def raw_signature(data: bytes, key: str, algorithm: str) -> bytes:
    """The signature of `data`, RFC 6376 §3.3 or RFC 8463 §3."""
    if key == "ed25519":
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(_keys()[key]["private"]))
        return private.sign(hashlib.sha256(data).digest())
    return _rsa(key).sign(data, PKCS1v15(), SHA1() if algorithm.endswith("sha1") else SHA256())


def seal(
    raw: bytes,
    *,
    domain: str,
    instance: int = 1,
    selector: str = "s1",
    key: str = "rsa2048",
    cv: str = "",
    results: str = "arc=none; spf=pass smtp.mailfrom=empresa.example",
    headers: tuple[str, ...] | list[str] | None = None,
    tags: dict[str, str | int] | None = None,
) -> bytes:
    """The message with one ARC set more on top (RFC 8617 §5.1); `tags` are those of the ARC-Message-Signature."""
    algorithm = "ed25519-sha256" if key == "ed25519" else "rsa-sha256"
    signed = sign(
        raw,
        domain=domain,
        selector=selector,
        key=key,
        headers=headers,
        tags={"v": None, "i": instance, **(tags or {})},
        name="ARC-Message-Signature",
    )
    with_results = f"ARC-Authentication-Results: i={instance}; {domain};\r\n\t{results}\r\n".encode() + signed
    fields, _ = split(with_results)
    covered = b""
    for number in range(1, instance + 1):
        for name in ("arc-authentication-results", "arc-message-signature", "arc-seal"):
            of_set = (f for f in fields if _name(f) == name and re.search(rb"[:;\s]i=%d;" % number, f))
            covered += b"".join(canonical_field(field, "relaxed") for field in of_set)
    value = (
        f"i={instance}; a={algorithm}; cv={cv or ('none' if instance == 1 else 'pass')}; d={domain}; s={selector}; b="
    )
    unsigned = f"ARC-Seal: {value}".encode()
    covered += canonical_field(unsigned + b"\r\n", "relaxed")[:-2]
    text = base64.b64encode(raw_signature(covered, key, algorithm))
    return unsigned + text + b"\r\n" + with_results


def sign_case(raw: bytes, signatures: list[dict[str, Any]]) -> tuple[bytes, dict[str, list[str]]]:
    """`sign = […]` of a test case: the message signed once for each entry, the last on top, and the keys' answers.

    An entry holds the arguments of `sign`, or those of `seal` when it has an `instance`; `publish = false` leaves its
    key out of the answers.
    """
    answers: dict[str, list[str]] = {}
    for entry in signatures:
        arguments = {name: value for name, value in entry.items() if name != "publish"}
        raw = seal(raw, **arguments) if "instance" in entry else sign(raw, **arguments)
        if entry.get("publish", True):
            answers.update(published(**arguments))
    return raw, answers


# --- RFC 6376 §3.4, as plainly as it can be written ------------------------------------------------------------------


def split(raw: bytes) -> tuple[list[bytes], bytes]:
    """The header fields with their line ends, and the body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head + b"\r\n"), body


def picked(fields: list[bytes], names: list[str]) -> list[bytes]:
    """The fields that h= names: of several the lowest first (RFC 6376 §5.4.2)."""
    left = list(fields)
    chosen = []
    for name in names:
        at = next((i for i in reversed(range(len(left))) if _name(left[i]) == name.strip().lower()), None)
        if at is not None:
            chosen.append(left.pop(at))
    return chosen


def canonical_field(field: bytes, method: str) -> bytes:
    if method == "simple":
        return field
    name, _, value = field.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.lower().strip(b" \t") + b":" + value.strip(b" ") + b"\r\n"


def canonical_body(body: bytes, method: str) -> bytes:
    if method == "relaxed":
        body = b"\r\n".join(re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n"))
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n" if body or method == "simple" else b""


def _usual(fields: list[bytes]) -> list[str]:
    there = {_name(field) for field in fields}
    return [name for name in USUAL if name in there]


def _name(field: bytes) -> str:
    return field.partition(b":")[0].strip(b" \t").decode("latin-1").lower()
