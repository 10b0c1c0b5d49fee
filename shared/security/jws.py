"""JSON Web Signatures in their compact form, by RS256 and nothing else."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from shared.security.distrust import BadSignature, Unreadable, WrongAlgorithm
from shared.security.xmldsig import SigningKey

HEADER = {"alg": "RS256", "typ": "JWT"}


def signed(key: SigningKey, claims: Mapping[str, Any]) -> str:
    """The token."""
    said = f"{_packed(HEADER)}.{_packed(claims)}"
    signature = base64.b64decode(key.sign(said.encode()))
    return f"{said}.{_text(signature)}"


def claims_of(token: str, key: rsa.RSAPublicKey) -> dict[str, Any]:
    """What the holder of the key claims. Raises `Unreadable`, `WrongAlgorithm`, `BadSignature`."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Unreadable
    header = _unpacked(parts[0])
    if header.get("alg") != "RS256" or "crit" in header:
        raise WrongAlgorithm
    try:
        key.verify(_bytes(parts[2]), f"{parts[0]}.{parts[1]}".encode(), padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise BadSignature from None
    return _unpacked(parts[1])


def _packed(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable from None


def _unpacked(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(text))
    except ValueError:
        raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found
