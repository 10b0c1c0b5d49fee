"""A command that borrows the settings of a running service."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.belongings import MARK, Footprint
from deploy.local.beside import DoesNotRun, environment_of
from deploy.local.folder import REPOSITORY, RunFolder

URL = "http://revenue.example"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    """In it `payment` runs, and `gone` has ended."""
    folder = RunFolder(tmp_path)
    folder.pids.mkdir(parents=True)
    settings = {**os.environ, "KUALIK_REVENUE_URL": URL, MARK: str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", "input()"], env=settings, stdin=subprocess.PIPE) as service:
        footprint = Footprint.of("payment", service.pid)
        (folder.pids / "payment.json").write_text(footprint.to_json(), encoding="utf-8")
        ended = Footprint("gone", service.pid, footprint.started - 1, footprint.boot)
        (folder.pids / "gone.json").write_text(ended.to_json(), encoding="utf-8")
        yield folder
        service.communicate(b"\n", timeout=10)


def beside(folder: RunFolder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local.beside", *arguments], cwd=REPOSITORY, capture_output=True, text=True,
        env={**os.environ, "KUALIK_HOME": str(folder.home)}, timeout=60, check=False, input='{"a": 1}',
    )  # fmt: skip


def test_the_settings_are_the_services_and_the_command_is_not_taken_for_one_of_the_folder(folder: RunFolder) -> None:
    environment = environment_of(folder, "payment")
    assert environment["KUALIK_REVENUE_URL"] == URL
    assert MARK not in environment


def test_the_command_is_run_with_its_arguments(folder: RunFolder) -> None:
    told = beside(folder, "payment", "json.tool", "--compact")
    assert (told.returncode, told.stdout) == (0, '{"a":1}\n')
    assert beside(folder, "payment", "json.tool", "--no-such").returncode == 2


@pytest.mark.parametrize("name", ["gone", "nobody"])
def test_beside_nothing_there_is_no_command(folder: RunFolder, name: str) -> None:
    with pytest.raises(DoesNotRun):
        environment_of(folder, name)
    told = beside(folder, name, "json.tool")
    assert (told.returncode, told.stdout) == (2, "")
    assert f"{name} does not run in" in told.stderr
    assert beside(folder, name).returncode == 2
