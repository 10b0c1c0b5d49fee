"""Whether each citizen's application ended as its story says, and was told all that belongs to the story."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from deploy.oracle.evidence import Course, given
from deploy.oracle.facts import Facts
from deploy.sandbox.persona import Persona
from shared.contracts.base import routing_key


def story_of(persona: Persona) -> frozenset[str]:
    """The events that the persona's story cannot do without, as routing keys."""
    return frozenset(routing_key(kind) for kind in persona.sees if kind.exchange == "events")


def missing(course: Course, said: Collection[str]) -> list[str]:
    """What of the story was never said."""
    return sorted(story_of(course.persona) - set(said) - course.passed_over)


def everybody_ends_as_they_must(facts: Facts) -> Iterator[str]:
    """everybody's application ends as their story says"""
    for course in given(facts.of.courses(), "the citizens"):
        state = facts.opened.get(course.application_id)
        found = state.ending if state is not None else None
        if facts.of.over and found not in course.endings:
            names = [each.value if each else "not opened" for each in course.endings]
            yield f"{course.name} {course.application_id} ended {found}, not {names}"


def the_story_is_seen(facts: Facts) -> Iterator[str]:
    """whoever ended as they must was told all that belongs to the story"""
    for course in given(facts.of.courses(), "the citizens"):
        state = facts.opened.get(course.application_id)
        found = state.ending if state is not None else None
        if not course.whole or not facts.of.over or found is not course.persona.ending:
            continue
        unseen = missing(course, facts.heard.get(course.application_id, {}))
        if unseen:
            yield f"{course.name} {course.application_id} ended {found}, and never saw {unseen}"


RULES = (everybody_ends_as_they_must, the_story_is_seen)
