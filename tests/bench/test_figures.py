"""What is made of the runs: statistics, the file's shape, the picture, the tables that are copied into README."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench import picture, results
from tests.bench.envs import LOCKS, PEERS
from tests.bench.figures import BARS, ENGINE, Run, all_ratios, percentile, ratios, summary
from tests.bench.systems import SYSTEMS, systems

README = Path(__file__).resolve().parents[2] / "README.md"


def run(rate: float, *, cpu: float = 1.0) -> Run:
    return Run(rate, 100, (0.1, 0.2, 0.3, 0.4), {"python": cpu, "broker": 0.5}, 2.0, 20.0, 0.5)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.25, 1.0), (0.5, 2.0), (0.51, 3.0), (0.95, 4.0), (1.0, 4.0)]
)
def test_a_percentile_is_a_value_that_was_seen(share: float, expected: float) -> None:
    assert percentile([4.0, 2.0, 1.0, 3.0], share) == expected


def test_of_nothing_the_percentile_is_nothing() -> None:
    assert percentile([], 0.5) == 0.0


def test_ratios_are_of_the_same_round() -> None:
    assert ratios([10.0, 30.0], [5.0, 10.0, 1.0]) == [2.0, 3.0]


def test_a_bar_is_judged_by_the_median_of_the_rounds() -> None:
    found = all_ratios({ENGINE: [100.0, 10.0, 100.0], "naive": [40.0, 10.0, 20.0], "raw": [200.0, 20.0, 200.0]})
    assert found["naive"] == {"rounds": [2.5, 1.0, 5.0], "median": 2.5, "bar": 2.5, "holds": True}
    assert (found["raw"]["median"], found["raw"]["holds"]) == (0.5, False)


def test_a_system_that_never_ran_is_left_out() -> None:
    assert all_ratios({ENGINE: [100.0], "dbos": []}) == {}


def test_a_summary_counts_processors_by_application() -> None:
    line = summary([run(50.0), run(70.0, cpu=3.0)])
    assert line["rate"] == 60.0
    assert line["cpu_ms"] == {"broker": 5.0, "python": 20.0}
    assert line["cores"] == {"broker": 0.25, "python": 1.0}
    assert (line["p50_ms"], line["p95_ms"]) == (200.0, 400.0)


def test_the_file_has_chain_ratios_product_and_machine(tmp_path: Path) -> None:
    rounds = {ENGINE: [run(100.0), run(120.0)], "naive": [run(30.0), run(30.0)], "dbos": []}
    result = results.gathered(rounds, {"applications": 10}, {"processor": "one"})
    results.write(result, tmp_path / "bench.json")
    read = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert read["chain"] == {ENGINE: [100.0, 120.0], "naive": [30.0, 30.0]}
    assert read["ratios"]["naive"]["median"] == pytest.approx(3.67)
    assert read["product"] == {"applications": 10}
    assert read["machine"] == {"processor": "one", "calibration": [20.0] * 4, "load": [0.5] * 4}
    assert "holds" in results.bars(read)[0]


def test_the_picture_is_well_formed_and_shows_every_round() -> None:
    drawn = picture.drawn({"engine": [100.0, 90.0], "<a&b>": [10.0], "none": []}, "Intel & others")
    root = ElementTree.fromstring(drawn)
    name = "{http://www.w3.org/2000/svg}"
    assert [text.text for text in root.iter(f"{name}text")].count("<a&b>") == 1
    assert len(list(root.iter(f"{name}line"))) == 3


def test_every_bar_is_of_a_system_that_is_measured() -> None:
    assert set(BARS) | {ENGINE} == {system.name for system in SYSTEMS}
    with pytest.raises(LookupError, match="abacus"):
        systems(["engine", "abacus"])


@pytest.mark.parametrize("peer", PEERS)
def test_a_peers_packages_are_pinned_with_hashes_and_without_addresses(peer: str) -> None:
    lock = (LOCKS / f"{peer}.lock").read_text(encoding="utf-8")
    pinned = [line for line in lock.splitlines() if line[:1].isalpha()]
    assert any(line.startswith(f"{peer}==") for line in pinned)
    assert all("==" in line for line in pinned)
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_readme_names_every_system_that_is_measured() -> None:
    told = README.read_text(encoding="utf-8").partition("<!-- bench -->")[2].partition("<!-- /bench -->")[0]
    rows = [line.split("|")[1].strip() for line in told.splitlines() if line.startswith("| ")]
    assert {system.name for system in SYSTEMS} <= set(rows)
