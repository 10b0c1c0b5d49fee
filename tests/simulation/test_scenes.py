"""Every scene reaches what it is there for, also while other things go wrong beside it."""

from __future__ import annotations

from random import Random

import pytest

from tests.simulation.drawing import draw, staged
from tests.simulation.play import play
from tests.simulation.scenes import SCENES, Scene
from tests.simulation.sometimes.reached import wanted

pytestmark = pytest.mark.simulation

REACHES = {
    "the first SMS never comes": "consent is granted on a later SMS",
    "another form while the face is compared": "a newer revision comes while the older is judged",
    "nobody compares the face": "an outage sends away who waits for the likeness",
    "the signature comes while its end is being said":
        "a signature is valid, and the ending that waited for it is refused",
    "the pilot ends before the citizen reads that they may sign": "the pilot is over when the signature comes",
    "gives up while the signature is checked": "a signature is checked that is not asked for any more",
    "gives up while the officer's decision is confirmed": "a withdrawal is checked after the ending",
    "a change while РП ДРН registers": "what changed before anybody was told of the talon is told all the same",
    "a change before all know of the registration": "refusal 1 stops by close-refused",
    "the second application ends before the first is recalled":
        "an application that waited for its place ends without it",
    "the year ends while АИС СИК is asked": "the law changes while АИС СИК is asked",
    "nobody can pay for a while": "the term of payment is extended by an outage",
    "a refund is filed and nobody hears of it": "a refund is found filed already",
    "the order to refund comes before the annulment": "a refund waits for the annulment notice",
    "an officer walks away": "the lease runs out, and another takes the case",
    "a refusal of production is heard last": "a refusal of production comes too late for another round",
    "a change while the card is ordered": "an order is refused that is not wanted any more",
    "a card comes before the word of its shipment": "a card is checked in before its shipment is told",
    "a change while nobody knows that the card is made": "an order that was cancelled is made already",
    "every order is slow": "annulment 3 is ordered again",
    "every order is slow, and the card was ordered": "not made 1 is ordered again",
}  # fmt: skip
WITHIN = 60  # seeds


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_scene_reaches_its_corner_and_nothing_breaks_there(scene: Scene) -> None:
    name = REACHES[scene.name]
    assert name in wanted()
    for seed in range(1, WITHIN):
        luck = draw(seed)
        if luck.calm or luck.scene:
            continue
        report = play(seed, staged(luck, scene, Random(f"{scene.name} {seed}")))
        assert not report.violations, f"seed {seed}"
        if name in report.seen:
            return
    pytest.fail(f"{scene.name} never reached: {name}")
