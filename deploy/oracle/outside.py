"""What was done to the world: one talon, its stages in order, each notice once, and what came too late undone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from uuid import UUID

from deploy.oracle.facts import Facts
from deploy.sandbox.books import Talon
from shared.contracts.values import Ending
from shared.process import INTAKE, NOTIFICATION

WITH_A_CARD = (Ending.ISSUED, Ending.NOT_COLLECTED)
SMS, EMAIL = "sms", "email"


def one_talon(facts: Facts) -> Iterator[str]:
    """one talon that stands for what ends with a card, none for the rest, unless РП ДРН refuses the recall"""
    standing: dict[str, list[Talon]] = defaultdict(list)
    for talon in facts.books.talons:
        if not talon.recalled:
            standing[talon.application_id].append(talon)
    for holder, talons in standing.items():
        id = UUID(holder)
        state = facts.states(INTAKE).get(id)
        ending = state.ending if state is not None else None
        numbers = [talon.number for talon in talons]
        if facts.of.over and len(talons) > 1 and not talons[0].firm:
            yield f"{id} ended {ending} with {numbers}"
        elif ending in WITH_A_CARD and state is not None and state.talon not in numbers:
            yield f"{id} ended {ending} under {state.talon}, and {numbers} stand"
        elif facts.of.over and ending not in WITH_A_CARD and not talons[0].firm:
            yield f"{id} ended {ending}, and {numbers} stands"
    for id, state in facts.opened.items():
        if state.ending in WITH_A_CARD and str(id) not in standing:
            yield f"{id} ended {state.ending}, and its talon {state.talon} is recalled"


def the_first_talon_is_kept(facts: Facts) -> Iterator[str]:
    """of two talons the first is kept"""
    first: dict[str, str] = {}
    for talon in facts.books.talons:
        first.setdefault(talon.application_id, talon.number)
    for id, state in facts.opened.items():
        if state.ending in WITH_A_CARD and state.talon != first.get(str(id)):
            yield f"{id} keeps {state.talon}, and {first.get(str(id))} was the first"


def no_talon_of_two(facts: Facts) -> Iterator[str]:
    """a talon belongs to one application"""
    holders = Counter(state.talon for state in facts.opened.values() if state.talon)
    yield from (f"{talon} is held by {count} applications" for talon, count in holders.items() if count > 1)


def stages_told_in_order(facts: Facts) -> Iterator[str]:
    """РП ДРН is told each stage after S13 in order, once"""
    for talon in facts.books.talons:
        if not _in_order(talon.stages):
            yield f"{talon.application_id} told of {talon.stages} under {talon.number}"
        state = facts.states(INTAKE).get(UUID(talon.application_id))
        issued = state is not None and state.ending is Ending.ISSUED and state.talon == talon.number
        if facts.of.over and issued and (not talon.stages or talon.stages[-1] != "ISSUED"):
            yield f"{talon.application_id} is issued, and РП ДРН was told {talon.stages}"


def _in_order(stages: tuple[str, ...]) -> bool:
    """Settled, as many rounds of review as there were, made, issued; each from the one before."""
    follows = {
        "": ("SETTLED",),
        "SETTLED": ("IN_REVIEW",),
        "IN_REVIEW": ("DECIDED",),
        "DECIDED": ("IN_REVIEW", "MADE"),
        "MADE": ("ISSUED",),
    }
    return all(after in follows.get(before, ()) for before, after in zip(("", *stages), stages, strict=False))


def sessions_end_with_the_application(facts: Facts) -> Iterator[str]:
    """a session of Digital-ID that the ending leaves open, or that is opened after it, is cancelled"""
    if not facts.of.over:
        return
    for session in facts.books.sessions:
        state = facts.opened.get(UUID(session.application_id))
        closed_at = state.closed_at if state is not None else None
        if session.open and state is not None and closed_at and closed_at + facts.of.leap < session.until:
            yield f"{session.application_id} ended {state.ending}, and its session stayed open"


def one_notice(facts: Facts) -> Iterator[str]:
    """one notice id per status and channel, and every notice that was sent is on record"""
    known: dict[str, set[str]] = {SMS: set(), EMAIL: set()}
    refused: set[str] = set()
    statuses: Counter[tuple[object, ...]] = Counter()
    for row in facts.audited[NOTIFICATION]:
        where, result = row["where"], row["result"]
        id = result.removeprefix("refused: ")
        statuses[(row["application_id"], where, row["what"], id)] += 1
        if where in known:
            known[where].add(id)
            if result != id:
                refused.add(id)
    yield from (f"{where}: {what} {id} was told {n} times" for (_, where, what, id), n in statuses.items() if n > 1)
    for where, came in ((SMS, facts.books.sms), (EMAIL, facts.books.mails)):
        if came is None or not facts.of.over:
            continue
        yield from (f"{where} {id} came, and is not on record" for id in came if id not in known[where])
        missing = known[where] - set(came) - refused
        yield from (f"{where} {id} is on record, and never came" for id in sorted(missing))


def no_sms_to_a_stranger(facts: Facts) -> Iterator[str]:
    """no SMS before БМГ confirmed the number"""
    for row in facts.audited[NOTIFICATION]:
        if row["where"] == SMS and "identity-confirmed" not in facts.heard.get(row["application_id"], {}):
            yield f"{row['application_id']} was sent an SMS ({row['what']}), and its number was never confirmed"


RULES = (
    one_talon,
    the_first_talon_is_kept,
    no_talon_of_two,
    stages_told_in_order,
    sessions_end_with_the_application,
    one_notice,
    no_sms_to_a_stranger,
)
