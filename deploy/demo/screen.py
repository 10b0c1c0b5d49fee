"""What one sees: the live board of applications by stage, and the tables at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from shared.contracts.values import Stage

console = Console(highlight=False)
LIVE = [stage for stage in Stage if stage is not Stage.CLOSED]


def board(act: str, note: str, rows: Sequence[Mapping[str, Any]], moment: str) -> Panel:
    """Applications by stage as they stand, and the endings so far."""
    stages = Counter(row["stage"] for row in rows if row["ending"] is None and row["expected"] is not None)
    endings = Counter(row["ending"] for row in rows if row["ending"])
    door = sum(row["ending"] is None and row["expected"] is None for row in rows)
    width = max([1, *stages.values()])
    live = Table.grid(padding=(0, 1))
    for stage in LIVE:
        count = stages.get(stage.value, 0)
        bar = ProgressBar(total=width, completed=count, width=24)
        live.add_row(Text(stage.value.lower().replace("_", " "), style="" if count else "dim"), bar, str(count))
    ended = Table.grid(padding=(0, 2))
    for ending, count in sorted(endings.items()):
        ended.add_row(str(ending), str(count))
    ended.add_row(Text("at the door", style="dim"), str(door))
    both = Table.grid(padding=(0, 6))
    both.add_row(live, ended)
    finished = sum(endings.values()) + door
    foot = Text(f"{finished} of {len(rows)} at their end   business clock {moment}   {note}", style="dim")
    return Panel(Group(both, foot), title=act, title_align="left")


def endings_table(lines: Sequence[tuple[str, int, int, str]]) -> Table:
    """Ending, how many, how many as their persona says, and what was not seen."""
    table = Table(title="Applications by ending", title_justify="left")
    for name, right in (("ending", False), ("count", True), ("as expected", True)):
        table.add_column(name, justify="right" if right else "left")
    for ending, count, expected, _ in lines:
        style = "" if count == expected else "red"
        table.add_row(ending, str(count), str(expected), style=style)
    return table


def parts_table(parts: Mapping[str, tuple[float, float, int]]) -> Table:
    """The automatic parts in machine time: seconds."""
    table = Table(title="The automatic parts, machine time", title_justify="left")
    for name, right in (("part", False), ("p50 s", True), ("p99 s", True), ("applications", True)):
        table.add_column(name, justify="right" if right else "left")
    for part, (middle, slow, count) in parts.items():
        table.add_row(part, f"{middle:.2f}", f"{slow:.2f}", str(count))
    return table


def rules_table(broken: Mapping[str, Sequence[str]], unjudged: Mapping[str, str]) -> Table:
    """Every rule that must hold always, and how often it is broken, or what it would need to be judged here."""
    table = Table(title="What must hold always", title_justify="left")
    table.add_column("rule")
    table.add_column("violations", justify="right")
    for rule, found in broken.items():
        table.add_row(rule, str(len(found)), style="red" if found else "")
    for rule, needs in unjudged.items():
        table.add_row(rule, f"not judged here: needs {needs}", style="yellow")
    return table
