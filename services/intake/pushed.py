"""What РП ДРН says by itself, read from the letters of ШЭП's asynchronous channel."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.intake.domain.own import RegistryStatus, ReportStatus
from services.intake.domain.statuses import FINAL
from shared.contracts.intake import Circumstance
from shared.gateways.letters import Kind, Letter
from shared.gateways.mailbox import NotTaken


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    talon: str = Field(alias="talonNumber")
    application_id: UUID = Field(alias="applicationId")
    status: RegistryStatus
    at: AwareDatetime = Field(alias="statusDate")
    reason: str | None = Field(None, alias="reasonCode")


def report_of(letter: Letter) -> ReportStatus:
    """A RESPONSE says how it ended; only CHANGED has a reason, and it must be one that we know. Raises `NotTaken`."""
    try:
        said = _Report.model_validate(letter.data)
        changed = said.status is RegistryStatus.CHANGED
        circumstance = Circumstance(said.reason or "") if changed else None
    except ValueError:  # a ValidationError is one
        raise NotTaken("NotOfTheService") from None
    if (letter.kind is Kind.RESPONSE) is not (said.status in FINAL):
        raise NotTaken("NotOfTheService")
    return ReportStatus(
        application_id=said.application_id,
        talon=said.talon,
        status=said.status,
        registry_status_at=said.at,
        circumstance=circumstance,
    )
