"""The search for personal data finds it however it is written, and nothing else."""

from __future__ import annotations

import json
from datetime import date

import pytest

from deploy.demo.privacy import Secrets
from deploy.sandbox.people import crowd

CITIZENS = crowd("privacy", date(2025, 10, 7), 80)
SECRETS = Secrets(CITIZENS)
ONE = CITIZENS[7]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"iin": "{ONE.iin}"}}',
        f"phone={ONE.phone};",
        f"8{ONE.phone[2:]}",
        ONE.iban,
        f"Құрметті {ONE.person.surname} мырза",
        json.dumps({"name": ONE.person.surname}),
    ],
)
def test_a_citizen_is_found_in_clear(text: str) -> None:
    assert SECRETS.stand_in(text.encode())


INNOCENT = (str(ONE.application_id(0)), f"9{ONE.iin}", f"s1.2025-10.AbC0{ONE.iin}", "Заявка принята")


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert not SECRETS.stand_in(text.encode())
