"""A case runs the version of the table it began with: what was recorded is replayed, no edit in place goes unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from services.saga_coordinator.domain import hear
from services.saga_coordinator.saga import Case, Kinds, Step, Story, Tables, TableUnknown, answered, begin
from services.saga_coordinator.stories import ANNULMENT, RECALL, REFUSAL, TABLES, WITHDRAWAL
from shared.contracts.base import Message, routing_key
from shared.contracts.intake import CloseApplication, RecallRegistration
from shared.contracts.values import Ending
from shared.engine.decision import Given
from tests.services.saga_coordinator.history import Answer, History, replayed, stored, told
from tests.services.saga_coordinator.telling import ID, NOW, annulled, closed, recalled, too_late, unpaid

GIVEN = Given(ID, NOW, NOW)
STEPS = [(story, at) for story in TABLES.stories for at in range(len(story.steps))]


@cache
def kept() -> dict[str, History]:
    return stored()


def names() -> list[str]:
    return sorted(kept())


def strays(tables: Tables, story: str) -> Iterator[str]:
    """The histories of that story that these tables do not go on with as they were recorded."""
    for name, history in kept().items():
        if not any(answer.stands.startswith(f"{story}/") for _, answer in history.lines):
            continue
        try:
            if replayed(history, tables.as_of(history.versions)) != [answer for _, answer in history.lines]:
                yield name
        except (IndexError, TableUnknown):
            yield name


@pytest.mark.parametrize("name", names())
def test_a_case_that_was_begun_then_goes_on_by_its_tables_as_it_did(name: str) -> None:
    history = kept()[name]
    answers = replayed(history, TABLES.as_of(history.versions))
    for (heard, expected), answer in zip(history.lines, answers, strict=True):
        assert answer == expected, heard.key


@pytest.mark.parametrize("name", names())
def test_a_story_in_flight_at_any_moment_is_carried_to_its_end_by_todays_tables(name: str) -> None:
    """Whatever the newest tables are: from each moment on, the running story gives its recorded orders."""
    history = kept()[name]
    then, case = TABLES.as_of(history.versions), Case(history.application_id)
    for at, (heard, _) in enumerate(history.lines):
        case, answer = told(case, heard, then)
        if "/" in answer.stands:
            assert list(_carried(case, history, at + 1)) == list(_recorded(history, at + 1, answer)), heard.key


def _carried(case: Case, history: History, begin_at: int) -> Iterator[Answer]:
    running = (case.story, case.begun)
    for heard, _ in history.lines[begin_at:]:
        case, answer = told(case, heard, TABLES)
        if (case.story, case.begun) != running:
            return
        yield answer


def _recorded(history: History, begin_at: int, first: Answer) -> Iterator[Answer]:
    story = first.stands.rpartition("/")[0]
    before = int(first.stands.rpartition("/")[2])
    for _, answer in history.lines[begin_at:]:
        name, _, step = answer.stands.rpartition("/")
        if name != story or int(step) < before:
            return
        before = int(step)
        yield answer


@pytest.mark.parametrize(("story", "at"), STEPS, ids=lambda value: getattr(value, "name", value))
def test_every_answer_of_every_step_of_every_version_is_recorded(story: Story, at: int) -> None:
    here = f"{story.name}/{story.version}/{at}"
    heard = {
        line.key
        for history in kept().values()
        for (_, before), (line, after) in zip(history.lines, history.lines[1:], strict=False)
        if before.stands == here != after.stands
    }
    assert {routing_key(kind) for kind in story.steps[at].answers} <= heard


@pytest.mark.parametrize("story", TABLES.stories, ids=lambda story: story.name)
def test_every_story_was_recorded_in_a_run_of_the_whole_system_and_in_its_worst_permutations(story: Story) -> None:
    told_by = [h for h in kept().values() if any(a.stands.startswith(f"{story.name}/") for _, a in h.lines)]
    assert any(history.name.startswith("run ") and not history.of for history in told_by)
    assert any(history.of for history in told_by)


def edits(story: Story, at: int) -> Iterator[tuple[str, Story]]:
    """Every small change of one step of a table."""
    step = story.steps[at]
    closes = isinstance(step.do(ID), CloseApplication)
    ending = Ending.REFUSED if story.ending is not Ending.REFUSED else Ending.ABANDONED

    def with_step(*steps: Step) -> Story:
        return replace(story, steps=(*story.steps[:at], *steps, *story.steps[at + 1 :]))

    yield "left out", with_step()
    yield "twice", with_step(step, step)
    recalls = with_step(replace(step, do=lambda id: RecallRegistration(application_id=id)))
    ends = with_step(replace(step, do=lambda id: CloseApplication(application_id=id, ending=ending)))
    yield "another order", recalls if closes else ends
    if closes:
        yield "another ending", ends
    last = at + 1 == len(story.steps)
    for kind in step.answers:
        less = _without(step, kind)
        yield f"without {kind.__name__}", with_step(less)
        if kind in step.other or (kind in step.done and not last):  # after the last step, done and over are one
            yield f"{kind.__name__} stops", with_step(replace(less, stops=(*step.stops, kind)))
    if not last:
        swapped = list(story.steps)
        swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
        yield "after the next", replace(story, steps=tuple(swapped))


def _without(step: Step, kind: type[Message]) -> Step:
    def others(kinds: Kinds) -> Kinds:
        return tuple(known for known in kinds if known is not kind)

    return replace(step, done=others(step.done), other=others(step.other), stops=others(step.stops))


EDITS = [
    pytest.param(story, edited, id=f"{story.name} {at} {what}")
    for story, at in STEPS
    for what, edited in edits(story, at)
]


@pytest.mark.parametrize(("story", "edited"), EDITS)
def test_a_table_edited_in_place_strays_from_what_was_recorded(story: Story, edited: Story) -> None:
    in_place = Tables(tuple(edited if each is story else each for each in TABLES.stories))
    assert next(strays(in_place, story.name), None) is not None


@pytest.mark.parametrize(("story", "edited"), EDITS)
def test_the_same_edit_as_a_new_version_strands_nobody(story: Story, edited: Story) -> None:
    newer = Tables((*TABLES.stories, replace(edited, version=story.version + 1)))
    assert next(strays(newer, story.name), None) is None


SHORTER = replace(ANNULMENT, version=2, steps=ANNULMENT.steps[:2])
BOTH = Tables((*TABLES.stories, SHORTER))


def test_a_new_version_is_for_new_cases_and_an_old_case_keeps_its_own() -> None:
    old = hear(Case(ID), annulled(), GIVEN).state
    for event in (closed(Ending.ANNULLED), recalled()):
        old = hear(old, event, GIVEN, BOTH).state
    assert (old.story, old.version, old.step) == ("annulment", 1, 2)
    assert hear(old, unpaid(), GIVEN, BOTH).state.story == ""
    new = hear(Case(ID), annulled(), GIVEN, BOTH).state
    assert (new.story, new.version) == ("annulment", 2)
    for event in (closed(Ending.ANNULLED), recalled()):
        new = hear(new, event, GIVEN, BOTH).state
    assert new.story == ""


def test_a_story_that_waited_while_another_ran_begins_by_the_newest_table() -> None:
    waiting = begin(begin(Case(ID), WITHDRAWAL).state, ANNULMENT).state
    assert waiting.pending == ("annulment",)
    moved = hear(waiting, too_late(), GIVEN, BOTH).state
    assert (moved.story, moved.version) == ("annulment", 2)


def test_a_case_whose_table_is_not_kept_is_laid_aside_and_not_guessed() -> None:
    later = begin(Case(ID), replace(REFUSAL, version=7)).state
    with pytest.raises(TableUnknown, match="refusal 7"):
        hear(later, closed(Ending.REFUSED), GIVEN)


def test_the_tables_as_they_stood_know_no_later_version() -> None:
    assert BOTH.newest("annulment").version == 2
    assert BOTH.as_of({"annulment": 1}).newest("annulment").version == 1
    assert answered(begin(Case(ID), ANNULMENT).state, ANNULMENT, closed(Ending.ANNULLED)).says[0] == RECALL.do(ID)
