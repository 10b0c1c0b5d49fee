"""What a check of an ЭЦП stood on, kept so that an application or a decision can be proved years later (S12, p.11).

Values only: who decides need not know how anything was fetched or verified.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.base import Sealed


class ProofKind(StrEnum):
    CRL = "CRL"
    OCSP = "OCSP"


@dataclass(frozen=True, slots=True)
class Proof:
    """A list or an answer that did not name the certificate as revoked; in force between its two moments.

    `content` is the DER of an OCSP answer in base64. A list is long and the same for many: it lies under its SHA-256
    among the lists that were ever relied on (`revocation.Shelf`).
    """

    kind: ProofKind
    sha256: str
    since: datetime
    until: datetime
    content: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """`checked_by` names the adapter; `issuers` are SHA-256 of the authorities' certificates, the signer's first."""

    checked_by: str
    issuers: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptSignature:
    """A signature that was found valid, for ever. `what` is `application`, `withdrawal`, `decision/<id>`,
    `second/<id>` or `hand-over/<id>`.

    `judged_for` is the moment (business time) it was found valid for, `claimed_at` the signer's own word. The
    certificate stands in the CMS.
    """

    application_id: UUID
    what: str
    judged_for: datetime
    claimed_at: datetime | None
    payload_sha256: str
    certificate_sha256: str
    cms: Sealed[str]
    checked_by: str
    issuers: tuple[str, ...]
    proofs: tuple[Proof, ...]


NO_EVIDENCE = Evidence("")
