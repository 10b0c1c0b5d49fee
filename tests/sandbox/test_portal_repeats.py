"""The portal says a thing again as it said it the first time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from deploy.sandbox.portal.driver import NotNow
from deploy.sandbox.portal.wires import RealWires
from shared.clock import SeededIds
from shared.contracts.base import Sealed
from shared.contracts.portal import FeedbackLeft
from shared.engine.rows import Fate, Outgoing
from shared.security.keyring import Keyring
from shared.security.sealing import PortalSealer


class Doubtful:
    """A broker that takes the first message and does not say so."""

    def __init__(self) -> None:
        self.taken: list[Outgoing] = []

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        self.taken += rows
        return [Fate.FAILED if len(self.taken) == 1 else Fate.CONFIRMED]


async def test_what_was_not_confirmed_is_said_again_in_the_same_bytes() -> None:
    broker, sealer = Doubtful(), PortalSealer(Keyring.derived(b"portal").portal_public(), SeededIds(1).nonce)
    wires = RealWires(cast(Any, broker), sealer, cast(Any, None), "", Path())
    said = FeedbackLeft(application_id=UUID(int=1), authenticated_iin=Sealed("900115390019"), rating=5)
    with pytest.raises(NotNow):
        await wires.say(said, UUID(int=2), {"said-at": "1"})
    await wires.say(said, UUID(int=2), {"said-at": "2"})
    first, second = broker.taken
    assert (first.id, first.body, first.headers) == (second.id, second.body, second.headers)
    assert not wires.unconfirmed
