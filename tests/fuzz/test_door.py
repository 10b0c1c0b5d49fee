"""The fuzzer is quick enough to be taken along, and it sees what it is to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.security.cleaning import Clean
from tests.fuzz.__main__ import knock
from tests.fuzz.door import Seen, watched
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import SECRET, seeds


async def test_two_hundred_mutated_uploads_do_no_harm(tmp_path: Path) -> None:
    seen = await knock(200, 0, tmp_path)
    assert seen.bad == []
    assert seen.answers[201] > 10
    assert seen.answers[422] > 50


async def test_it_notices_what_comes_through_and_what_is_written_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(content: bytes, _: object) -> Clean:
        (tmp_path / "copy").write_bytes(content)
        return Clean(content + SECRET, "image/png")

    monkeypatch.setattr("services.intake.uploading.cleaned", careless)
    seen = await knock(60, 0, tmp_path)
    assert any("came through" in each for each in seen.bad)
    assert f"{tmp_path / 'copy'} was written" in seen.bad


def test_the_same_number_is_the_same_file() -> None:
    for name, body in seeds().items():
        assert mutated(body, 7) == mutated(body, 7), name


def test_what_is_only_read_is_not_written(tmp_path: Path) -> None:
    seen = Seen()
    (tmp_path / "a").write_bytes(b"a")
    with watched(seen):
        (tmp_path / "a").read_bytes()
        assert seen.opened == set()
        (tmp_path / "b").write_bytes(b"b")
    (tmp_path / "c").write_bytes(b"c")
    assert seen.opened == {str(tmp_path / "b")}
