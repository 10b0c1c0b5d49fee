"""`python deploy/images/source.py`: the digest of all that the services' image is made of.

`make images` writes it on the image as its label `kualik.made`; whoever starts the image sees whether it is the tree's.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LABEL = "kualik.made"
PARTS = (
    ".dockerignore",
    "deploy/Dockerfile",
    "deploy/__init__.py",
    "deploy/identity",
    "deploy/images",
    "deploy/postgres",
    "deploy/sandbox",
    "pyproject.toml",
    "requirements.lock",
    "services",
    "shared",
)
LEFT_OUT = {"__pycache__", "node_modules"}


def files(root: Path) -> Iterator[Path]:
    """Relative to `root`, in order: what the build copies, and what it is steered by."""
    for part in PARTS:
        whole = root / part
        for path in sorted(whole.rglob("*")) if whole.is_dir() else [whole]:
            inner = path.relative_to(root)
            if path.is_file() and path.suffix != ".md" and not LEFT_OUT & {*inner.parts}:
                yield inner


def digest(root: Path = ROOT) -> str:
    """16 hexadecimal digits: the same for the same files under the same names."""
    whole = hashlib.sha256()
    for path in files(root):
        whole.update(f"{path.as_posix()}\0".encode())
        whole.update(hashlib.sha256((root / path).read_bytes()).digest())
    return whole.hexdigest()[:16]


if __name__ == "__main__":
    sys.stdout.write(f"{digest()}\n")
