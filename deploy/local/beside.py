"""`python -m deploy.local.beside SERVICE MODULE …`: one command with the settings of a service that runs here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local import belongings
from deploy.local.folder import REPOSITORY, RunFolder


class DoesNotRun(Exception):
    """There is no such process of this folder, or it cannot be read."""


def environment_of(folder: RunFolder, name: str) -> dict[str, str]:
    """What the process was started with; nothing that makes a process count as the folder's. Raises `DoesNotRun`."""
    for foot in belongings.footprints(folder.pids):
        if foot.name == name and foot.alive:
            try:
                content = Path(f"/proc/{foot.pid}/environ").read_bytes()
            except OSError:
                break
            named = (entry.partition("=") for entry in os.fsdecode(content).split("\0") if "=" in entry)
            return {name: value for name, _, value in named if name != belongings.MARK}
    raise DoesNotRun(f"{name} does not run in {folder.home}; `make up` starts it, `make status` tells what runs.")


def main(arguments: Sequence[str]) -> int:
    """Becomes the command; gives an exit code only when it cannot."""
    if len(arguments) < 2:
        sys.stderr.write("python -m deploy.local.beside SERVICE MODULE [arguments]\n")
        return 2
    service, module, *rest = arguments
    try:
        environment = environment_of(RunFolder(), service)
    except DoesNotRun as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    os.chdir(REPOSITORY)
    return os.execve(sys.executable, [sys.executable, "-m", module, *rest], environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
