"""What a citizen's acts are as messages of the portal, and what they sign. Pure: keys, files and moments are given."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import datetime
from uuid import UUID, uuid5

from deploy.sandbox.authority import Signatory
from deploy.sandbox.persona import FormFlaw, Signing
from deploy.sandbox.pictures import portrait, signature_sample
from deploy.sandbox.portal.acts import Correct, Fill, Praise, Sign, Start, Withdraw
from deploy.sandbox.portal.errand import Errand
from shared.contracts.base import PortalMessage, Sealed
from shared.contracts.portal import (
    ApplicationSigned,
    ApplicationStarted,
    ApplicationWithdrawn,
    FeedbackLeft,
    FormFilled,
    RefundAccountCorrected,
)
from shared.contracts.values import Contacts, FileRef, Instruction, RefundAccount
from shared.security.canonical import CanonicalApplication, withdrawal

INSTRUCTION = "2025-05"
Spoken = Start | Fill | Sign | Withdraw | Correct | Praise
FACES = 24
"""So many different portraits are drawn; people beyond that look like one who came before."""


def started(errand: Errand, act: Start) -> ApplicationStarted:
    """The start of the course that the act names."""
    citizen = errand.citizen
    conduct = citizen.persona.courses[max(act.course, 0)].conduct
    return ApplicationStarted(
        application_id=citizen.application_id(act.course),
        iin=Sealed(citizen.given_iin),
        authenticated_iin=Sealed(citizen.iin),
        document=conduct.document,
        reason=conduct.reason,
        phone=Sealed(citizen.given_phone),
        email=Sealed(citizen.email) if citizen.email else None,
        channel=citizen.channel,
        locale=citizen.locale,
    )


def images(errand: Errand, act: Fill) -> tuple[bytes, bytes]:
    """The photo (JPEG) and the signature sample (PNG) of that revision."""
    face = errand.citizen.number % FACES
    return portrait(face, act.portrait), signature_sample(face, act.sample)


def filled(errand: Errand, act: Fill, photo: FileRef, sample: FileRef) -> FormFilled:
    citizen = errand.citizen
    point = citizen.point
    if act.flaw is FormFlaw.POINT_OF_ANOTHER_REGION:
        point = "79-01" if citizen.region != "79" else "71-01"
    account = None
    if errand.persona.conduct.has_account:
        holder = citizen.other_iin if act.flaw is FormFlaw.ACCOUNT_OF_ANOTHER else citizen.iin
        account = Sealed(RefundAccount(iban=citizen.iban, holder_iin=holder))
    return FormFilled(
        application_id=errand.application_id,
        authenticated_iin=Sealed(citizen.iin),
        revision=act.revision,
        region=citizen.region,
        point=point,
        contacts=Sealed(Contacts(phone=citizen.phone, email=citizen.email)),
        photo=photo,
        signature_sample=sample,
        refund_account=account,
        refund_application=account is not None,
        instruction=Instruction(version=INSTRUCTION, language=citizen.locale),
    )


def signed(errand: Errand, act: Sign, form: FormFilled, key: Signatory, moment: datetime) -> ApplicationSigned:
    """`form` is that of the act's revision. A broken signature is a good one over other bytes."""
    payload = CanonicalApplication.of(errand.citizen.iin, form).canonical()
    if act.how is Signing.BROKEN:
        payload += b" "
    return signed_with(errand, act, b64encode(key.sign(payload, moment)).decode())


def signed_with(errand: Errand, act: Sign, cms: str) -> ApplicationSigned:
    """With a signature (base64) that was made elsewhere."""
    return ApplicationSigned(
        application_id=errand.application_id,
        authenticated_iin=Sealed(errand.citizen.iin),
        revision=act.revision,
        cms=Sealed(cms),
    )


def withdrawn(errand: Errand, act: Withdraw, key: Signatory, moment: datetime) -> ApplicationWithdrawn:
    cms = b64encode(key.sign(withdrawal(errand.application_id), moment)).decode() if act.signed else None
    return ApplicationWithdrawn(
        application_id=errand.application_id,
        authenticated_iin=Sealed(errand.citizen.iin),
        cms=Sealed(cms) if cms else None,
    )


def corrected(errand: Errand) -> RefundAccountCorrected:
    citizen = errand.citizen
    return RefundAccountCorrected(
        application_id=errand.application_id,
        authenticated_iin=Sealed(citizen.iin),
        refund_account=Sealed(RefundAccount(iban=citizen.spare_iban, holder_iin=citizen.iin)),
    )


def praised(errand: Errand, act: Praise) -> FeedbackLeft:
    return FeedbackLeft(
        application_id=errand.application_id,
        authenticated_iin=Sealed(errand.citizen.iin),
        rating=act.rating,
        text=Sealed("Рахмет! Все понятно."),
    )


def message_id(message: PortalMessage, act: Spoken) -> UUID:
    """The same act of the same application is the same message, however often it is said."""
    purpose = type(act).__name__.lower()
    if isinstance(act, Fill):
        purpose += f"/{act.revision}"
    elif isinstance(act, Sign):
        purpose += f"/{act.revision}/{act.attempt}"
    return uuid5(message.application_id, f"portal/{purpose}")


def headers(message: PortalMessage, said_at: datetime) -> dict[str, str]:
    """`said-at` is business time; the trace id is the application's own 128 bits."""
    span = hashlib.sha256(message.application_id.bytes).hexdigest()[:16]
    return {"said-at": said_at.isoformat(), "traceparent": f"00-{message.application_id.hex}-{span}-01"}
