"""Registration points, where a card is handed over (S19). The official list is not public: this is a reference table
of our own, its codes and addresses invented; the real one replaces `TOWNS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.law.regions import Locale


@dataclass(frozen=True, slots=True)
class Point:
    """`code` is the region's two digits, a hyphen, and the number within the region: `71-01`."""

    code: str
    region: str
    ru: str
    kk: str
    address_ru: str
    address_kk: str

    def name(self, locale: Locale) -> str:
        return self.ru if locale == "ru" else self.kk

    def address(self, locale: Locale) -> str:
        return self.address_ru if locale == "ru" else self.address_kk


# region → (ru, kk) of the town or city district of each of its points
TOWNS: dict[str, tuple[tuple[str, str], ...]] = {
    "10": (("г. Семей", "Семей қ."), ("г. Аягоз", "Аягөз қ.")),
    "11": (("г. Кокшетау", "Көкшетау қ."), ("г. Степногорск", "Степногорск қ.")),
    "15": (("г. Актобе", "Ақтөбе қ."), ("г. Хромтау", "Хромтау қ.")),
    "19": (("г. Конаев", "Қонаев қ."), ("г. Талгар", "Талғар қ.")),
    "23": (("г. Атырау", "Атырау қ."), ("г. Кульсары", "Құлсары қ.")),
    "27": (("г. Уральск", "Орал қ."), ("г. Аксай", "Ақсай қ.")),
    "31": (("г. Тараз", "Тараз қ."), ("г. Шу", "Шу қ.")),
    "33": (("г. Талдыкорган", "Талдықорған қ."), ("г. Текели", "Текелі қ.")),
    "35": (("г. Караганда", "Қарағанды қ."), ("г. Темиртау", "Теміртау қ.")),
    "39": (("г. Костанай", "Қостанай қ."), ("г. Рудный", "Рудный қ.")),
    "43": (("г. Кызылорда", "Қызылорда қ."), ("г. Аральск", "Арал қ.")),
    "47": (("г. Актау", "Ақтау қ."), ("г. Жанаозен", "Жаңаөзен қ.")),
    "55": (("г. Павлодар", "Павлодар қ."), ("г. Экибастуз", "Екібастұз қ.")),
    "59": (("г. Петропавловск", "Петропавл қ."), ("г. Мамлютка", "Мамлют қ.")),
    "61": (("г. Туркестан", "Түркістан қ."), ("г. Кентау", "Кентау қ.")),
    "62": (("г. Жезказган", "Жезқазған қ."), ("г. Сатпаев", "Сәтбаев қ.")),
    "63": (("г. Усть-Каменогорск", "Өскемен қ."), ("г. Риддер", "Риддер қ.")),
    "71": (
        ("Есильский район", "Есіл ауданы"),
        ("район Сарыарка", "Сарыарқа ауданы"),
        ("район Алматы", "Алматы ауданы"),
    ),
    "75": (
        ("Алмалинский район", "Алмалы ауданы"),
        ("Бостандыкский район", "Бостандық ауданы"),
        ("Медеуский район", "Медеу ауданы"),
    ),
    "79": (("Абайский район", "Абай ауданы"), ("Енбекшинский район", "Еңбекші ауданы")),
}

POINTS = {
    point.code: point
    for region, towns in TOWNS.items()
    for number, (ru, kk) in enumerate(towns, 1)
    for point in (
        Point(
            code=f"{region}-{number:02}",
            region=region,
            ru=f"Регистрационный пункт № {number}, {ru}",
            kk=f"№ {number} тіркеу пункті, {kk}",
            address_ru=f"{ru}, ул. Примерная, {number}",
            address_kk=f"{kk}, Үлгі көшесі, {number}",
        ),
    )
}


def points_of(region: str) -> tuple[Point, ...]:
    """The points of a region, in order; none for a region that is not one."""
    return tuple(point for point in POINTS.values() if point.region == region)


def point_of(region: str, code: str) -> Point | None:
    """That point, if it is one and lies in that region."""
    point = POINTS.get(code)
    return point if point and point.region == region else None
