"""S14 and S15: is anything due, from whom, and by which invoice. The law is that of the payment day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from hashlib import sha256

from services.payment import ledger
from services.payment.answers import IssuedInvoice, NoToken, Statuses
from services.payment.invoice import UNSETTLED, Alert, Invoice, Phase, Why, audited, in_turn
from services.payment.looks import pause, seldom
from services.payment.messages import (
    AskExemption,
    CheckFeeLaw,
    CloseInvoice,
    EndPaymentTerm,
    InquireInvoice,
    ReleaseInvoice,
    RequestInvoice,
    SetTerms,
)
from shared.contracts.base import Sealed
from shared.contracts.payment import FeeRequested, FeeWaived, WaiverGround
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.engine.service import Step
from shared.law.dated import rows_in_force
from shared.law.exemptions import EXEMPTIONS, exempt_on
from shared.law.fees import fee_on, table_version
from shared.law.pilot import Reason

AMOUNT_DIFFERS, CODE_DIFFERS, OF_ANOTHER, NO_CONSENT = "AMOUNT_DIFFERS", "CODE_DIFFERS", "OF_ANOTHER", "NO_CONSENT"


def law_of(day: date) -> str:
    """Changes on the day on which rate, ground or list of exemptions changes: an invoice of another law is dead."""
    return sha256(f"{table_version(day)}{rows_in_force(EXEMPTIONS, day)!r}".encode()).hexdigest()[:12]


def begin(invoice: Invoice, given: Given) -> Decision[Invoice]:
    """S14 begins once the application is registered and both person and form are known."""
    known = invoice.talon and invoice.iin is not None and invoice.form_revision
    if invoice.phase is not Phase.NEW or not known:
        return Decision(invoice)
    return assess(invoice, given)


def assess(invoice: Invoice, given: Given) -> Decision[Invoice]:
    """S14 by the law of today, as a new round. At rate zero nobody is asked about the person."""
    fee = fee_on(given.today, Reason.EXPIRY)
    fresh = invoice.but(
        phase=Phase.ASSESSING, why=None, round=invoice.round + 1, fee=fee.amount, law=law_of(given.today),
        assessed_on=given.today, rule=fee.rule, legal_ground=fee.legal_ground.value, kbk=fee.kbk, invoice_id="",
        pay_url="", until=None, outage_since=None, claimed=False, held_for="",
    )  # fmt: skip
    if not fee.amount:
        return waive(fresh, WaiverGround.ZERO_RATE)
    return Decision(fresh, later=(asking(fresh), next_day(fresh, given)))


def asking(invoice: Invoice) -> Later:
    message = AskExemption(application_id=invoice.application_id, round=invoice.round)
    return Later(message, key=f"exemption/{invoice.round}")


def next_day(invoice: Invoice, given: Given) -> Later:
    midnight = datetime.combine(given.today + timedelta(days=1), time(), ALMATY)
    message = CheckFeeLaw(application_id=invoice.application_id, round=invoice.round)
    return Later(message, at=midnight, key=f"law/{invoice.round}")


def waive(invoice: Invoice, ground: WaiverGround) -> Decision[Invoice]:
    id = invoice.application_id
    s14 = ("skipped", ground.value) if ground is WaiverGround.ZERO_RATE else ("done", "")
    return Decision(
        invoice.but(phase=Phase.WAIVED, assessed=True),
        FeeWaived(application_id=id, ground=ground),
        appends=(
            *_s14(invoice, *s14),
            Step(id, "S15", "skipped", ground.value),
            audited(invoice, "fee", f"waived: {ground.value}"),
        ),
    )


def _s14(invoice: Invoice, result: str, reason: str = "") -> tuple[Step, ...]:
    """S14 stands in the stage record once, however many rounds there are."""
    return () if invoice.assessed else (Step(invoice.application_id, "S14", result, reason),)


def exemption_answered(
    invoice: Invoice, message: AskExemption, answer: Statuses | NoToken | None, given: Given
) -> Decision[Invoice]:
    """The category stays here, sealed: the world learns only that nothing is due."""
    if invoice.phase is not Phase.ASSESSING or message.round != invoice.round or answer is None:
        return Decision(invoice)
    if isinstance(answer, NoToken):
        return _renew(invoice, message, answer, given)
    if answer.held is None:
        return hold(invoice, NO_CONSENT)
    asked = Decision(invoice, appends=(audited(invoice, "asked АИС СИК", "answered"),))
    if law_of(given.today) != invoice.law:
        return in_turn(asked, lambda now: assess(now, given))
    category = exempt_on(given.today, answer.held)
    if category is not None:
        known = Sealed(category.value)
        return in_turn(asked, lambda now: waive(now.but(category=known), WaiverGround.EXEMPT))
    return in_turn(asked, request)


def _renew(invoice: Invoice, message: AskExemption, answer: NoToken, given: Given) -> Decision[Invoice]:
    """A fresh token, as often as consent may be sent for; the citizen's no, or none left, is for operations. Nothing
    is charged or waived meanwhile.
    """
    if answer.standing == "PENDING":
        again = message.model_copy(update={"looks": message.looks + 1})
    elif answer.standing == "DENIED" or message.renewals >= given.rules.limits.consent_sends:
        return hold(invoice, NO_CONSENT)
    else:
        again = message.model_copy(update={"renewals": message.renewals + 1, "looks": 0})
    told = () if answer.standing == "PENDING" else (audited(invoice, "consent for АИС СИК", "asked anew"),)
    wait = pause(given.rules, message.looks)
    row = Later(again, after=wait, clock="machine", key=f"exemption/{invoice.round}")
    return Decision(invoice, later=(row,), appends=told)


def request(invoice: Invoice) -> Decision[Invoice]:
    invoicing = invoice.but(phase=Phase.INVOICING, assessed=True)
    return Decision(invoicing, later=(requesting(invoicing),), appends=_s14(invoice, "done"))


def requesting(invoice: Invoice) -> Later:
    message = RequestInvoice(application_id=invoice.application_id, round=invoice.round)
    return Later(message, key=f"invoice/{invoice.round}")


def hold(invoice: Invoice, reason: str) -> Decision[Invoice]:
    """Operations look at it; nothing is asked of the citizen meanwhile."""
    return Decision(
        invoice.but(phase=Phase.HELD, held_for=reason),
        appends=(
            Alert(invoice.application_id, "invoice held", reason),
            audited(invoice, f"invoice of round {invoice.round}", f"held: {reason}"),
        ),
    )


def invoice_issued(
    invoice: Invoice, message: RequestInvoice, issued: IssuedInvoice | None, given: Given
) -> Decision[Invoice]:
    """S15: it must be ours, of our amount and code; what came too late is cancelled."""
    if invoice.phase is not Phase.INVOICING or message.round != invoice.round or issued is None:
        return Decision(invoice)
    if given.owner not in (None, invoice.application_id):
        return hold(invoice, OF_ANOTHER)
    known = invoice.but(invoice_id=issued.invoice_id, pay_url=issued.pay_url)
    if known.ended or known.cause:
        return close(known, Why.CANCELLED if known.cause else Why.STOPPED)
    if law_of(given.today) != known.law:
        return close(known, Why.REPLACED)
    if issued.amount != known.fee:
        return hold(known, AMOUNT_DIFFERS)
    if issued.kbk != known.kbk:
        return hold(known, CODE_DIFFERS)
    return Decision(known.but(phase=Phase.TERMS), later=(setting_terms(known),))


def setting_terms(invoice: Invoice) -> Later:
    message = SetTerms(application_id=invoice.application_id, round=invoice.round)
    return Later(message, key=f"terms/{invoice.round}")


def terms_set(invoice: Invoice, message: SetTerms, until: datetime | None, given: Given) -> Decision[Invoice]:
    """S15: the citizen is asked to pay; told again when the deadline was extended."""
    if until is None or message.round != invoice.round:
        return Decision(invoice)
    if invoice.phase is Phase.OPEN and message.until == invoice.until:
        return Decision(invoice, request_of(invoice, until))
    if invoice.phase is not Phase.TERMS:
        return Decision(invoice)
    opened = invoice.but(phase=Phase.OPEN, until=until, claimed=True)
    return Decision(
        opened,
        request_of(opened, until),
        later=(due(opened, until), inquire_later(opened, given)),
        appends=(
            *ledger.claimed(opened.application_id, opened.round, opened.fee, opened.ground),
            audited(opened, f"fee of {opened.fee} tenge", "requested"),
        ),
    )


def request_of(invoice: Invoice, until: datetime) -> FeeRequested:
    """What is said, and said again, while the citizen may pay."""
    return FeeRequested(
        application_id=invoice.application_id, invoice_id=invoice.invoice_id, amount=invoice.fee,
        pay_url=invoice.pay_url, until=until, round=invoice.round,
    )  # fmt: skip


def due(invoice: Invoice, at: datetime) -> Later:
    message = EndPaymentTerm(application_id=invoice.application_id, round=invoice.round)
    return Later(message, at=at, key=f"due/{invoice.round}")


def inquire_later(invoice: Invoice, given: Given) -> Later:
    message = InquireInvoice(application_id=invoice.application_id, round=invoice.round)
    return Later(message, after=seldom(given.rules), clock="machine", key=f"inquire/{invoice.round}")


def close(invoice: Invoice, why: Why) -> Decision[Invoice]:
    """Nothing lapses, dies or is cancelled before the gateway has said so."""
    return Decision(invoice.but(phase=Phase.CLOSING, why=why), later=(closing(invoice),))


def closing(invoice: Invoice) -> Later:
    message = CloseInvoice(application_id=invoice.application_id, round=invoice.round)
    return Later(message, key=f"close/{invoice.round}")


def check_law(invoice: Invoice, given: Given) -> Decision[Invoice]:
    """An invoice dies with the law it stands on; one that РП ДРН still makes is judged when it comes."""
    if invoice.phase not in UNSETTLED or invoice.phase is Phase.INVOICING or law_of(given.today) == invoice.law:
        return Decision(invoice)
    return close(invoice, Why.REPLACED) if invoice.invoice_id else assess(invoice, given)


def day_began(invoice: Invoice, message: CheckFeeLaw, given: Given) -> Decision[Invoice]:
    if message.round != invoice.round or invoice.phase not in UNSETTLED:
        return Decision(invoice)
    tomorrow = Decision(invoice, later=(next_day(invoice, given),))
    return in_turn(tomorrow, lambda now: check_law(now, given))


def release(invoice: Invoice, message: ReleaseInvoice, given: Given) -> Decision[Invoice]:
    """The held invoice is cancelled and S14, S15 run again: what is charged is always our table's amount."""
    if invoice.phase is not Phase.HELD or message.round != invoice.round:
        return Decision(invoice, reply=False)
    acted = Decision(
        invoice, appends=(audited(invoice, "held invoice", "released", f"officer:{message.officer}"),), reply=True
    )
    return in_turn(acted, lambda now: close(now, Why.REPLACED) if now.invoice_id else assess(now, given))
