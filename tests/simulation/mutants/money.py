"""Payment that is wrong: what is asked, what comes, what goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from deploy.sandbox.persona import Paying
from services.payment import asks, charge, ending, ledger, receipt, refund
from services.payment.answers import Filed, RefundStanding, RefundStatus
from services.payment.invoice import Phase
from services.payment.messages import FileRefund
from shared.contracts.payment import FeeLapsed, RefundCause
from shared.engine.decision import Decision
from shared.engine.service import Step
from shared.process import PAYMENT
from tests.simulation.luck import Luck
from tests.simulation.mutants.mutant import Mutant, Patch
from tests.simulation.mutants.services import _instead


def _counter_entry_missing() -> Sequence[Patch]:
    moved = ledger.moved
    return [(ledger, "moved", lambda *about, **more: moved(*about, **more)[:1])]


def _second_pays() -> Sequence[Patch]:
    cause_of = receipt.cause_of_return

    def none_of_second(*about: Any) -> Any:
        cause = cause_of(*about)
        return None if cause is RefundCause.SECOND else cause

    return [(receipt, "cause_of_return", none_of_second)]


def _late_passed_over() -> Sequence[Patch]:
    take_one = receipt.take_one

    def passed_over(invoice: Any, *about: Any) -> Any:
        dead = invoice.phase in (Phase.LAPSED, Phase.CANCELLED)
        return Decision(invoice) if dead else take_one(invoice, *about)

    return [(receipt, "take_one", passed_over)]


def _lapses_alone() -> Sequence[Patch]:
    def lapse(invoice: Any, given: Any) -> Any:
        if invoice.phase is not Phase.OPEN or invoice.until is None or given.now < invoice.until:
            return Decision(invoice)
        lapsed = FeeLapsed(application_id=invoice.application_id, invoice_id=invoice.invoice_id)
        step = Step(invoice.application_id, "S15", "refused", "LAPSED")
        return Decision(invoice.but(phase=Phase.LAPSED), lapsed, appends=(step,))

    return [(ending, "_lapse", lapse)]


def _law_asleep() -> Sequence[Patch]:
    return [(module, "law_of", lambda day: "always") for module in (charge, receipt)]


def _paid_is_kept() -> Sequence[Patch]:
    obey = ending._obey

    def kept(invoice: Any) -> Any:
        paid = invoice.phase is Phase.PAID
        return receipt.unpaid(invoice.but(phase=Phase.CANCELLED)) if paid else obey(invoice)

    return [(ending, "_obey", kept)]


def _files_blindly() -> Sequence[Patch]:
    async def blindly(invoice: Any, message: Any, world: Any, given: Any) -> Any:
        case = invoice.case(message.case_id)
        claim = refund.claim_of(invoice, case) if case else None
        if claim is None or case.account_version:
            return await asks.file_refund(invoice, message, world, given)
        await world.revenue.file(claim)
        return Filed(RefundStanding(RefundStatus.FILED), invoice.account_version)

    return [_instead(PAYMENT, FileRefund, asks=blindly)]


def _another_case() -> Sequence[Patch]:
    filed: Counter[str] = Counter()

    async def under_another(invoice: Any, message: Any, world: Any, given: Any) -> Any:
        case = invoice.case(message.case_id)
        claim = refund.claim_of(invoice, case) if case else None
        if claim is None or case.account_version:
            return await asks.file_refund(invoice, message, world, given)
        filed[claim.case_id] += 1
        number = filed[claim.case_id]
        await world.revenue.file(replace(claim, case_id=f"{claim.case_id}/{number}") if number > 1 else claim)
        return Filed(RefundStanding(RefundStatus.FILED), invoice.account_version)

    return [_instead(PAYMENT, FileRefund, asks=under_another)]


def _earned_stays() -> Sequence[Patch]:
    return_fee = receipt.return_fee

    def stays(invoice: Any) -> Any:
        turn = return_fee(invoice)
        state = turn.state.but(earned=invoice.earned)
        return Decision(state, *turn.says, later=turn.later, appends=turn.appends)

    return [(receipt, "return_fee", stays), (ending, "return_fee", stays)]


def _pays_again(luck: Luck) -> bool:
    """Money comes that nobody waits for."""
    turned = luck.turns_to("money")
    late = any(len(p.conduct.pays) > 1 or Paying.AFTER_LAPSE in p.conduct.pays for p in luck.personas)
    return turned or late or luck.meddling > 0.0


def _never_pays(luck: Luck) -> bool:
    return luck.leaps or any(Paying.RIGHT not in p.conduct.pays for p in luck.personas)


def _years_end(luck: Luck) -> bool:
    return luck.late or luck.turns_to("year")


def _answers_lost(luck: Luck) -> bool:
    return luck.lost_answers > 0.0 or luck.peril > 0.0 or luck.crash_every > 0


MONEY = (
    Mutant("no counter-entry", "A booking has one line.", ("ledger_sums_to_zero",), _counter_entry_missing),
    Mutant("second receipt pays", "A second receipt pays the fee again.", ("each_receipt_one_fate",), _second_pays,
           _pays_again),
    Mutant("late receipt passed over", "Money that comes to a dead invoice is passed over.", ("no_money_unknown",),
           _late_passed_over, _pays_again),
    Mutant("lapses alone", "The fee lapses before the gateway has cancelled the invoice.",
           ("nothing_lapses_before_the_gateway",), _lapses_alone, _never_pays),
    Mutant("law asleep", "An invoice outlives the law it stands on.", ("the_fee_is_the_law_s",), _law_asleep,
           _years_end),
    Mutant("paid is kept", "A paid invoice is cancelled, and nothing goes back.", ("each_receipt_one_fate",),
           _paid_is_kept),
    Mutant("files blindly", "A refund is filed without asking first whether it is.", ("paid_out_is_what_was_due",),
           _files_blindly, _answers_lost),
    Mutant("refund key not unique", "A refund that is filed again is another case.", ("paid_out_is_what_was_due",),
           _another_case, _answers_lost),
    Mutant("earned stays", "The fee of a card that is not made stays earned.",
           ("each_receipt_one_fate", "earned_by_approval"), _earned_stays),
)  # fmt: skip
