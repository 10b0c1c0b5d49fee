"""What cannot be done is tried again alone, answered, or laid in the dead letters with its reason. Never requeued."""

from __future__ import annotations

from uuid import uuid5

from shared.contracts.attempts import Failure
from shared.contracts.base import published_key, write
from shared.engine.codec import Item, Unreadable, as_uuid, ask_row, dead_letter, outgoing
from shared.engine.rows import Delivery
from shared.engine.telling import failure
from shared.engine.work import Context, Moment, Work


def failed(context: Context, work: Work, item: Item, reason: str, moment: Moment) -> None:
    """A raising decision: a row tried alone after 1, 5, 25 s; then the dead letters."""
    failures = item.due.failures if item.due else 0
    row = item.due or ask_row(item, context.sealer, moment.business, moment.machine)
    if failures < len(context.try_again):
        work.due.append(row.again(moment.machine + context.try_again[failures], failures=failures + 1))
        return
    origin = {"queue": item.queue, **row.headers, "message": row.name, "error": reason}
    body = write(item.message, context.sealer)
    work.outbox.append(
        dead_letter(context.service.name, "DECISION_FAILED", body, row.id, origin, row.application_id, None)
    )
    if context.service.tells(row.application_id):
        cause = uuid5(row.id, moment.machine.isoformat())
        said = failure(context, row, Failure.LAID_ASIDE, failures + 1, "", moment.business, cause)
        work.outbox.append(said)


def unreadable(context: Context, work: Work, item: Unreadable, reason: str, moment: Moment) -> None:
    delivery, service = item.delivery, context.service
    cause = as_uuid(*item.key)
    headers = {"causation-id": str(cause), "said-at": moment.business.isoformat()}
    answer = service.rejects(item, moment.business) if service.rejects and item.application_id is not None else None
    if answer is not None:
        work.outbox += [
            outgoing(said, index, cause, service.name, headers, context.sealer)
            for index, said in enumerate(answer.says)
        ]
        work.appends += answer.appends
        return
    origin = {**headers, "queue": delivery.queue, "origin-exchange": delivery.exchange,
              "origin-key": delivery.routing_key, "message-id": delivery.message_id or "",
              "faults": "; ".join(f"{field}: {problem}" for field, problem in item.faults)[:1000]}  # fmt: skip
    standing = {name: value.replace("\x00", "") for name, value in origin.items()}  # no table takes a NUL
    work.outbox.append(
        dead_letter(service.name, reason, delivery.body, cause, standing, item.application_id, context.sealer)
    )


def clashing(context: Context, work: Work, item: Item, moment: Moment) -> None:
    """The same id with another body: the second is answered or laid aside under a key of its own."""
    exchange, message_id = item.key or ("", "")
    body = write(item.message, context.sealer)
    delivery = Delivery(item.queue, exchange, published_key(item.message), message_id, item.headers, body)
    clash = Unreadable(
        delivery, "ID_REUSED", (exchange, f"{message_id}/{item.digest.hex()}"), item.digest, item.message.application_id
    )
    unreadable(context, work, clash, "ID_REUSED", moment)
