"""The rules, each a sentence and a function that names every application that breaks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from deploy.oracle import money
from deploy.oracle.evidence import Evidence
from services.saga_coordinator.domain import Happening
from services.ums_review.notes import SignedDecision
from services.ums_review.review import Choice, Standing
from shared.contracts.values import Ending
from shared.engine.audit import verify
from shared.engine.service import Step
from shared.process import COORDINATOR, IDENTITY, INTAKE, REVIEW, SERVICES

Rule = Callable[[Evidence], Iterator[str]]
STEPS = {f"S{number}": number for number in range(1, 20)}
LOOP = range(8, 13)  # S8–S12 may be gone through again


def one_ending(evidence: Evidence) -> Iterator[str]:
    """exactly one ending"""
    endings: dict[UUID, set[str]] = defaultdict(set)
    for _, line in evidence.rows(COORDINATOR, Happening):
        if line.what == "heard" and line.name == "application-closed":
            endings[line.application_id].add(line.detail)
    yield from (f"{id} ended as {sorted(found)}" for id, found in endings.items() if len(found) > 1)
    cases = evidence.states(COORDINATOR)
    for id, application in evidence.states(INTAKE).items():
        case = cases.get(id)
        if application.ending is not None and case is not None and case.ending not in (None, application.ending):
            yield f"{id} ended {application.ending} at intake and {case.ending} at the coordinator"


def one_live_application(evidence: Evidence) -> Iterator[str]:
    """at most one live application per IIN"""
    spans: dict[str, list[tuple[datetime, datetime | None, UUID]]] = defaultdict(list)
    opened: dict[UUID, datetime] = {}
    closed: dict[UUID, datetime] = {}
    for _, line in evidence.rows(COORDINATOR, Happening):
        if line.what == "heard" and line.name in ("application-opened", "application-closed"):
            (opened if line.name == "application-opened" else closed).setdefault(line.application_id, line.said_at)
    for id, application in evidence.states(INTAKE).items():
        if application.opened and id in opened:
            spans[application.iin_index].append((opened[id], closed.get(id), id))
    for lived in spans.values():
        lived.sort(key=lambda span: span[0])
        for (_, ended, id), (began, _, other) in pairwise(lived):
            if ended is None or began < ended:
                yield f"{other} was opened while {id} of the same person was live"


def no_card_without_duty_and_approval(evidence: Evidence) -> Iterator[str]:
    """no card ordered without settlement and approval"""
    steps = _steps(evidence)
    approved = {row.application_id for _, row in evidence.rows(REVIEW, SignedDecision) if row.choice == Choice.APPROVE}
    for id, found in steps.items():
        if "S18" in found and (id not in approved or not {"S14", "S15"} <= found.keys()):
            yield f"{id} went into production without duty and approval"


def none_issued_after_annulment(evidence: Evidence) -> Iterator[str]:
    """none issued after annulment"""
    reviews = evidence.states(REVIEW)
    for id, found in _steps(evidence).items():
        review = reviews.get(id)
        if "S19" in found and found["S19"][1] == "done" and review and review.standing is Standing.ANNULLED:
            yield f"{id} was handed over although annulled"


def decisions_by_the_region_and_lease(evidence: Evidence) -> Iterator[str]:
    """every decision signed by an officer of that region who held the lease"""
    reviews = evidence.states(REVIEW)
    seen: Counter[tuple[UUID, int]] = Counter()
    for _, row in evidence.rows(REVIEW, SignedDecision):
        seen[(row.application_id, row.round)] += 1
        review = reviews.get(row.application_id)
        if review is None or review.region != row.region or not row.lease_token or not row.cms:
            yield f"{row.application_id} was decided outside its region or without a lease"
    yield from (f"{id} was decided {times} times in round {round}" for (id, round), times in seen.items() if times > 1)


def steps_in_order(evidence: Evidence) -> Iterator[str]:
    """S1…S19 in order"""
    for id, found in _steps(evidence).items():
        order = sorted((STEPS[step], at) for step, (at, _) in found.items() if STEPS[step] not in LOOP)
        for (early, first), (late, then) in pairwise(order):
            if then + evidence.leap < first:
                yield f"{id} did S{late} before S{early}"


def statuses_never_go_back(evidence: Evidence) -> Iterator[str]:
    """statuses at the portal never go back"""
    for id, shown in evidence.shown().items():
        places = [(told.rank, told.round, told.version) for told in shown]
        if places != sorted(places):
            yield f"{id} was shown {places}"


def audit_unbroken(evidence: Evidence) -> Iterator[str]:
    """audit chain unbroken"""
    for service in SERVICES:
        rows, head = evidence.audit(service)
        broken = verify(rows, head=head)
        if broken is not None:
            yield f"the audit trail of {service} is broken at {broken}"


def nothing_lost(evidence: Evidence) -> Iterator[str]:
    """nothing accepted is lost"""
    yield from (f"a dead letter: {letter}" for letter in evidence.dead_letters())
    cases = evidence.states(COORDINATOR)
    for id, application in evidence.states(INTAKE).items():
        if application.opened and id not in cases:
            yield f"{id} was opened and the coordinator does not know it"
    known = evidence.states(INTAKE)
    for id, state in evidence.states(IDENTITY).items():
        if state.iin is not None and (id not in known or not known[id].opened):
            yield f"{id} is being identified and was never opened"


def endings_agree_with_decisions(evidence: Evidence) -> Iterator[str]:
    """an ending says what was decided"""
    issued = {id for id, found in _steps(evidence).items() if found.get("S19", (None, ""))[1] == "done"}
    for id, application in evidence.states(INTAKE).items():
        if (application.ending is Ending.ISSUED) != (id in issued) and application.ending is not None:
            yield f"{id} ended {application.ending}, and its card was {'' if id in issued else 'not '}handed over"


def _steps(evidence: Evidence) -> dict[UUID, dict[str, tuple[datetime, str]]]:
    """Application → step → when it was first recorded, and its last result."""
    found: dict[UUID, dict[str, tuple[datetime, str]]] = defaultdict(dict)
    for service in SERVICES:
        for at, row in evidence.rows(service, Step):
            first, _ = found[row.application_id].get(row.step, (at, ""))
            found[row.application_id][row.step] = (first, row.result)
    return found


RULES: tuple[Rule, ...] = (
    one_ending,
    one_live_application,
    no_card_without_duty_and_approval,
    none_issued_after_annulment,
    endings_agree_with_decisions,
    decisions_by_the_region_and_lease,
    steps_in_order,
    money.each_receipt_one_fate,
    money.refunded_is_what_was_due,
    money.ledger_sums_to_zero,
    statuses_never_go_back,
    audit_unbroken,
    nothing_lost,
)


def violations(evidence: Evidence) -> dict[str, list[str]]:
    """Rule → everything that breaks it; every rule stands in it, most with nothing."""
    return {(rule.__doc__ or rule.__name__).strip(): list(rule(evidence)) for rule in RULES}
