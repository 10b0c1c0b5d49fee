"""What the engine itself says of an application: an ask that failed, a message laid aside. Seldom, to be cheap."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.contracts.attempts import AttemptFailed, Failure
from shared.engine.codec import outgoing
from shared.engine.rows import Due, Outgoing
from shared.engine.work import Context


def is_told(attempts: int) -> bool:
    """The 1st failure and every doubling: of an hour's silence it is told some ten times."""
    return attempts > 0 and attempts & (attempts - 1) == 0


def failure(
    context: Context, row: Due, why: Failure, attempts: int, dependency: str, said_at: datetime, cause: UUID
) -> Outgoing:
    """The event, with a `cause` of its own: a row that was lost and made again has the same id and says other words."""
    service = context.service.name
    said = AttemptFailed(
        application_id=row.application_id, service=service, ask=row.name, dependency=dependency, failure=why,
        attempts=attempts, since=row.since,
    )  # fmt: skip
    headers = {"causation-id": str(row.id), "said-at": said_at.isoformat()}
    if "traceparent" in row.headers:
        headers["traceparent"] = row.headers["traceparent"]
    return outgoing(said, 0, cause, service, headers, context.sealer)
