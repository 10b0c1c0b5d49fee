"""`python -m deploy.local up | down | status | logs NAME`: the whole system in the background of one machine."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date

import httpx
from rich.console import Console
from rich.table import Table

from deploy.local import belongings, daemon
from deploy.local.folder import RunFolder

console = Console(highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    orders = parser.add_subparsers(dest="order", required=True)
    for name, text in (("up", "start everything in the background"), ("serve", "start everything in the foreground")):
        order = orders.add_parser(name, help=text)
        order.add_argument("--fresh", action="store_true", help="forget the data of earlier runs")
        order.add_argument("--today", type=a_day, metavar="2025-10-06", help="the business day to begin on")
    orders.add_parser("down", help="stop everything")
    orders.add_parser("status", help="what runs, on which port, how large")
    logs = orders.add_parser("logs", help="the end of one log, and what follows")
    logs.add_argument("name")
    logs.add_argument("-n", type=int, default=40, metavar="LINES")
    logs.add_argument("-f", "--follow", action="store_true")
    given, folder = parser.parse_args(), RunFolder()
    try:
        match given.order:
            case "up":
                return up(folder, fresh=given.fresh, today=given.today)
            case "serve":
                return daemon.serve(folder, fresh=given.fresh, today=given.today)
            case "down":
                console.print("Stopped." if daemon.end(folder) else "Nothing was running.")
                return 0
            case "status":
                return status(folder)
            case _:
                return show_log(folder, given.name, given.n, follow=given.follow)
    except daemon.PLAIN as failure:
        console.print(str(failure), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def a_day(text: str) -> date:
    """Year, month, day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2025-10-06") from None


def up(folder: RunFolder, *, fresh: bool, today: date | None = None) -> int:
    """Start in the background and show how it goes; Ctrl-C takes it all back."""
    background, shown = daemon.begin(folder, fresh=fresh, today=today), 0
    try:
        with console.status("Starting …"):
            while True:
                ended = background.poll() is not None
                report = daemon.Report.read(folder)
                for line in report.lines[shown:]:
                    console.print(line, markup=False, soft_wrap=True)
                shown = len(report.lines)
                if ended or report.phase != daemon.STARTING:
                    break
                time.sleep(0.1)
    except KeyboardInterrupt:
        console.print("Taking it back …")
        background.terminate()
        background.wait()
        daemon.end(folder)
        return 130
    if report.phase != daemon.READY:
        if report.phase != daemon.FAILED:
            show_log(folder, "supervisor", 30, follow=False)
        return 1
    for name, address in report.addresses.items():
        console.print(f"  {name:22} {address}", markup=False, soft_wrap=True)
    background.returncode = 0  # it lives on without us
    return 0


def status(folder: RunFolder) -> int:
    """A table of what runs. Exit code 1 when nothing does."""
    table = Table("name", "pid", "port", "ready", "PSS MB", "uptime", box=None)
    holder = folder.holder()
    alive = [foot for foot in belongings.footprints(folder.pids) if foot.alive]
    for foot in [holder, *alive] if holder else alive:
        age = f"{int(foot.uptime) // 60}:{int(foot.uptime) % 60:02d}"
        size = f"{belongings.memory_of(foot.pid) / 2**20:.0f}"
        table.add_row(foot.name, str(foot.pid), str(foot.port or ""), _ready(foot), size, age)
    if holder is None:
        console.print("Nothing runs here." if not alive else "The supervisor was killed; `down` or `up` cleans.")
    if table.row_count:
        console.print(table)
    return 0 if holder else 1


def show_log(folder: RunFolder, name: str, count: int, *, follow: bool) -> int:
    path = folder.logs / f"{name}.log"
    if not path.is_file():
        console.print(f"No log {name}; there are: {', '.join(sorted(p.stem for p in folder.logs.glob('*.log')))}")
        return 1
    with path.open(encoding="utf-8", errors="replace") as log:
        sys.stdout.write("".join(log.readlines()[-count:]))
        while follow:
            sys.stdout.write(log.read())
            sys.stdout.flush()
            time.sleep(0.2)
    return 0


def _ready(foot: belongings.Footprint) -> str:
    if foot.port is None or foot.name in {"rabbitmq", "postgres", "epmd"}:
        return ""
    try:
        ready = httpx.get(f"http://127.0.0.1:{foot.port}/ready", timeout=1.0, trust_env=False).is_success
    except httpx.HTTPError:
        ready = False
    return "yes" if ready else "no"


if __name__ == "__main__":
    sys.exit(main())
