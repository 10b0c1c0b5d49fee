"""The receipt of a card that was handed over (S19): for the citizen and for the file, in Kazakh and Russian."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.production_dispatch.production import Production
from shared.documents.paper import Paper, Row, pdf_of
from shared.law.calendar import ALMATY
from shared.law.registration_points import POINTS, Point


@dataclass(frozen=True, slots=True)
class Receipt:
    """`signed` is the SHA-256 of what the officer signed; it is absent where a hand-over was only recorded."""

    talon: str
    issued_at: datetime
    officer: str
    point: str
    owner: str = field(repr=False)
    iin: str = field(repr=False)
    old_card_taken: bool
    signed: str | None


def receipt_of(production: Production, signed: str | None) -> Receipt:
    """Of a card that stands as ISSUED."""
    assert production.certified
    assert production.issued_at
    person = production.certified.value.person
    return Receipt(
        talon=production.talon or "",
        issued_at=production.issued_at,
        officer=production.issued_by or "",
        point=production.point or "",
        owner=" ".join(filter(None, (person.surname, person.name, person.patronymic))),
        iin=person.iin,
        old_card_taken=production.old_card_taken,
        signed=signed,
    )


def drawn(receipt: Receipt) -> bytes:
    """The paper as PDF; the same receipt is the same file."""
    return pdf_of(
        Paper(
            "Жеке куәліктің берілгені туралы қолхат",
            "Расписка о выдаче удостоверения личности",
            _rows(receipt),
            "Куәлік иесінің өзіне берілді, оның жеке басы анықталды (2025 жылғы 26 мамырдағы бірлескен бұйрық "
            "алгоритмінің 4-тармағының 3) тармақшасы, 11-тармағы).\n\nАлушының қолы: ____________________",
            "Удостоверение выдано владельцу лично, личность установлена (подпункт 3) пункта 4, пункт 11 Алгоритма "
            "совместного приказа от 26 мая 2025 года).\n\nПодпись получателя: ____________________",
            receipt.issued_at,
        )
    )


def _rows(receipt: Receipt) -> list[Row]:
    point, at = POINTS.get(receipt.point), receipt.issued_at.astimezone(ALMATY)
    taken = ("алынды", "изъято") if receipt.old_card_taken else ("тапсырылмады", "не сдано")
    rows = [
        _same("Талон нөмірі", "Номер талона", receipt.talon),
        _same("Куәлік иесі", "Владелец", receipt.owner),
        _same("ЖСН", "ИИН", receipt.iin),
        _same("Берілген күні мен уақыты", "Дата и время выдачи", f"{at:%d.%m.%Y %H:%M}"),
        Row("Тіркеу пункті", "Регистрационный пункт", *(_named(point, receipt.point, each) for each in ("kk", "ru"))),
        Row("Бұрынғы куәлік", "Прежнее удостоверение", *taken),
        _same("Берген қызметкер", "Выдал сотрудник", receipt.officer),
    ]  # fmt: skip
    if receipt.signed:
        rows.append(
            _same("Қызметкердің ЭЦҚ-сымен қол қойылды, SHA-256", "Подписано ЭЦП сотрудника, SHA-256", receipt.signed)
        )
    return rows


def _named(point: Point | None, code: str, locale: str) -> str:
    if point is None:
        return code
    return f"{point.kk}, {point.address_kk}" if locale == "kk" else f"{point.ru}, {point.address_ru}"


def _same(kk: str, ru: str, value: str) -> Row:
    return Row(kk, ru, value, value)
