from datetime import date

import pytest

from shared.law.pilot import PILOT, DocumentKind, Pilot, Reason, served_online


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2025, 5, 27), False),
        (date(2025, 5, 28), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_the_pilot_runs_from_its_publication_through_march(day: date, inside: bool) -> None:
    assert PILOT.contains(day) is inside


def test_an_extension_is_a_value_not_a_change_of_code() -> None:
    assert Pilot(PILOT.first, date(2027, 3, 31)).contains(date(2026, 11, 22))


def test_a_pilot_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError):
        Pilot(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize("reason", Reason)
def test_only_an_expiring_identity_card_is_served_online(kind: DocumentKind, reason: Reason) -> None:
    assert served_online(kind, reason) is ((kind, reason) == (DocumentKind.IDENTITY_CARD, Reason.EXPIRY))
