"""The notice of annulment (p.11): the document of the state body that a refund stands on, as data and as a paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from services.payment.invoice import Case, Invoice
from shared.contracts.payment import RefundCause
from shared.contracts.ums_review import AnnulmentGround
from shared.documents.paper import Paper, Row, pdf_of
from shared.law.calendar import ALMATY
from shared.law.reasons import texts_of
from shared.law.tax_code import Norm, refund_wording, wording

CONFIRMED_BY_NOTICE = frozenset({RefundCause.ANNULLED, RefundCause.NOT_MADE})


@dataclass(frozen=True, slots=True)
class Notice:
    """`amount` in whole tenge goes back of the receipt; `paid_norm` is what the duty was charged by. The IIN is for the
    revenue authority alone.
    """

    made_on: date
    round: int
    decision_id: str
    ground: AnnulmentGround
    reasons: tuple[str, ...]
    talon: str
    iin: str = field(repr=False)
    receipt_id: str
    paid_on: date
    amount: int
    kbk: str
    paid_norm: Norm

    @property
    def number(self) -> str:
        """The talon's, and which decision about it."""
        return f"{self.talon}/{self.round}"

    def told(self) -> dict[str, Any]:
        """The notice as data, without the person."""
        return {
            "number": self.number, "date": self.made_on.isoformat(), "decision_id": self.decision_id,
            "ground": self.ground.value, "reasons": list(self.reasons), "talon": self.talon,
            "receipt_id": self.receipt_id, "amount": self.amount, "kbk": self.kbk, "legal_ground": self.paid_norm.value,
        }  # fmt: skip


def notice_of(invoice: Invoice, case: Case) -> Notice | None:
    """None where no officer has annulled, or the refund stands on something else."""
    receipt = next((one for one in invoice.receipts if one.receipt_id == case.receipt_id), None)
    if case.cause not in CONFIRMED_BY_NOTICE or invoice.notice_on is None or receipt is None or invoice.iin is None:
        return None
    return Notice(
        made_on=invoice.notice_on, round=invoice.notice_round, decision_id=invoice.notice_id,
        ground=AnnulmentGround(invoice.notice_ground), reasons=invoice.notice_reasons, talon=invoice.talon,
        iin=invoice.iin.value, receipt_id=receipt.receipt_id, paid_on=receipt.paid_at.astimezone(ALMATY).date(),
        amount=case.amount, kbk=invoice.kbk, paid_norm=Norm(invoice.legal_ground),
    )  # fmt: skip


def drawn(notice: Notice) -> bytes:
    """The paper as PDF; the same notice is the same file, so that what is sent again has the same SHA-256."""
    return pdf_of(
        Paper(
            "Өтінімнің жойылғаны туралы хабарлама",
            "Уведомление об аннулировании заявки",
            _rows(notice),
            "Хабарлама мемлекеттік бажды қайтару үшін мемлекеттік кірістер органына өтінішпен бірге беріледі.",
            "Уведомление подаётся в орган государственных доходов вместе с заявлением о возврате государственной "
            "пошлины.",
            datetime.combine(notice.made_on, time(), ALMATY),
        )
    )


def _rows(notice: Notice) -> list[Row]:
    kk, ru = ("\n".join(texts_of(notice.ground, notice.reasons, locale)) for locale in ("kk", "ru"))
    return [
        _same("Хабарламаның нөмірі мен күні", "Номер и дата уведомления", f"№ {notice.number}, {_day(notice.made_on)}"),
        _same("Өтінім талонының нөмірі", "Номер талона заявки", notice.talon),
        _same("Өтініш берушінің ЖСН", "ИИН заявителя", notice.iin),
        Row("Жою негізі мен себептері", "Основание и причины аннулирования", kk, ru),
        _same("Шешімнің нөмірі", "Номер решения", notice.decision_id),
        Row(
            "Жою туралы норма", "Норма об аннулировании",
            "26.05.2025 жылғы № 389 және № 253/НҚ бірлескен бұйрықтың 11-тармағы",
            "пункт 11 совместного приказа от 26.05.2025 № 389 и № 253/НҚ",
        ),
        _same("Төлем түбіртегі", "Квитанция об оплате", f"{notice.receipt_id}, {_day(notice.paid_on)}"),
        _same("Қайтарылатын сома", "Сумма к возврату", f"{notice.amount} ₸"),
        _same("Бюджеттік сыныптама коды (БСК)", "Код бюджетной классификации (КБК)", notice.kbk),
        Row(
            "Баж төленген норма", "Норма, по которой уплачена пошлина",
            wording(notice.paid_norm, "kk"), wording(notice.paid_norm, "ru"),
        ),
        Row(
            "Қайтару негізі", "Правовое основание возврата",
            refund_wording(notice.made_on, "kk"), refund_wording(notice.made_on, "ru"),
        ),
    ]  # fmt: skip


def _same(kk: str, ru: str, value: str) -> Row:
    return Row(kk, ru, value, value)


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
