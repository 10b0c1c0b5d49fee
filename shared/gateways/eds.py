"""How a process checks ЭЦП: GOST at NCANode, where there is one, everything else by its own X.509."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import httpx

from shared.contracts.base import Sealed
from shared.engine.ports import Clock
from shared.engine.service import AskPolicy
from shared.gateways.eds_ncanode import NcanodeVerifier
from shared.gateways.policies import POLICIES
from shared.security import cms as reading
from shared.security.cms import SignatureFault
from shared.security.eds import SignatureVerifier, Signer, Verified
from shared.security.shelf import Shelf
from shared.security.status import Statuses
from shared.security.trust import TrustFolder
from shared.settings import Settings

GOST: Final = "1.2.398.3.10.1."
"""The algorithms of Kazakhstan: GOST 34.310-2004 and GOST 2015 alike."""


@dataclass(frozen=True, slots=True)
class ByAlgorithm:
    """Without NCANode a GOST signature is of an unsupported key."""

    x509: SignatureVerifier
    gost: SignatureVerifier | None = None

    async def verify(self, cms: bytes, payload: bytes, moment: datetime, expects: Signer) -> Verified | SignatureFault:
        if not is_gost(cms):
            return await self.x509.verify(cms, payload, moment, expects)
        if self.gost is None:
            return SignatureFault.UNSUPPORTED_KEY
        return await self.gost.verify(cms, payload, moment, expects)


def is_gost(cms: bytes) -> bool:
    """By the signature's algorithm as the CMS names it; false for whatever is no CMS."""
    return reading.algorithm_of(cms).startswith(GOST)


def eds_policy(cms: Sealed[str] | None) -> AskPolicy:
    """Whom the check of a signature (base64) waits for: our own authorities' lists, or NCANode."""
    try:
        gost = cms is not None and is_gost(base64.b64decode(cms.value))
    except ValueError:
        gost = False
    return POLICIES["ncanode" if gost else "eds"]


class Eds:
    """Made of the settings when it is first needed: most services check no signature, and pyHanko is large."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient, clock: Clock, log: Any) -> None:
        self._settings, self._http, self._clock, self._log = settings, http, clock, log

    @cached_property
    def trust(self) -> TrustFolder:
        return TrustFolder(self._settings.trust_folder)

    @cached_property
    def shelf(self) -> Shelf:
        return Shelf(self._settings.revocation_folder)

    @cached_property
    def statuses(self) -> Statuses:
        lists, answers = tuple(self._settings.crl_url.split()), self._settings.ocsp_url
        return Statuses(self._http, self.shelf, self.trust, self._clock, self._log, lists, answers)

    @cached_property
    def verifier(self) -> SignatureVerifier:
        from shared.security.eds_x509 import X509Verifier

        own = X509Verifier(self.trust, self.statuses, self.shelf)
        url = self._settings.ncanode_url
        return ByAlgorithm(own, NcanodeVerifier(self._http, url, self._clock.now) if url else None)
