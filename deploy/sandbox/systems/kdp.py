"""КДП: consent by SMS from 1414, and a token for each system it was asked for (S1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.sandbox.persona import Consent
from deploy.sandbox.systems.ground import Ground, Plain, Refused, Said, need, whole

ACCESS_NAMES = ("GBDFLUniversal_token", "MCDB_SERVICE", "ZAGS_RECORD", "ADDRESS_REGISTER", "AIS_SIK")


@dataclass(slots=True)
class Request:
    uin: str
    phone: str
    access_names: tuple[str, ...]
    lifetime: timedelta
    asked_at: datetime
    answer: Consent
    answered_at: datetime


@dataclass(slots=True)
class ConsentControl:
    ground: Ground
    requests: dict[str, Request] = field(default_factory=dict)

    def ask(self, said: Said, now: datetime) -> Plain:
        """REQUEST is idempotent by `request_id`; STATUS of an unknown one is UNKNOWN."""
        action, request_id = need(said, "action", "request_id")
        if action == "REQUEST":
            return self._request(request_id, said, now)
        if action == "STATUS":
            return self._status(request_id, now)
        raise Refused("UNKNOWN_ACTION")

    def answer(self, iin: str, answer: Consent, now: datetime) -> int:
        """The person answers by hand whatever waits for them; how many requests that was."""
        open_ones = [r for r in self.requests.values() if r.uin == iin and self._standing(r, now) == "PENDING"]
        for request in open_ones:
            request.answer, request.answered_at = answer, now
        return len(open_ones)

    def admits(self, access_name: str, said: Said) -> bool:
        """Whether `kdpToken` and `publicKey` were given for this person and this system."""
        token, key, iin = said.get("kdpToken"), said.get("publicKey"), str(said.get("iin"))
        return bool(token) and token == self._code(iin, access_name) and key == self._public_key(iin, access_name)

    def _request(self, request_id: str, said: Said, now: datetime) -> Plain:
        if request_id not in self.requests:
            uin, phone = need(said, "uin", "phone")
            names = tuple(map(str, said.get("access_names") or ()))
            if not names or set(names) - set(ACCESS_NAMES):
                raise Refused("UNKNOWN_ACCESS_NAME")
            self.requests[request_id] = Request(
                uin=uin,
                phone=phone,
                access_names=names,
                lifetime=timedelta(minutes=whole(said, "lifetime_minutes")),
                asked_at=now,
                answer=self.ground.treatment(uin).consent,
                answered_at=now + self.ground.pace.consent,
            )
        return {"status": "PENDING"}

    def _status(self, request_id: str, now: datetime) -> Plain:
        request = self.requests.get(request_id)
        if request is None:
            return {"status": "UNKNOWN", "tokens": []}
        standing = self._standing(request, now)
        tokens = [
            {
                "access_name": name,
                "code": self._code(request.uin, name),
                "public_key": self._public_key(request.uin, name),
                "expires_at": (request.answered_at + request.lifetime).isoformat(),
            }
            for name in request.access_names
        ]
        return {"status": standing, "tokens": tokens if standing == "VALID" else []}

    def _standing(self, request: Request, now: datetime) -> str:
        if request.answer is not Consent.SILENT and now >= request.answered_at:
            return "VALID" if request.answer is Consent.GRANTS else "DENIED"
        return "EXPIRED" if now >= request.asked_at + self.ground.pace.consent_expires else "PENDING"

    def _code(self, iin: str, access_name: str) -> str:
        return self.ground.secret(f"token {iin} {access_name}")

    def _public_key(self, iin: str, access_name: str) -> str:
        return self.ground.secret(f"public key {iin} {access_name}")
