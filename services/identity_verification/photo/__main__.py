"""`python -m services.identity_verification.photo report FILE… [--out report.html]`: what is measured of photos."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.identity_verification.photo.report import page


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m services.identity_verification.photo", description=__doc__)
    parser.add_argument("act", choices=("report",))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, help="where the page is written; to standard output without it")
    said = parser.parse_args(words)
    missing = [path for path in said.files if not path.is_file()]
    if missing:
        parser.error(f"no such file: {', '.join(map(str, missing))}")
    written = page((path.name, path.read_bytes()) for path in said.files)
    if said.out is None:
        sys.stdout.write(written)
    else:
        said.out.write_text(written, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
