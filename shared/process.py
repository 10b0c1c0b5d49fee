"""The life of an application, stated once: who hears what, and what they may say to it.

Wiring, topology, broker rights, documents and the picture are derived from this table or checked against it.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import notification as n
from shared.contracts import payment as p
from shared.contracts import portal
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts import workstation as w
from shared.contracts.attempts import AttemptFailed
from shared.contracts.base import Message, routing_key

INTAKE, IDENTITY, ELIGIBILITY, PAYMENT = "intake", "identity-verification", "eligibility", "payment"
REVIEW, PRODUCTION, NOTIFICATION, COORDINATOR = "ums-review", "production-dispatch", "notification", "saga-coordinator"
SERVICES = (INTAKE, IDENTITY, ELIGIBILITY, PAYMENT, REVIEW, PRODUCTION, NOTIFICATION, COORDINATOR)
PORTAL = "portal"
WORKSTATION = "workstation"
"""РП ДРН's own program at a region's officers; each region that has one is a user `workstation-<region>`."""
HEAR_IN_BULK = (NOTIFICATION, COORDINATOR)  # one queue for all they hear
TELL_FAILURES = tuple(service for service in SERVICES if service != COORDINATOR)  # `AttemptFailed`, for the timeline
UNKNOWN = "intake.unknown"  # what the portal says and no class stands for (alternate exchange of `portal`)

Kinds = tuple[type[Message], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """`service` hears `hears` and may, then or later, say any of `says`; `steps` of p.3."""

    hears: type[Message]
    service: str
    says: Kinds = ()
    steps: str = ""


MAIN: tuple[Way, ...] = (
    Way(portal.ApplicationStarted, INTAKE, (i.ApplicationOpened, i.ApplicationRefused)),
    Way(
        i.ApplicationOpened,
        IDENTITY,
        (v.ConsentRequested, v.IdentificationRequested, v.IdentityConfirmed, v.IdentityRefused, v.IdentityUnavailable),
        "S1 S2 S3",
    ),
    Way(
        v.IdentityConfirmed,
        ELIGIBILITY,
        (e.EligibilityConfirmed, e.EligibilityRefused, e.EligibilityUnavailable),
        "S4 S5 S6 S7",
    ),
    Way(portal.FormFilled, INTAKE, (i.FormAccepted, i.FormReturned), "S8 S9"),
    Way(
        i.FormAccepted,
        IDENTITY,
        (v.PhotoAccepted, v.PhotoReturned, v.PhotoRefused, v.IdentityRefused, v.IdentityUnavailable),
        "S10 S11",
    ),
    Way(
        portal.ApplicationSigned,
        INTAKE,
        (
            i.ApplicationSubmitted,
            i.ApplicationRegistered,
            i.SignatureReturned,
            i.RegistrationRefused,
            i.RegistrationUnavailable,
        ),
        "S12 S13",
    ),
    Way(
        i.ApplicationRegistered,
        PAYMENT,
        (p.FeeWaived, p.FeeRequested, p.FeePaid, p.FeeLapsed, p.RefundFiled),
        "S14 S15",
    ),
    Way(p.FeePaid, INTAKE, (i.ResultRequested,), "S16"),
    Way(p.FeeWaived, INTAKE, (i.ResultRequested,), "S16"),
    Way(i.ResultRequested, REVIEW, (u.ReviewQueued, u.ReviewApproved, u.ReviewAnnulled), "S17"),
    Way(
        u.ReviewApproved,
        PRODUCTION,
        (
            d.ProductionStarted,
            d.ProductionRefused,
            d.DocumentMade,
            d.DocumentSpoiled,
            d.DocumentShipped,
            d.DocumentReady,
            d.CollectionReminded,
            d.DocumentIssued,
            d.IssueRefused,
            d.DocumentUncollected,
        ),
        "S18 S19",
    ),
    Way(
        w.DecisionSigned,
        REVIEW,
        (w.DecisionTaken, w.DecisionRefused, u.ReviewApproved, u.ReviewAnnulled),
        "S17",
    ),
    Way(d.ProductionRefused, REVIEW, (u.ReviewQueued,), "S17"),
    Way(portal.ApplicationWithdrawn, INTAKE, (i.WithdrawalRequested,)),
    Way(portal.FeedbackLeft, INTAKE, (i.FeedbackReceived,)),
    Way(portal.RefundAccountCorrected, INTAKE, (i.RefundAccountChanged,)),
    Way(i.RefundAccountChanged, PAYMENT, (p.RefundAccepted, p.RefundRejected)),
    Way(i.CircumstanceChanged, REVIEW, ()),
    Way(i.CircumstanceChanged, PRODUCTION, (d.ProductionRefused,)),
)

COMMANDS: tuple[Way, ...] = (
    Way(i.CloseApplication, INTAKE, (i.ApplicationClosed, i.CloseRefused)),
    Way(i.RecallRegistration, INTAKE, (i.RegistrationRecalled, i.RecallRefused)),
    Way(p.CancelInvoice, PAYMENT, (p.InvoiceCancelled, p.RefundFiled, p.RefundAccepted, p.RefundOverdue,
                                   p.FeeRefunded, p.RefundRejected)),
    Way(u.WithdrawReview, REVIEW, (u.ReviewWithdrawn, u.WithdrawalRefused)),
    # Healing: go on from where it stands, and say again what was said.
    Way(i.ResumeApplication, INTAKE, (i.ApplicationOpened, i.FormAccepted, i.ApplicationSubmitted,
                                      i.ApplicationRegistered, i.RegistrationRefused, i.RegistrationUnavailable,
                                      i.CircumstanceChanged, i.WithdrawalRequested, i.ResultRequested,
                                      i.ApplicationClosed)),
    Way(v.ResumeIdentification, IDENTITY, (v.ConsentRequested, v.IdentityConfirmed, v.IdentityRefused,
                                           v.IdentityUnavailable, v.PhotoAccepted, v.PhotoReturned, v.PhotoRefused)),
    Way(e.ResumeAssessment, ELIGIBILITY, (e.EligibilityConfirmed, e.EligibilityRefused, e.EligibilityUnavailable)),
    Way(p.ResumePayment, PAYMENT, (p.FeeRequested, p.FeeWaived, p.FeePaid, p.FeeLapsed, p.FeeRefunded,
                                   p.RefundRejected)),
    Way(u.ResumeReview, REVIEW, (u.ReviewQueued, u.ReviewApproved, u.ReviewAnnulled)),
    Way(d.ResumeProduction, PRODUCTION, (d.ProductionStarted, d.ProductionRefused, d.DocumentMade, d.DocumentShipped,
                                         d.DocumentReady, d.DocumentIssued, d.DocumentUncollected)),
    Way(n.ResumeNotices, NOTIFICATION, (portal.StatusChanged, n.CitizenNotified)),
)  # fmt: skip

# What a service keeps from events it hears, because its broker rights allow it nothing more.
KEPT: tuple[tuple[str, Kinds], ...] = (
    (INTAKE, (e.EligibilityConfirmed, v.PhotoAccepted, v.PhotoReturned, v.IdentityRefused, u.ReviewQueued,
              u.ReviewApproved, u.ReviewAnnulled, d.DocumentMade, d.DocumentIssued)),
    (IDENTITY, (i.ApplicationClosed,)),
    (ELIGIBILITY, (i.ApplicationClosed,)),
    (PAYMENT, (v.IdentityConfirmed, i.FormAccepted, u.ReviewApproved, u.ReviewAnnulled, i.ApplicationClosed)),
    (REVIEW, (i.ApplicationOpened, v.IdentityConfirmed, e.EligibilityConfirmed, i.FormAccepted, v.PhotoAccepted,
              i.ApplicationSubmitted, i.ApplicationRegistered, p.FeePaid, p.FeeWaived, d.DocumentMade,
              i.ApplicationClosed)),
    (PRODUCTION, (u.ReviewAnnulled, i.ApplicationClosed)),
)  # fmt: skip

TOLD: Kinds = (
    i.ApplicationOpened, i.ApplicationRefused, v.ConsentRequested, v.IdentificationRequested, v.IdentityConfirmed,
    v.IdentityRefused, v.IdentityUnavailable, e.EligibilityConfirmed, e.EligibilityRefused, e.EligibilityUnavailable,
    i.FormAccepted,
    i.FormReturned, v.PhotoAccepted, v.PhotoReturned, v.PhotoRefused, i.SignatureReturned, i.ApplicationSubmitted,
    i.ApplicationRegistered, i.RegistrationRefused, p.FeeRequested, p.FeeWaived, p.FeePaid, u.ReviewQueued,
    u.ReviewApproved, u.ReviewAnnulled, u.WithdrawalRefused, d.ProductionStarted, d.DocumentShipped, d.DocumentReady,
    d.CollectionReminded, d.DocumentIssued, d.DocumentUncollected, p.RefundFiled, p.RefundAccepted, p.RefundOverdue,
    p.FeeRefunded, p.RefundRejected, i.ApplicationClosed, i.CloseRefused,
)  # fmt: skip

NOTICES = tuple(Way(kind, NOTIFICATION, (portal.StatusChanged, n.CitizenNotified)) for kind in TOLD)
KEEPING = tuple(Way(kind, service) for service, kinds in KEPT for kind in kinds)
SAID_AT_THE_DOOR = {INTAKE: (portal.MessageRejected, i.CircumstanceChanged)}

ORDERS: Kinds = tuple(way.hears for way in COMMANDS)


def _unique(kinds: list[type[Message]]) -> Kinds:
    return tuple(dict.fromkeys(kinds))


EVENTS: Kinds = _unique([kind for way in (*MAIN, *COMMANDS, *NOTICES) for kind in way.says if kind.exchange == "events"]
                        + [i.CircumstanceChanged, AttemptFailed])  # fmt: skip
TIMELINE = tuple(Way(kind, COORDINATOR, ORDERS) for kind in EVENTS)
PROCESS: tuple[Way, ...] = (*MAIN, *COMMANDS, *KEEPING, *NOTICES, *TIMELINE)


def heard_by(service: str) -> Kinds:
    """Every message class the service hears from the broker."""
    return _unique([way.hears for way in PROCESS if way.service == service])


def said_by(service: str) -> Kinds:
    """Every message class the service may say."""
    said = [kind for way in PROCESS if way.service == service for kind in way.says]
    told = [AttemptFailed] if service in TELL_FAILURES else []
    return _unique(said + told + list(SAID_AT_THE_DOOR.get(service, ())))


def queue_of(service: str, kind: type[Message]) -> str:
    """`payment.cancel-invoice`; those who hear all have one queue of their own name."""
    return service if service in HEAR_IN_BULK else f"{service}.{routing_key(kind)}"


def queues_of(service: str) -> dict[str, Kinds]:
    """Queue name → what is bound to it."""
    queues: dict[str, list[type[Message]]] = {}
    for kind in heard_by(service):
        queues.setdefault(queue_of(service, kind), []).append(kind)
    if service == INTAKE:
        queues[UNKNOWN] = []
    return {queue: tuple(kinds) for queue, kinds in queues.items()}


MESSAGES: dict[str, type[Message]] = {
    routing_key(kind): kind for service in SERVICES for kind in (*heard_by(service), *said_by(service))
}
