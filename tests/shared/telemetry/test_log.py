"""A log line is JSON, keeps Kazakh letters, and names no person."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from shared.telemetry.log import configure
from shared.telemetry.redaction import masked, masked_deep


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    former, level = root.handlers[:], root.level
    for handler in former:
        root.removeHandler(handler)
    yield tmp_path / "payment.log"
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in former:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_line_carries_the_application_and_keeps_kazakh_letters(file: Path) -> None:
    configure("payment", file)
    with structlog.contextvars.bound_contextvars(application_id="6f1c2a4e-8b3d-4c5e-9f70-112233445566"):
        structlog.get_logger("ledger").info("төлем қабылданды", tenge=2470)
    (said,) = lines(file)
    assert said["event"] == "төлем қабылданды"
    assert "төлем қабылданды" in file.read_text(encoding="utf-8")
    assert said["application_id"] == "6f1c2a4e-8b3d-4c5e-9f70-112233445566"
    assert (said["service"], said["level"], said["logger"], said["tenge"]) == ("payment", "info", "ledger", 2470)


def test_persons_are_masked_in_our_lines_and_in_those_of_libraries(file: Path) -> None:
    configure("payment", file)
    structlog.get_logger().warning("asked for 880101300123", to=["+7 701 123 45 67"], deep={"mail": "a.b@mail.kz"})
    logging.getLogger("a.library").error("no such person: %s", "880101300123")
    assert [said["event"] for said in lines(file)] == ["asked for ***", "no such person: ***"]
    assert (lines(file)[0]["to"], lines(file)[0]["deep"]) == (["***"], {"mail": "***"})


def test_an_exception_is_its_class_and_its_place_never_its_text(file: Path) -> None:
    configure("payment", file)
    try:
        raise ValueError("Сәуле Ахметова")
    except ValueError:
        structlog.get_logger().exception("a decision raised")
        logging.getLogger("a.library").exception("something raised")
    assert "Сәуле" not in file.read_text(encoding="utf-8")
    for said in lines(file):
        assert said["error"] == "ValueError"
        assert said["where"][-1].startswith("test_log.py:")


def test_below_the_level_nothing_is_written(file: Path) -> None:
    configure("payment", file, level="WARNING")
    structlog.get_logger().info("quiet")
    logging.getLogger("a.library").info("quiet")
    assert lines(file) == []


@pytest.mark.parametrize(
    "person",
    [
        "880101300123",
        "880101 300123",
        "+77011234567",
        "87011234567",
        "8 (701) 123-45-67",
        "+7 701 123 45 67",
        "a@b.kz",
        "deadbeefdeadbeef@mail.kz",
    ],
)
def test_what_looks_like_a_person_is_masked(person: str) -> None:
    assert masked(f"для {person}.") == "для ***."
    assert masked_deep({"k": [person, (person,)], person: 1}) == {"k": ["***", ["***"]], "***": 1}


@pytest.mark.parametrize(
    "kept",
    [
        "6f1c2a4e-8b3d-4c5e-9f70-112233445566",
        "00-6f1c2a4e8b3d4c5e9f70112233445566-0000112233445566-01",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2025-05-28T10:00:00.123456+05:00",
        "1748408400123456789",
        "12345678901",
        "events:fee-paid:intake.fee-paid",
    ],
)
def test_ids_hashes_and_times_stay_readable(kept: str) -> None:
    assert masked(kept) == kept


def test_a_long_text_costs_no_more_than_its_length() -> None:
    started = time.perf_counter()
    masked("12ab" * 250_000)
    assert time.perf_counter() - started < 2


@given(st.uuids())
def test_no_application_id_is_ever_masked(application_id: Any) -> None:
    assert masked(f"{application_id}") == str(application_id)


@given(st.from_regex(r"\A\d{12}\Z"), st.text("абв ,.:;/=\"'_xyz", max_size=5))
def test_no_iin_ever_passes(iin: str, around: str) -> None:
    assert iin not in masked(f"{around}{iin}{around}")
