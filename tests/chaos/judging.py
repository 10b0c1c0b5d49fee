"""What became of everyone when all is healed: the oracle's judgement, the four figures, the times of recovery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from deploy.demo.__main__ import judged
from deploy.demo.evidence import AfterTrouble
from deploy.demo.play import Play
from deploy.demo.report import Report
from deploy.demo.stage import Stage
from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Refund
from shared.contracts.base import Sealer
from shared.engine.service import Step
from shared.process import INTAKE, SERVICES
from tests.chaos import figures, handing
from tests.chaos.eyes import Eyes
from tests.chaos.handing import Handed
from tests.chaos.line import Line
from tests.chaos.log import Log
from tests.chaos.times import Leaps

LOCKS = 10.0  # seconds in which a client that has gone silent loses its locks (the server looks a little later)
LOOKS = 1.5  # seconds


class OnTheMachineSClock(AfterTrouble):
    """The order of steps is judged by when they were written, not by business times that leap."""

    leaps = Leaps()

    def steps(self) -> Sequence[Step]:
        written: list[tuple[datetime, Step]] = []
        for service in SERVICES:
            written += [(self.leaps.machine(at), row) for at, row in self.rows(service, Step)]
        return [row for _, row in sorted(written, key=lambda each: each[0])]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last line and what stands behind it."""

    applications: int
    lost: Sequence[str]
    double_charged: Sequence[str]
    refunds_missing: Sequence[str]
    refunds_doubled: Sequence[str]
    report: Report
    handed: Sequence[Handed]
    recovered: Sequence[Handed]
    longest_held: float

    @property
    def counts(self) -> dict[str, int]:
        found = {name: len(getattr(self, name)) for name in COUNTED}
        return {**found, "violations": self.report.violations}

    @property
    def good(self) -> bool:
        return not any(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "applications": self.applications,
            **self.counts,
            **{f"{name}_of": list(getattr(self, name)) for name in COUNTED},
            "handed_over": handing.in_figures(self.handed),
            "recovered": handing.in_figures(self.recovered),
            "longest_idle_in_transaction": round(self.longest_held, 2),
            "report": self.report.as_json(),
        }


COUNTED = ("lost", "double_charged", "refunds_missing", "refunds_doubled")


async def verdict(
    stage: Stage, line: Line, leaps: Leaps, log: Log, eyes: Eyes, citizens: Sequence[Citizen],
    more: Mapping[str, Sequence[str]],
) -> Verdict:  # fmt: skip
    """Read everything that was written, here and outside, and judge it; `more` are rules judged already."""
    stage.connection = await line.connection()
    kept: list[OnTheMachineSClock] = []

    def evidence_of(sealer: Sealer, leap: timedelta) -> AfterTrouble:
        kept.append(OnTheMachineSClock(sealer, leap))
        kept[0].leaps = leaps
        return kept[0]

    report = await judged(stage, Play(stage, citizens), citizens, evidence_of)
    windows = log.windows()
    handed, recovered = await handing.heard(line, leaps, windows), handing.recovered(eyes.stranded.values(), windows)
    seconds, whose = eyes.longest_held
    broken = {
        **report.broken,
        **more,
        "everybody who comes is let in": [each for each in report.unseen if each.endswith("never began")],
        f"what is said is heard within {handing.P99:.0f} s (p99) and {handing.MOST:.0f} s of servers that are up": [
            *handing.too_slow("handed over", handed),
            *handing.too_slow("recovered", recovered),
        ],
        "who goes silent loses the locks within ten seconds": [
            f"{whose} held a transaction open for {seconds:.1f} s" for _ in range(seconds > LOCKS + LOOKS)
        ],
    }
    endings = {str(id): state.ending for id, state in kept[0].states(INTAKE).items()}
    lawful = {
        str(id)
        for citizen in citizens
        for id, (_, persona) in citizen.courses().items()
        if persona.treatment.refund is Refund.AGAINST_LAW
    }
    books = kept[0].books()
    assert books is not None, "the sandbox shows its books"
    accepted = figures.applications(await stage.applications(), await stage.given_up())
    return Verdict(
        applications=len(accepted),
        lost=figures.lost(accepted),
        double_charged=figures.double_charged(books),
        refunds_missing=figures.refunds_missing(books, endings, lawful),
        refunds_doubled=figures.refunds_doubled(books, endings),
        report=replace(report, broken=broken),
        handed=handed,
        recovered=recovered,
        longest_held=seconds,
    )
