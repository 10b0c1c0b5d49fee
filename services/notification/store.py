"""One correspondence per application; what was sent stands in the audit trail."""

from __future__ import annotations

from services.notification.state import Correspondence
from shared.engine.service import Table

CORRESPONDENCE = Table("notification.correspondence", Correspondence)
