"""Decide every item of a batch, in order of arrival, over the locked states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.engine.codec import Item, due_row, outgoing
from shared.engine.decision import Decision, Given
from shared.engine.laid_aside import failed
from shared.engine.ports import Transaction
from shared.engine.work import Context, Moment, Outcome, Result, Work


async def fold(
    context: Context, transaction: Transaction, work: Work, ready: list[tuple[int, Item]], outcomes: dict[int, Outcome],
    moment: Moment,
) -> None:  # fmt: skip
    """Decide every item in order of arrival over the locked states; a raise leaves the entry as it was."""
    if not ready:
        return
    work.loaded = await transaction.load({item.message.application_id for _, item in ready})
    work.states = dict(work.loaded)
    givens = [_given(context, item, moment) for _, item in ready]
    claims = [
        item.reaction.claims(item.message, given) if item.reaction.claims and item.error is None else None
        for (_, item), given in zip(ready, givens, strict=True)
    ]
    wanted = {claim for claim in claims if claim is not None}
    if wanted:
        work.owners = await transaction.owners(wanted)
    for (index, item), given, claim in zip(ready, givens, claims, strict=True):
        outcomes[index] = _decide(context, work, item, given, claim, moment)


def _given(context: Context, item: Item, moment: Moment) -> Given:
    return Given(
        message_id=item.message_id,
        now=moment.business,
        said_at=item.said_at,
        answers=item.answers,
        outages=moment.outages,
        rules=context.rules,
        blind=context.blind,
        machine=moment.machine,
        traceparent=item.headers.get("traceparent", ""),
    )


def _decide(context: Context, work: Work, item: Item, given: Given, claim: str | None, moment: Moment) -> Outcome:
    id = item.message.application_id
    name = context.service.name
    with context.telemetry.span(
        item.reaction.does.__name__,
        id,
        item.headers.get("traceparent"),
        attributes={"message": type(item.message).__name__},
    ) as span:
        headers = {
            "causation-id": str(item.message_id),
            "said-at": moment.business.isoformat(),
            "traceparent": span.traceparent,
        }
        try:
            if item.error is not None:
                raise AskFailed(item.error)
            owners = dict(work.owners)
            if claim is not None:
                owners[claim] = owners.get(claim) or id
                given = replace(given, owner=owners[claim])
            decision: Decision[Any] = item.reaction.does(work.states[id], item.message, given)
            said = [
                outgoing(message, index, item.message_id, name, headers, context.sealer)
                for index, message in enumerate(decision.says)
            ]
            later = [
                due_row(row, index, item.message_id, name, headers, context.sealer, moment.business, moment.machine)
                for index, row in enumerate(decision.later)
            ]
        except Exception as error:
            span.failed(error)
            failed(context, work, item, item.error or type(error).__name__, moment)
            return Outcome(Result.FAILED)
    work.states[id] = work.touched[id] = decision.state
    work.outbox += said
    work.due += later
    work.appends += decision.appends
    for key in decision.release:
        if key in owners:
            owners[key] = None if owners[key] == id else owners[key]
        else:
            work.released[key] = id
    work.owners = owners
    return Outcome(Result.DONE, decision.reply)


class AskFailed(Exception):
    """The ask of a reaction raised something that is neither an answer nor `Unavailable`: a bug."""
