"""`make demo FAULTS=on`: what goes wrong, and when an act may go on."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from deploy.demo import faults
from deploy.demo.play import FIRST, P12, Play
from deploy.demo.resting import is_at_rest
from deploy.demo.stage import Stage
from deploy.local.daemon import addresses_of
from deploy.local.stack import Stack
from deploy.sandbox.faults import KINDS, Fault
from deploy.sandbox.people import Citizen, crowd
from deploy.sandbox.personas import BY_NAME


class NoStage:
    """A stage on which nothing runs: what is asked of it is kept."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows, self.done = rows, list[tuple[str, object]]()

    async def applications(self) -> list[dict[str, Any]]:
        return self.rows

    async def start(self, **given: Any) -> int:
        self.done.append(("start", given["act"]))
        return 7

    async def fault(self, system: str) -> None:
        self.done.append(("down", system))

    async def spoil(self, wrong: list[Mapping[str, Any]]) -> None:
        self.done.append(("spoilt", {each["system"] for each in wrong}))


def play(rows: list[dict[str, Any]], *people: Citizen, wrong: bool = True) -> tuple[Play, NoStage]:
    stage = NoStage(rows)
    return Play(cast(Stage, stage), people, faults=wrong), stage


def row(id: UUID, **shown: Any) -> dict[str, Any]:
    other = {"code": "C", "stage": "IN_REVIEW", "next_action": "WAIT", "expected": "ISSUED", "ending": None}
    return {"application_id": str(id), **other, **shown}


def test_whatever_can_go_wrong_with_a_system_does_and_a_fifth_of_the_calls_fails() -> None:
    switched = {fault.system: fault for fault in map(Fault.model_validate, faults.everywhere())}
    assert set(switched) == set(KINDS) - {"callbacks"}
    assert {fault.error_rate for fault in switched.values()} == {0.2}
    assert all(fault.delay > 0 for fault in switched.values())
    assert all(fault.late > 0 for system, fault in switched.items() if "late" in KINDS[system].faults)
    assert {each["system"] for each in faults.everywhere(but=P12)} == set(switched) - set(P12)
    assert faults.DOWN in set(switched) - set(P12)


async def test_an_act_goes_on_when_everybody_is_at_rest_and_not_before() -> None:
    (citizen,) = crowd(1, FIRST.date(), 1, [BY_NAME["issued-paid"]])
    id = citizen.application_id(0)
    for rows, settled in (
        ([], False),
        ([row(id)], False),
        ([row(id, ending="ISSUED")], True),
    ):
        assert await play(rows, citizen)[0]._settled(1, is_at_rest) is settled
    assert await play([row(id)], citizen, wrong=False)[0]._settled(1, is_at_rest)


async def test_the_one_system_comes_back_as_faulty_as_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "DOWN_AFTER", 0.0)
    monkeypatch.setattr(faults, "DOWN_FOR", 0.0)
    director, stage = play([])
    assert await director._first() == 7
    everywhere = {each["system"] for each in faults.everywhere()}
    assert stage.done == [("start", 1), ("down", faults.DOWN), ("spoilt", everywhere)]
    director, stage = play([], wrong=False)
    assert (await director._first(), stage.done) == (7, [("start", 1)])


def test_what_make_up_prints_has_the_page_with_the_switches() -> None:
    """The sandbox's other addresses are for programs."""
    listed = [SimpleNamespace(name="sandbox", port=81), SimpleNamespace(name="ums-review", port=82)]
    stack = SimpleNamespace(
        broker=SimpleNamespace(address=SimpleNamespace(management_url="m", user="u", password="p")),
        addresses=SimpleNamespace(administrator_url="a"),
        processes=SimpleNamespace(list=lambda: listed),
    )
    told = addresses_of(cast(Stack, stack))
    assert told["switches, exchanges"] == "http://127.0.0.1:81/control"
    assert told["ums-review"] == "http://127.0.0.1:82"
    assert told["officers' console"] == "http://127.0.0.1:82/console"
