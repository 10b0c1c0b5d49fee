"""Spans hang together by the application, in every process, and name no person."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.settings import Settings
from shared.telemetry import Silent, Spans, Telemetry, processed, published, telemetry_of
from shared.telemetry.exporter import JsonLines, line

CASE = UUID("6f1c2a4e-8b3d-4c5e-9f70-112233445566")
OTHER = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def telemetry(kept: InMemorySpanExporter) -> Telemetry:
    return Telemetry("payment", kept)


def told(telemetry: Telemetry, kept: InMemorySpanExporter) -> list[dict[str, object]]:
    telemetry.flush()
    return [line(span) for span in kept.get_finished_spans()]


def test_the_trace_is_the_application(telemetry: Telemetry, kept: InMemorySpanExporter) -> None:
    with telemetry.span("process fee-paid", CASE, kind="consumer") as span:
        assert span.traceparent.split("-")[1] == CASE.hex
    (seen,) = told(telemetry, kept)
    assert seen["trace"] == CASE.hex
    assert seen["service"] == "payment"
    assert seen["kind"] == "consumer"


def test_spans_without_a_parent_share_one_that_every_service_invents_alike(
    telemetry: Telemetry, kept: InMemorySpanExporter
) -> None:
    elsewhere = Telemetry("intake", kept)
    with telemetry.span("one", CASE):
        pass
    with elsewhere.span("two", CASE):
        pass
    elsewhere.flush()
    one, two = told(telemetry, kept)
    assert one["parent"] == two["parent"] != ""


def test_a_span_goes_on_from_the_one_a_message_carries(telemetry: Telemetry, kept: InMemorySpanExporter) -> None:
    with telemetry.span("publish", CASE) as sent:
        carried = sent.traceparent
    with telemetry.span("process", CASE, parent=carried):
        pass
    publish, process = told(telemetry, kept)
    assert process["parent"] == publish["span"]


def test_a_parent_of_another_case_becomes_a_link(telemetry: Telemetry, kept: InMemorySpanExporter) -> None:
    with telemetry.span("take", CASE, parent=f"00-{OTHER.hex}-00000000000000aa-01"):
        pass
    (seen,) = told(telemetry, kept)
    assert seen["trace"] == CASE.hex
    assert seen["links"] == [f"{OTHER.hex}-00000000000000aa"]


@pytest.mark.parametrize("foreign", ["", "rubbish", f"00-{'0' * 32}-00000000000000aa-01", f"00-{CASE.hex}-aa-01"])
def test_an_unreadable_parent_is_no_parent(telemetry: Telemetry, kept: InMemorySpanExporter, foreign: str) -> None:
    with telemetry.span("take", CASE, parent=foreign, links=[foreign]):
        pass
    (seen,) = told(telemetry, kept)
    assert (seen["trace"], seen["links"]) == (CASE.hex, [])


def test_work_for_many_applications_has_a_trace_of_its_own_and_links(
    telemetry: Telemetry, kept: InMemorySpanExporter
) -> None:
    with telemetry.span("batch", links=[f"00-{CASE.hex}-00000000000000aa-01"]):
        pass
    (seen,) = told(telemetry, kept)
    assert seen["trace"] != CASE.hex
    assert seen["parent"] == ""
    assert seen["links"] == [f"{CASE.hex}-00000000000000aa"]


def test_of_an_exception_only_its_class_is_told(telemetry: Telemetry, kept: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Сәуле"), telemetry.span("ask", CASE):
        raise ValueError("Сәуле 880101300123")
    (seen,) = told(telemetry, kept)
    assert seen["failed"] is True
    assert seen["attributes"] == {"error.type": "ValueError"}
    assert "Сәуле" not in repr(kept.get_finished_spans()[0].to_json())


def test_an_attribute_that_looks_like_a_person_is_masked(telemetry: Telemetry, kept: InMemorySpanExporter) -> None:
    with telemetry.span("ask", CASE, attributes={"url": "/person/880101300123", "kualik.attempt": 2}) as span:
        span.set({"to": "aigerim@example.kz", "message": str(CASE)})
    (seen,) = told(telemetry, kept)
    assert seen["attributes"] == {"url": "/person/***", "kualik.attempt": 2, "to": "***", "message": str(CASE)}


def test_time_in_the_outbox_is_measured_afterwards(telemetry: Telemetry, kept: InMemorySpanExporter) -> None:
    parent = telemetry.record("outbox", CASE, None, 1_000, 5_000, {"kualik.rows": 3})
    telemetry.record("clock went back", CASE, parent, 9_000, 8_000)
    dwelt, odd = told(telemetry, kept)
    assert (dwelt["start"], dwelt["end"]) == (1_000, 5_000)
    assert odd["parent"] == dwelt["span"]
    assert odd["start"] == odd["end"] == 9_000


def test_names_are_those_of_the_current_conventions() -> None:
    sent = published("events", "fee-paid", OTHER, CASE, body_size=812)
    heard = processed("events", "fee-paid", "intake.fee-paid", OTHER, CASE, attempt=3)
    assert sent["messaging.destination.name"] == "events:fee-paid"
    assert sent["messaging.message.body.size"] == 812
    assert heard["messaging.destination.name"] == "events:fee-paid:intake.fee-paid"
    assert heard["kualik.attempt"] == 3
    assert {"messaging.operation", "messaging.destination_publish.name"}.isdisjoint(sent | heard)
    assert processed("", "fee-paid", "fee-paid", OTHER, CASE)["messaging.destination.name"] == "fee-paid"


def test_silence_has_the_same_interface() -> None:
    spans: Spans = Silent()
    with spans.span("process", CASE, kind="consumer", attributes={"a": 1}) as span:
        span.set({"b": 2})
        span.failed("Outage")
        assert span.traceparent == ""
    assert spans.record("outbox", CASE, None, 1, 2) == ""
    spans.close()


def test_silence_swallows_no_exception() -> None:
    with pytest.raises(KeyError), Silent().span("process", CASE):
        raise KeyError


def test_settings_choose_where_spans_go(tmp_path: Path) -> None:
    assert isinstance(telemetry_of("payment", Settings()), Silent)
    for named, expected in ((tmp_path / "a.jsonl", "a.jsonl"), (tmp_path / "folder", "folder/payment-*.jsonl")):
        spans = telemetry_of("payment", Settings(traces_file=named))
        with spans.span("one", CASE):
            pass
        spans.close()
        assert len(list(tmp_path.glob(expected))) == 1


def test_spans_reach_the_file_within_a_second_or_so(tmp_path: Path) -> None:
    file = tmp_path / "spans.jsonl"
    telemetry = Telemetry("payment", JsonLines(file))
    with telemetry.span("one", CASE):
        pass
    until = time.monotonic() + 5
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert CASE.hex in file.read_text(encoding="utf-8")
    telemetry.close()


def test_the_file_is_turned_over_at_its_size_and_old_ones_go(tmp_path: Path) -> None:
    telemetry = Telemetry("payment", JsonLines(tmp_path / "spans.jsonl", largest=1, kept=2))
    for name in ("one", "two", "three"):
        with telemetry.span(name, CASE):
            pass
        telemetry.flush()
    telemetry.close()
    left = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert sorted(left) == ["spans.1.jsonl", "spans.2.jsonl"]
    assert '"three"' in left["spans.1.jsonl"]
    assert '"two"' in left["spans.2.jsonl"]
