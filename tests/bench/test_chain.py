"""The chain's own three implementations on real servers: every hop is made once, also of what is said twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.security import keyring
from tests.bench.chain import Chain
from tests.bench.hops import HOPS, KINDS, SHARERS, kinds_of
from tests.bench.systems import OURS, systems
from tests.servers import Servers


@pytest.fixture(scope="module")
def chain(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    keys: Path = tmp_path_factory.mktemp("bench") / "keys"
    keyring.generate(keys)
    return Chain(servers, keys, keys.parent / "logs", {}, os.getpid())


def test_the_services_share_the_hops_and_none_is_heard_twice() -> None:
    heard = [kind for sharer in range(1, SHARERS + 1) for kind in kinds_of(sharer)]
    assert sorted(heard, key=KINDS.index) == list(KINDS)
    assert len(heard) == HOPS


@pytest.mark.parametrize("name", OURS)
async def test_three_applications_make_every_hop_once_though_each_is_begun_twice(chain: Chain, name: str) -> None:
    (system,) = systems([name])
    run = await chain.run(system, window=3, seconds=0.0, times=2)  # raises when a hop was made twice or never
    assert run.applications == 3
    assert len(run.latencies) == 3
    assert run.rate > 0
