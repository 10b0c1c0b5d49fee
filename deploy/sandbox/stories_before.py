"""The personas whose story is decided before registration: door, consent, identity, eligibility, form, signature."""

from __future__ import annotations

from deploy.sandbox.persona import (
    Conduct,
    Consent,
    FormFlaw,
    IinGiven,
    Persona,
    Phone,
    Signing,
    Treatment,
    Withdrawing,
)
from deploy.sandbox.pictures import PortraitFlaw, SampleFlaw
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import portal
from shared.contracts.base import Message
from shared.contracts.values import DocumentKind, Ending, Reason
from shared.law.eligibility import Ground

Kinds = tuple[type[Message], ...]

CLOSED: Kinds = (i.ApplicationClosed,)
AT_THE_DOOR: Kinds = (i.ApplicationRefused, portal.StatusChanged)
OPENED: Kinds = (i.ApplicationOpened, v.ConsentRequested)
IDENTIFIED: Kinds = (*OPENED, v.IdentificationRequested, v.IdentityConfirmed)
ELIGIBLE: Kinds = (*IDENTIFIED, e.EligibilityConfirmed)
ACCEPTED: Kinds = (*ELIGIBLE, i.FormAccepted, v.PhotoAccepted)
NOT_IDENTIFIED: Kinds = (*OPENED, v.IdentityRefused, *CLOSED)
NOT_ELIGIBLE: Kinds = (*IDENTIFIED, e.EligibilityRefused, *CLOSED)


def _at_the_door(name: str, story: str, conduct: Conduct, act: int = 1) -> Persona:
    return Persona(name, story, None, AT_THE_DOOR, act, conduct=conduct)


DOOR = (
    _at_the_door("bad-iin", "The IIN has a wrong check digit.", Conduct(iin=IinGiven.MISTYPED)),
    _at_the_door("bad-phone", "The number is of a landline.", Conduct(mobile=False)),
    _at_the_door("iin-of-another", "The IIN is not of who signed in.", Conduct(iin=IinGiven.OF_ANOTHER)),
    _at_the_door("outside-pilot", "The pilot is over.", Conduct(), act=3),
    _at_the_door("other-reason", "The card was lost, it does not expire.", Conduct(reason=Reason.LOSS)),
    _at_the_door("passport", "It is a passport that is asked for.", Conduct(document=DocumentKind.PASSPORT)),
)


def _not_identified(name: str, story: str, treatment: Treatment, sees: Kinds = NOT_IDENTIFIED) -> Persona:
    return Persona(name, story, Ending.REFUSED, sees, treatment=treatment)


IDENTITY = (
    _not_identified("consent-denied", "Says no to the SMS of 1414.", Treatment(consent=Consent.DENIES)),
    _not_identified("consent-expired", "Never answers the SMS of 1414.", Treatment(consent=Consent.SILENT)),
    _not_identified("phone-absent", "БМГ does not know the number.", Treatment(phone=Phone.ABSENT)),
    _not_identified("phone-of-another", "The number is somebody else's.", Treatment(phone=Phone.OF_ANOTHER)),
    _not_identified(
        "identification-failed",
        "Digital-ID does not know the face, five times.",
        Treatment(identification_fails=5),
        (*NOT_IDENTIFIED, v.IdentificationRequested),
    ),
    Persona(
        "redirected-bmg",
        "Waits for БМГ, which has had an outage, and is sent to ЦОН (p.12).",
        Ending.REDIRECTED,
        (*OPENED, v.IdentityUnavailable, *CLOSED),
        2,
        outage="bmg",
    ),
    Persona(
        "redirected-digital-id",
        "Waits for Digital-ID, which has had an outage, and is sent to ЦОН (p.12).",
        Ending.REDIRECTED,
        (*OPENED, v.IdentityUnavailable, *CLOSED),
        2,
        outage="digital-id",
    ),
)


def _not_eligible(name: str, story: str, *grounds: Ground) -> Persona:
    return Persona(name, story, Ending.REFUSED, NOT_ELIGIBLE, grounds=frozenset(grounds))


ELIGIBILITY = (
    _not_eligible("under-18", "Is sixteen.", Ground.UNDER_AGE),
    _not_eligible("incapable", "A court has taken legal capacity away.", Ground.INCAPABLE),
    _not_eligible("civil-act-changed", "Changed the surname after the card was issued.", Ground.CIVIL_ACT_CHANGED),
    _not_eligible("no-permanent-registration", "Is registered for a time only.", Ground.NO_PERMANENT_REGISTRATION),
    _not_eligible("no-valid-card", "The card was declared invalid.", Ground.NO_VALID_CARD),
    _not_eligible("two-valid-cards", "Two cards are called valid.", Ground.SEVERAL_VALID_CARDS),
    _not_eligible("not-a-citizen", "Is a citizen of another country.", Ground.NOT_CITIZEN),
    _not_eligible("too-early", "31 days before expiry.", Ground.OUTSIDE_WINDOW_EARLY),
    _not_eligible("too-late", "11 days after expiry.", Ground.OUTSIDE_WINDOW_LATE),
    _not_eligible(
        "several-grounds",
        "No registration, an act of civil status, and too late: all are told at once.",
        Ground.NO_PERMANENT_REGISTRATION,
        Ground.CIVIL_ACT_CHANGED,
        Ground.OUTSIDE_WINDOW_LATE,
    ),
)

DARK = (PortraitFlaw.DARK,)

FORM = (
    Persona(
        "photo-spent",
        "Five unfit photos: S10's attempts are spent.",
        Ending.REFUSED,
        (*ELIGIBLE, v.PhotoReturned, v.PhotoRefused, *CLOSED),
        conduct=Conduct(portrait_flaws=DARK * 5),
    ),
    Persona(
        "likeness-spent",
        "The photo is not like the person, three times: S11's attempts are spent.",
        Ending.REFUSED,
        (*ELIGIBLE, i.FormAccepted, v.IdentityRefused, *CLOSED),
        treatment=Treatment(likeness_misses=3),
    ),
    Persona(
        "withdrawn-before-registration",
        "Gives up when asked to sign.",
        Ending.WITHDRAWN,
        (*ACCEPTED, i.WithdrawalRequested, *CLOSED),
        conduct=Conduct(withdraws=Withdrawing.AT_SIGNING),
    ),
    Persona(
        "abandoned-at-form",
        "Never fills the form.",
        Ending.ABANDONED,
        (*ELIGIBLE, *CLOSED),
        conduct=Conduct(fills=False),
    ),
    Persona(
        "abandoned-at-signing",
        "Never signs.",
        Ending.ABANDONED,
        (*ACCEPTED, *CLOSED),
        conduct=Conduct(signs=(Signing.NEVER,)),
    ),
    Persona(
        "registration-refused",
        "РП ДРН refuses to register.",
        Ending.REFUSED,
        (*ACCEPTED, i.ApplicationSubmitted, i.RegistrationRefused, *CLOSED),
        treatment=Treatment(registration_refused=True),
    ),
)

RETURNED_FORM = Conduct(form_flaws=(FormFlaw.POINT_OF_ANOTHER_REGION,))
RETURNED_PHOTO = Conduct(portrait_flaws=DARK, sample_flaws=(None, SampleFlaw.FAINT))
BROKEN_SIGNATURE = Conduct(signs=(Signing.BROKEN,))
STALE_SIGNATURE = Conduct(portrait_flaws=DARK, signs=(Signing.STALE,))

BEFORE = (*DOOR, *IDENTITY, *ELIGIBILITY, *FORM)
