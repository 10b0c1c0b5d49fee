"""What one sees of it: a line now and then, and at the end the victims, the rules and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from deploy.demo.screen import console, endings_table, rules_table
from tests.chaos import handing
from tests.chaos.handing import Handed
from tests.chaos.judging import COUNTED, Verdict
from tests.chaos.log import Fallen, Log
from tests.chaos.schedule import Kind

SHOWN = 15


def progress(log: Log, doing: str, rows: Sequence[Mapping[str, Any]] | None) -> str:
    """Elapsed, applications begun and ended, victims by kind, what is wrong now."""
    seconds = int((datetime.now(UTC) - log.began).total_seconds())
    came = "?" if rows is None else str(len(rows))
    ended = "?" if rows is None else str(sum(row["ending"] is not None or row["expected"] is None for row in rows))
    fell = ", ".join(f"{_short(kind)} {count}" for kind, count in log.kinds.items()) or "nobody"
    wrong = ", ".join(_now(victim) for victim in log.lasting) or "nothing"
    at = f"{seconds // 60}:{seconds % 60:02}"
    return f"{at} {doing} · begun {came}, ended {ended} · fell: {fell} · wrong now: {wrong}"


def _now(victim: Fallen) -> str:
    where = f" → {victim.to}" if victim.to else ""
    seconds = (datetime.now(UTC) - victim.at).total_seconds()
    return f"{victim.name}{where} {_short(victim.kind)} {seconds:.0f} s"


def _short(kind: Kind) -> str:
    return kind.name.lower().replace("_", "-")


def victims_table(log: Log) -> Table:
    """By kind: how many fell, how long they were down, what they had in hand."""
    table = Table(title="Victims", title_justify="left")
    for name, right in (("kind", False), ("fell", True), ("seconds down, mean", True), ("rows or connections", True)):
        table.add_column(name, justify="right" if right else "left")
    for kind, count in log.kinds.items():
        of_kind = [victim for victim in log.fallen if victim.kind is kind]
        down = [(victim.until - victim.at).total_seconds() for victim in of_kind if victim.until]
        mean = f"{sum(down) / len(down):.1f}" if down else ""
        counted = sum(victim.count for victim in of_kind)
        table.add_row(kind, str(count), mean, str(counted) if kind in COUNTING else "")
    return table


COUNTING = (Kind.KILLED, Kind.CLOSED, Kind.TERMINATED, Kind.RESET, Kind.HALF_CLOSED)


def show(verdict: Verdict, log: Log) -> None:
    """Everything, and last the one line."""
    report = verdict.report
    console.print(victims_table(log), endings_table(report.lines), rules_table(report.broken, report.unjudged))
    for name in COUNTED:
        for line in getattr(verdict, name)[:SHOWN]:
            console.print(f"{name}: {line}", style="red", markup=False, soft_wrap=True)
    for rule, found in report.broken.items():
        for line in found[:SHOWN]:
            console.print(f"Violated: {rule}: {line}", style="red", markup=False, soft_wrap=True)
    console.print(_line("handed over", verdict.handed), _line("lost hand-offs recovered", verdict.recovered), sep="\n")
    counts = " ".join(f"{name}={count}" for name, count in verdict.counts.items())
    console.print(f"chaos: {verdict.applications} applications, {len(log.fallen)} kills, {counts}", soft_wrap=True)


def _line(what: str, handed: Sequence[Handed]) -> str:
    found = handing.in_figures(handed)
    limits = f"p99 {found['p99']} s (≤ {handing.P99:.0f}), max {found['max']} s (≤ {handing.MOST:.0f})"
    return f"{what}: {found['count']:.0f}, p50 {found['p50']} s, {limits}, over time with all servers up"
