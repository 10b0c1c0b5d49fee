"""КДП, ГБД ФЛ, БМГ and Digital-ID as a test wants them to answer, and one application before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from deploy.sandbox.pictures import PortraitFlaw, SampleFlaw, portrait, signature_sample
from services.identity_verification.answers import Consent, Phone, Session
from services.identity_verification.app import SERVICE
from services.identity_verification.gateway import World
from services.identity_verification.likeness import Likeness
from services.identity_verification.photo.findings import Findings
from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.photo.measuring import measured
from services.identity_verification.signature_sample import SampleFindings
from services.identity_verification.state import ACCESS_NAMES
from services.identity_verification.strokes import measured_sample
from services.identity_verification.verdicts import Verdicts
from shared.contracts.base import Message, Sealed
from shared.contracts.identity_verification import ConsentToken
from shared.contracts.intake import ApplicationClosed, ApplicationOpened, FormAccepted
from shared.contracts.values import Channel, Contacts, DocumentKind, Ending, FileRef, Instruction, Locale
from shared.engine.service import Audited, Step
from shared.gateways.shep import ConsentRefused
from shared.law.person import Person
from tests.law.people import a_person
from tests.services.identity_verification.sheets import cross, encoded
from tests.services.running import APPLICATION, NOW, Run

IIN, PHONE = "900115390019", "+77010000001"
MINUTE = timedelta(minutes=1)
FIT, DARK, BLURRED = "fit", "dark", "blurred"
PENDING, DENIED, EXPIRED = Consent("PENDING"), Consent("DENIED"), Consent("EXPIRED")


def tokens(names: Iterable[str] = ACCESS_NAMES, what: str = "token") -> tuple[ConsentToken, ...]:
    until = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple(
        ConsentToken(access_name=name, token=f"{what} of {name}", public_key=f"key of {name}", expires_at=until)
        for name in names
    )


GRANTED = Consent("VALID", tokens())


@cache
def picture(reference: str) -> bytes:
    what, _, flaw = reference.partition("/")
    if what == "photo":
        return portrait(1, {FIT: None, DARK: PortraitFlaw.DARK, BLURRED: PortraitFlaw.BLURRED}[flaw])
    if flaw == "cross":
        return encoded(cross(130))
    return signature_sample(1, None if flaw == FIT else SampleFlaw.BLANK)


class Eyes:
    """Looks at images; the same image is measured once in all tests."""

    def __init__(self, photo: Callable[[bytes], Findings], sample: Callable[[bytes], SampleFindings]) -> None:
        self._photo, self._sample = cache(photo), cache(sample)

    async def photo(self, content: bytes) -> Findings:
        return self._photo(content)

    async def sample(self, content: bytes) -> SampleFindings:
        return self._sample(content)


def _glance(content: bytes) -> Findings:
    return Findings(raw={PhotoFault.UNDER_EXPOSURE: 0.9 if b"dark" in content else 0.0})


REAL = Eyes(measured, measured_sample)
QUICK = Eyes(_glance, lambda content: SampleFindings())
"""What the checks find is proved with real pictures elsewhere: here what is called dark is dark."""


@dataclass
class Outside:
    """`asked` is every question in its order; lists of answers are used up, the last one stays."""

    consents: dict[int, Consent] = field(default_factory=lambda: {1: GRANTED})
    person: Person | None = field(default_factory=a_person)
    phone: Phone = field(default_factory=lambda: Phone(found=True, matches=True))
    sessions: list[str] = field(default_factory=lambda: ["PASSED"])
    likenesses: list[Likeness] = field(default_factory=lambda: [Likeness(match=True, score=91)])
    asked: list[tuple[str, ...]] = field(default_factory=list)
    taken: tuple[str, ...] = ()
    """The tokens that registers take; any, when there are none."""
    shown: Callable[[str], bytes] = picture
    eyes: Eyes = REAL

    def world(self) -> World:
        photos, samples = Verdicts(self.eyes.photo), Verdicts(self.eyes.sample)
        return World(self, self, self, self, self, photos, samples)

    def questions(self) -> list[str]:
        return [question[0] for question in self.asked]

    def asked_for(self, question: str) -> list[tuple[str, ...]]:
        return [asked[1:] for asked in self.asked if asked[0] == question]

    async def request(self, request_id: str, iin: str, lifetime: timedelta) -> None:
        self.asked.append(("request", request_id, iin))

    async def status_of(self, request_id: str, iin: str, lifetime: timedelta, at: datetime) -> Consent:
        self.asked.append(("status", request_id))
        return self.consents.get(int(request_id.rpartition("/")[2]), PENDING)

    async def person_of(self, iin: str, consent: ConsentToken, ask: str) -> Person | None:
        self.asked.append(("person", iin, consent.token))
        self._judge("gbdfl", consent)
        return self.person

    async def phone_of(self, iin: str, phone: str, consent: ConsentToken, ask: str) -> Phone:
        self.asked.append(("phone", iin, phone, consent.token))
        self._judge("bmg", consent)
        return self.phone

    def _judge(self, dependency: str, consent: ConsentToken) -> None:
        if self.taken and consent.token not in self.taken:
            raise ConsentRefused(dependency, "CONSENT_EXPIRED")

    async def open_session(self, key: str, iin: str) -> Session:
        self.asked.append(("open", key, iin))
        return Session(f"session {key}", f"https://digital-id.example.kz/{key}")

    async def session(self, session_id: str, iin: str) -> Session:
        self.asked.append(("look", session_id))
        status = self.sessions.pop(0) if len(self.sessions) > 1 else self.sessions[0]
        return Session(session_id, status=status, liveness=97, likeness=91)

    async def cancel(self, session_id: str) -> None:
        self.asked.append(("cancel", session_id))

    async def compare(self, key: str, iin: str, photo: bytes) -> Likeness:
        self.asked.append(("compare", key, iin))
        return self.likenesses.pop(0) if len(self.likenesses) > 1 else self.likenesses[0]

    async def get(self, reference: str) -> bytes:
        return self.shown(reference)


def a_run(outside: Outside) -> Run:
    return Run(SERVICE, world=outside.world(), started=NOW)


async def begun(outside: Outside, time: timedelta = timedelta()) -> Run:
    """Opened, and so much time has passed."""
    run = a_run(outside)
    await run.hear(opened())
    return await run.let_pass(time)


async def identified(outside: Outside) -> Run:
    """S1–S3 are done."""
    return await begun(outside, MINUTE)


def opened() -> Message:
    return ApplicationOpened(
        application_id=APPLICATION, iin=Sealed(IIN), iin_index="i", phone=Sealed(PHONE),
        document=DocumentKind.IDENTITY_CARD, channel=Channel.PORTAL, locale=Locale.KK,
    )  # fmt: skip


def form(revision: int = 1, photo: str = FIT, sample: str = FIT) -> Message:
    return FormAccepted(
        application_id=APPLICATION, revision=revision, region="71", point="7101",
        contacts=Sealed(Contacts(phone=PHONE)),
        photo=FileRef(reference=f"photo/{photo}", sha256=f"{revision:064x}"),
        signature_sample=FileRef(reference=f"sample/{sample}", sha256=f"{revision + 100:064x}"),
        instruction=Instruction(version="1", language=Locale.KK),
    )  # fmt: skip


def closed(ending: Ending = Ending.WITHDRAWN) -> Message:
    return ApplicationClosed(application_id=APPLICATION, ending=ending, closed_at=NOW)


def steps(run: Run) -> list[str]:
    """The stage record as `S1 done`, in order."""
    return [f"{row.step} {row.result}" for row in run.appended_of(Step)]


def acts(run: Run) -> list[str]:
    """The audit trail as `what: result`, in order."""
    return [f"{row.what}: {row.result}" for row in run.appended_of(Audited)]
