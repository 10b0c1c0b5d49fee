"""КДП: consent by SMS from 1414, and a token for each system it was asked for (S1).

A request is known by the correlation id under which it came; asked again it tells how it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.sandbox.persona import Consent
from deploy.sandbox.systems.ground import Ground, Plain, Refused, Said, need, whole

ACCESS_NAMES = ("GBDFLUniversal_token", "MCDB_SERVICE", "ZAGS_RECORD", "ADDRESS_REGISTER", "AIS_SIK")
WRONG_CODES = 3


@dataclass(slots=True)
class Request:
    """`sms` is the code that the citizen got from 1414."""

    uin: str
    access_name: str
    lifetime: timedelta
    asked_at: datetime
    answer: Consent
    answered_at: datetime
    sms: str = field(repr=False, default="")
    wrong: int = 0
    number: int = 0
    """How many tokens for the same system had run out before."""

    @property
    def ends_at(self) -> datetime:
        return self.answered_at + self.lifetime


@dataclass(slots=True)
class ConsentControl:
    """`judge` refuses an `ovt` that is not of the company with that BIN; without one nobody looks at it."""

    ground: Ground
    judge: Callable[[str, str], None] | None = None
    requests: dict[str, Request] = field(default_factory=dict)
    by_person: dict[str, list[Request]] = field(default_factory=dict)

    def ask(self, said: Said, correlation: str, now: datetime) -> Plain:
        """Raises `Refused` for an ovt that is not believed, and for `omit-sms` when nothing was granted by SMS."""
        names = ("company", "company_responsible", "employee_name", "personal_data_name")
        uin, bin, access_name, ovt, *_ = need(said, "uin", "company_bin", "access_name", "ovt", *names)
        if self.judge is not None:
            self.judge(ovt, bin)
        lifetime = timedelta(milliseconds=whole(said, "expiresIn"))
        if access_name not in ACCESS_NAMES:
            raise Refused("UNKNOWN_ACCESS_NAME")
        if lifetime <= timedelta():
            raise Refused("BAD_EXPIRESIN", 422)
        if not correlation:
            raise Refused("NO_CORRELATION", 422)
        known = self.requests.get(correlation)
        if known is None:
            known = self.requests[correlation] = self._begun(said, uin, access_name, lifetime, correlation, now)
            self.by_person.setdefault(uin, []).append(known)
        if (known.uin, known.access_name) != (uin, access_name):
            raise Refused("ANOTHER_REQUEST", 409)
        standing = self._standing(known, now)
        if standing != "VALID":
            return {"status": standing}
        code, key = self._token(known), self._public_key(uin, access_name)
        return {"status": standing, "code": f"{code[:40]}\n{code[40:]}\n", "public-key": key}

    def answer(self, iin: str, answer: Consent, now: datetime) -> int:
        """The person answers by hand whatever waits for them; how many requests that was."""
        open_ones = self._open(iin, now)
        for request in open_ones:
            request.answer, request.answered_at = answer, now
        return len(open_ones)

    def reply(self, iin: str, code: str, now: datetime) -> bool:
        """The person sends back a code to 1414. The third wrong one is a no."""
        open_ones = self._open(iin, now)
        for request in open_ones:
            if request.sms == code:
                request.answer, request.answered_at = Consent.GRANTS, now
                return True
            request.wrong += 1
            if request.wrong >= WRONG_CODES:
                request.answer, request.answered_at = Consent.DENIES, now
        return False

    def admit(self, access_name: str, said: Said, now: datetime) -> None:
        """Raises `Refused` unless `kdpToken` and `publicKey` were given for this person and this system, and still
        hold. What the real codes are, is not public.
        """
        token, key, iin = said.get("kdpToken"), said.get("publicKey"), str(said.get("iin"))
        given = [each for each in self.by_person.get(iin, ()) if token and token == self._token(each)]
        given = [each for each in given if self._standing(each, now) == "VALID"]
        if not given:
            raise Refused("NO_CONSENT", 403)
        own = [each for each in given if each.access_name == access_name and key == self._public_key(iin, access_name)]
        if not own:
            raise Refused("CONSENT_OF_ANOTHER", 403)
        if all(now >= each.ends_at for each in own):
            raise Refused("CONSENT_EXPIRED", 403)

    def _begun(
        self, said: Said, uin: str, access_name: str, lifetime: timedelta, correlation: str, now: datetime
    ) -> Request:
        if str(said.get("omit-sms")).lower() == "true":
            if not self._granted(uin, now):
                raise Refused("SMS_REQUIRED", 403)
            number = self._run_out(uin, access_name, now)
            return Request(uin, access_name, lifetime, now, Consent.GRANTS, now, number=number)
        sms = f"{int(self.ground.secret(f'sms {correlation}'), 16) % 1_000_000:06}"
        treatment, before = self.ground.treatment(uin), sum(bool(each.sms) for each in self.by_person.get(uin, ()))
        answer = Consent.SILENT if before < treatment.lost_sms else treatment.consent
        number, answered_at = self._run_out(uin, access_name, now), now + self.ground.pace.consent
        return Request(uin, access_name, lifetime, now, answer, answered_at, sms, number=number)

    def _run_out(self, uin: str, access_name: str, now: datetime) -> int:
        given = [each for each in self.by_person.get(uin, ()) if each.access_name == access_name]
        return len({each.number for each in given if self._standing(each, now) == "VALID" and now >= each.ends_at})

    def _granted(self, uin: str, now: datetime) -> bool:
        """By SMS, and still good."""
        by_sms = (each for each in self.by_person.get(uin, ()) if each.sms)
        return any(self._standing(each, now) == "VALID" and now < each.ends_at for each in by_sms)

    def _open(self, iin: str, now: datetime) -> list[Request]:
        return [each for each in self.by_person.get(iin, ()) if self._standing(each, now) == "PENDING"]

    def _standing(self, request: Request, now: datetime) -> str:
        if request.answer is not Consent.SILENT and now >= request.answered_at:
            return "VALID" if request.answer is Consent.GRANTS else "DENIED"
        return "EXPIRED" if now >= request.asked_at + self.ground.pace.consent_expires else "PENDING"

    def _token(self, request: Request) -> str:
        return token_of(self.ground, request.uin, request.access_name, request.number)

    def _public_key(self, iin: str, access_name: str) -> str:
        return self.ground.secret(f"public key {iin} {access_name}")


def token_of(ground: Ground, iin: str, access_name: str, number: int = 0) -> str:
    """The `number`-th: a new one is made when those before it have run out."""
    return ground.secret(f"token {iin} {access_name}{f' {number}' if number else ''}")
