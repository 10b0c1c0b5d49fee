"""The tool that makes of an officer's address what their account may bear."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from deploy.identity import address
from shared.law.address import address_index
from shared.security import keyring
from tests.law.people import an_address

ADDRESS = an_address(street="ҮЛГІ КӨШЕСІ", building="7", flat="12")


@pytest.mark.parametrize(
    ("given", "code"),
    [(ADDRESS.model_dump_json(), 0), ('{"city": "АСТАНА"}', 2), ("ҮЛГІ КӨШЕСІ 7", 2)],
    ids=["an-address", "no-house", "no-json"],
)
def test_an_address_becomes_its_index_and_nothing_else_is_said(
    given: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keyring.generate(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    monkeypatch.setattr("sys.argv", ["address", str(tmp_path)])
    assert address.main() == code
    said = capsys.readouterr()
    index = address_index(ADDRESS, keyring.load(tmp_path).blind_index)
    assert said.out == (f"{index}\n" if code == 0 else "")
    assert "ҮЛГІ" not in said.out + said.err


def test_without_keys_it_says_which_file_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(ADDRESS.model_dump_json()))
    monkeypatch.setattr("sys.argv", ["address", str(tmp_path)])
    assert address.main() == 2
    said = capsys.readouterr()
    assert (said.out, keyring.SEAL_ROOT in said.err, "ҮЛГІ" in said.err) == ("", True, False)
