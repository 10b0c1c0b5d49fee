"""An approval, with the certified application it carries."""

from __future__ import annotations

from shared.contracts.base import Sealed
from shared.contracts.ums_review import CertifiedApplication, ReviewApproved
from tests.law.people import a_person
from tests.services.intake.cases import ID, PHOTO, SAMPLE

TALON = "71-251006-000001-7"


def approved(round: int = 1) -> ReviewApproved:
    certified = CertifiedApplication(
        person=a_person(),
        birth_place=None,
        birth_country="398",
        talon=TALON,
        documentation_code="7100000001",
        region="71",
        point="71-01",
        photo=PHOTO,
        signature_sample=SAMPLE,
        canonical_sha256="c" * 64,
        cms="Q01T",
    )
    return ReviewApproved(
        application_id=ID, decision_id="d", round=round, officer_id="17", region="71", point="71-01", talon=TALON,
        certified=Sealed(certified),
    )  # fmt: skip
