"""Which regions have a workstation is a setting, and what an integrator is given stands in one private file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.local import workstations
from deploy.local.addresses import BrokerAddress
from deploy.local.child import CommandFailed
from deploy.local.folder import RunFolder

BROKER = BrokerAddress("127.0.0.1", 5672, "http://127.0.0.1:15672", "administrator", "word")


@pytest.mark.parametrize(("said", "regions"), [("", ()), ("75,71", ("75", "71")), (" 75  71,75 ", ("75", "71"))])
def test_the_setting_names_regions_and_nothing_is_the_default(
    monkeypatch: pytest.MonkeyPatch, said: str, regions: tuple[str, ...]
) -> None:
    monkeypatch.setenv(workstations.SETTING, said)
    assert workstations.named() == regions


def test_what_is_no_region_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(workstations.SETTING, "75,7")
    with pytest.raises(CommandFailed, match="names 7, and the regions are 10, "):
        workstations.named()


def test_an_integrator_gets_user_queue_and_address_and_nobody_else_reads_them(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    passwords = workstations.secrets_of(folder, ("75",))
    assert passwords == workstations.secrets_of(folder, ("75",))
    workstations.hand_out(folder, workstations.urls(BROKER, passwords, ("75",)))
    path = tmp_path / workstations.FILE
    assert json.loads(path.read_text()) == {
        "75": {
            "user": "workstation-75",
            "queue": "ums-review.review-queued.75",
            "url": f"amqp://workstation-75:{passwords['workstation-75']}@127.0.0.1:5672/%2F",
        }
    }
    assert path.stat().st_mode & 0o077 == 0
    assert workstations.shown(folder, ("75",)) == {"workstations": f"workstation-75; how they enter: {path}"}
    workstations.hand_out(folder, {})
    assert not path.exists()
    assert workstations.shown(folder, ()) == {}
