import pytest

from shared.law.regions import REGIONS, region_of_district
from shared.law.registration_points import POINTS, TOWNS, Point, point_of, points_of


def test_there_are_twenty_regions_each_with_two_names() -> None:
    assert len(REGIONS) == 20
    assert len({region.name("ru") for region in REGIONS.values()}) == 20
    assert len({region.name("kk") for region in REGIONS.values()}) == 20


@pytest.mark.parametrize("code", REGIONS)
def test_every_region_has_its_points(code: str) -> None:
    points = points_of(code)
    assert len(points) >= 2
    assert all(point.code.startswith(f"{code}-") for point in points)


def test_no_point_lies_in_no_region() -> None:
    assert set(TOWNS) == set(REGIONS)


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_a_point_is_named_in_both_languages(point: Point) -> None:
    assert point.name("ru") != point.name("kk")
    assert point.address("ru") != point.address("kk")


def test_a_point_is_found_only_in_its_own_region() -> None:
    found = point_of("71", "71-01")
    assert found is not None
    assert found.region == "71"
    assert point_of("75", "71-01") is None
    assert point_of("71", "71-99") is None


@pytest.mark.parametrize(("district", "region"), [("1902", "11"), ("1926", "27")])
def test_a_district_of_the_register_is_a_region(district: str, region: str) -> None:
    assert region_of_district(district) == REGIONS[region]


def test_an_unknown_district_is_no_region() -> None:
    assert region_of_district("9999") is None
