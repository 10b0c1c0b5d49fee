"""What must be reached in intake."""

from __future__ import annotations

from services.intake.domain import own
from services.intake.domain.facts import Registering
from services.intake.domain.registration import Found, Nothing, Tidied
from services.intake.domain.signing import Checked
from services.intake.domain.statuses import FINAL
from services.intake.domain.watching import Fate, Sent
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import portal
from shared.contracts.values import Ending
from shared.process import INTAKE
from tests.simulation.sometimes.goals import Goal, Goals, became
from tests.simulation.sometimes.seen import Decided

TOO_LATE = i.SignatureProblem.OUTSIDE_PILOT


def _waits(d: Decided) -> bool:
    return d.after.waiting_form is not None and d.before.waiting_form is not d.after.waiting_form


def _stage_waits(d: Decided) -> bool:
    """A stage is known and cannot be told yet, though nothing else is being told."""
    more = len(d.after.facts) > len(d.before.facts)
    return more and bool(d.after.talon) and not d.after.reporting


INTAKE_GOALS = Goals(
    INTAKE,
    (
        Goal("a start is heard again under another id", lambda d: d.before.opened, (portal.ApplicationStarted,)),
        Goal("a form waits until it can be judged", _waits, (portal.FormFilled,)),
        Goal(
            "a form that has waited is judged",
            lambda d: d.before.waiting_form and d.says(i.FormAccepted, i.FormReturned) and not d.after.waiting_form,
        ),
        Goal(
            "a form that has waited is dropped, and its sender told",
            lambda d: d.before.waiting_form and d.after.waiting_form is not d.before.waiting_form
            and d.says(portal.MessageRejected),
        ),
        Goal(
            "a signature waits for the verdict on the photo",
            lambda d: d.after.signature and not d.after.photo_accepted,
            (portal.ApplicationSigned,),
        ),
        Goal(
            "the pilot is over when the signature comes",
            lambda d: any(getattr(said, "problem", None) is TOO_LATE for said in d.decision.says),
            (portal.ApplicationSigned,),
        ),
        Goal("a signature that waited is checked", lambda d: d.later(own.VerifySignature), (v.PhotoAccepted,)),
        Goal("abandonment waits for what is on its way", became("closing", Ending.ABANDONED)),
        Goal("the wait is over, and nothing came", lambda d: d.says(i.ApplicationClosed), (own.SettleAbandonment,)),
        Goal(
            "the citizen acts while the ending waits, and it is refused",
            lambda d: d.before.closing and d.says(i.CloseRefused),
        ),
        Goal(
            "an ending that comes too late is refused at once",
            lambda d: not d.before.closing and d.says(i.CloseRefused),
            (i.CloseApplication,),
        ),
        Goal(
            "an ending ordered again is said again", lambda d: d.before.ending and d.says(i.ApplicationClosed),
            (i.CloseApplication,),
        ),
        Goal(
            "a recall waits for a register in flight",
            lambda d: d.before.registering is Registering.ASKING and not d.decision.says,
            (i.RecallRegistration,),
        ),
        Goal("a recall ordered again is answered again", lambda d: d.before.recalled and d.says(i.RegistrationRecalled),
             (i.RecallRegistration,)),
        Goal(
            "a talon that comes after the end is recalled",
            lambda d: isinstance(d.given.answers, Found) and not d.before.may_register and d.after.recalling,
            (own.RegisterApplication,),
        ),
        Goal(
            "a register that never came to pass is let go",
            lambda d: isinstance(d.given.answers, Nothing) and not d.before.may_register,
            (own.RegisterApplication,),
        ),
        Goal(
            "a second talon is recalled, the first kept",
            lambda d: isinstance(d.given.answers, Tidied) and d.given.answers.kept and d.given.answers.recalled,
            (own.TidyTalons,),
        ),
        Goal(
            "two talons stand when РП ДРН is asked",
            lambda d: isinstance(d.given.answers, Found) and len(d.given.answers.talons) > 1,
            (own.RegisterApplication,),
        ),
        Goal(
            "РП ДРН refuses the recall, and operations know",
            lambda d: isinstance(d.given.answers, Tidied) and d.given.answers.refused and d.says(i.RecallRefused),
            (own.TidyTalons,),
        ),
        Goal("a new application waits for the recall of the one before", became("registering", Registering.SEEKING)),
        Goal(
            "the one before is recalled, and the new application registers",
            lambda d: d.later(own.RegisterApplication),
            (own.SeekRegistration,),
        ),
        Goal(
            "an application that waited for its place ends without it",
            lambda d: d.before.registering is Registering.NO and not d.before.may_register,
            (own.SeekRegistration,),
        ),
        Goal(
            "what changed before anybody was told of the talon is told all the same",
            lambda d: d.said.circumstance and d.before.talon and not d.before.watch,
            (own.ReportStatus,),
        ),
        Goal(
            "a REQUEST that reached nobody is sent again",
            lambda d: isinstance(d.given.answers, Sent) and d.given.answers.fate is Fate.LOST,
            (own.WatchTalon,),
        ),
        Goal(
            "a circumstance comes after the ending",
            lambda d: d.before.ending and d.said.circumstance,
            (own.ReportStatus,),
        ),
        Goal("a final status is heard", lambda d: d.after.registry_status in FINAL, (own.ReportStatus,)),
        Goal("a stage waits until the one before it is told", _stage_waits),
        Goal(
            "РП ДРН takes no stage of a recalled talon",
            lambda d: d.given.answers is not None and not d.given.answers.accepted,
            (own.ReportStage,),
        ),
        Goal(
            "a result is requested of what has ended",
            lambda d: d.given.answers and d.before.ending,
            (own.RequestResult,),
        ),
        Goal(
            "a signature is checked that is not asked for any more",
            lambda d: isinstance(d.given.answers, Checked) and not d.says(i.ApplicationSubmitted, i.SignatureReturned),
            (own.VerifySignature,),
        ),
        Goal(
            "a signature is valid, and the ending that waited for it is refused",
            lambda d: d.before.closing and d.says(i.ApplicationSubmitted),
            (own.VerifySignature,),
        ),
        Goal(
            "a withdrawal is checked after the ending",
            lambda d: d.before.ending,
            (own.VerifyWithdrawal,),
        ),
        Goal("a file is uploaded twice", lambda d: d.silent and d.decision.reply, (own.KeepFile,)),
    ),
)  # fmt: skip
