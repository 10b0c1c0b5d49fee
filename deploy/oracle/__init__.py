"""What must hold always (process.md 4), checked against what the services wrote: over PostgreSQL or the memory twin."""

from deploy.oracle.evidence import Course, Evidence, Told
from deploy.oracle.rules import RULES, Judgement, judge, unjudged, violations

__all__ = ["RULES", "Course", "Evidence", "Judgement", "Told", "judge", "unjudged", "violations"]
