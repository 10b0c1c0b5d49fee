"""An accepted signature can be proved when authority, network and certificate are long gone, and only as it was."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from starlette.responses import Response

from shared.contracts.base import Sealed
from shared.security.eds import Citizen, SignatureFault, Verified, kept_signature
from shared.security.evidence import KeptSignature
from shared.security.proving import prove
from tests.security.places import AUTHORITY, FALSE_AUTHORITY, IIN, NOW, OTHER_IIN, Place

PAYLOAD = b'{"kind":"application"}'
CMS = AUTHORITY.citizen(IIN).sign(PAYLOAD, NOW)


async def accepted(place: Place) -> KeptSignature:
    signer = await place.x509.verify(CMS, PAYLOAD, NOW, Citizen(IIN))
    assert isinstance(signer, Verified)
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    cms = Sealed(base64.b64encode(CMS).decode())
    return kept_signature(UUID(int=1), "application", signer, NOW, digest, cms)


@pytest.mark.parametrize("ocsp", [True, False], ids=["by OCSP", "by lists"])
async def test_what_was_kept_proves_the_signature_years_later(tmp_path: Path, ocsp: bool) -> None:
    place = Place(tmp_path / "shelf")
    if not ocsp:
        place.instead["/ocsp"] = lambda: Response(status_code=503)
    kept = await accepted(place)
    later = Place(place.folder)
    later.clock.stands = NOW + timedelta(days=3650)
    later.instead |= dict.fromkeys(("/ocsp", "/crl", "/crl/root"), lambda: Response(status_code=404))
    later.shelf.sweep(2e10)
    assert await later.x509.verify(CMS, PAYLOAD, later.clock.now(), Citizen(IIN)) is SignatureFault.UNKNOWN_ISSUER
    proved = await prove(kept, PAYLOAD, Citizen(IIN), lambda: later.trust, later.shelf)
    assert isinstance(proved, Verified)
    assert proved.claimed_at == NOW
    assert proved.certificate_sha256 == kept.certificate_sha256


async def test_nothing_else_is_proved_by_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    kept = await accepted(place)
    proofs = {
        "another payload": (kept, b"another", IIN, SignatureFault.PAYLOAD_DIFFERS),
        "another person": (kept, PAYLOAD, OTHER_IIN, SignatureFault.OTHER_IIN),
        "no evidence": (replace(kept, proofs=()), PAYLOAD, IIN, SignatureFault.NO_REVOCATION_DATA),
        "another moment": (
            replace(kept, judged_for=NOW + timedelta(days=2)), PAYLOAD, IIN, SignatureFault.NO_REVOCATION_DATA,
        ),
        "no signature": (replace(kept, cms=Sealed("?")), PAYLOAD, IIN, SignatureFault.NOT_CMS),
    }  # fmt: skip
    for name, (row, payload, iin, fault) in proofs.items():
        assert await prove(row, payload, Citizen(iin), lambda: place.trust, place.shelf) is fault, name
    stranger = FALSE_AUTHORITY.trust()
    assert await prove(kept, PAYLOAD, Citizen(IIN), lambda: stranger, place.shelf) is SignatureFault.UNKNOWN_ISSUER


async def test_a_list_that_was_altered_since_proves_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.instead["/ocsp"] = lambda: Response(status_code=503)
    kept = await accepted(place)
    for path in (tmp_path / "archive").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    answer = await prove(kept, PAYLOAD, Citizen(IIN), lambda: place.trust, place.shelf)
    assert answer is SignatureFault.NO_REVOCATION_DATA
