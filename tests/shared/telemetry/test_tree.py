"""Whoever asks for an application sees its whole way as one tree."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from shared.telemetry import Telemetry
from shared.telemetry.exporter import JsonLines
from shared.telemetry.tree import main, spans_of

CASE = UUID("6f1c2a4e-8b3d-4c5e-9f70-112233445566")
SECOND = 1_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    intake = Telemetry("intake", JsonLines(tmp_path / "intake.jsonl"))
    payment = Telemetry("payment", JsonLines(tmp_path / "payment.jsonl"))
    opened = intake.record("process application-started", CASE, None, SECOND, 2 * SECOND, {"kualik.attempt": 2})
    intake.record("publish fee-requested", CASE, opened, 2 * SECOND, 2 * SECOND + 1_500_000)
    payment.record("process fee-requested", CASE, opened, 3 * SECOND, 4 * SECOND, {"error.type": "Outage"})
    payment.record("process fee-paid", UUID(int=7), None, SECOND, SECOND)
    with payment.span("batch", links=[opened]):
        pass
    intake.close()
    payment.close()
    with (tmp_path / "killed.jsonl").open("w", encoding="utf-8") as half:
        half.write(f'{{"trace":"{CASE.hex}","span":"00')
    return tmp_path


def test_the_tree_spans_processes_and_says_what_matters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CASE), "--folder", str(folder)]) == 0
    title, first, second, third, closing = capsys.readouterr().out.splitlines()
    assert title == f"application {CASE}"
    assert first.startswith("└ intake  process application-started")
    assert first.endswith("0.0 ms  [   1000.0]  attempt=2")
    assert second.startswith("  ├ intake  publish fee-requested")
    assert third.startswith("  └ payment  process fee-requested")
    assert "2000.0 ms" in third
    assert third.endswith("error.type=Outage")
    assert closing == "3 spans in 2 services, 3.000 s from first to last, none failed"


def test_other_applications_batches_and_half_lines_are_passed_over(folder: Path) -> None:
    assert len(spans_of(CASE, folder)) == 3
    assert len(spans_of(UUID(int=7), folder)) == 1


def test_when_nothing_is_found_the_way_on_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CASE), "--folder", str(tmp_path)]) == 1
    assert "make up" in capsys.readouterr().err
    assert main(["rubbish"]) == 2
    assert "not an application id" in capsys.readouterr().err
