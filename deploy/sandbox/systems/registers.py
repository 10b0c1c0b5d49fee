"""ГБД ФЛ, БМГ, ИС ЗАГС, the address register and АИС СИК: each answers only with the person's consent for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deploy.sandbox.persona import Phone
from deploy.sandbox.systems.gbdfl import answer_about
from deploy.sandbox.systems.ground import Ground, Plain, Refused, Said, need
from deploy.sandbox.systems.kdp import ConsentControl
from shared.law.civil_registry import CivilRecord
from shared.law.person import Address, AddressKind, Entry

OPERATOR = "СЫНАҚ ТЕЛЕКОМ"


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
        self.consents.admit(service_id, said, now)
        return answers[service_id](iin, said, now)

    def _person(self, iin: str, said: Said, now: datetime) -> Plain:
        citizen = self.ground.people.get(iin)
        return answer_about(citizen.person if citizen else None, said, self.ground.id(f"person {iin}"), now)

    def _phone(self, iin: str, said: Said, now: datetime) -> Plain:
        citizen = self.ground.people.get(iin)
        known = self.ground.treatment(iin).phone
        if citizen is None or said.get("phone") != citizen.phone or known is Phone.ABSENT:
            return {"found": False, "phoneMatches": False}
        return {"found": True, "phoneMatches": known is Phone.OWN, "operator": OPERATOR}

    def _civil_record(self, iin: str, said: Said, now: datetime) -> Plain:
        citizen = self.ground.people.get(iin)
        return acts_of(citizen.civil) if citizen else {}

    def _address(self, iin: str, said: Said, now: datetime) -> Plain:
        citizen = self.ground.people.get(iin)
        address = citizen.address if citizen else None
        return {"registration": confirmed(address)} if address else {}

    def _statuses(self, iin: str, said: Said, now: datetime) -> Plain:
        codes = self.ground.treatment(iin).statuses
        return {"date": str(said.get("date") or ""), "status": [{"code": c, "dateFrom": "2020-01-01"} for c in codes]}


def acts_of(civil: CivilRecord) -> Plain:
    """ИС ЗАГС's answer: the acts, and the record as it stands."""
    acts = [
        {"type": "CHANGE", "field": act.field.name, "actNumber": act.number, "actDate": act.date.isoformat()}
        for act in civil.acts
    ]
    record = {
        "surname": civil.surname,
        "name": civil.name,
        "patronymic": civil.patronymic,
        "birthDate": civil.birth_date.isoformat() if civil.birth_date else None,
        "nationality": _named(civil.nationality),
        "birthPlace": civil.birth_place,
        "birthCountry": _named(civil.birth_country),
    }
    return {"act": acts, "record": record}


def confirmed(address: Address) -> Plain:
    """What the address register confirms."""
    return {
        "permanent": address.kind is AddressKind.PERMANENT,
        "country": _named(address.country),
        "district": _named(address.district),
        "region": _named(address.region),
        "city": address.city,
        "street": address.street,
        "building": address.building,
        "corpus": address.corpus,
        "flat": address.flat,
        "beginDate": address.since.isoformat() if address.since else None,
        "endDate": address.until.isoformat() if address.until else None,
        "status": _named(address.status),
        "invalidity": _named(address.invalidity),
        "arCode": address.ar_code,
    }


def _named(entry: Entry | None) -> Plain | None:
    return {"code": entry.code, "nameRu": entry.ru, "nameKz": entry.kk} if entry else None
