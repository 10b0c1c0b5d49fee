"""The run folder: whose it is, what a killed run left, and which processes are ours."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.belongings import MARK, Footprint, started_at
from deploy.local.folder import AlreadyRunning, RunFolder

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    folder = RunFolder(tmp_path)
    folder.acquire()
    yield folder
    folder.release()


def test_two_runs_in_one_folder_tell_each_other(folder: RunFolder) -> None:
    with pytest.raises(AlreadyRunning, match=f"already runs in .*process {os.getpid()}"):
        RunFolder(folder.home).acquire()


def test_a_released_folder_may_be_taken_again(folder: RunFolder) -> None:
    folder.release()
    assert RunFolder(folder.home).holder() is None
    assert folder.acquire() == []


def test_a_port_is_kept_until_someone_else_has_it(folder: RunFolder) -> None:
    first = folder.port("amqp")
    assert folder.port("amqp") == first
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", first))
        stranger.listen()
        assert folder.port("amqp") != first


def test_no_two_names_share_a_port(folder: RunFolder) -> None:
    assert len({folder.port(f"name {number}") for number in range(50)}) == 50


def test_passwords_are_kept_and_for_our_eyes_only(folder: RunFolder) -> None:
    assert folder.secret("broker intake") == RunFolder(folder.home).secret("broker intake")
    assert folder.secret("broker intake") != folder.secret("broker payment")
    assert (folder.run / "secrets.json").stat().st_mode & 0o077 == 0


def test_what_a_killed_run_left_is_stopped_and_forgotten(folder: RunFolder) -> None:
    recorded, unrecorded = subprocess.Popen(SLEEP), subprocess.Popen(SLEEP, env={**os.environ, **folder.mark})
    (folder.pids / "intake.json").write_text(Footprint.of("intake", recorded.pid).to_json())
    folder.release()
    assert recorded.wait() == unrecorded.wait() == -signal.SIGTERM
    assert not list(folder.pids.iterdir())


def test_a_process_that_only_has_the_same_number_is_left_alone(folder: RunFolder) -> None:
    with subprocess.Popen(SLEEP) as stranger:
        foot = Footprint("intake", stranger.pid, (started_at(stranger.pid) or 0) - 1, "another boot")
        (folder.pids / "intake.json").write_text(foot.to_json())
        folder.release()
        assert stranger.poll() is None
        stranger.kill()


def test_the_processes_of_another_folder_are_left_alone(folder: RunFolder) -> None:
    with subprocess.Popen(SLEEP, env={**os.environ, MARK: f"{folder.home}-2"}) as stranger:
        folder.release()
        assert stranger.poll() is None
        stranger.kill()


def test_forgetting_the_data_keeps_ports_and_passwords(folder: RunFolder) -> None:
    (folder.data / "case").write_text("1")
    port, word = folder.port("amqp"), folder.secret("postgres")
    folder.wipe()
    assert not (folder.data / "case").exists()
    assert (folder.port("amqp"), folder.secret("postgres")) == (port, word)
