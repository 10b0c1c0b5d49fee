"""What goes to the central node to be printed: of the place of birth only the country (order p.5)."""

from __future__ import annotations

from datetime import date

from services.production_dispatch.production import Production
from shared.contracts.ums_review import CertifiedApplication
from shared.contracts.values import FileRef
from shared.law.person import Entry, Personal


class Card(Personal):
    """What stands on the card and what proves that it was certified. Nothing else of the person leaves."""

    iin: str
    surname: str
    name: str
    patronymic: str | None
    latin_surname: str | None
    latin_name: str | None
    birth_date: date
    gender: Entry
    nationality: Entry
    citizenship: Entry
    birth_country: str
    documentation_code: str
    photo: FileRef
    signature_sample: FileRef
    canonical_sha256: str
    cms: str


class Order(Personal):
    """An order as the central node takes it; the same `order_id` is the same card."""

    order_id: str
    round: int
    talon: str
    region: str
    point: str
    certified: Card


def card_of(certified: CertifiedApplication) -> Card:
    person = certified.person
    return Card(
        iin=person.iin,
        surname=person.surname,
        name=person.name,
        patronymic=person.patronymic,
        latin_surname=person.latin_surname,
        latin_name=person.latin_name,
        birth_date=person.birth_date,
        gender=person.gender,
        nationality=person.nationality,
        citizenship=person.citizenship,
        birth_country=certified.birth_country,
        documentation_code=certified.documentation_code,
        photo=certified.photo,
        signature_sample=certified.signature_sample,
        canonical_sha256=certified.canonical_sha256,
        cms=certified.cms,
    )


def order_of(production: Production) -> Order:
    """The order of an approved application."""
    assert production.certified
    certified = production.certified.value
    return Order(
        order_id=production.order_id,
        round=production.round,
        talon=certified.talon,
        region=certified.region,
        point=certified.point,
        certified=card_of(certified),
    )
