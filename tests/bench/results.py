"""`build/bench.json`, its tables, and the lines that say plainly which bars hold.

`python -m tests.bench.results` copies the figures of the last run into README.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import Run, all_ratios, summary

RESULT, PICTURE = Path("build/bench.json"), Path("build/bench.svg")
MARKS = ("<!-- bench -->", "<!-- /bench -->")
Rounds = Mapping[str, Sequence[Run]]


def gathered(rounds: Rounds, product: Mapping[str, Any], machine: Mapping[str, Any]) -> dict[str, Any]:
    """Everything measured, as it is written to disk."""
    chain = {system: [round(run.rate, 2) for run in runs] for system, runs in rounds.items() if runs}
    every = [run for runs in rounds.values() for run in runs]
    seen = {
        "calibration": [round(run.calibration, 1) for run in every],
        "load": [round(run.load, 2) for run in every],
    }
    return {
        "chain": chain,
        "ratios": all_ratios(chain),
        "systems": {system: summary(runs) for system, runs in rounds.items() if runs},
        "product": dict(product),
        "machine": {**machine, **seen},
    }


def write(result: Mapping[str, Any], path: Path = RESULT) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def machine_line(result: Mapping[str, Any]) -> str:
    """One sentence: where and how it was measured."""
    about = result["machine"]
    busy, speed = about["load"], about["calibration"]
    return (
        f"Measured on {about['cores']} × {about['processor']}, {about['memory_gib']} GiB, {about['system']}, Python "
        f"{about['python']}: {about['rounds']} rounds of {about['seconds']:.0f} s, {about['window']} applications in "
        f"flight; load average {min(busy, default=0):.1f} to {max(busy, default=0):.1f}, a fixed loop ran at "
        f"{min(speed, default=0):.0f} to {max(speed, default=0):.0f} million turns a second."
    )


def into(readme: str, result: Mapping[str, Any]) -> str:
    """The text with what stands between its marks replaced by these figures."""
    before, _, rest = readme.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    figures = "\n".join([machine_line(result), "", *chain_table(result), "", *product_table(result)])
    return f"{before}{MARKS[0]}\n{figures}\n{MARKS[1]}{after}"


def bars(result: Mapping[str, Any]) -> list[str]:
    """One line for each bar: held or not, by how much."""
    lines = []
    for system, found in result["ratios"].items():
        if found["bar"] is None:
            continue
        word = "holds" if found["holds"] else "DOES NOT HOLD"
        each = ", ".join(f"{ratio:.2f}" for ratio in found["rounds"])
        lines.append(f"engine / {system}: {found['median']:.2f} (rounds {each}), bar {found['bar']}: {word}")
    return lines


def chain_table(result: Mapping[str, Any]) -> list[str]:
    """Markdown: the chain by system."""
    lines = [
        (
            "| system | applications/s | rounds | engine's rate is | bar | p50 ms | p95 ms "
            "| CPU ms each: broker / PostgreSQL / python |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for system, rates in result["chain"].items():
        line, ratio = result["systems"][system], result["ratios"].get(system)
        cpu = " / ".join(f"{line['cpu_ms'].get(party, 0):.1f}" for party in ("broker", "postgres", "python"))
        against = "" if ratio is None else f"{ratio['median']:.2f} ×"
        bar = "" if ratio is None or ratio["bar"] is None else f"≥ {ratio['bar']} {'✓' if ratio['holds'] else '✗'}"
        lines.append(
            f"| {system} | {line['rate']:.1f} | {', '.join(f'{rate:.1f}' for rate in rates)} | {against} | {bar} "
            f"| {line['p50_ms']:.0f} | {line['p95_ms']:.0f} | {cpu} |"
        )
    return lines


def product_table(result: Mapping[str, Any]) -> list[str]:
    """Markdown: the whole product."""
    return [
        "| the whole product | |",
        "| --- | --- |",
        *(f"| {name.replace('_', ' ')} | {value} |" for name, value in result["product"].items()),
    ]


if __name__ == "__main__":
    README = Path("README.md")
    README.write_text(into(README.read_text(encoding="utf-8"), json.loads(RESULT.read_text("utf-8"))), encoding="utf-8")
