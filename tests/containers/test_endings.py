"""Through the containers every citizen comes to the ending that awaits them, and no rule is broken."""

from __future__ import annotations

import faulthandler

from deploy.demo.__main__ import judged
from deploy.demo.play import FIRST, Play
from deploy.demo.stage import SEED, Stage
from deploy.postgres.bootstrap import connected
from deploy.sandbox.people import crowd
from deploy.sandbox.personas import PERSONAS
from shared.contracts.values import Ending
from tests.containers.conftest import composed


async def test_every_ending_is_reached_and_no_rule_is_broken() -> None:
    faulthandler.cancel_dump_traceback_later()
    citizens = crowd(SEED, FIRST.date(), len(PERSONAS))
    async with (
        composed("containers-endings") as (stack, http),
        connected(stack.addresses.administrator_url) as connection,
    ):
        stage = Stage(stack, http, connection)
        play = Play(stage, citizens)
        await play.perform()
        await stack.collect()
        report = await judged(stage, play, citizens)
    assert {rule: found for rule, found in report.broken.items() if found} == {}
    assert report.wrong == []
    assert report.good, report.unseen
    assert {ending.value for ending in Ending} <= {*report.endings}
