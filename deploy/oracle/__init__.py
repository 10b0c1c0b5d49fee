"""What must hold always (process.md 4), checked against what the services wrote: over PostgreSQL or the memory twin."""

from deploy.oracle.evidence import Evidence, Told
from deploy.oracle.rules import RULES, violations

__all__ = ["RULES", "Evidence", "Told", "violations"]
