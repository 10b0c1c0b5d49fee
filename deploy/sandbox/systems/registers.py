"""ГБД ФЛ, БМГ, ИС ЗАГС, the address register and АИС СИК: each answers only with the person's consent for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deploy.sandbox.persona import Phone
from deploy.sandbox.systems.ground import Ground, Plain, Refused, Said, need
from deploy.sandbox.systems.kdp import ConsentControl

FOUND, NOT_FOUND = "00000", "NOT_FOUND"


@dataclass(slots=True)
class Registers:
    ground: Ground
    consents: ConsentControl

    def ask(self, service_id: str, said: Said, now: datetime) -> Plain:
        """Raises `Refused` for a service that is none, and for a token that КДП has not given."""
        answers = {
            "GBDFLUniversal_token": self._person,
            "MCDB_SERVICE": self._phone,
            "ZAGS_RECORD": self._civil_record,
            "ADDRESS_REGISTER": self._address,
            "AIS_SIK": self._statuses,
        }
        if service_id not in answers:
            raise Refused("UNKNOWN_SERVICE", 404)
        (iin,) = need(said, "iin")
        if not self.consents.admits(service_id, said):
            raise Refused("NO_CONSENT", 403)
        return answers[service_id](iin, said)

    def _person(self, iin: str, said: Said) -> Plain:
        citizen = self.ground.people.get(iin)
        if citizen is None:
            return {"messageResult": NOT_FOUND}
        return {"messageResult": FOUND, "person": citizen.person.model_dump(mode="json", exclude_none=True)}

    def _phone(self, iin: str, said: Said) -> Plain:
        citizen = self.ground.people.get(iin)
        known = self.ground.treatment(iin).phone
        if citizen is None or said.get("phone") != citizen.phone or known is Phone.ABSENT:
            return {"found": False, "phone_matches": False}
        return {"found": True, "phone_matches": known is Phone.OWN}

    def _civil_record(self, iin: str, said: Said) -> Plain:
        citizen = self.ground.people.get(iin)
        return {"record": citizen.civil.model_dump(mode="json", exclude_none=True) if citizen else None}

    def _address(self, iin: str, said: Said) -> Plain:
        citizen = self.ground.people.get(iin)
        address = citizen.address if citizen else None
        return {"address": address.model_dump(mode="json", exclude_none=True) if address else None}

    def _statuses(self, iin: str, said: Said) -> Plain:
        codes = self.ground.treatment(iin).statuses
        return {"statuses": [{"code": code, "since": "2020-01-01"} for code in codes]}
