"""`python deploy/images/runtime.py`: of requirements.lock what the services and the sandbox need on Linux, with hashes.

The sandbox takes e-mail by aiosmtpd, which stands in the group `local`; nothing else of the groups goes into the image,
nor what only a person at a terminal or the making of the calendar's table uses.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
BESIDES = {"aiosmtpd"}
AT_A_TERMINAL = {"rich", "typer", "watchfiles", "holidays"}
TARGET: dict[str, str] = {
    **{name: str(value) for name, value in default_environment().items()},
    "python_version": "3.11",
    "python_full_version": "3.11.2",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}
"""Debian's Python, whatever Python runs this."""


def entries(lock: str) -> list[tuple[Requirement, list[str], list[str]]]:
    """Of each entry of the lock: what, its hashes, and for whose sake (names)."""
    found: list[tuple[Requirement, list[str], list[str]]] = []
    for line in lock.splitlines():
        text = line.strip().removesuffix("\\").strip()
        if line[:1].isalpha():
            found.append((Requirement(text), [], []))
        elif text.startswith("--hash="):
            found[-1][1].append(text)
        elif text.startswith("#") and (name := text.removeprefix("#").strip().removeprefix("via").strip()):
            found[-1][2].append(name)
    return found


def runtime(lock: str, project: str) -> list[tuple[Requirement, list[str]]]:
    """The entries that the image needs: the project's own and, again and again, what is there for their sake."""
    wanted = {normal(Requirement(text).name) for text in tomllib.loads(project)["project"]["dependencies"]}
    wanted = (wanted | BESIDES) - AT_A_TERMINAL
    there = [entry for entry in entries(lock) if entry[0].marker is None or entry[0].marker.evaluate(TARGET)]
    while (
        more := {normal(what.name) for what, _, sakes in there if wanted & {normal(sake) for sake in sakes}}
        - wanted
        - AT_A_TERMINAL
    ):
        wanted |= more
    return [(what, hashes) for what, hashes, _ in there if normal(what.name) in wanted]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    lock, project = (ROOT / "requirements.lock").read_text(), (ROOT / "pyproject.toml").read_text()
    for what, hashes in runtime(lock, project):
        sys.stdout.write(" \\\n    ".join([f"{what.name}{what.specifier}", *hashes]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
