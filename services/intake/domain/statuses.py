"""What РП ДРН says by itself of a registration: its status, and what has changed with the person (p.4.1)."""

from __future__ import annotations

from dataclasses import replace

from services.intake.domain.application import Application, Turn, by_service, let_go, then
from services.intake.domain.own import RegistryStatus, ReportStatus
from shared.contracts.intake import CircumstanceChanged
from shared.engine.decision import Decision

FINAL = (RegistryStatus.RECALLED, RegistryStatus.ISSUED)


def knows(state: Application, said: ReportStatus) -> bool:
    """Whether the talon is, or may be, of this application. A second one was recalled because it was not kept."""
    return state.opened and (state.talon in ("", said.talon) or said.status is RegistryStatus.RECALLED)


def note_status(state: Application, said: ReportStatus) -> Turn:
    """Statuses stand by their own dates: one that comes late changes nothing. A circumstance is never late."""
    if not state.opened or state.talon not in ("", said.talon):
        return Decision(state)
    newer = state.registry_status_at is None or _place(said.status, said) > _place(state.registry_status, state)
    row = by_service(state, "RegistryStatus", f"{said.status}: {'newer' if newer else 'passed over'}")
    if newer:
        state = replace(state, registry_status=said.status, registry_status_at=said.registry_status_at)
    return then(Decision(state, appends=(row,)), lambda now: _note_circumstance(now, said))


def _place(status: str, holder: Application | ReportStatus) -> tuple[object, ...]:
    """By date; of one moment the final one is the last."""
    return holder.registry_status_at, status in FINAL, status


def _note_circumstance(state: Application, said: ReportStatus) -> Turn:
    """Told on once; before registration nothing is registered any more, and the ending may be a refusal."""
    if said.circumstance is None or state.ending is not None or said.circumstance in state.circumstances:
        return Decision(state)
    state = replace(
        state,
        circumstances=tuple(sorted((*state.circumstances, said.circumstance))),
        registration_refused=state.registration_refused or not state.talon,
    )
    changed = CircumstanceChanged(application_id=state.application_id, circumstance=said.circumstance)
    row = by_service(state, "CircumstanceChanged", said.circumstance)
    return let_go(Decision(state, changed, appends=(row,)))
