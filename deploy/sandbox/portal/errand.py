"""What a citizen does next: pure, from what they have done so far and the status they are shown.

The portal's driver and the simulation carry out the same acts; what a citizen did is in the errand, never in a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Paying, Persona, Signing, Withdrawing
from deploy.sandbox.portal.acts import (
    BESIDE,
    Act,
    Correct,
    Fill,
    Identify,
    Pay,
    Praise,
    Resume,
    Sign,
    Start,
    Withdraw,
)
from shared.contracts.portal import NextAction, StatusChanged
from shared.contracts.values import Ending, Stage

T = TypeVar("T")

_ORDER = {stage: at for at, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Errand:
    """One application as its citizen lives it. `invoice` is where the duty was to be paid, with its sum."""

    citizen: Citizen
    course: int = 0
    revision: int = 0
    signings: int = 0
    signed: int = 0
    payments: int = 0
    invoice: tuple[str, int] | None = None
    withdrawn: bool = False
    ended: bool = False
    once: frozenset[str] = field(default=frozenset())

    @property
    def application_id(self) -> UUID:
        return self.citizen.application_id(self.course)

    @property
    def persona(self) -> Persona:
        """The story of this application."""
        return self.citizen.persona.courses[max(self.course, 0)]


Answer = tuple[Errand, tuple[Act, ...]]


def begin(errand: Errand) -> Answer:
    """The first act of every application."""
    return errand, (Start(errand.course),)


def react(errand: Errand, status: StatusChanged) -> Answer:
    """What the citizen does when the portal shows this status. To be asked only of a status that became current."""
    if errand.course == BESIDE:
        return _led_back(errand, status)
    if status.ending is not None:
        errand, acts = (errand, ()) if errand.ended else _end(replace(errand, ended=True), status)
        corrected, correction = _correct(errand, status)
        return corrected, (*acts, *correction)
    if errand.ended:
        return errand, ()
    if _gives_up(errand, status):
        signed = _ORDER[status.stage] >= _ORDER[Stage.SUBMITTED]
        return replace(errand, withdrawn=True), (Withdraw(signed),)
    if errand.withdrawn and errand.persona.ending is Ending.WITHDRAWN:
        return errand, ()
    return _next(errand, status)


def resume(errand: Errand) -> Answer:
    """The citizen is led back to this application, whose form waits."""
    return _fill(errand) if errand.revision == 0 else (errand, ())


def _next(errand: Errand, status: StatusChanged) -> Answer:
    match status.next_action:
        case NextAction.IDENTIFY:
            return errand, (Identify(status.link),)
        case NextAction.FILL_FORM:
            if errand.persona.conduct.starts_beside:
                return _once(errand, "beside", Start(BESIDE))
            return _fill(errand) if errand.revision == 0 else (errand, ())
        case NextAction.CORRECT_FORM:
            stale = status.revision is not None and status.revision != errand.revision
            return (errand, ()) if stale else _fill(errand)
        case NextAction.SIGN:
            return _sign(errand)
        case NextAction.PAY if status.link and status.amount:
            return _pay(errand, status.link, status.amount)
    return errand, ()


def _fill(errand: Errand) -> Answer:
    conduct, at = errand.persona.conduct, errand.revision
    if not conduct.fills:
        return errand, ()
    filled = Fill(
        revision=at + 1,
        flaw=_nth(conduct.form_flaws, at),
        portrait=_nth(conduct.portrait_flaws, at),
        sample=_nth(conduct.sample_flaws, at),
    )
    return replace(errand, revision=at + 1), (filled,)


def _sign(errand: Errand) -> Answer:
    """Each time it is asked for: first the wrong ways of the story, then the right one, which is given once."""
    how = _nth(errand.persona.conduct.signs, errand.signings) or Signing.GOOD
    if how is Signing.NEVER or (how is Signing.GOOD and errand.signed == errand.revision):
        return errand, ()
    attempt = errand.signings + 1
    if how is Signing.STALE:
        return replace(errand, signings=attempt), (Sign(errand.revision - 1, Signing.GOOD, attempt),)
    signed = errand.revision if how is Signing.GOOD else errand.signed
    return replace(errand, signings=attempt, signed=signed), (Sign(errand.revision, how, attempt),)


def _pay(errand: Errand, link: str, amount: int) -> Answer:
    """All payments of the story at once, one after another; a new invoice (another link) is paid anew."""
    if errand.invoice is not None and errand.invoice[0] == link:
        return errand, ()
    sums = {Paying.RIGHT: amount, Paying.UNDER: amount - 100, Paying.OVER: amount + 214}
    wanted = [paying for paying in errand.persona.conduct.pays if paying in sums]
    acts = tuple(Pay(link, sums[paying], errand.payments + n) for n, paying in enumerate(wanted, 1))
    return replace(errand, invoice=(link, amount), payments=errand.payments + len(acts)), acts


def _end(errand: Errand, status: StatusChanged) -> Answer:
    acts: list[Act] = []
    persona = errand.persona
    if status.ending is Ending.UNPAID and errand.invoice and Paying.AFTER_LAPSE in persona.conduct.pays:
        acts.append(Pay(*errand.invoice, errand.payments + 1))
    if status.ending is Ending.ANNULLED and persona.again is not None:
        acts.append(Start(errand.course + 1))
    if status.ending is Ending.ISSUED and persona.conduct.feedback is not None:
        acts.append(Praise(persona.conduct.feedback))
    return errand, tuple(acts)


def _correct(errand: Errand, status: StatusChanged) -> Answer:
    """Refunds outlive the ending: an account is named when one is asked for."""
    if status.next_action is not NextAction.CORRECT_ACCOUNT:
        return errand, ()
    return _once(errand, "correct", Correct())


def _led_back(errand: Errand, status: StatusChanged) -> Answer:
    live = status.live_application
    return _once(errand, "resume", Resume(UUID(live))) if live else (errand, ())


def _gives_up(errand: Errand, status: StatusChanged) -> bool:
    if errand.withdrawn or errand.persona.conduct.withdraws is None:
        return False
    stage = _ORDER[status.stage]
    match errand.persona.conduct.withdraws:
        case Withdrawing.AT_SIGNING:
            return status.next_action is NextAction.SIGN
        case Withdrawing.WHILE_REGISTERED:
            return errand.signed > 0 and stage >= _ORDER[Stage.SUBMITTED]
        case Withdrawing.AT_PAYMENT:
            return status.next_action is NextAction.PAY
        case Withdrawing.IN_REVIEW:
            return stage >= _ORDER[Stage.IN_REVIEW]
    return stage >= _ORDER[Stage.APPROVED]


def _once(errand: Errand, what: str, act: Act) -> Answer:
    if what in errand.once:
        return errand, ()
    return replace(errand, once=errand.once | {what}), (act,)


def _nth(values: tuple[T, ...], at: int) -> T | None:
    return values[at] if at < len(values) else None
