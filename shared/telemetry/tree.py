"""One application's way through the services, as a tree: `python -m shared.telemetry.tree <application id>`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

FOLDER = Path(os.environ.get("KUALIK_HOME", ".local")) / "data" / "spans"
OF_THE_DEMO = Path("build/spans")


@dataclass(frozen=True, slots=True)
class Seen:
    """One span of the file; times in nanoseconds since 1970."""

    id: str
    parent: str
    service: str
    name: str
    start: int
    end: int
    failed: bool
    attributes: dict[str, Any]


def spans_of(application_id: UUID, folder: Path) -> list[Seen]:
    """All its spans under the folder, the earliest first. A line half written by a killed process is passed over.

    A batch has a trace of its own, which only links to the applications in it.
    """
    found: dict[str, Seen] = {}
    for file in sorted(folder.glob("**/*.jsonl")):
        with file.open(encoding="utf-8", errors="replace") as lines:
            found.update((span.id, span) for line in lines for span in _read(line, application_id.hex))
    return sorted(found.values(), key=lambda span: (span.start, span.end))


def _read(line: str, trace: str) -> Iterator[Seen]:
    if trace not in line:
        return
    try:
        of = json.loads(line)
        if of["trace"] != trace:
            return
        yield Seen(
            of["span"], of["parent"], of["service"], of["name"], of["start"], of["end"], of["failed"], of["attributes"]
        )
    except (ValueError, KeyError):
        return


def drawn(application_id: UUID, spans: list[Seen]) -> str:
    """The tree and a closing summary; offsets are milliseconds from the first span, durations follow in brackets."""
    below: dict[str, list[Seen]] = {}
    known = {span.id for span in spans}
    for span in spans:
        below.setdefault(span.parent if span.parent in known and span.parent != span.id else "", []).append(span)
    first, last = spans[0].start, max(span.end for span in spans)
    rows = list(_rows(below, "", ""))
    wide = max(len(branch) + len(span.service) + len(span.name) + 2 for branch, span in rows)
    out = [f"application {application_id}"]
    for branch, span in rows:
        title = f"{branch}{span.service}  {span.name}".ljust(wide)
        offset, took = (span.start - first) / 1e6, (span.end - span.start) / 1e6
        out.append(f"{title}  {offset:>11.1f} ms  [{took:>9.1f}]  {_said(span)}".rstrip())
    services, failed = {span.service for span in spans}, sum(span.failed for span in spans)
    out.append(
        f"{len(spans)} spans in {len(services)} services, {(last - first) / 1e9:.3f} s from first to last, "
        f"{failed or 'none'} failed"
    )
    return "\n".join(out)


def _rows(below: dict[str, list[Seen]], parent: str, indent: str) -> Iterator[tuple[str, Seen]]:
    """Depth first with a stack of our own: a long story is a deep tree."""
    stack = [(indent, at == 0, span) for at, span in enumerate(reversed(below.get(parent, ())))]
    while stack:
        indent, is_last, span = stack.pop()
        yield f"{indent}{'└ ' if is_last else '├ '}", span
        deeper = indent + ("  " if is_last else "│ ")
        stack += [(deeper, at == 0, child) for at, child in enumerate(reversed(below.get(span.id, ())))]


def _said(span: Seen) -> str:
    """What tells one span from another; the wire's own names are in the span's name already."""
    shown = (f"{name.removeprefix('kualik.')}={value}" for name, value in span.attributes.items() if _matters(name))
    return " ".join(["FAILED"] * span.failed + list(shown))


def _matters(name: str) -> bool:
    return not name.startswith("messaging.") or name == "messaging.batch.message_count"


def main(arguments: Iterable[str] | None = None) -> int:
    """Print the tree; 1 when there is no such application here, 2 when the id is none."""
    parser = argparse.ArgumentParser(prog="python -m shared.telemetry.tree", description=__doc__)
    parser.add_argument("application_id")
    places = f"{FOLDER}, then {OF_THE_DEMO}"
    parser.add_argument("--folder", type=Path, help=f"where the spans are (else {places})")
    given = parser.parse_args(None if arguments is None else list(arguments))
    try:
        application_id = UUID(given.application_id)
    except ValueError:
        print(f"'{given.application_id}' is not an application id: 32 hexadecimal digits are.", file=sys.stderr)
        return 2
    folders = [given.folder] if given.folder else [FOLDER, OF_THE_DEMO]
    spans = next((found for folder in folders if (found := spans_of(application_id, folder))), [])
    if not spans:
        print(
            f"No span of {application_id} under {given.folder or places}. "
            "Spans are written within a second of their end; `make up` or `make demo` start services that write them, "
            "--folder names another place.",
            file=sys.stderr,
        )
        return 1
    print(drawn(application_id, spans))
    return 0


if __name__ == "__main__":
    sys.exit(main())
