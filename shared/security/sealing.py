"""Sealing of personal data on the wire and at rest: AES-GCM, bound to the application and to the key's name.

A token is `s1.<month>.<base64url>` when a service sealed it, `p1.<key>.<base64url>` when the portal did. The portal
holds a public key only: what it has sealed it cannot open again.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.contracts.base import SealBroken, Sealer
from shared.security.keyring import Keyring, Nonces, blind_index

__all__ = ["KeyringSealer", "PortalSealer", "blind_index"]

_NONCE: Final = 12
_TAG: Final = 16
_POINT: Final = 32


@lru_cache(maxsize=8)
def _portal_pair(keys: Keyring) -> tuple[X25519PrivateKey, bytes]:
    return X25519PrivateKey.from_private_bytes(keys.portal_private), keys.portal_public()


class KeyringSealer(Sealer):
    """Seals under the key of the current month; opens any month, and what the portal sealed."""

    def __init__(self, keys: Keyring, nonces: Nonces, month: Callable[[], str]) -> None:
        self._keys = keys
        self._nonces = nonces
        self._month = month
        self._months: dict[str, AESGCM] = {}
        self._portal, self._portal_public = _portal_pair(keys)

    def seal(self, clear: bytes, bound_to: UUID) -> str:
        """Raises `KeyError` when the injected month is not of the form `2025-10`."""
        month = self._month()
        nonce = self._nonces(_NONCE)
        sealed = self._of_month(month).encrypt(nonce, clear, bound_to.bytes + month.encode())
        return f"s1.{month}.{_text(nonce + sealed)}"

    def open(self, token: str, bound_to: UUID) -> bytes:
        """Raises `SealBroken`, saying nothing of the content."""
        kind, key_id, body = _parts(token)
        try:
            if kind == "s1":
                return self._of_month(key_id).decrypt(body[:_NONCE], body[_NONCE:], bound_to.bytes + key_id.encode())
            if kind == "p1" and key_id == key_name(self._portal_public):
                return self._open_portal(body, bound_to.bytes + key_id.encode())
        except (InvalidTag, KeyError, ValueError):
            raise SealBroken("the seal does not open here") from None
        raise SealBroken("the seal is of an unknown key")

    def _open_portal(self, body: bytes, bound: bytes) -> bytes:
        point, nonce, sealed = body[:_POINT], body[_POINT : _POINT + _NONCE], body[_POINT + _NONCE :]
        shared = self._portal.exchange(X25519PublicKey.from_public_bytes(point))
        return _one_time(shared, point, self._portal_public).decrypt(nonce, sealed, bound)

    def _of_month(self, month: str) -> AESGCM:
        known = self._months.get(month)
        if known is None:
            known = self._months[month] = AESGCM(self._keys.month_key(month))
        return known


class PortalSealer(Sealer):
    """Seals for the services and opens nothing: `open` raises `SealBroken`."""

    def __init__(self, public_key: bytes, nonces: Nonces) -> None:
        self._public_key = public_key
        self._recipient = X25519PublicKey.from_public_bytes(public_key)
        self._key_id = key_name(public_key)
        self._nonces = nonces

    def seal(self, clear: bytes, bound_to: UUID) -> str:
        ephemeral = X25519PrivateKey.from_private_bytes(self._nonces(_POINT))
        point = ephemeral.public_key().public_bytes_raw()
        nonce = self._nonces(_NONCE)
        key = _one_time(ephemeral.exchange(self._recipient), point, self._public_key)
        sealed = key.encrypt(nonce, clear, bound_to.bytes + self._key_id.encode())
        return f"p1.{self._key_id}.{_text(point + nonce + sealed)}"


def key_name(public_key: bytes) -> str:
    """What a public key is called in a token: 16 hex characters."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _one_time(shared: bytes, point: bytes, recipient: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=point + recipient, info=b"kualik portal seal").derive(shared))


def _text(body: bytes) -> str:
    return urlsafe_b64encode(body).decode().rstrip("=")


def _parts(token: str) -> tuple[str, str, bytes]:
    kind, _, rest = token.partition(".")
    key_id, _, text = rest.partition(".")
    try:
        body = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise SealBroken("not a seal") from None
    # one spelling only: base64 readers pass over stray characters and trailing bits
    if len(body) < _NONCE + _TAG or _text(body) != text:
        raise SealBroken("not a seal")
    return kind, key_id, body
