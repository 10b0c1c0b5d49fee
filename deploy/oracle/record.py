"""What is said and written: nothing lost, nothing heard twice, statuses that go forward, an unbroken audit trail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from deploy.oracle.evidence import given
from deploy.oracle.facts import Facts
from shared.engine.audit import verify
from shared.process import COORDINATOR, IDENTITY, INTAKE, MESSAGES, PAYMENT, PORTAL, REVIEW, SERVICES, heard_by

EVENTS = "events"


def nothing_lost(facts: Facts) -> Iterator[str]:
    """nothing accepted is lost"""
    cases, known = facts.states(COORDINATOR), facts.opened
    for id in known:
        if facts.of.over and id not in cases:
            yield f"{id} was opened and the coordinator does not know it"
    for id, state in facts.states(IDENTITY).items():
        if state.iin is not None and id not in known:
            yield f"{id} is being identified and was never opened"


def no_dead_letters(facts: Facts) -> Iterator[str]:
    """no message is laid aside as dead"""
    yield from (f"a dead letter: {letter}" for letter in facts.of.dead_letters())


def heard_by_one_heard_by_all(facts: Facts) -> Iterator[str]:
    """an event that one service has heard, every service that it concerns has heard"""
    if not facts.of.over:
        return
    heard = given(facts.of.inbox(COORDINATOR), "inboxes")
    for service in SERVICES:
        inbox = given(facts.of.inbox(service), "inboxes")
        concerns = _concerns(service)
        for id, lines in facts.heard.items():
            for name in lines.keys() & concerns:
                for line in lines[name]:  # what failed at first stands under the id of its other try
                    key = (EVENTS, str(line.message_id))
                    if key in heard and key not in inbox:
                        yield f"{service} never took {name} {line.message_id} of {id}"


@cache
def _concerns(service: str) -> frozenset[str]:
    kinds = set(heard_by(service))
    return frozenset(key for key, kind in MESSAGES.items() if kind in kinds and kind.exchange == EVENTS)


def heard_once(facts: Facts) -> Iterator[str]:
    """an event has its effect once, however often it is delivered"""
    times = Counter(line.message_id for lines in facts.heard.values() for each in lines.values() for line in each)
    for message_id, count in times.items():
        if count > 1:
            yield f"event {message_id} stands {count} times in the timeline"


def nothing_left_unsaid(facts: Facts) -> Iterator[str]:
    """what was committed is published"""
    for service in SERVICES:
        unsent = given(facts.of.unsent(service), "outboxes")
        if unsent and facts.of.over:
            yield f"{service} has {unsent} messages that it never said"


def statuses_never_go_back(facts: Facts) -> Iterator[str]:
    """statuses at the portal never go back: one status for one place, and the last that is shown is the ending"""
    for id, shown in facts.of.shown().items():
        for where, count in Counter((told.code, *told.place) for told in shown).items():
            if count > 1:
                yield f"{id} was told {where} in {count} wordings"
        endings = {told.ending for told in shown if told.ending is not None}
        if len(endings) > 1:
            yield f"{id} was shown the endings {sorted(endings)}"
        state = facts.opened.get(id)
        if state is None or not facts.of.over:
            continue
        last = max(shown, key=lambda told: told.place, default=None)
        if state.ending is not None and (last is None or last.ending is not state.ending):
            yield f"{id} ended {state.ending}, and {PORTAL} shows {last.code if last else 'nothing'}"


def audit_unbroken(facts: Facts) -> Iterator[str]:
    """audit chain unbroken"""
    for service in SERVICES:
        rows, head = facts.of.audit(service)
        broken = verify(rows, head=head)
        if broken is not None:
            yield f"the audit trail of {service} is broken at {broken}"


def every_act_is_on_record(facts: Facts) -> Iterator[str]:
    """every act writes its row of the audit trail in the same transaction"""
    said = {
        service: Counter((row["application_id"], row["what"]) for row in facts.audited[service])
        for service in (INTAKE, REVIEW, PAYMENT)
    }
    for id, state in facts.opened.items():
        if state.ending is not None and said[INTAKE][(id, "CloseApplication")] != 1:
            yield f"{id} ended, and the trail has {said[INTAKE][(id, 'CloseApplication')]} rows of it"
    for id, decisions in facts.decisions.items():
        if said[REVIEW][(id, "confirm-decision")] < len(decisions):
            yield f"{id} has {len(decisions)} decisions, and the trail {said[REVIEW][(id, 'confirm-decision')]}"
    for id, invoice in facts.states(PAYMENT).items():
        amounts = Counter(f"receipt of {receipt.amount} tenge" for receipt in invoice.receipts)
        for what, count in amounts.items():
            if said[PAYMENT][(id, what)] != count:
                yield f"{id}: {what} came {count} times, and the trail has it {said[PAYMENT][(id, what)]} times"


RULES = (
    nothing_lost,
    no_dead_letters,
    heard_by_one_heard_by_all,
    heard_once,
    nothing_left_unsaid,
    statuses_never_go_back,
    audit_unbroken,
    every_act_is_on_record,
)
