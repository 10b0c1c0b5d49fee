"""The services of ШЭП that we ask: whose each is, what form its data has, and what its status codes mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.gateways.schema import Form, form

CONSENT_REFUSED: Final = frozenset({"NO_CONSENT", "CONSENT_OF_ANOTHER", "CONSENT_EXPIRED", "SMS_REQUIRED"})
"""Codes, in a fault, of a register that does not take the token of КДП, and of КДП that wants the citizen's word first.
What the real ones are is not public: an integrator writes them here."""

UNKNOWN_MESSAGE: Final = frozenset({"MESSAGE_NOT_FOUND"})
"""Codes, in a fault of the asynchronous channel, for a message that ШЭП does not know (any more). Ours, as above."""

SUCCESS: Final = frozenset({"SCSS001", "Success", "SUCCESS", "200"})

KDP: Final = "KDP_SERVICE"
PEOPLE: Final = "GBDFLUniversal_token"
PHONES: Final = "MCDB_SERVICE"
CIVIL_ACTS: Final = "ZAGS_RECORD"
ADDRESSES: Final = "ADDRESS_REGISTER"
STATUSES: Final = "AIS_SIK"
TEMP_FILES: Final = "EDS_TEMP_FILES"
FIND, REGISTER, RECALL, STAGE, RESULT, INVOICE = (
    f"RPDRN_{each}" for each in ("FIND", "REGISTER", "RECALL", "STAGE", "RESULT", "INVOICE")
)

GBDFL: Final = "http://message.persistence.interactive.nat"
PDCS: Final = "http://service.2fa-chain.kz/ns/kdp"
EDS: Final = "http://egov.bee.kz/eds/tempstorage/v2/"


@dataclass(frozen=True, slots=True)
class Service:
    """One service by its id in ШЭП's register.

    `dependency`: the system behind it, as breaker and p.12 know it. `success`: status codes of an answer that counts;
    `nothing`: codes that say that nothing is known, read as empty data. `typed`: `data` names its type (xsi:type).
    `as_text`: `data` is business XML as text with its own signature (style b). `once`: no quick second try, for it
    promises no idempotency; whoever asks again inquires first (process.md 4). `timeout` in seconds for one try, `most`
    in bytes for one answer, `most_asked` for one question.
    """

    id: str
    dependency: str
    namespace: str
    request_type: str = "Request"
    response_type: str = "Response"
    success: frozenset[str] = SUCCESS
    nothing: frozenset[str] = frozenset()
    typed: bool = True
    as_text: bool = False
    once: bool = False
    timeout: float = 8.0
    most: int = 512 * 1024
    most_asked: int = 512 * 1024

    @property
    def request(self) -> Form:
        return self._form(self.request_type)

    @property
    def response(self) -> Form:
        return self._form(self.response_type)

    def _form(self, type: str) -> Form:
        """As text the business document has a root of its own, named after its type, in the namespace."""
        return form(self.namespace, type, type, qualified=True) if self.as_text else form(self.namespace, type)


def _rpdrn(id: str, named: str, *, as_text: bool = False, once: bool = False) -> Service:
    types = f"{named}Request", f"{named}Response"
    return Service(id, "rpdrn", "urn:kualik:rpdrn:1", *types, as_text=as_text, once=once)


SERVICES: Final = {
    service.id: service
    for service in (
        Service(KDP, "kdp", PDCS, "getUserDataRequest", "getUserDataResponse"),
        Service(PEOPLE, "gbdfl", GBDFL, nothing=frozenset({"404"})),
        Service(PHONES, "bmg", "urn:kualik:bmg:1"),
        Service(CIVIL_ACTS, "zags", "urn:kualik:zags:1"),
        Service(ADDRESSES, "address-register", "urn:kualik:address:1"),
        Service(STATUSES, "aissik", "urn:kualik:aissik:1"),
        Service(TEMP_FILES, "rpdrn", EDS, typed=False, timeout=12.0, most=8 * 1024 * 1024, most_asked=8 * 1024 * 1024),
        _rpdrn(FIND, "Find"),
        _rpdrn(REGISTER, "Register", as_text=True, once=True),
        _rpdrn(RECALL, "Recall"),
        _rpdrn(STAGE, "Stage"),
        Service(RESULT, "rpdrn", "urn:kualik:rpdrn:1", "ResultRequest", "ResultResponse"),
        _rpdrn(INVOICE, "Invoice"),
    )
}

STATUSES_PUSHED: Final = "RPDRN_STATUS"
ASYNCHRONOUS: Final = {
    STATUSES_PUSHED: Service(STATUSES_PUSHED, "rpdrn", "urn:kualik:rpdrn:1", "WatchRequest", "StatusReport")
}
"""Services of the asynchronous channel. `request` is the form of a REQUEST, `response` of all that comes back."""


def dependency_of(service_id: str) -> str:
    """The outside system behind a service of ШЭП."""
    return SERVICES[service_id].dependency
