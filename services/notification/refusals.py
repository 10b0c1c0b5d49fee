"""Refusals and returns: which open with the order's text, which name their own way on, and what is never named.

The order's text (p.7, p.12) opens whatever it sends to ЦОН; so does every refusal by an algorithm, for ЦОН is the way
to a human. Of some grounds the citizen learns no more than that the service is not given online: see `NEUTRAL`.
"""

from __future__ import annotations

from services.notification.notice import NOT_AVAILABLE, Notice, notice
from services.notification.wording import sentence, text
from shared.contracts.eligibility import EligibilityRefused
from shared.contracts.identity_verification import IdentityRefusal, IdentityRefused, PhotoRefused, PhotoReturned
from shared.contracts.intake import ApplicationRefused, DoorRefusal, FormReturned, SignatureProblem, SignatureReturned
from shared.contracts.portal import NextAction, Text
from shared.contracts.values import Ending
from shared.law.eligibility import Ground

NEUTRAL = frozenset((Ground.INCAPABLE, Ground.WANTED, Ground.MISSING, Ground.DECEASED, Ground.EXCLUDED))
"""Never named: incapacity; that someone is wanted or missing, or that the record is closed (it may be read by another,
and a mistake of the record is mended in person). All five share one sentence, so that none can be told from it."""

TO_TSON = frozenset(
    (
        DoorRefusal.OUTSIDE_PILOT,
        DoorRefusal.OTHER_REASON,
        DoorRefusal.OTHER_DOCUMENT,
        DoorRefusal.OUTAGE,
        DoorRefusal.TOO_MANY_REFUSALS,
    )
)
OWN_WAY = {
    IdentityRefusal.CONSENT_DENIED: "CONSENT_DENIED",
    IdentityRefusal.CONSENT_EXPIRED: "CONSENT_EXPIRED",
    IdentityRefusal.PHONE_ABSENT: "PHONE_ABSENT",
    IdentityRefusal.PHONE_OF_ANOTHER: "PHONE_OF_ANOTHER",
    IdentityRefusal.IDENTIFICATION_EXPIRED: "IDENT_EXPIRED",
    IdentityRefusal.UNIDENTIFIED_TOO_LONG: "IDENT_EXPIRED",
}
"""Nothing was judged: the citizen may start again at once, and is not sent to ЦОН."""

NOT_ALIKE = "FaceMismatch"


def refused_at_the_door(said: ApplicationRefused) -> Notice:
    """Every ground at once; who has a live application is led back to it."""
    grounds = [sentence("door", ground) for ground in said.grounds]
    live = said.resume.application_id if said.resume else None
    if TO_TSON.intersection(said.grounds):
        return notice(NOT_AVAILABLE, grounds, live_application=live)
    if said.resume is not None:
        fields: dict[str, str | int | Text] = {
            "application": said.resume.application_id,
            "stage": text(f"stage/{said.resume.stage}"),
        }
        others = [sentence("door", ground) for ground in said.grounds if ground is not DoorRefusal.LIVE_APPLICATION]
        return notice("LIVE_APPLICATION", others, fields, live_application=live)
    return notice("START_AGAIN", grounds)


def refused_identity(said: IdentityRefused) -> Notice:
    own = OWN_WAY.get(said.reason)
    if own is not None:
        return notice(own, causes=Ending.REFUSED)
    return notice(NOT_AVAILABLE, [sentence("identity", said.reason)], causes=Ending.REFUSED)


def refused_eligibility(said: EligibilityRefused) -> Notice:
    if said.grounds == (Ground.CONSENT_ENDED,):
        return notice(OWN_WAY[IdentityRefusal.CONSENT_EXPIRED], causes=Ending.REFUSED)
    told = ["neutral" if ground in NEUTRAL else ground.value for ground in said.grounds]
    return notice(NOT_AVAILABLE, [sentence("eligibility", ground) for ground in told], causes=Ending.REFUSED)


def refused_photo(said: PhotoRefused) -> Notice:
    grounds = (text("identity/PHOTO_ATTEMPTS_SPENT"), *defects(said))
    return notice(NOT_AVAILABLE, grounds, revision=said.revision, causes=Ending.REFUSED)


def returned_photo(said: PhotoReturned) -> Notice:
    """S10 or S11: the next revision, with every defect named."""
    unlike = said.photo_reasons == (NOT_ALIKE,) and not said.signature_reasons
    return notice(
        "PHOTO_MISMATCH" if unlike else "PHOTO_BAD",
        () if unlike else defects(said),
        {"left": said.attempts_left},
        attempts_left=said.attempts_left,
        revision=said.revision,
    )


def returned_form(said: FormReturned) -> Notice:
    grounds = [sentence("fault", fault.field) for fault in said.faults]
    return notice("FORM_RETURNED", grounds, faults=said.faults, revision=said.revision)


def returned_signature(said: SignatureReturned) -> Notice:
    """S12: an invalid signature is told by its fault; outside window or pilot nothing can be signed any more (p.7)."""
    match said.problem:
        case SignatureProblem.OUTSIDE_WINDOW | SignatureProblem.OUTSIDE_PILOT:
            return notice(NOT_AVAILABLE, [sentence("signature", said.problem)], revision=said.revision)
        case SignatureProblem.INVALID:
            return notice("SIGN_BAD", [sentence("cms", said.detail or "")], revision=said.revision)
        case SignatureProblem.STALE:
            return notice("SIGN_BAD", [sentence("signature", said.problem)], revision=said.current)
    returned = notice("SIGN_BAD", [sentence("signature", said.problem)], revision=said.revision, about=said.problem)
    return returned.but_next(NextAction.NOTHING)


def defects(said: PhotoReturned | PhotoRefused) -> tuple[Text, ...]:
    photo = (sentence("photo", reason) for reason in said.photo_reasons)
    sample = (sentence("sample", reason) for reason in said.signature_reasons)
    return (*photo, *sample)
