"""Every attack of the table is refused by every adapter that is to refuse it, each for its own reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.security.eds import Citizen, Verified
from shared.security.eds import SignatureFault as Fault
from tests.security.attack_table import ATTACHED, CITIZEN, EVERY, FIRST, GOOD, PAYLOAD, TABLE, Attack, table
from tests.security.places import IIN, NOW, Place

README = Path(__file__).parents[1] / "README.md"
CASES = [(attack, adapter) for attack in TABLE for adapter in attack.by]


@pytest.mark.parametrize(("attack", "adapter"), CASES, ids=lambda each: each if isinstance(each, str) else each.name)
async def test_each_attack_is_refused_for_its_own_reason(tmp_path: Path, attack: Attack, adapter: str) -> None:
    place = Place(tmp_path)
    attack.world(place)
    answer = await getattr(place, adapter).verify(attack.cms, attack.payload, NOW, attack.expects)
    assert answer is attack.fault_of(adapter)


@pytest.mark.parametrize("adapter", EVERY)
async def test_what_the_attacks_are_made_of_is_good(tmp_path: Path, adapter: str) -> None:
    verifier = getattr(Place(tmp_path), adapter)
    for cms, payload in ((GOOD, PAYLOAD), (ATTACHED, PAYLOAD), (CITIZEN.sign(FIRST, NOW), FIRST)):
        assert isinstance(await verifier.verify(cms, payload, NOW, Citizen(IIN)), Verified)


def test_there_is_an_attack_for_every_reason() -> None:
    assert {attack.fault for attack in TABLE} == set(Fault)
    assert len({attack.name for attack in TABLE}) == len(TABLE)


def test_the_table_that_people_read_is_this_one() -> None:
    assert table() in README.read_text("utf-8")
