"""S1 by КДП: one SMS from 1414 for all, then a token of its own for every system that is asked later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity_verification.answers import Consent
from services.identity_verification.state import ACCESS_NAMES
from shared.gateways.consents import Granting, Kdp
from shared.gateways.shep import ConsentRefused


@dataclass(frozen=True, slots=True)
class KdpConsents:
    """The first access name is asked with the SMS, which names all of them; once it is granted the others are asked
    without one.
    """

    kdp: Kdp

    async def request(self, request_id: str, iin: str, lifetime: timedelta) -> None:
        await self._ask(ACCESS_NAMES[0], request_id, iin, lifetime)

    async def status_of(self, request_id: str, iin: str, lifetime: timedelta, at: datetime) -> Consent:
        """`at` is the business moment of the look: the tokens are good for `lifetime` from it at the latest."""
        first, *others = ACCESS_NAMES
        answer = await self._ask(first, request_id, iin, lifetime)
        tokens = [answer.token(first, at + lifetime)]
        if tokens[0] is None:
            return Consent("PENDING" if answer.status == "VALID" else answer.status)
        for name in others:
            each = await self._ask(name, request_id, iin, lifetime)
            if each.status != "VALID":
                return Consent(each.status)
            tokens.append(each.token(name, at + lifetime))
        return Consent("VALID", tuple(token for token in tokens if token is not None))

    async def _ask(self, access_name: str, request_id: str, iin: str, lifetime: timedelta) -> Granting:
        try:
            return await self.kdp.ask(access_name, request_id, iin, lifetime, sms=access_name == ACCESS_NAMES[0])
        except ConsentRefused:  # what was granted by SMS has run out since: the citizen is asked again
            return Granting(status="EXPIRED")
