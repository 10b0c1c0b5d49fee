"""One application on its way into review, and the acts of its officers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from services.ums_review import acts
from services.ums_review.app import SERVICE
from services.ums_review.review import Review
from shared.contracts.base import Message, Sealed
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import IdentityConfirmed, PhotoAccepted, PhotoMarks
from shared.contracts.intake import (
    ApplicationOpened,
    ApplicationRegistered,
    ApplicationSubmitted,
    FormAccepted,
    ResultRequested,
)
from shared.contracts.payment import FeePaid
from shared.contracts.production_dispatch import ProductionFault, ProductionRefused
from shared.contracts.ums_review import AnnulmentGround, Choice
from shared.contracts.values import Channel, Contacts, DocumentKind, FileRef, Instruction, Locale, RefundAccount
from shared.law.birth_place import BirthPlaceSource, RecordedBirthPlace
from tests.law.people import a_person
from tests.services.running import APPLICATION, NOW, Run

CITIZEN, PHONE, IBAN = "900115390019", "+77010000001", "KZ123456789012345678"
TALON, CODE, REGION, POINT = "71-251006-000001-1", "071-55", "71", "71-01"
INDEX = "index-of-the-citizen"
PHOTO, SAMPLE = "a" * 64, "b" * 64
DUE = date(2025, 10, 8)
CMS = "Y21z"


def form(revision: int = 1, **changes: Any) -> FormAccepted:
    fields: dict[str, Any] = {
        "application_id": APPLICATION,
        "revision": revision,
        "region": REGION,
        "point": POINT,
        "contacts": Sealed(Contacts(phone=PHONE, email="a@example.test")),
        "photo": FileRef(reference="c" * 32 + ".jpg", sha256=PHOTO),
        "signature_sample": FileRef(reference="d" * 32 + ".png", sha256=SAMPLE),
        "refund_account": Sealed(RefundAccount(iban=IBAN, holder_iin=CITIZEN)),
        "refund_application": True,
        "instruction": Instruction(version="1", language=Locale.KK),
    }
    return FormAccepted(**fields | changes)


MARKS = PhotoMarks(
    width=600, height=800,
    points={"faces": ((150.0, 200.0), (450.0, 500.0)), "eyes": ((230.0, 300.0), (370.0, 300.0)),
            "mouth": ((250.0, 430.0), (350.0, 430.0)), "crown": ((250.0, 110.0), (350.0, 110.0)),
            "chin": ((250.0, 520.0), (350.0, 520.0)), "axis": ((300.0, 110.0), (300.0, 520.0)),
            "wall": ((0.0, 0.0), (60.0, 400.0), (540.0, 0.0), (600.0, 400.0))},
)  # fmt: skip


def photo(revision: int = 1, **changes: Any) -> PhotoAccepted:
    fields: dict[str, Any] = {
        "application_id": APPLICATION,
        "revision": revision,
        "photo_sha256": PHOTO,
        "signature_sha256": SAMPLE,
        "face_score": 97,
        "scores": {"Sharpness": 80},
        "flags": ("MouthClosed",),
        "signature_scores": {"Contrast": 90},
        "signature_flags": ("FewStrokes",),
        "marks": Sealed(MARKS),
    }
    return PhotoAccepted(**fields | changes)


def submitted(revision: int = 1) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        application_id=APPLICATION, revision=revision, received_on=date(2025, 10, 6), canonical_sha256="e" * 64,
        cms=Sealed("cms-of-the-citizen"),
    )  # fmt: skip


def facts(revision: int = 1) -> list[Message]:
    """All that must be there, in the order of the way."""
    id = APPLICATION
    place = RecordedBirthPlace(text="ЦЕЛИНОГРАД", source=BirthPlaceSource.CIVIL_REGISTRY)
    return [
        ApplicationOpened(
            application_id=id, iin=Sealed(CITIZEN), iin_index=INDEX, phone=Sealed(PHONE),
            document=next(iter(DocumentKind)), channel=Channel.PORTAL, locale=Locale.KK,
        ),
        IdentityConfirmed(application_id=id, person=Sealed(a_person()), consents=Sealed(())),
        EligibilityConfirmed(application_id=id, expires=date(2025, 10, 20), birth_place=Sealed(place)),
        form(revision),
        photo(revision),
        submitted(revision),
        ApplicationRegistered(
            application_id=id, talon=TALON, documentation_code=CODE, region=REGION, point=POINT,
            registered_on=date(2025, 10, 6), expires=date(2025, 10, 20),
        ),
        FeePaid(application_id=id, amount=786, receipt_id="r1", paid_at=NOW),
        ResultRequested(application_id=id, talon=TALON, request_id="q1"),
    ]  # fmt: skip


def a_run(**settings: Any) -> Run:
    return Run(SERVICE, **settings)


async def queued(**settings: Any) -> Run:
    return await a_run(**settings).hear_all(facts())


def by(
    run: Run, officer: str = "17", region: str = REGION, index: str = "index-of-17", address: str | None = None
) -> dict[str, Any]:
    """The head of an act, now."""
    return {
        "application_id": run.application_id,
        "officer_id": officer,
        "officer_region": region,
        "officer_index": index,
        "officer_address": address,
        "where": "10.0.0.7",
        "at": run.now,
    }


async def take(run: Run, **who: Any) -> Any:
    return await run.hear(acts.TakeReview(**by(run, **who)))


def decision(run: Run, token: str, choice: Choice = Choice.APPROVE, **changes: Any) -> acts.SignDecision:
    who = {name: changes.pop(name) for name in ("officer", "region", "index", "address") if name in changes}
    review: Review = run.state
    fields: dict[str, Any] = {
        **by(run, **who),
        "decision_id": f"d{review.round}",
        "lease_token": token,
        "round": review.round,
        "choice": choice,
        "documentation_code": CODE,
        "decided_at": run.now,
        "payload_sha256": "f" * 64,
        "cms": Sealed(CMS),
    }
    return acts.SignDecision(**fields | changes)


def annulment(run: Run, token: str, ground: AnnulmentGround = AnnulmentGround.PHOTO, **changes: Any) -> Any:
    reasons = {"PHOTO": "PHOTO_BLURRED", "SIGNATURE": "SIGNATURE_CUT", "EXTRA_CHECKS": "WRONG_FILLING"}
    return decision(run, token, Choice.ANNUL, **{"ground": ground, "reasons": (reasons[ground],)} | changes)


async def signed(run: Run, **changes: Any) -> Any:
    """Taken and signed: approval unless changed."""
    lease = await take(run)
    return await run.hear(decision(run, lease.token, **changes))


async def approved(run: Run | None = None) -> Run:
    run = run or await queued()
    await signed(run)
    return await run.let_pass(timedelta(seconds=10))


def refusal(round: int = 1, fault: ProductionFault = ProductionFault.SUBSTANTIVE) -> ProductionRefused:
    return ProductionRefused(
        application_id=APPLICATION, order_id="o1", round=round, fault=fault, reason="WANTED_LIST"
    )  # fmt: skip


def audits(run: Run) -> list[tuple[str, str, str]]:
    from shared.engine.service import Audited

    return [(row.who, row.what, row.result) for row in run.appended_of(Audited)]


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)
