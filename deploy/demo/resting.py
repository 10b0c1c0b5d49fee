"""When nothing of an application moves before the clock does: by what the portal shows of it, and by its story."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.sandbox.persona import Consent, Paying, Persona, Signing
from shared.contracts.portal import NextAction
from shared.contracts.values import Stage


def has_ended(row: Mapping[str, object], persona: Persona) -> bool:
    """In whatever way, or at the door: whether it was the right one is the oracle's to say."""
    return row["code"] is not None if row["expected"] is None else row["ending"] is not None


def is_stopped(row: Mapping[str, object], persona: Persona) -> bool:
    """As `is_at_rest`, while АИС СИК and РП ДРН are down: nobody who comes now gets further than to be registered."""
    if persona.act == 2 and not has_ended(row, persona):
        return row["stage"] == Stage.REGISTERED
    return is_at_rest(row, persona)


def is_at_rest(row: Mapping[str, object], persona: Persona) -> bool:
    """Whether nothing of this application moves before the clock does: it has ended, or waits as its story says."""
    if has_ended(row, persona):
        return True
    conduct, at = persona.conduct, row["next_action"]
    if not conduct.fills:
        return at == NextAction.FILL_FORM
    if Signing.NEVER in conduct.signs:
        return at == NextAction.SIGN
    if not conduct.pays or Paying.AFTER_LAPSE in conduct.pays:
        return at == NextAction.PAY
    if persona.treatment.consent is Consent.SILENT:
        return row["code"] is not None
    if persona.decides_in_act > 1:
        return row["stage"] == Stage.IN_REVIEW
    return not persona.visits and row["stage"] == Stage.READY
