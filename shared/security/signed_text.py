"""Business XML that travels as text and carries its own enveloped signature (domain.md 2.1 style b, 2.3).

Signed first, escaped after; whoever reads un-escapes and verifies the exact text.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Protocol

from lxml import etree

from shared.security import xmldsig
from shared.security.distrust import Altered, SeveralSignatures, UnknownSigner, Unsigned, Wrapped, WrongAlgorithm
from shared.security.safe_xml import parse, parse_for_reading
from shared.security.xmldsig import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    INCLUSIVE_WITH_COMMENTS,
    RSA_SHA256,
    SHA_256,
    Claim,
    Now,
    Pinned,
    SigningKey,
)

SIGNATURE: Final = (
    f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{INCLUSIVE}"/>'
    f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/><ds:Reference URI=""><ds:Transforms>'
    f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{INCLUSIVE_WITH_COMMENTS}"/></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{SHA_256}"/><ds:DigestValue>{{digest}}</ds:DigestValue></ds:Reference>'
    f"</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
    f"<ds:X509Certificate>{{certificate}}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
)
_C14N: Final = (INCLUSIVE, INCLUSIVE_WITH_COMMENTS, EXCLUSIVE)


class TextSeal(Protocol):
    """How business XML is signed and opened."""

    async def sign_text(self, root: etree._Element) -> str:
        """The whole document as text, its signature the last child of its root."""
        ...

    async def open_text(self, text: str, most: int) -> etree._Element:
        """The signed root, without its signature. Raises `Distrusted`."""
        ...


@dataclass(frozen=True, slots=True)
class LocalTextSeal:
    """RSA-SHA256 in this process."""

    key: SigningKey
    pinned: Pinned
    now: Now

    async def sign_text(self, root: etree._Element) -> str:
        digest = xmldsig.sha256(canonicalised(root, INCLUSIVE_WITH_COMMENTS))
        signature = etree.fromstring(SIGNATURE.format(digest=digest, certificate=self.key.certificate64))
        root.append(signature)
        signature[1].text = self.key.sign(canonicalised(signature[0], INCLUSIVE))
        return etree.tostring(root, encoding="unicode")

    async def open_text(self, text: str, most: int) -> etree._Element:
        root = parse(text.encode(), most)
        claim, certificate = signed_root(root, xmldsig.LOCAL_ALGORITHMS)
        info = canonicalised(claim.info, claim.canonicalisation)
        signed = without_signature(root, claim)
        if not hmac.compare_digest(hashlib.sha256(signed).digest(), claim.digest):
            raise Altered
        self.pinned.verify(certificate, claim.value, info, self.now())
        return parse_for_reading(signed)


def canonicalised(element: etree._Element, algorithm: str) -> bytes:
    """C14N of the element in its place."""
    return etree.tostring(
        element,
        method="c14n",
        exclusive=algorithm == EXCLUSIVE,
        with_comments=algorithm == INCLUSIVE_WITH_COMMENTS,
    )


def signed_root(root: etree._Element, algorithms: frozenset[tuple[str, str]]) -> tuple[Claim, bytes]:
    """Judge the structure: one signature, a child of the root, over all of the document; and its certificate (DER)."""
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if not signatures:
        raise Unsigned
    if len(signatures) > 1:
        raise SeveralSignatures
    claim = xmldsig.claim_of(signatures[0])
    if claim.uri or signatures[0].getparent() is not root:
        raise Wrapped
    names = [name for name, _ in claim.transforms]
    known = len(names) == 2 and names[0] == ENVELOPED and names[1] in _C14N and claim.canonicalisation in _C14N
    plain = not claim.info_prefixes and not any(prefixes for _, prefixes in claim.transforms)
    if not (known and plain) or (claim.method, claim.digest_method) not in algorithms:
        raise WrongAlgorithm
    certificates = claim.key_info.findall(f"{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if len(certificates) != 1:
        raise UnknownSigner
    return claim, xmldsig.bytes_of(certificates[0])


def without_signature(root: etree._Element, claim: Claim) -> bytes:
    """The canonical bytes that the digest is of; the signature leaves the tree, the text after it stays."""
    signature = claim.info.getparent()
    assert signature is not None
    tail, before = signature.tail, signature.getprevious()
    root.remove(signature)
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        root.text = (root.text or "") + tail
    return canonicalised(root, claim.transforms[1][0])
