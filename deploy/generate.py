"""Writes what follows from the process: broker definitions, AsyncAPI, the picture in README, the table of policies.

`python -m deploy.generate` writes, `--check` says which files are stale and ends with 1. The users in the written
`definitions.json` have no password and cannot log in: whoever starts a broker loads `topology.definitions(passwords)`
over it (by the management API, or as the file the broker boots with), so that no secret is ever in the tree.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.picture import picture
from deploy.resilience import table
from shared.asyncapi import document
from shared.process import PORTAL, SERVICES, WORKSTATION
from shared.topology import definitions

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- process -->", "<!-- /process -->"
POLICIES = "<!-- policies -->", "<!-- /policies -->"


class NoPlace(Exception):
    """A README has no pair of markers to put its generated part between."""


def generated(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Every generated file and what must stand in it. Raises `NoPlace`."""
    yield root / "deploy/rabbitmq/definitions.json", _json(definitions({}))
    for user in (*SERVICES, PORTAL, WORKSTATION):
        yield root / f"deploy/asyncapi/{user}.json", _json(document(user))
    readme, shared = root / "README.md", root / "shared/README.md"
    yield readme, with_picture(_read(readme))
    yield shared, with_section(_read(shared), *POLICIES, table())


def with_picture(text: str) -> str:
    """The text with the picture between its markers. Raises `NoPlace`."""
    return with_section(text, BEGIN, END, f"```mermaid\n{picture()}\n```")


def with_section(text: str, begin: str, end: str, content: str) -> str:
    """The text with that content between the markers. Raises `NoPlace`."""
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise NoPlace(f"no place between {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def stale(root: Path = ROOT) -> list[Path]:
    """The files that do not say what the process says."""
    return [path for path, text in generated(root) if _read(path) != text]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.generate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a file is stale")
    check = parser.parse_args(arguments).check
    try:
        written = [(path, text) for path, text in generated() if _read(path) != text]
    except NoPlace as fault:
        print(fault, file=sys.stderr)
        return 2
    for path, text in written:
        print(f"{'stale' if check else 'wrote'} {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and written else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _json(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
