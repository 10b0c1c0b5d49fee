"""The twenty regions of Kazakhstan, coded as in КАТО (first two digits), and how ГБД ФЛ names them (p.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Locale = Literal["ru", "kk"]


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    ru: str
    kk: str

    def name(self, locale: Locale) -> str:
        return self.ru if locale == "ru" else self.kk


REGIONS = {
    region.code: region
    for region in (
        Region("10", "область Абай", "Абай облысы"),
        Region("11", "Акмолинская область", "Ақмола облысы"),
        Region("15", "Актюбинская область", "Ақтөбе облысы"),
        Region("19", "Алматинская область", "Алматы облысы"),
        Region("23", "Атырауская область", "Атырау облысы"),
        Region("27", "Западно-Казахстанская область", "Батыс Қазақстан облысы"),
        Region("31", "Жамбылская область", "Жамбыл облысы"),
        Region("33", "область Жетісу", "Жетісу облысы"),
        Region("35", "Карагандинская область", "Қарағанды облысы"),
        Region("39", "Костанайская область", "Қостанай облысы"),
        Region("43", "Кызылординская область", "Қызылорда облысы"),
        Region("47", "Мангистауская область", "Маңғыстау облысы"),
        Region("55", "Павлодарская область", "Павлодар облысы"),
        Region("59", "Северо-Казахстанская область", "Солтүстік Қазақстан облысы"),
        Region("61", "Туркестанская область", "Түркістан облысы"),
        Region("62", "область Ұлытау", "Ұлытау облысы"),
        Region("63", "Восточно-Казахстанская область", "Шығыс Қазақстан облысы"),
        Region("71", "город Астана", "Астана қаласы"),
        Region("75", "город Алматы", "Алматы қаласы"),
        Region("79", "город Шымкент", "Шымкент қаласы"),
    )
}

# ГБД ФЛ has a dictionary of its own; only these two pairs are known publicly.
DISTRICTS = {"1902": "11", "1926": "27"}


def region_of_district(code: str) -> Region | None:
    """The region that ГБД ФЛ means by its four-digit district, or None when the pair is not known."""
    return REGIONS.get(DISTRICTS.get(code, ""))
