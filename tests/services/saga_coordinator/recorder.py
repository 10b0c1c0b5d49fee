"""`python -m tests.services.saga_coordinator.recorder [--seeds 300]` records case histories and keeps what is new.

Three sources: real runs of the whole system under bad luck (tests/simulation), the worst permutations of them, and for
each step of each table a walk through every answer it knows. A history that is kept already is never touched: it is how
a case began that may still be in flight. What shows nothing new is left out.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from services.saga_coordinator.app import SERVICE
from services.saga_coordinator.saga import Step, Story
from services.saga_coordinator.stories import TABLES, TRIGGERS
from shared.contracts.base import Message, routing_key
from shared.engine.service import Reaction
from tests.contracts.golden import example
from tests.services.saga_coordinator.history import (
    FOLDER,
    PASSED_OVER,
    Heard,
    History,
    bare,
    permuted,
    recorded,
    stored,
    text_of,
)
from tests.services.saga_coordinator.telling import NOW
from tests.services.saga_coordinator.triggers import BEGUN_BY

Recording = dict[UUID, dict[UUID, Heard]]
SHUFFLES = 3
STARTS = frozenset(map(routing_key, TRIGGERS))


def features(history: History) -> set[str]:
    """What a history shows: each move of a table, and each trigger that came while another story ran."""
    found, before = set(), ""
    for heard, answer in history.lines:
        if answer.orders or answer.stands != before:
            found.add(f"{before} -{heard.key}-> {answer.stands}")
        elif before and heard.key in STARTS:
            found.add(f"{before} meets {heard.key}")
        before = answer.stands
    return found


def walks() -> Iterator[History]:
    """For each step of the newest table of each story: every answer it knows, the steps before it simply done."""
    for name in {story.name: None for story in TABLES.stories}:
        story = TABLES.newest(name)
        for at, step in enumerate(story.steps):
            for kind in step.answers:
                told = [*BEGUN_BY[name], *(_answer(story, before, before.done[0]) for before in story.steps[:at])]
                answer = _answer(story, step, kind)
                rest = [_answer(story, after, after.done[0]) for after in story.steps[at + 1 :]]
                title = f"walk {name} {story.version} {at} {routing_key(kind)}"
                yield recorded(title, _at_once([*told, answer, *rest]))


def _answer(story: Story, step: Step, kind: type[Message]) -> Message:
    """An answer of that kind that fits the order: of its ending, of a cause that was ordered."""
    said = example(kind)
    if "ending" in kind.model_fields:
        said = said.model_copy(update={"ending": story.ending})
    return said


def _at_once(messages: Iterable[Message]) -> Iterator[Heard]:
    for number, message in enumerate(messages):
        yield Heard(routing_key(message), bare(message), UUID(int=number + 1), NOW, NOW)


def runs(seeds: Iterable[int]) -> Iterator[History]:
    """The cases of these seeds, as the coordinator of the simulation heard them."""
    from tests.simulation import house
    from tests.simulation.play import play

    for seed in seeds:
        recording: Recording = {}
        services = tuple(_listening(each, recording) if each.name == SERVICE.name else each for each in house.SERVICES)
        with patch.object(house, "SERVICES", services):
            play(seed)
        for number, heard in enumerate(recording.values()):
            if len(heard) > 1:
                yield recorded(f"run {seed} {number}", heard.values())


def _listening(service: Any, recording: Recording) -> Any:
    return replace(service, reactions=tuple(_heard_by(each, recording) for each in service.reactions))


def _heard_by(reaction: Reaction, recording: Recording) -> Reaction:
    """Of a message that is decided more than once, the last time is the one that was committed."""
    does, key = reaction.does, routing_key(reaction.hears)

    def hears(case: Any, message: Any, given: Any) -> Any:
        decision = does(case, message, given)
        if key not in PASSED_OVER:
            lines = recording.setdefault(message.application_id, {})
            lines.pop(given.message_id, None)
            lines[given.message_id] = Heard(key, bare(message), given.message_id, given.now, given.said_at)
        return decision

    hears.__name__ = does.__name__
    return replace(reaction, does=hears)


def permutations(history: History, chance: random.Random) -> Iterator[History]:
    """The worst that can befall its lines: backwards, each twice, the answers before the orders, by chance."""
    count = len(history.lines)
    orders = {
        "backwards": list(range(count))[::-1],
        "twice": [place for place in range(count) for _ in (0, 1)],
        "later again": [*range(count), *range(count)],
    }
    for number in range(SHUFFLES):
        orders[f"shuffled {number}"] = chance.sample(range(count), count)
    for name, places in orders.items():
        made = recorded(f"{history.name}, {name}", permuted(history.heard(), places))
        made.of, made.places = history.name, tuple(places)
        yield made


def keep(histories: Iterable[History], seen: set[str]) -> list[History]:
    """Those that show something that none before them has shown; they are added to the file of their story."""
    kept = []
    for history in histories:
        new = features(history) - seen
        if new:
            with (FOLDER / f"{history.story.replace(' ', '-')}.jsonl").open("a", encoding="utf-8") as file:
                file.write(text_of(history))
            seen |= new
            kept.append(history)
            print(f"{history.name}: {len(history.lines)} lines, {len(new)} moves not seen before")
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.services.saga_coordinator.recorder", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300)
    FOLDER.mkdir(exist_ok=True)
    known = stored()
    seen = {feature for history in known.values() for feature in features(history)}
    kept = keep(runs(range(1, parser.parse_args().seeds + 1)), seen) + keep(walks(), seen)
    chance = random.Random(1)
    for history in kept:
        keep(permutations(history, chance), seen)
    print(f"{len(stored())} histories, {len(seen)} different moves")


if __name__ == "__main__":
    main()
