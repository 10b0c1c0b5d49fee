"""With which key an officer signs on a page (a software key of the sandbox, or their own by NCALayer in the browser),
and whose signature it is that came.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from starlette.responses import JSONResponse, Response

from shared.contracts.base import Sealed
from shared.engine.rows import Unavailable
from shared.gateways.signer import Signer
from shared.security.cms import SignatureFault
from shared.security.eds import Officer, SignatureVerifier, Verified, kept_signature
from shared.security.evidence import KeptSignature
from shared.security.trust import TrustUnusable
from shared.web.officers import Account
from shared.web.pages import Form
from shared.web.problems import Problem, not_signed_so, unprocessable
from shared.web.site import Site

DRIFT: Final = timedelta(minutes=10)
"""How far the moment an officer signed for may be from the moment the signature comes (business time)."""


@dataclass(frozen=True, slots=True)
class OfficerKeys:
    """`software` keys are the sandbox's; who has none there signs by NCALayer at `ncalayer`."""

    software: Signer | None
    ncalayer: str

    def by_browser(self, officer: Account) -> str:
        """Where this officer's browser asks for a signature; empty when a software key signs."""
        return self.ncalayer if self.software is None or not officer.software_key else ""

    async def cms(self, form: Form, officer: Account, text: bytes, moment: datetime) -> str:
        """The CMS over that text in base64: what the browser brought, else the software key's.

        Nothing is verified yet. Raises `Problem` 422 when there is neither, `Unavailable`.
        """
        brought = form.get("cms", "")
        if brought:
            return brought
        if self.software is None or not officer.software_key:
            raise Problem(422, "Nothing is signed", code="NOT_SIGNED")
        return base64.b64encode(await self.software.sign(officer.id, text, moment)).decode()


async def verified(
    verifier: SignatureVerifier, cms: str, signed: bytes, moment: datetime, expects: Officer
) -> Verified | SignatureFault:
    """Whose `cms` (base64) it is. Raises `Problem` 503 when nobody could tell whether the certificate is revoked."""
    try:
        answer = await verifier.verify(base64.b64decode(cms), signed, moment, expects)
    except binascii.Error:
        return SignatureFault.NOT_CMS
    except (Unavailable, TrustUnusable):
        answer = SignatureFault.NO_REVOCATION_DATA
    if answer is SignatureFault.NO_REVOCATION_DATA:
        raise Problem(503, "Not now", "The signature cannot be checked now. Send it again.", code=answer.value)
    return answer


class Dated(Protocol):
    """A canonical text that says for which moment it is signed."""

    @property
    def moment(self) -> datetime: ...
    def canonical(self) -> bytes: ...
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Unproved:
    """Why a signature does not serve: the word for the record, and what its sender is told."""

    result: str
    problem: Problem


async def proved(
    verifier: SignatureVerifier, cms: str, signed: Dated, now: datetime, expects: Officer, application_id: UUID,
    key: str, field: str = "moment",
) -> KeptSignature | Unproved:  # fmt: skip
    """The row that proves for ever what that officer signed just now; the file keeps it under `key`.

    `field` is where the caller says the moment. Raises `Problem` as `verified` does.
    """
    if abs(now - signed.moment) > DRIFT:
        return Unproved("NOT_NOW", unprocessable({"field": field, "problem": "not_now"}))
    found = await verified(verifier, cms, signed.canonical(), now, expects)
    if isinstance(found, SignatureFault):
        return Unproved(found.value, not_signed_so(found.value))
    return kept_signature(application_id, key, found, now, signed.sha256(), Sealed(cms))


def to_sign(site: Site, text: bytes, moment: datetime) -> Response:
    """What the page's script hands to NCALayer, and the moment that stands in the text."""
    told = {"text": base64.b64encode(text).decode(), "moment": moment.isoformat()}
    return JSONResponse(told, headers=site.headers)


def moment_in(form: Form, now: datetime) -> datetime:
    """The moment that the browser signed for, else this one. Raises `Problem` 422 for what is none."""
    text = form.get("moment", "")
    try:
        found = datetime.fromisoformat(text) if text else moment_of(now)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise unprocessable({"field": "moment", "problem": "datetime"})
    return found


def moment_of(now: datetime) -> datetime:
    """The moment to sign for: whole milliseconds, as the canonical form spells it."""
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
