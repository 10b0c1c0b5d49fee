"""Two ways to write an address are one home; what stands for it tells nothing by itself."""

from __future__ import annotations

from typing import Any

import pytest

from shared.law.address import address_index, place_of
from shared.law.person import Entry
from shared.security.keyring import Keyring
from tests.law.people import an_address

HOME: dict[str, Any] = {
    "district": Entry(code="1902"), "region": Entry(code="1902015"), "city": "КӨКШЕТАУ", "street": "АБАЙ КӨШЕСІ",
    "building": "12", "corpus": "А", "flat": "5",
}  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        {"building": "12А", "corpus": None},
        {"building": "12 а", "corpus": None},
        {"building": "012-A", "corpus": ""},
        {"city": "г. Көкшетау", "street": "Абай"},
        {"street": "көш.  Абай", "flat": "005"},
        {"since": None, "ar_code": None, "status": None},
    ],
)
def test_one_home_may_be_written_in_many_ways(written: dict[str, Any]) -> None:
    assert place_of(an_address(**{**HOME, **written})) == place_of(an_address(**HOME))


@pytest.mark.parametrize(
    "other",
    [
        {"flat": "6"}, {"flat": None}, {"building": "121", "corpus": None}, {"corpus": "Б"},
        {"street": "ӘУЕЗОВ КӨШЕСІ"},
        {"city": "АТБАСАР"}, {"region": Entry(code="1902016")}, {"district": Entry(code="1926")},
        {"building": "1", "corpus": "2А"},
    ],
)  # fmt: skip
def test_another_flat_house_street_or_place_is_another_home(other: dict[str, Any]) -> None:
    assert place_of(an_address(**{**HOME, **other})) != place_of(an_address(**HOME))


def test_where_no_house_is_named_nobody_shares_a_home() -> None:
    for address in (None, an_address(), an_address(**{**HOME, "building": None})):
        assert address_index(address, Keyring.derived(b"x").blind_index) is None


def test_a_street_that_is_called_like_a_kind_of_street_keeps_its_name() -> None:
    assert place_of(an_address(**{**HOME, "street": "Көше"})) != place_of(an_address(**{**HOME, "street": None}))


def test_what_stands_for_an_address_needs_the_key() -> None:
    address = an_address(**HOME)
    one, other = (address_index(address, Keyring.derived(seed).blind_index) for seed in (b"one", b"other"))
    assert one is not None
    assert one != other
    assert "АБАЙ" not in one
