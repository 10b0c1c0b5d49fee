"""What payment asks of the world before it decides. A stale question is not asked: the answer is then None."""

from __future__ import annotations

from datetime import datetime

from services.payment.answers import (
    Filed,
    InvoiceStanding,
    IssuedInvoice,
    NoToken,
    RefundStanding,
    RefundStatus,
    Statuses,
)
from services.payment.gateway import World
from services.payment.invoice import CasePhase, Invoice, Phase
from services.payment.messages import (
    AskExemption,
    CloseInvoice,
    FileRefund,
    FollowRefund,
    InquireInvoice,
    RecheckRefund,
    RequestInvoice,
    SetTerms,
)
from services.payment.refund import FOLLOWED, claim_of
from shared.engine.decision import Given
from shared.gateways.shep import ConsentRefused


async def ask_exemption(
    invoice: Invoice, message: AskExemption, world: World, given: Given
) -> Statuses | NoToken | None:
    """The register is asked with a token that holds, or not at all."""
    if invoice.phase is not Phase.ASSESSING or message.round != invoice.round or invoice.iin is None:
        return None
    if invoice.consent is None:
        return Statuses(None)
    iin, consent = invoice.iin.value, invoice.consent.value
    if message.renewals:
        request = f"{invoice.application_id}/{message.round}/{message.renewals}"
        lifetime = given.rules.limits.consent_lifetime
        try:
            renewed = await world.renewals.renew(consent.access_name, request, iin, lifetime, given.now)
        except ConsentRefused:  # КДП itself: it is a renewal that came to nothing
            return NoToken("EXPIRED")
        if renewed.token is None:
            return NoToken(renewed.status)
        consent = renewed.token
    if consent.expires_at <= given.now:
        return NoToken()
    try:
        return Statuses(await world.social.statuses_of(iin, given.today, consent, invoice.key("exemption")))
    except ConsentRefused:
        return NoToken()


async def request_invoice(
    invoice: Invoice, message: RequestInvoice, world: World, given: Given
) -> IssuedInvoice | None:
    """Asked even when the application has ended meanwhile: an earlier try may have made it, and it must be undone."""
    if invoice.phase is not Phase.INVOICING or message.round != invoice.round:
        return None
    return await world.registry.invoice(invoice.talon, invoice.key("invoice"))


async def set_terms(invoice: Invoice, message: SetTerms, world: World, given: Given) -> datetime | None:
    """The deadline that the gateway has taken; the term runs from the moment it is told."""
    if message.round != invoice.round or invoice.phase not in (Phase.TERMS, Phase.OPEN):
        return None
    if invoice.phase is Phase.OPEN and message.until != invoice.until:
        return None
    until = message.until or given.now + given.rules.limits.payment
    await world.gateway.set_terms(invoice.invoice_id, until)
    return until


async def inquire_invoice(
    invoice: Invoice, message: InquireInvoice, world: World, given: Given
) -> InvoiceStanding | None:
    if message.round != invoice.round or not invoice.invoice_id or invoice.phase not in (Phase.OPEN, Phase.PAID):
        return None
    return await world.gateway.inquire(invoice.invoice_id)


async def close_invoice(invoice: Invoice, message: CloseInvoice, world: World, given: Given) -> InvoiceStanding | None:
    if message.round != invoice.round or invoice.phase is not Phase.CLOSING:
        return None
    return await world.gateway.cancel(invoice.invoice_id, invoice.key("cancel"))


async def file_refund(invoice: Invoice, message: FileRefund, world: World, given: Given) -> Filed | None:
    """Inquire first, always: an earlier try whose outcome is unknown may have filed it."""
    case = invoice.case(message.case_id)
    claim = claim_of(invoice, case) if case else None
    if case is None or claim is None or case.phase is not CasePhase.FILING:
        return None
    standing = await world.revenue.inquire(case.case_id)
    if standing.status is RefundStatus.UNKNOWN:
        await world.revenue.file(claim)
        standing = RefundStanding(RefundStatus.FILED)
    elif _open_to_correction(standing) and _newer(invoice, case.account_version):
        await world.revenue.correct(case.case_id, claim.account)
        standing = RefundStanding(RefundStatus.FILED)
    return Filed(standing, invoice.account_version)


def _open_to_correction(standing: RefundStanding) -> bool:
    """Filed is said of a case that was rejected by whoever answers with what is old; a correction twice is one."""
    return standing.status is RefundStatus.FILED or (standing.status is RefundStatus.REJECTED and standing.correctable)


def _newer(invoice: Invoice, filed_with: int) -> bool:
    return 0 < filed_with < invoice.account_version


async def follow_refund(invoice: Invoice, message: FollowRefund, world: World, given: Given) -> RefundStanding | None:
    case = invoice.case(message.case_id)
    if case is None or case.phase not in FOLLOWED:
        return None
    return await world.revenue.inquire(case.case_id)


async def recheck_refund(invoice: Invoice, message: RecheckRefund, world: World, given: Given) -> RefundStanding | None:
    case = invoice.case(message.case_id)
    if case is None or case.phase is not CasePhase.ACCOUNT:
        return None
    return await world.revenue.inquire(case.case_id)
