"""Signatures in XML, as far as ШЭП needs them: whose key, whose certificates are pinned, and what one SignedInfo says.

libxml2 canonicalises and `cryptography` signs. The structure is judged here and not by a general library, because only
one is allowed: whatever deviates is refused, each piece is canonicalised once, and nothing of it is ever logged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree

from shared.security.distrust import BadSignature, UnknownSigner, Unsigned, Wrapped, WrongAlgorithm
from shared.security.keyring import KeysUnusable
from shared.security.trust import valid_at

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_WITH_COMMENTS: Final = f"{INCLUSIVE}#WithComments"
ENVELOPED: Final = f"{DS}enveloped-signature"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA_256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
LOCAL_ALGORITHMS: Final = frozenset({(RSA_SHA256, SHA_256)})

Now = Callable[[], datetime]
"""Machine time: certificates and the age of a message go by it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key with its certificate."""

    private: rsa.RSAPrivateKey = field(repr=False)
    certificate: bytes = field(repr=False)
    """DER."""

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """From a PEM file with both, readable by its owner only. Raises `KeysUnusable`."""
        try:
            if path.stat().st_mode & 0o007:
                raise KeysUnusable(f"{path.name} may be read by others")
            pem = path.read_bytes()
            private, certificate = load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
        except (OSError, ValueError, TypeError):
            raise KeysUnusable(f"{path.name} cannot be read as a key with its certificate") from None
        if not isinstance(private, rsa.RSAPrivateKey) or private.public_key() != certificate.public_key():
            raise KeysUnusable(f"{path.name} holds no RSA key with its own certificate")
        return cls(private, certificate.public_bytes(Encoding.DER))

    def sign(self, data: bytes) -> str:
        """RSA-SHA256 (PKCS #1 v1.5), in base64."""
        return base64.b64encode(self.private.sign(data, padding.PKCS1v15(), SHA256())).decode()

    @property
    def certificate64(self) -> str:
        return base64.b64encode(self.certificate).decode()


class Pinned:
    """The certificates whose signatures are believed, in PEM; several while one takes the place of another."""

    def __init__(self, certificates: Iterable[x509.Certificate]) -> None:
        self._known = {each.public_bytes(Encoding.DER): each for each in certificates}
        self._keys: dict[bytes, rsa.RSAPublicKey] = {}

    @classmethod
    def load(cls, path: Path) -> Pinned:
        """Raises `KeysUnusable`."""
        try:
            return cls(x509.load_pem_x509_certificates(path.read_bytes()))
        except (OSError, ValueError):
            raise KeysUnusable(f"{path.name} cannot be read as certificates") from None

    def check(self, certificate: bytes, moment: datetime) -> None:
        """Raises `UnknownSigner`."""
        known = self._known.get(certificate)
        if known is None or not valid_at(known, moment):
            raise UnknownSigner

    def verify(self, certificate: bytes, signature: bytes, data: bytes, moment: datetime) -> None:
        """Raises `UnknownSigner`, `BadSignature`."""
        self.check(certificate, moment)
        try:
            self._key_of(certificate).verify(signature, data, padding.PKCS1v15(), SHA256())
        except (InvalidSignature, UnsupportedAlgorithm):
            raise BadSignature from None

    def _key_of(self, certificate: bytes) -> rsa.RSAPublicKey:
        key = self._keys.get(certificate)
        if key is None:
            found = self._known[certificate].public_key()
            if not isinstance(found, rsa.RSAPublicKey):
                raise BadSignature
            key = self._keys[certificate] = found
        return key


@dataclass(frozen=True, slots=True)
class Claim:
    """What one ds:Signature with one Reference says, before anything of it is believed."""

    info: etree._Element
    uri: str
    canonicalisation: str
    info_prefixes: list[str]
    transforms: tuple[tuple[str, list[str]], ...]
    method: str
    digest_method: str
    digest: bytes
    value: bytes
    key_info: etree._Element


def claim_of(signature: etree._Element) -> Claim:
    """Raises `Wrapped` unless there is exactly one Reference, `Unsigned` for what is no signature."""
    info, value, key_info = (_only(signature, name) for name in ("SignedInfo", "SignatureValue", "KeyInfo"))
    references = info.findall(f"{{{DS}}}Reference")
    if len(references) != 1:
        raise Wrapped
    reference, canonicalisation = references[0], _only(info, "CanonicalizationMethod")
    transforms = _only(reference, "Transforms").findall(f"{{{DS}}}Transform")
    return Claim(
        info=info,
        uri=reference.get("URI") or "",
        canonicalisation=_algorithm(canonicalisation),
        info_prefixes=_prefixes(canonicalisation),
        transforms=tuple((_algorithm(each), _prefixes(each)) for each in transforms),
        method=_algorithm(_only(info, "SignatureMethod")),
        digest_method=_algorithm(_only(reference, "DigestMethod")),
        digest=bytes_of(_only(reference, "DigestValue")),
        value=bytes_of(value),
        key_info=key_info,
    )


def sha256(content: bytes) -> str:
    """In base64, as it stands in a DigestValue."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def bytes_of(element: etree._Element) -> bytes:
    """The base64 in an element. Raises `WrongAlgorithm` for what is none."""
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise WrongAlgorithm from None


def _only(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise Unsigned
    return found[0]


def _algorithm(element: etree._Element) -> str:
    return element.get("Algorithm") or ""


def _prefixes(element: etree._Element) -> list[str]:
    """The PrefixList of exclusive C14N; anything else below a transform changes what is signed."""
    if len(element) == 0:
        return []
    inclusive = element[0]
    if len(element) > 1 or inclusive.tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces" or len(inclusive):
        raise WrongAlgorithm
    return (inclusive.get("PrefixList") or "").split()
