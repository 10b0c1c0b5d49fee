"""What must be reached in identity verification and eligibility."""

from __future__ import annotations

from services.identity_verification.answers import Session
from services.identity_verification.state import (
    CancelSession,
    CheckConsent,
    CheckSession,
    CompareFace,
    GiveUpIdentification,
    IdentifyPerson,
    JudgePhoto,
    OpenSession,
    RequestConsent,
)
from shared.contracts import identity_verification as v
from shared.contracts.intake import ApplicationClosed, FormAccepted
from shared.process import IDENTITY
from tests.simulation.sometimes.goals import Goal, Goals

IDENTITY_GOALS = Goals(
    IDENTITY,
    (
        Goal("the SMS of 1414 is sent a second time", lambda d: d.after.consent_send == 2, (CheckConsent,)),
        Goal("the SMS of 1414 is sent a third time", lambda d: d.after.consent_send == 3, (CheckConsent,)),
        Goal(
            "consent is granted on a later SMS", lambda d: d.before.consent_send > 1 and d.later(IdentifyPerson),
            (CheckConsent,),
        ),
        Goal("a person identifies at the second attempt", lambda d: d.before.attempt == 2, (CheckSession,)),
        Goal("a person has a fifth attempt", lambda d: d.after.attempt == 5 and d.before.attempt == 4, (CheckSession,)),
        Goal(
            "a session opened after the ending is cancelled",
            lambda d: isinstance(d.given.answers, Session) and d.later(CancelSession),
            (OpenSession,),
        ),
        Goal("a session that the ending leaves open is cancelled", lambda d: d.later(CancelSession),
             (ApplicationClosed,)),
        Goal(
            "a system that is silent is not the citizen's delay",
            lambda d: d.silent and d.before.person is None and not d.before.over,
            (GiveUpIdentification,),
        ),
        Goal("КДП is asked again after the ending and stays unheard", lambda d: d.before.closed, (RequestConsent,)),
        Goal("a form comes after the ending", lambda d: d.before.closed, (FormAccepted,)),
        Goal(
            "a newer revision comes while the older is judged",
            lambda d: d.given.answers is not None and d.said.revision != d.before.revision,
            (JudgePhoto, CompareFace),
        ),
        Goal("a photo is returned for the signature sample", lambda d: any(
            isinstance(said, v.PhotoReturned) and said.signature_reasons for said in d.decision.says), (JudgePhoto,)),
        Goal("a photo is not like the person at first", lambda d: d.says(v.PhotoReturned), (CompareFace,)),
        Goal("an outage sends away who waits for the likeness", lambda d: d.says(v.IdentityUnavailable),
             (CompareFace,)),
    ),
)  # fmt: skip
