"""What must hold always (process.md 4): each rule a sentence and a function that names what breaks it.

A rule whose evidence the source cannot give is not judged there, and that is said; it never passes in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps

from deploy.oracle import endings, money, order, outside, owners, record, stories
from deploy.oracle.evidence import Evidence, NotJudged
from deploy.oracle.facts import Facts

Rule = Callable[[Facts], Iterator[str]]


def _by_evidence(rule: Callable[[Evidence], Iterator[str]]) -> Rule:
    @wraps(rule)
    def judged(facts: Facts) -> Iterator[str]:
        return rule(facts.of)

    return judged


ALWAYS: tuple[Rule, ...] = (
    _by_evidence(owners.each_row_that_is_waited_for_stands),
    _by_evidence(owners.each_case_is_watched),
)
"""These hold at any moment; the others are judged when all is over, or of what is at rest."""

RULES: tuple[Rule, ...] = (
    *endings.RULES,
    *order.RULES,
    *money.RULES,
    *outside.RULES,
    *record.RULES,
    *stories.RULES,
    _by_evidence(owners.each_application_has_an_owner),
    *ALWAYS,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one rule: everything that breaks it, or what the source would have to give so that it can be judged."""

    rule: str
    sentence: str
    broken: tuple[str, ...] = ()
    not_judged: str = ""


def judge(evidence: Evidence, rules: tuple[Rule, ...] = RULES) -> list[Judgement]:
    """Every rule; most have nothing to say."""
    facts = Facts(evidence)
    return [_judged(rule, facts) for rule in rules]


def violations(evidence: Evidence) -> dict[str, list[str]]:
    """Sentence → everything that breaks it, of every rule that can be judged by this evidence."""
    return {each.sentence: list(each.broken) for each in judge(evidence) if not each.not_judged}


def unjudged(evidence: Evidence) -> dict[str, str]:
    """Sentence → what this evidence does not give, of every rule that cannot be judged by it."""
    return {each.sentence: each.not_judged for each in judge(evidence) if each.not_judged}


def sentence_of(rule: Rule) -> str:
    return (rule.__doc__ or rule.__name__).strip()


def _judged(rule: Rule, facts: Facts) -> Judgement:
    try:
        return Judgement(rule.__name__, sentence_of(rule), tuple(rule(facts)))
    except NotJudged as missing:
        return Judgement(rule.__name__, sentence_of(rule), not_judged=str(missing))
