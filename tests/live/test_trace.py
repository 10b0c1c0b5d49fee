"""After the load: the way of one annulled application through the services, as the run-book shows it."""

from __future__ import annotations

import asyncio
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.local.folder import REPOSITORY
from deploy.sandbox.people import Citizen
from shared.telemetry.tree import spans_of
from tests.live.house import House
from tests.live.load import WITNESS, Outcome

pytestmark = pytest.mark.live


@pytest.fixture
def witness(outcome: Outcome) -> Citizen:
    return next(citizen for citizen in outcome.citizens if citizen.persona.name == WITNESS)


@pytest.fixture
def folder(house: House) -> Path:
    return house.stack.folder.data / "spans"


async def test_an_annulled_application_is_one_tree_from_the_portal_to_the_refund(
    witness: Citizen, folder: Path
) -> None:
    """The one root is the application itself: the parent that the portal names, and whoever is told nothing else."""
    id = witness.application_id(0)
    spans = spans_of(id, folder)
    known = {span.id for span in spans}
    assert {span.parent for span in spans} - known == {sha256(id.bytes).hexdigest()[:16]}
    assert len({span.service for span in spans}) >= 6
    names = [span.name for span in sorted(spans, key=lambda span: span.start)]
    assert "start" in names[0], names[0]
    assert "publish fee-refunded" in names
    assert not [span.name for span in spans if span.failed]


async def test_the_tree_that_is_printed_names_no_person(witness: Citizen, folder: Path) -> None:
    id = witness.application_id(0)
    printing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.telemetry.tree", str(id), "--folder", str(folder),
        stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY,
    )  # fmt: skip
    printed = (await printing.communicate())[0].decode()
    assert printing.returncode == 0
    assert printed.startswith(f"application {id}\n")
    person = witness.person
    for word in (witness.iin, witness.phone.removeprefix("+7"), witness.iban, person.surname, witness.email or "@"):
        assert word not in printed
