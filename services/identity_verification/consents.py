"""S1 by КДП: one SMS from 1414 for all, then a token of its own for every system that is asked later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.identity_verification.answers import Consent
from services.identity_verification.state import ACCESS_NAMES
from shared.contracts.identity_verification import ConsentToken
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import KDP
from shared.gateways.kdp import Company
from shared.gateways.shep import Shep

OWNERS: Final = {
    "GBDFLUniversal_token": "ГБД ФЛ",
    "MCDB_SERVICE": "База мобильных граждан",
    "ZAGS_RECORD": "ИС ЗАГС",
    "ADDRESS_REGISTER": "Адресный регистр",
    "AIS_SIK": "АИС СИК",
}
"""Whose data, as the citizen reads it."""

STANDINGS: Final = ("VALID", "PENDING", "DENIED", "EXPIRED")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    status: str
    code: str = Field("", repr=False)
    public_key: str = Field("", alias="public-key", repr=False)

    def token(self, access_name: str, until: datetime) -> ConsentToken | None:
        """The code comes in lines. Without its key it is no token."""
        code = "".join(self.code.split())
        if self.status != "VALID" or not code or not self.public_key:
            return None
        return ConsentToken(access_name=access_name, token=code, public_key=self.public_key, expires_at=until)


@dataclass(frozen=True, slots=True)
class KdpConsents:
    """A request is known by its correlation id: asked again under the same it tells how it stands, and sends no SMS.

    The first access name is asked with the SMS, which names all of them; once it is granted the others are asked
    without one. `now` is machine time.
    """

    shep: Shep
    company: Company
    now: Callable[[], datetime]

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

    async def _ask(self, access_name: str, request_id: str, iin: str, lifetime: timedelta) -> _Answer:
        """Raises `Unavailable`, also for a status that nobody has told us of."""
        question = {
            "uin": iin,
            "company": self.company.name,
            "company_bin": self.company.bin,
            "company_responsible": OWNERS[access_name],
            "employee_name": self.company.employee,
            "access_name": access_name,
            "personal_data_name": ", ".join(OWNERS.values()),
            "expiresIn": int(lifetime.total_seconds() * 1000),
            "omit-sms": access_name != ACCESS_NAMES[0],
            "ovt": self.company.ovt(),
        }
        found = await self.shep.ask(KDP, question, f"{request_id}/{access_name}", self.now())
        try:
            answer = _Answer.model_validate(found)
        except ValidationError:
            raise Unavailable("kdp") from None
        if answer.status not in STANDINGS:
            raise Unavailable("kdp")
        return answer
