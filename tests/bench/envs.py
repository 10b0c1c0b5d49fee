"""The peers' virtual environments: made once under `build/bench/envs` from pinned versions with hashes."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENVS = REPOSITORY / "build/bench/envs"
LOCKS = Path(__file__).with_name("peers")
PEERS = ("dbos", "celery", "taskiq")


class NoEnvironment(RuntimeError):
    """A peer could not be installed; the text says why."""


def program(peer: str, name: str) -> str:
    """A program of that environment."""
    return str(ENVS / peer / "bin" / name)


async def make(peer: str, tell: Callable[[str], None]) -> None:
    """Make or refresh the environment. Raises `NoEnvironment`."""
    lock, home = LOCKS / f"{peer}.lock", ENVS / peer
    stamp, wanted = home / "made-from", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    tell(f"Making {peer}'s environment (once) …")
    shutil.rmtree(home, ignore_errors=True)
    await _run(sys.executable, "-m", "venv", str(home))
    await _run(
        program(peer, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "--require-hashes", "-r", str(lock),
    )  # fmt: skip
    stamp.write_text(wanted)


async def _run(*argv: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    if process.returncode:
        said = [line for line in errors.decode(errors="replace").splitlines() if line.startswith("ERROR")]
        raise NoEnvironment("; ".join(said[:3]) or f"{argv[0]} ended with {process.returncode}")
