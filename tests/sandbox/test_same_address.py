"""Somebody whom `make up` lets in lives where an officer lives, so that the refusal can be seen; nobody else does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from deploy.local.trying import CITIZENS, PERSONAS, REGION, SHOWN
from deploy.sandbox import keys
from deploy.sandbox.people import crowd
from deploy.sandbox.personas import BY_NAME
from shared.law.address import address_index
from shared.law.eligibility import grounds_for_refusal
from shared.law.pilot import PILOT
from shared.security import keyring
from shared.web.officers import Officers

TODAY = date(2025, 12, 3)


def test_one_citizen_lives_where_an_officer_lives_who_is_shown_with_a_password(tmp_path: Path) -> None:
    keyring.generate(tmp_path)
    keys.write(tmp_path)
    homes = {each.id: each.address_index for each in Officers(tmp_path).all() if each.address_index}
    assert [*homes] == [keys.AT_HOME]
    assert keys.AT_HOME in SHOWN
    blind = keyring.load(tmp_path).blind_index
    citizens = crowd("up", TODAY, CITIZENS, [BY_NAME[name] for name in PERSONAS])
    assert len(citizens) == CITIZENS
    (shared,) = (each for each in citizens if address_index(each.person.registration, blind) in homes.values())
    assert (shared.region, shared.persona.name) == (REGION, "same-address")
    assert not grounds_for_refusal(shared.person, shared.civil, shared.address, TODAY, PILOT)


def test_the_accounts_hold_no_address(tmp_path: Path) -> None:
    keyring.generate(tmp_path)
    home = next(each.home for each in keys.write(tmp_path) if each.id == keys.AT_HOME)
    assert home is not None
    assert home.street
    for written in (tmp_path / "officers.json", tmp_path / keys.AUTHORITY / "officers.json"):
        assert home.street not in written.read_text()
