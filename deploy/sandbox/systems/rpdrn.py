"""ППО РП ДРН: registers and gives the talon, hears the stages, recalls, and sets the invoice (S13, S15, S16).

It promises no idempotency: who registers twice holds two talons. Stages that come out of order it refuses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from deploy.sandbox.systems.gateway import Gateway
from deploy.sandbox.systems.ground import Callback, Ground, Plain, Refused, Said, day_of, need, whole
from deploy.sandbox.systems.temp_files import TempFiles
from shared.law.fees import KBK, fee_on
from shared.law.pilot import Reason
from shared.law.registration_points import point_of


@dataclass(slots=True)
class Registration:
    talon: str
    documentation_code: str
    application_id: str
    iin: str
    region: str
    point: str
    registered_at: datetime
    recalled: bool = False
    stages: list[Plain] = field(default_factory=list)
    watch: str = ""
    """The id of the REQUEST by which somebody asked to be told of it; the first one stays."""
    told: list[tuple[str, Plain]] = field(default_factory=list)
    """What there was to tell, by its message id, whether anybody asked to be told or not."""

    def shown(self) -> Plain:
        return {
            "talonNumber": self.talon,
            "documentationCode": self.documentation_code,
            "registeredAt": self.registered_at.isoformat(),
            "recalled": self.recalled,
        }


@dataclass(slots=True)
class Registry:
    ground: Ground
    gateway: Gateway
    files: TempFiles
    talons: dict[str, Registration] = field(default_factory=dict)
    refused: int = 0

    def ask(self, service_id: str, said: Said, now: datetime) -> Plain:
        asked = {
            "RPDRN_REGISTER": self._register,
            "RPDRN_FIND": self._find,
            "RPDRN_RECALL": self._recall,
            "RPDRN_STAGE": self._stage,
            "RPDRN_RESULT": self._result,
            "RPDRN_INVOICE": self._invoice,
        }
        if service_id not in asked:
            raise Refused("UNKNOWN_SERVICE", 404)
        return asked[service_id](said, now)

    def of(self, application_id: str) -> list[Registration]:
        """Every registration of an application, the first one first."""
        return [held for held in self.talons.values() if held.application_id == application_id]

    def standing_twice(self) -> int:
        """How many applications hold more than one talon that was not recalled."""
        standing = Counter(held.application_id for held in self.talons.values() if not held.recalled)
        return sum(count > 1 for count in standing.values())

    def _register(self, said: Said, now: datetime) -> Plain:
        application_id, iin, region, point = need(said, "applicationId", "iin", "region", "point")
        need(said, "key", "formSha256", "formSignature")
        for name in ("photo", "signatureSample"):
            self.files.take(*need(said.get(name) or {}, "fileIdentifier", "sha256"))
        if point_of(region, point) is None:
            return _no("UNKNOWN_POINT", "Мұндай тіркеу пункті жоқ", "Такого регистрационного пункта нет")
        if self.ground.treatment_of(application_id).registration_refused:
            self.refused += 1
            return _no("NOT_REGISTERED", "Өтінім тіркелмейді", "Заявка не может быть зарегистрирована")
        number = len(self.talons) + 1
        body = f"{region}{day_of(now):%y%m%d}{number:06}"
        talon = f"{region}-{day_of(now):%y%m%d}-{number:06}-{check_digit(body)}"
        code = f"{region}{number:08}"
        self.talons[talon] = Registration(talon, code, application_id, iin, region, point, now)
        return {
            "registered": True,
            "talonNumber": talon,
            "documentationCode": code,
            "registeredAt": now.isoformat(),
        }

    def _find(self, said: Said, now: datetime) -> Plain:
        (application_id,) = need(said, "applicationId")
        return {"applicationId": application_id, "registration": [each.shown() for each in self.of(application_id)]}

    def _recall(self, said: Said, now: datetime) -> Plain:
        (talon,) = need(said, "talonNumber")
        held = self.talons.get(talon)
        if held is None:
            return {"recalled": False, "code": "UNKNOWN_TALON"}
        if self.ground.treatment_of(held.application_id).recall_refused:
            return {"recalled": False, "code": "RECALL_REFUSED"}
        if not held.recalled:
            self.tell(held, "RECALLED", now)
        held.recalled = True
        return {"recalled": True, "code": "RECALLED"}

    def _stage(self, said: Said, now: datetime) -> Plain:
        """The next number in order is taken; one that stands already is accepted again when it is the same."""
        talon, stage = need(said, "talonNumber", "stage")
        number, held = whole(said, "number"), self.talons.get(talon)
        if held is None or held.recalled:
            return {"accepted": False, "code": "UNKNOWN_TALON" if held is None else "RECALLED"}
        if 1 <= number <= len(held.stages):
            same = held.stages[number - 1]["stage"] == stage
            return {"accepted": same, "code": "KNOWN" if same else "OUT_OF_ORDER"}
        if number != len(held.stages) + 1:
            return {"accepted": False, "code": "OUT_OF_ORDER"}
        held.stages.append({"number": number, "stage": stage, "heard_at": now.isoformat(), **_told(said)})
        self._tell_of_circumstance(held, number, now)
        if stage == "ISSUED":
            self.tell(held, "ISSUED", now)
        return {"accepted": True, "code": "TAKEN"}

    def _result(self, said: Said, now: datetime) -> Plain:
        (talon,) = need(said, "talonNumber")
        if talon not in self.talons:
            raise Refused("UNKNOWN_TALON", 404)
        return {"requestId": self.ground.id(f"result {talon}")}

    def _invoice(self, said: Said, now: datetime) -> Plain:
        """One invoice by key; the sum is the duty of the day."""
        talon, key = need(said, "talonNumber", "key")
        held = self.talons.get(talon)
        if held is None or held.recalled:
            raise Refused("UNKNOWN_TALON", 404)
        amount = fee_on(day_of(now), Reason.EXPIRY).amount
        invoice = self.gateway.open(key, held.application_id, talon, amount, now)
        return {"invoiceId": invoice.id, "amount": amount, "kbk": KBK, "payUrl": self.gateway.page(invoice.id)}

    def watch(self, said: Said, request_id: str, now: datetime) -> bool:
        """From now on what there is to tell of the talon is pushed, and all there was first. Asked again, all stays as
        it is. False for a talon that does not stand, or is another application's.
        """
        talon, application_id = need(said, "talonNumber", "applicationId")
        held = self.talons.get(talon)
        if held is None or held.recalled or held.application_id != application_id:
            return False
        if not held.watch:
            held.watch = request_id
            for id, body in held.told:
                self.ground.owe(status_push(id, held.watch, body, now + self.ground.pace.call_back))
        return True

    def tell(self, held: Registration, status: str, now: datetime, reason: str | None = None, name: str = "") -> None:
        """By the asynchronous channel, to who asked for it: a status as NOTIFICATION, how it ended as RESPONSE. What
        has a `name` of its own may come about several times.
        """
        id = self.ground.id(f"status {held.talon} {status}{name}")
        held.told.append((id, status_report(held.application_id, held.talon, status, now, reason)))
        if held.watch:
            self.ground.owe(status_push(id, held.watch, held.told[-1][1], now + self.ground.pace.call_back))

    def _tell_of_circumstance(self, held: Registration, number: int, now: datetime) -> None:
        treatment = self.ground.treatment_of(held.application_id)
        if treatment.circumstance is not None and treatment.circumstance_at == number:
            self.tell(held, "CHANGED", now, treatment.circumstance.value)


def status_report(application_id: str, talon: str, status: str, at: datetime, reason: str | None = None) -> Plain:
    """A `StatusReport`."""
    report = {"talonNumber": talon, "applicationId": application_id, "status": status, "statusDate": at.isoformat()}
    return {**report, **({"reasonCode": reason} if reason else {})}


def status_push(id: str, request_id: str, report: Said, at: datetime) -> Callback:
    """What ШЭП pushes under that message id, due at `at`; it belongs to the REQUEST."""
    kind = "RESPONSE" if report["status"] in ("RECALLED", "ISSUED") else "NOTIFICATION"
    body = {"callback_id": id, "kind": kind, "correlation": request_id, **report}
    return Callback("intake", "/shep/async", body, "", at)


def check_digit(digits: str) -> int:
    """The last digit of a talon, by Luhn's rule."""
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits), 1)]
    return -sum(divmod(each, 10)[0] + each % 10 for each in doubled) % 10


def _told(said: Said) -> Plain:
    return {name: str(said[name]) for name in ("stageDate", "ground", "officer") if said.get(name) not in (None, "")}


def _no(code: str, kk: str, ru: str) -> Plain:
    return {"registered": False, "code": code, "messageKz": kk, "messageRu": ru}
