"""Every mutant is played until a rule that must find it does; the table of kills."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.drawing import draw
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.play import play

WITHIN = 300  # seeds, from the first
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- the table of kills -->", "<!-- end of the table -->"


@dataclass(frozen=True, slots=True)
class Kill:
    """`rule` found it at `seed`; both empty when it lived."""

    mutant: str
    rule: str = ""
    seed: int = 0

    @property
    def killed(self) -> bool:
        return bool(self.rule)


def hunt(name: str, within: int = WITHIN) -> Kill:
    """Play the mutant over the first seeds; what it raises itself kills nobody."""
    kills = (_at(named(name), seed) for seed in range(1, within + 1))
    return next((kill for kill in kills if kill.killed), Kill(name))


def hunt_again(name: str) -> Kill:
    """The seed at which it fell last, by the kept table, comes before all others."""
    kept = next((int(seed) for mutant, *_, seed in kept_table() if mutant == name and seed.isdecimal()), 1)
    again = _at(named(name), kept)
    return again if again.killed else hunt(name)


def _at(mutant: Mutant, seed: int) -> Kill:
    if not mutant.shows(draw(seed)):
        return Kill(mutant.name)
    broken = {violation.rule for violation in play(seed, mutant=mutant).violations}
    found = next((rule for rule in mutant.rules if rule in broken), None)
    return Kill(mutant.name) if found is None else Kill(mutant.name, found, seed)


def named(name: str) -> Mutant:
    return next(mutant for mutant in MUTANTS if mutant.name == name)


def hunt_all(
    map_over: Callable[[Callable[[str], Kill], Iterable[str]], Iterable[Kill]], how: Callable[[str], Kill] = hunt
) -> list[Kill]:
    """All of them, by the pool's way to map."""
    return list(map_over(how, [mutant.name for mutant in MUTANTS]))


def keep(kills: Iterable[Kill]) -> None:
    """Write the table into tests/README.md."""
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table(kills)}\n{END}{rest.partition(END)[2]}")


def kept_table() -> list[list[str]]:
    """The cells of each line of the table in tests/README.md."""
    inside = README.read_text().partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in inside[2:]]


def table(kills: Iterable[Kill]) -> str:
    """As it stands in tests/README.md."""
    lines = ["| mutant | what is broken | rule that finds it | seeds |", "|---|---|---|---|"]
    for kill in kills:
        rule = kill.rule.replace("_", " ") if kill.killed else "–"
        lines.append(f"| {kill.mutant} | {named(kill.mutant).broken} | {rule} | {kill.seed or '–'} |")
    return "\n".join(lines)
