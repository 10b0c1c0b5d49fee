"""A citizen in order, a world that says yes, and the messages of an application; each test spoils one thing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.intake.app import SERVICE
from services.intake.domain.door import DoorFacts
from services.intake.domain.facts import Fact
from services.intake.domain.own import KeepFile, RegisterApplication, ReportStage, RequestResult, VerifySignature
from services.intake.domain.registration import Refused, Talon
from services.intake.domain.watching import Fate
from services.intake.gateway import Registration, World
from shared.contracts.base import Sealed
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import PhotoAccepted, PhotoReturned
from shared.contracts.payment import FeeWaived, WaiverGround
from shared.contracts.portal import ApplicationSigned, ApplicationStarted, FormFilled
from shared.contracts.values import (
    Channel,
    Contacts,
    DocumentKind,
    FileRef,
    Instruction,
    Locale,
    Reason,
    RefundAccount,
)
from shared.engine.rows import Unavailable
from shared.law.iban import with_check_digits
from shared.security.cms import SignatureFault
from shared.security.eds import Citizen, Signer, Verified
from shared.security.objects import Stored
from tests.services.running import NOW, Run

ID = UUID(int=1)
IIN, OTHER_IIN = "900115390019", "880229490029"
PLACE = f"registration:index:{IIN}"
PERSON = f"iin:index:{IIN}"
EXPIRES = date(2025, 10, 20)
PHOTO = FileRef(reference="a" * 32 + ".jpg", sha256="a" * 64)
SAMPLE = FileRef(reference="b" * 32 + ".png", sha256="b" * 64)
IBAN = with_check_digits("125", "KZT5004100100")


@dataclass
class Register:
    """РП ДРН: gives talons, keeps what it is told; `loses` answers, `refuses`, or will not `recall`."""

    talons: dict[str, tuple[UUID, Talon]] = field(default_factory=dict)
    asked: list[Registration] = field(default_factory=list)
    stages: list[tuple[str, Fact]] = field(default_factory=list)
    refuses: Refused | None = None
    recall_code: str = ""
    loses: int = 0
    next_talon: str = ""
    given_up: list[str] = field(default_factory=list)
    """Talons of tries that were given up: they come to pass right before the next."""
    watched: list[tuple[str, UUID]] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    """Of the REQUESTs to come, in order; then each is delivered."""

    async def talons_of(self, application_id: UUID) -> tuple[Talon, ...]:
        return tuple(talon for id, talon in self.talons.values() if id == application_id)

    async def register(self, registration: Registration) -> Talon | Refused:
        self.asked.append(registration)
        if self.refuses:
            return self.refuses
        while self.given_up:
            self.put(registration.application_id, self.given_up.pop())
        talon = self.put(registration.application_id, self.next_talon or f"71-251006-{len(self.talons) + 1:06}-7")
        if self.loses:
            self.loses -= 1
            raise Unavailable("rpdrn")
        return talon

    def put(self, application_id: UUID, number: str) -> Talon:
        talon = Talon(number, "7100000001", NOW + timedelta(seconds=len(self.talons)))
        self.talons[number] = (application_id, talon)
        return talon

    async def recall(self, talon: str, reason: str) -> str:
        if not self.recall_code:
            id, held = self.talons[talon]
            self.talons[talon] = (id, replace(held, recalled=True))
        return self.recall_code

    async def report(self, talon: str, fact: Fact) -> bool:
        self.stages.append((talon, fact))
        return True

    async def result_request(self, talon: str) -> str:
        return f"result {talon}"

    async def watch(self, talon: str, application_id: UUID) -> str:
        self.watched.append((talon, application_id))
        return f"request {len(self.watched)}"

    async def fate_of(self, request: str) -> Fate:
        return self.fates.pop(0) if self.fates else Fate.DELIVERED

    @property
    def standing(self) -> list[str]:
        return [number for number, (_, talon) in self.talons.items() if not talon.recalled]


@dataclass
class Records:
    facts: DoorFacts = field(default_factory=DoorFacts)
    holders: dict[str, UUID] = field(default_factory=dict)

    async def door_facts(self, iin_index: str, since: datetime) -> DoorFacts:
        return self.facts

    async def holder_of(self, talon: str) -> UUID | None:
        return self.holders.get(talon)


@dataclass
class Images:
    """The object store: only what is taken out of it counts here."""

    removed: list[str] = field(default_factory=list)
    lost: bool = False

    async def put(self, content: bytes, media_type: str) -> Stored:
        raise AssertionError("a decision keeps no images")

    async def get(self, reference: str) -> bytes:
        raise AssertionError("a decision looks at no images")

    async def remove(self, reference: str) -> None:
        if self.lost:
            raise Unavailable("objects")
        self.removed.append(reference)


@dataclass
class Verifier:
    """Says what it is told to; keeps over what it was asked."""

    fault: SignatureFault | None = None
    payloads: list[bytes] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)

    async def verify(self, cms: bytes, payload: bytes, moment: datetime, expects: Signer) -> Verified | SignatureFault:
        assert isinstance(expects, Citizen)
        self.payloads.append(payload)
        self.moments.append(moment)
        return self.fault or Verified(expects.iin, None, "", "", 1)


def a_run(**changes: Any) -> Run:
    run = Run(SERVICE, ID, World(Records(), Register(), Verifier(), Images()))
    for name, value in changes.items():
        setattr(run, name, value)
    return run


def started(**spoilt: Any) -> ApplicationStarted:
    fields: dict[str, Any] = {
        "application_id": ID,
        "iin": Sealed(IIN),
        "authenticated_iin": Sealed(IIN),
        "document": DocumentKind.IDENTITY_CARD,
        "reason": Reason.EXPIRY,
        "phone": Sealed("8 701 123 45 67"),
        "email": Sealed("ulgi@example.kz"),
        "channel": Channel.PORTAL,
        "locale": Locale.KK,
    }
    return ApplicationStarted(**fields | spoilt)


def eligible(expires: date = EXPIRES) -> EligibilityConfirmed:
    return EligibilityConfirmed(application_id=ID, expires=expires)


def a_form(revision: int = 1, **spoilt: Any) -> FormFilled:
    fields: dict[str, Any] = {
        "application_id": ID,
        "authenticated_iin": Sealed(IIN),
        "revision": revision,
        "region": "71",
        "point": "71-01",
        "contacts": Sealed(Contacts(phone="+77011234567", email="ulgi@example.kz")),
        "photo": PHOTO,
        "signature_sample": SAMPLE,
        "refund_account": Sealed(RefundAccount(iban=IBAN, holder_iin=IIN)),
        "refund_application": True,
        "instruction": Instruction(version="2025-05", language=Locale.KK),
    }
    return FormFilled(**fields | spoilt)


def photo_accepted(revision: int = 1) -> PhotoAccepted:
    return PhotoAccepted(
        application_id=ID, revision=revision, photo_sha256="a" * 64, signature_sha256="b" * 64, face_score=98
    )


def photo_returned(revision: int = 1) -> PhotoReturned:
    return PhotoReturned(application_id=ID, revision=revision, photo_reasons=("Blurred",), attempts_left=4)


def signed(revision: int = 1, **spoilt: Any) -> ApplicationSigned:
    fields: dict[str, Any] = {"application_id": ID, "authenticated_iin": Sealed(IIN), "revision": revision}
    return ApplicationSigned(**fields | {"cms": Sealed("Q01T")} | spoilt)


def waived() -> FeeWaived:
    return FeeWaived(application_id=ID, ground=WaiverGround.ZERO_RATE)


async def an_opened() -> Run:
    run = a_run()
    await run.hear(started())
    return run


async def an_eligible() -> Run:
    """S7 passed, both files uploaded."""
    run = await an_opened()
    await run.hear(eligible())
    await upload(run)
    return run


async def upload(run: Run) -> None:
    for purpose, file in (("photo", PHOTO), ("signature-sample", SAMPLE)):
        await run.hear(KeepFile(application_id=ID, purpose=purpose, reference=file.reference, sha256=file.sha256))


async def a_photo_accepted() -> Run:
    run = await an_eligible()
    await run.hear_all([a_form(), photo_accepted()])
    return run


async def a_submitted() -> Run:
    """S12 passed; РП ДРН has not been asked yet."""
    run = await a_photo_accepted()
    await run.hear(signed())
    await run.fire(VerifySignature)
    return run


async def a_registered() -> Run:
    run = await a_submitted()
    await run.fire(RegisterApplication)
    return run


async def a_settled() -> Run:
    """S16 passed."""
    run = await a_registered()
    await run.hear(waived())
    await run.fire(ReportStage)
    await run.fire(RequestResult)
    return run


def another(number: int) -> UUID:
    return uuid5(ID, f"another {number}")


def only(run: Run, kind: type[Any]) -> Any:
    """The one message of this kind that was said."""
    (said,) = run.said_of(kind)
    return said
