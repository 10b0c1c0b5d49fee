"""A recorded history of one case: what was heard with its moments, and what was ordered upon it. JSON, a line each.

A file holds the histories of one story. Each begins with a line that names it and the versions of the tables that were
the newest then; a worst permutation of another history only says of whose lines it is made, and in what order. Personal
data is not in it: a sealed value stands as an empty seal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from services.saga_coordinator.app import SERVICE
from services.saga_coordinator.saga import Case, Tables
from services.saga_coordinator.stages import GO_ON
from services.saga_coordinator.stories import TABLES
from shared.contracts.base import Message, Sealer, read, routing_key, write
from shared.engine.decision import Given

FOLDER = Path(__file__).parent / "histories"
SEALED = "s1."
PASSED_OVER = frozenset({"watch-case", "drive-case", "attempt-failed"})
"""What heals and what is only noted: it belongs to no table, and its budgets may change."""
RESUMES = tuple(GO_ON.values())


@dataclass(frozen=True, eq=False)
class Heard:
    """One message as the coordinator heard it."""

    key: str
    body: Mapping[str, Any]
    id: UUID
    now: datetime
    said_at: datetime

    def again(self, number: int) -> Heard:
        """The same, said once more under a new id."""
        return Heard(self.key, self.body, uuid5(self.id, str(number)), self.now, self.said_at)


@dataclass(frozen=True)
class Answer:
    """What was ordered upon it, where the case stood then (`annulment/1/2`, or its ending, or nothing), and what
    operations were to look at.
    """

    orders: tuple[str, ...]
    stands: str
    attention: str = ""


@dataclass
class History:
    """`lines` are (what was heard, what came of it). `of` and `places`: made of the lines of another history."""

    name: str
    versions: Mapping[str, int]
    lines: list[tuple[Heard, Answer]] = field(default_factory=list)
    of: str = ""
    places: tuple[int, ...] = ()

    @property
    def story(self) -> str:
        """The first that began; by it the histories are filed."""
        standing = (answer.stands.partition("/")[0] for _, answer in self.lines if "/" in answer.stands)
        return next(standing, "none")

    @property
    def application_id(self) -> UUID:
        return uuid5(UUID(int=0), self.name)

    def heard(self) -> list[Heard]:
        return [heard for heard, _ in self.lines]


def versions_of(tables: Tables = TABLES) -> dict[str, int]:
    """The newest version of each story."""
    return {story.name: tables.newest(story.name).version for story in tables.stories}


def bare(message: Message) -> dict[str, Any]:
    """A message without whose it is and without what is sealed."""
    body = json.loads(write(message, _Blank()))
    return {name: SEALED if str(value).startswith(SEALED) else value for name, value in body.items()
            if name != "application_id"}  # fmt: skip


class _Blank(Sealer):
    """Seals everything to nothing."""

    def seal(self, clear: bytes, bound_to: UUID) -> str:
        return SEALED


def told(case: Case, heard: Heard, tables: Tables) -> tuple[Case, Answer]:
    """One message decided by these tables."""
    given = Given(message_id=heard.id, now=heard.now, said_at=heard.said_at, machine=heard.now)
    decide: Any = SERVICE.by_key[heard.key].does
    decision = decide(case, message_of(case.application_id, heard), given, tables)
    orders = tuple(order_of(order) for order in decision.says if not isinstance(order, RESUMES))
    return decision.state, Answer(orders, stands(decision.state), decision.state.attention)


@cache
def message_of(application_id: UUID, heard: Heard) -> Message:
    body = json.dumps({**heard.body, "application_id": str(application_id)}).encode()
    return read(SERVICE.by_key[heard.key].hears, body, application_id)


def order_of(order: Message) -> str:
    about = " ".join(f"{name}={value}" for name, value in bare(order).items())
    return f"{routing_key(order)} {about}".strip()


def stands(case: Case) -> str:
    if case.story:
        return f"{case.story}/{case.version}/{case.step}"
    return f"ended {case.ending}" if case.ending else ""


def replayed(history: History, tables: Tables = TABLES) -> list[Answer]:
    """What these tables answer to it, from the beginning."""
    case, answers = Case(history.application_id), []
    for heard in history.heard():
        case, answer = told(case, heard, tables)
        answers.append(answer)
    return answers


def recorded(name: str, heard: Iterable[Heard], tables: Tables = TABLES) -> History:
    """A history as these tables make it."""
    history = History(name, versions_of(tables))
    case = Case(history.application_id)
    for each in heard:
        case, answer = told(case, each, tables)
        history.lines.append((each, answer))
    return history


def text_of(history: History) -> str:
    head: dict[str, Any] = {"name": history.name, "versions": dict(history.versions)}
    if history.of:
        head |= {"of": history.of, "places": list(history.places)}
    lines = [head]
    for heard, answer in history.lines:
        line: dict[str, Any] = {"orders": list(answer.orders), "stands": answer.stands}
        if answer.attention:
            line["attention"] = answer.attention
        if not history.of:
            line |= {"heard": heard.key, "body": dict(heard.body), "id": str(heard.id)}
            line |= {"now": heard.now.isoformat(), "said_at": heard.said_at.isoformat()}
        lines.append(line)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def stored(folder: Path = FOLDER) -> dict[str, History]:
    """Every history that is kept, by name."""
    heads: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        name = ""
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            if "name" in line:
                name = line["name"]
                heads[name] = line, []
            else:
                heads[name][1].append(line)
    return {name: _history(name, heads) for name in heads}


def _history(name: str, heads: Mapping[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> History:
    head, lines = heads[name]
    history = History(name, head["versions"], of=head.get("of", ""), places=tuple(head.get("places", ())))
    heard = permuted(_history(history.of, heads).heard(), history.places) if history.of else map(_heard, lines)
    answers = (Answer(tuple(line["orders"]), line["stands"], line.get("attention", "")) for line in lines)
    history.lines = list(zip(heard, answers, strict=True))
    return history


def permuted(heard: list[Heard], places: Iterable[int]) -> Iterator[Heard]:
    """The lines of a history in another order; one that comes again comes under a new id, at the moment it is due."""
    times: dict[int, int] = {}
    for turn, place in enumerate(places):
        times[place] = number = times.get(place, 0) + 1
        line = heard[place] if number == 1 else heard[place].again(number)
        moment = heard[min(turn, len(heard) - 1)].now
        yield Heard(line.key, line.body, line.id, max(moment, line.said_at), line.said_at)


def _heard(line: Mapping[str, Any]) -> Heard:
    now, said_at = (datetime.fromisoformat(line[name]) for name in ("now", "said_at"))
    return Heard(line["heard"], line["body"], UUID(line["id"]), now, said_at)
