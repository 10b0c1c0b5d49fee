"""Images do not outlive their purpose: those of an ended application are removed after a term (law 94-V), audited."""

from __future__ import annotations

from dataclasses import replace

from services.intake.domain.application import Application, Turn, by_service
from services.intake.domain.own import RemoveImages
from shared.engine.decision import Decision, Later
from shared.law.rules import Rules


def removing(state: Application, rules: Rules) -> tuple[Later, ...]:
    """The row that waits for the term; none for an application without files, or one that has not ended."""
    if not state.uploads or state.closed_at is None:
        return ()
    due = RemoveImages(application_id=state.application_id)
    return (Later(due, at=state.closed_at + rules.limits.images_kept, key="remove-images"),)


def note_removed(state: Application, removed: int | None) -> Turn:
    """They are gone; what they were is still known by the hashes that were signed."""
    if not removed or not state.uploads:
        return Decision(state)
    row = by_service(state, "RemoveImages", f"{removed} removed", where="objects")
    return Decision(replace(state, uploads=()), appends=(row,))
