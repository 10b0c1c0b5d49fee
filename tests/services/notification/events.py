"""One of each event that notification hears, as the tests vary them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.notification.app import SERVICE
from services.notification.gateway import Code, World
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message, Sealed
from shared.contracts.values import Channel, Contacts, DocumentKind, Ending, Fault, FileRef, Instruction, Locale, Stage
from shared.law.eligibility import Ground
from shared.law.person import Entry, Person
from tests.services.running import NOW, Run

ID = UUID(int=1)
UNTIL = datetime(2025, 10, 7, 5, 0, tzinfo=UTC)
FILE = FileRef(reference="a/b", sha256="0" * 64)
PHONE, EMAIL = "+77010000000", "someone@example.kz"
TALON, CASE = "71-251006-000001-1", "case-1"
FIELDS: dict[type[Message], dict[str, Any]] = {
    i.ApplicationOpened: {
        "iin": Sealed("900115391807"), "iin_index": "x", "phone": Sealed(PHONE), "email": Sealed(EMAIL),
        "document": DocumentKind.IDENTITY_CARD, "channel": Channel.PORTAL, "locale": Locale.RU,
    },
    i.ApplicationRefused: {"grounds": (i.DoorRefusal.OTHER_REASON,), "locale": Locale.KK},
    v.ConsentRequested: {"send": 1, "until": UNTIL},
    v.IdentificationRequested: {"url": "https://id/1", "attempt": 1, "attempts_left": 4, "until": UNTIL},
    v.IdentityConfirmed: {
        "person": Sealed(
            Person(
                iin="900115391807", surname="НЕКТО", name="НЕКТО", birth_date=date(1990, 1, 15),
                gender=Entry(code="1"), nationality=Entry(code="005"), citizenship=Entry(code="398"),
                life_status=Entry(code="0"),
            )
        ),
        "consents": Sealed(()),
    },
    v.IdentityRefused: {"reason": v.IdentityRefusal.CONSENT_DENIED},
    v.IdentityUnavailable: {"dependency": "bmg"},
    e.EligibilityConfirmed: {"expires": date(2025, 10, 20)},
    e.EligibilityRefused: {"grounds": (Ground.OUTSIDE_WINDOW_EARLY,)},
    e.EligibilityUnavailable: {"dependency": "zags"},
    i.FormAccepted: {
        "revision": 1, "region": "71", "point": "71-01", "contacts": Sealed(Contacts(phone=PHONE)), "photo": FILE,
        "signature_sample": FILE, "instruction": Instruction(version="1", language=Locale.RU),
    },
    i.FormReturned: {"revision": 1, "faults": (Fault(field="contacts.phone", problem="not-a-mobile-number"),)},
    v.PhotoAccepted: {"revision": 1, "photo_sha256": "0", "signature_sha256": "0", "face_score": 90},
    v.PhotoReturned: {"revision": 1, "photo_reasons": ("Sharpness",), "attempts_left": 4},
    v.PhotoRefused: {"revision": 1, "photo_reasons": ("Sharpness",)},
    i.SignatureReturned: {"revision": 1, "problem": i.SignatureProblem.INVALID, "detail": "REVOKED"},
    i.ApplicationSubmitted: {
        "revision": 1, "received_on": date(2025, 10, 6), "canonical_sha256": "0", "cms": Sealed("cms"),
    },
    i.ApplicationRegistered: {
        "talon": TALON, "documentation_code": "D", "region": "71", "point": "71-01",
        "registered_on": date(2025, 10, 6), "expires": date(2025, 10, 20),
    },
    i.RegistrationRefused: {"code": "E1", "text_kk": "Себебі", "text_ru": "Причина"},
    p.FeeRequested: {"invoice_id": "1", "amount": 786, "pay_url": "https://pay/1", "until": UNTIL},
    p.FeeWaived: {"ground": p.WaiverGround.EXEMPT},
    p.FeePaid: {"amount": 786, "receipt_id": "r", "paid_at": NOW},
    u.ReviewQueued: {"region": "71", "talon": TALON, "round": 1, "due_on": date(2025, 10, 8)},
    u.ReviewApproved: {
        "decision_id": "1", "round": 1, "officer_id": "17", "region": "71", "point": "71-01", "talon": TALON,
        "certified": Sealed(None, "s1.sealed"),
    },
    u.ReviewAnnulled: {
        "decision_id": "1", "round": 1, "officer_id": "17", "ground": u.AnnulmentGround.PHOTO,
        "reasons": ("PHOTO_EYES",),
    },
    u.WithdrawalRefused: {"decision": "APPROVE"},
    d.ProductionStarted: {"order_id": "o", "round": 1},
    d.DocumentShipped: {"order_id": "o", "point": "71-01", "register_id": "r"},
    d.DocumentReady: {"point": "71-01", "collect_until": date(2026, 1, 5)},
    d.CollectionReminded: {"days": 10, "point": "71-01"},
    d.DocumentIssued: {"point": "71-01", "officer_id": "17"},
    d.DocumentUncollected: {"point": "71-01"},
    p.RefundFiled: {"case_id": CASE, "cause": p.RefundCause.ANNULLED, "amount": 786},
    p.RefundAccepted: {"case_id": CASE, "due_on": date(2025, 10, 20)},
    p.RefundOverdue: {"case_id": CASE, "due_on": date(2025, 10, 20)},
    p.FeeRefunded: {"case_id": CASE, "amount": 786},
    p.RefundRejected: {"case_id": CASE, "reason": "NO_LEGAL_GROUND", "correctable": False},
    i.ApplicationClosed: {"ending": Ending.ISSUED, "closed_at": NOW},
    i.CloseRefused: {"ending": Ending.ABANDONED, "stage": Stage.SUBMITTED},
}  # fmt: skip


def said(kind: type[Message], **changes: Any) -> Any:
    return kind(application_id=ID, **{**FIELDS[kind], **changes})


class Outbox:
    """A gateway and a mail server that keep what they are given; `deaf` addresses are refused for good."""

    def __init__(self, deaf: frozenset[str] = frozenset()) -> None:
        self.deaf = deaf
        self.sms: list[tuple[str, str, str]] = []
        self.mail: list[tuple[str, str, str]] = []
        self.codes: list[Code] = []


class Sms:
    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def send(self, notice_id: str, phone: str, text: str) -> None:
        self.outbox.sms.append((notice_id, phone, text))


class Mail:
    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def send(
        self, notice_id: str, address: str, subject: str, body: str, at: datetime, code: Code | None = None
    ) -> bool:
        if address in self.outbox.deaf:
            return False
        self.outbox.mail.append((notice_id, address, body))
        self.outbox.codes.extend([code] if code else [])
        return True


def run(outbox: Outbox | None = None) -> Run:
    outbox = outbox or Outbox()
    return Run(SERVICE, world=World(Sms(outbox), Mail(outbox), "https://portal"))
