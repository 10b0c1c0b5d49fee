"""The laboratory's work in this process, one image after another: for tests and the simulation."""

from __future__ import annotations

from services.identity_verification.photo.findings import Findings
from services.identity_verification.photo.measuring import measured
from services.identity_verification.signature_sample import SampleFindings
from services.identity_verification.strokes import measured_sample
from services.identity_verification.verdicts import Verdicts


class Bench:
    def __init__(self) -> None:
        self.photos: Verdicts[Findings] = Verdicts(_photo)
        self.samples: Verdicts[SampleFindings] = Verdicts(_sample)


async def _photo(content: bytes) -> Findings:
    return measured(content)


async def _sample(content: bytes) -> SampleFindings:
    return measured_sample(content)
