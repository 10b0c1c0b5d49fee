"""How each outside system is asked, as a table for people: every row of `shared/gateways/policies.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from shared.engine.service import AskPolicy
from shared.gateways.policies import POLICIES

HEAD = ("system", "time-out", "at once", "asked again after", "probed each", "resumed at", "waits at most", "p.12")


def table() -> str:
    """Markdown, a row for each policy in the order of the table it is made of."""
    rows = (HEAD, ("---",) * len(HEAD), *(tuple(cells(policy)) for policy in POLICIES.values()))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cells(policy: AskPolicy) -> Iterator[str]:
    yield f"`{policy.dependency}`"
    yield f"{policy.timeout:g} s"
    yield str(policy.leases)
    yield f"{policy.first:g} s, doubling to {policy.most:g} s"
    yield f"{policy.probe:g} s"
    yield f"{policy.per_second:g} a second"
    yield "without end" if policy.deadline is None else _shown(policy.deadline)
    yield "its outage sends to ЦОН" if policy.p12 else "–"


def _shown(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
