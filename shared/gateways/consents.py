"""КДП through ШЭП: how a token for one system is asked for (S1), and anew when that system takes it no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.identity_verification import ConsentToken
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import KDP
from shared.gateways.kdp import Company, company_of
from shared.gateways.shep import ConsentRefused, Shep
from shared.hosting import Desk

OWNERS: Final = {
    "GBDFLUniversal_token": "ГБД ФЛ",
    "MCDB_SERVICE": "База мобильных граждан",
    "ZAGS_RECORD": "ИС ЗАГС",
    "ADDRESS_REGISTER": "Адресный регистр",
    "AIS_SIK": "АИС СИК",
}
"""Whose data, as the citizen reads it."""

STANDINGS: Final = ("VALID", "PENDING", "DENIED", "EXPIRED")


class Granting(BaseModel):
    """КДП's answer about one access name."""

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
class Kdp:
    """A request is known by its correlation id: asked again under the same it tells how it stands, and sends no SMS.
    `now` is machine time.
    """

    shep: Shep
    company: Company
    now: Callable[[], datetime]

    async def ask(self, access_name: str, request_id: str, iin: str, lifetime: timedelta, *, sms: bool) -> Granting:
        """Raises `Unavailable`, also for a status that nobody has told us of; without `sms` `ConsentRefused` when the
        citizen must be asked first.
        """
        question = {
            "uin": iin,
            "company": self.company.name,
            "company_bin": self.company.bin,
            "company_responsible": OWNERS[access_name],
            "employee_name": self.company.employee,
            "access_name": access_name,
            "personal_data_name": ", ".join(OWNERS.values()),
            "expiresIn": int(lifetime.total_seconds() * 1000),
            "omit-sms": not sms,
            "ovt": self.company.ovt(),
        }
        found = await self.shep.ask(KDP, question, f"{request_id}/{access_name}", self.now())
        try:
            answer = Granting.model_validate(found)
        except ValidationError:
            raise Unavailable("kdp") from None
        if answer.status not in STANDINGS:
            raise Unavailable("kdp")
        return answer


@dataclass(frozen=True, slots=True)
class Renewed:
    """How a renewal stands: VALID with its token, PENDING while the citizen is asked, DENIED or EXPIRED."""

    status: str
    token: ConsentToken | None = None


@dataclass(frozen=True, slots=True)
class Renewals:
    """A fresh token for one system: without an SMS while the citizen's word still holds, else by another from 1414."""

    kdp: Kdp

    async def renew(self, access_name: str, request_id: str, iin: str, lifetime: timedelta, at: datetime) -> Renewed:
        """`at` is the business moment. Under the same `request_id` it is one renewal. Raises `Unavailable`."""
        silent = await self.again(access_name, request_id, iin, lifetime, at)
        if silent is not None:
            return silent
        answer = await self.kdp.ask(access_name, f"{request_id}/anew", iin, lifetime, sms=True)
        return _renewed(answer, access_name, at + lifetime)

    async def again(
        self, access_name: str, request_id: str, iin: str, lifetime: timedelta, at: datetime
    ) -> Renewed | None:
        """Without troubling the citizen; None when КДП wants their word first. Raises `Unavailable`."""
        try:
            answer = await self.kdp.ask(access_name, f"{request_id}/again", iin, lifetime, sms=False)
        except ConsentRefused:
            return None
        return _renewed(answer, access_name, at + lifetime)


def _renewed(answer: Granting, access_name: str, until: datetime) -> Renewed:
    token = answer.token(access_name, until)
    return Renewed("PENDING" if answer.status == "VALID" and token is None else answer.status, token)


def renewals_of(desk: Desk, shep: Shep) -> Renewals:
    """Raises `KeysUnusable`."""
    return Renewals(Kdp(shep, company_of(desk), desk.clock.machine_now))
