"""Notices of annulment as payment makes them, for tests of the revenue authority."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from services.payment.notice import Notice, drawn
from shared.contracts.ums_review import AnnulmentGround
from shared.law.tax_code import Norm

NOTICE = Notice(
    made_on=date(2025, 12, 3), round=1, decision_id="0b8e5c0e-5d3f-5a8f-9a53-0c5b8f0f1f11",
    ground=AnnulmentGround.PHOTO, reasons=("PHOTO_BLURRED",), talon="002710000123456", iin="900101300017",
    receipt_id="RC-1", paid_on=date(2025, 12, 3), amount=786, kbk="108126", paid_norm=Norm.RATE_2017,
)  # fmt: skip


def papers(talon: str, receipt_id: str, iin: str, **changes: Any) -> dict[str, Any]:
    """Data and paper that agree; `changes` are made to both."""
    notice = replace(NOTICE, talon=talon, receipt_id=receipt_id, iin=iin, **changes)
    return {"cause": "ANNULLED"} | notice.told() | enclosed(drawn(notice))


def enclosed(paper: bytes) -> dict[str, str]:
    return {"sha256": sha256(paper).hexdigest(), "pdf": b64encode(paper).decode()}
